"""Figures as words: a number with its unit, in Chinese and in English."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from actions.answering.answer import Language
from actions.parameters import Figure, Unit

MONEY = (Unit.YUAN, Unit.YUAN_PER_MONTH, Unit.YUAN_PER_YEAR)
_CENT = Decimal("0.01")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ZH_DIGITS = "零一二三四五六七八九十"
_EN_PARTS = {
    2: ("half", "halves"),
    3: ("third", "thirds"),
    4: ("quarter", "quarters"),
    5: ("fifth", "fifths"),
}
_EN_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED = {
    Unit.MONTHS: ("个月", "month"),
    Unit.DAYS: ("天", "day"),
    Unit.WORKING_DAYS: ("个工作日", "working day"),
}


def as_words(figure: Figure, language: Language) -> str:
    """The figure with its unit, as a worker reads it: `4986元` and `4,986 yuan`, `三分之二` and `two thirds`."""
    unit = figure.unit
    if unit is Unit.FRACTION:
        return _fraction(Fraction(figure.value), language)
    if unit is Unit.PERCENT:
        return f"{number(figure.value)}%"
    if unit in MONEY:
        return f"{number(figure.value)}元" if language == "zh" else f"{number(figure.value, grouped=True)} yuan"
    if unit is Unit.YEARS:
        return _years(figure.value, language)
    if unit is Unit.AGE:
        return f"{number(figure.value)}岁" if language == "zh" else number(figure.value)
    if unit in _COUNTED:
        zh, en = _COUNTED[unit]
        return f"{number(figure.value)}{zh}" if language == "zh" else _plural(figure.value, en)
    return number(figure.value, grouped=language == "en")


def day_in_words(day: date, language: Language) -> str:
    """A date as people write it: `2025年1月1日`, `1 January 2025`."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def number(value: Decimal | Fraction, grouped: bool = False) -> str:
    """A bare number, at most two decimals, rounded half up, without trailing zeros."""
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
    text = f"{exact.quantize(_CENT, ROUND_HALF_UP):{',' if grouped else ''}f}"
    return text.rstrip("0").rstrip(".")


def _years(value: Decimal | Fraction, language: Language) -> str:
    whole, months = divmod(int(Fraction(value) * 12), 12)
    if not whole:
        return f"{months}个月" if language == "zh" else _plural(Decimal(months), "month")
    if language == "zh":
        return f"{whole}年零{months}个月" if months else f"{whole}年"
    years = _plural(Decimal(whole), "year")
    return f"{years} and {_plural(Decimal(months), 'month')}" if months else years


def _plural(value: Decimal | Fraction, noun: str) -> str:
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def _fraction(value: Fraction, language: Language) -> str:
    top, bottom = value.numerator, value.denominator
    if bottom not in _EN_PARTS or top >= len(_EN_NUMBERS):
        return f"{number(value * 100)}%"
    if language == "zh":
        return "一半" if value == Fraction(1, 2) else f"{_ZH_DIGITS[bottom]}分之{_ZH_DIGITS[top]}"
    if value == Fraction(1, 2):
        return "half"
    return f"{_EN_NUMBERS[top]} {_EN_PARTS[bottom][top > 1]}"
