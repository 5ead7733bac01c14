"""Numbers, months and shares of an estimate as people write them: `1,234.56 yuan a month`, `每月1234.56元`."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from actions.parameters import Unit
from actions.simulator.month import MONTHS_A_YEAR, Month

Language = Literal["zh", "en"]

_CENT = Decimal("0.01")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONEY: dict[Unit, tuple[str, str]] = {
    Unit.YUAN: ("{}元", "{} yuan"),
    Unit.YUAN_PER_MONTH: ("每月{}元", "{} yuan a month"),
    Unit.YUAN_PER_YEAR: ("每年{}元", "{} yuan a year"),
}
_COUNTED: dict[Unit, tuple[str, str]] = {
    Unit.MONTHS: ("个月", "month"),
    Unit.YEARS: ("年", "year"),
    Unit.DAYS: ("天", "day"),
    Unit.WORKING_DAYS: ("个工作日", "working day"),
}


def in_words(value: Decimal | int | Month, unit: Unit | None, language: Language) -> str:
    """A value with its unit."""
    if isinstance(value, Month):
        return month_in_words(value, language)
    if unit in _MONEY:
        return _MONEY[unit][language == "en"].format(_money(Decimal(value), language))
    if unit is Unit.PERCENT or unit is Unit.FRACTION:
        return f"{number(Decimal(value) * (100 if unit is Unit.FRACTION else 1), language)}%"
    if unit is Unit.AGE:
        return f"{number(Decimal(value), language)}{'岁' if language == 'zh' else ''}"
    if unit is Unit.MONTHS:
        return _months(Decimal(value), language)
    if unit in _COUNTED:
        return _counted(Decimal(value), unit, language)
    return number(Decimal(value), language)


def plain_words(value: Decimal | int | Month, language: Language) -> str:
    """A value whose unit stands in the sentence around it."""
    return in_words(value, None, language)


def money_of(said: str, month: Month, told: Month, language: Language) -> str:
    """Says whose prices an amount is in: today's, or those of a month to come."""
    if month == told:
        return f"{said}（今天的钱）" if language == "zh" else f"{said}, in today's money"
    when = month_in_words(month, language)
    return f"{said}（{when}的钱）" if language == "zh" else f"{said}, in the money of {when}"


def month_in_words(month: Month, language: Language) -> str:
    """`2039年9月`, `September 2039`."""
    return f"{month.year}年{month.month}月" if language == "zh" else f"{_MONTHS[month.month - 1]} {month.year}"


def day_in_words(day: date, language: Language) -> str:
    """`2025年1月1日`, `1 January 2025`."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def number(value: Decimal, language: Language) -> str:
    """At most two decimals, without trailing zeros; English groups thousands."""
    text = f"{value.quantize(_CENT, ROUND_HALF_UP):{',' if language == 'en' else ''}f}"
    return text.rstrip("0").rstrip(".")


def _money(value: Decimal, language: Language) -> str:
    """Whole yuan without cents, otherwise both digits of the cents."""
    text = f"{value.quantize(_CENT, ROUND_HALF_UP):{',' if language == 'en' else ''}f}"
    return text.removesuffix(".00")


def _counted(value: Decimal, unit: Unit, language: Language) -> str:
    zh, en = _COUNTED[unit]
    said = number(value, language)
    return f"{said}{zh}" if language == "zh" else f"{said} {en}{'' if value == 1 else 's'}"


def _months(value: Decimal, language: Language) -> str:
    """From a year on also in years, which is how people count: `154个月（12年10个月）`."""
    said = _counted(value, Unit.MONTHS, language)
    if value < MONTHS_A_YEAR or value != value.to_integral_value():
        return said
    years, months = (Decimal(part) for part in divmod(int(value), MONTHS_A_YEAR))
    parts = [_counted(years, Unit.YEARS, language)] + ([_counted(months, Unit.MONTHS, language)] if months else [])
    return f"{said}（{''.join(parts)}）" if language == "zh" else f"{said} ({' '.join(parts)})"
