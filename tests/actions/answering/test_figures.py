"""Every unit as a worker reads it, in both languages."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from actions.answering.figures import as_words, day_in_words, number
from actions.parameters import Confidence, Figure, Unit

WORDS = [
    (Unit.PERCENT, "20", "20%", "20%"),
    (Unit.PERCENT, "1.5", "1.5%", "1.5%"),
    (Unit.PERCENT, "100", "100%", "100%"),
    (Unit.PERCENT, "0", "0%", "0%"),
    (Unit.FRACTION, "2/3", "三分之二", "two thirds"),
    (Unit.FRACTION, "1/3", "三分之一", "one third"),
    (Unit.FRACTION, "1/2", "一半", "half"),
    (Unit.FRACTION, "0.5", "一半", "half"),
    (Unit.FRACTION, "3/4", "四分之三", "three quarters"),
    (Unit.FRACTION, "2/5", "五分之二", "two fifths"),
    (Unit.FRACTION, "7/10", "70%", "70%"),
    (Unit.FRACTION, "1/8", "12.5%", "12.5%"),
    (Unit.FRACTION, "1", "100%", "100%"),
    (Unit.YUAN, "600", "600元", "600 yuan"),
    (Unit.YUAN, "1200000", "1200000元", "1,200,000 yuan"),
    (Unit.YUAN_PER_MONTH, "4986", "4986元", "4,986 yuan"),
    (Unit.YUAN_PER_MONTH, "1432.40", "1432.4元", "1,432.4 yuan"),
    (Unit.YUAN_PER_MONTH, "997.205", "997.21元", "997.21 yuan"),
    (Unit.YUAN_PER_YEAR, "12000", "12000元", "12,000 yuan"),
    (Unit.YEARS, "15", "15年", "15 years"),
    (Unit.YEARS, "1", "1年", "1 year"),
    (Unit.YEARS, "15.5", "15年零6个月", "15 years and 6 months"),
    (Unit.YEARS, "0.5", "6个月", "6 months"),
    (Unit.MONTHS, "3", "3个月", "3 months"),
    (Unit.MONTHS, "1", "1个月", "1 month"),
    (Unit.DAYS, "30", "30天", "30 days"),
    (Unit.DAYS, "1", "1天", "1 day"),
    (Unit.WORKING_DAYS, "15", "15个工作日", "15 working days"),
    (Unit.AGE, "60", "60岁", "60"),
    (Unit.COUNT, "17", "17", "17"),
    (Unit.COUNT, "12000", "12000", "12,000"),
]


@pytest.mark.parametrize(("unit", "value", "zh", "en"), WORDS, ids=[f"{w[0]} {w[1]}" for w in WORDS])
def test_a_figure_is_written_with_its_unit(unit: Unit, value: str, zh: str, en: str) -> None:
    exact = Fraction(value) if "/" in value else Decimal(value)
    figure = Figure(exact, unit, "a.b", "CN", date(2020, 1, 1), ("law",), Confidence.VERIFIED)
    assert (as_words(figure, "zh"), as_words(figure, "en")) == (zh, en)


def test_the_table_knows_every_unit() -> None:
    assert {row[0] for row in WORDS} == set(Unit)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.125"), "0.13"),
        (Decimal("0.124"), "0.12"),
        (Decimal("10"), "10"),
        (Decimal("10.10"), "10.1"),
        (Fraction(1, 3), "0.33"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_numbers_have_at_most_two_decimals_rounded_half_up(value: Decimal | Fraction, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2025, 1, 1), "2025年1月1日", "1 January 2025"),
        (date(2026, 12, 31), "2026年12月31日", "31 December 2026"),
    ],
)
def test_a_day_is_written_as_people_write_it(day: date, zh: str, en: str) -> None:
    assert (day_in_words(day, "zh"), day_in_words(day, "en")) == (zh, en)
