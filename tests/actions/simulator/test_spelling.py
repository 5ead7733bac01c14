"""Numbers as people write them, in both languages."""

from decimal import Decimal

import pytest

from actions.parameters import Unit
from actions.simulator.month import Month
from actions.simulator.spelling import in_words, money_of

SPELLED: list[tuple[Decimal | int | Month, Unit | None, str, str]] = [
    (Decimal("1234.56"), Unit.YUAN, "1234.56元", "1,234.56 yuan"),
    (Decimal("1234.5"), Unit.YUAN, "1234.50元", "1,234.50 yuan"),
    (Decimal(1130040), Unit.YUAN, "1130040元", "1,130,040 yuan"),
    (Decimal(1000), Unit.YUAN, "1000元", "1,000 yuan"),
    (Decimal("2345.678"), Unit.YUAN_PER_MONTH, "每月2345.68元", "2,345.68 yuan a month"),
    (Decimal(500), Unit.YUAN_PER_YEAR, "每年500元", "500 yuan a year"),
    (Decimal(38), Unit.PERCENT, "38%", "38%"),
    (Decimal("0.384"), Unit.FRACTION, "38.4%", "38.4%"),
    (1, Unit.MONTHS, "1个月", "1 month"),
    (11, Unit.MONTHS, "11个月", "11 months"),
    (12, Unit.MONTHS, "12个月（1年）", "12 months (1 year)"),
    (154, Unit.MONTHS, "154个月（12年10个月）", "154 months (12 years 10 months)"),
    (Decimal("139.5"), Unit.MONTHS, "139.5个月", "139.5 months"),
    (15, Unit.WORKING_DAYS, "15个工作日", "15 working days"),
    (60, Unit.AGE, "60岁", "60"),
    (Month(2039, 9), None, "2039年9月", "September 2039"),
    (Decimal("17.330"), None, "17.33", "17.33"),
    (Decimal(12345), Unit.COUNT, "12345", "12,345"),
    (0, Unit.YUAN, "0元", "0 yuan"),
]


@pytest.mark.parametrize(("value", "unit", "zh", "en"), SPELLED, ids=[row[3] for row in SPELLED])
def test_a_value_is_spelled_in_both_languages(
    value: Decimal | int | Month, unit: Unit | None, zh: str, en: str
) -> None:
    assert (in_words(value, unit, "zh"), in_words(value, unit, "en")) == (zh, en)


def test_money_says_whose_prices_it_is_in() -> None:
    told = Month(2026, 11)
    assert money_of("每月5元", told, told, "zh") == "每月5元（今天的钱）"
    assert money_of("5 yuan a month", told, told, "en") == "5 yuan a month, in today's money"
    assert money_of("每月5元", Month(2039, 9), told, "zh") == "每月5元（2039年9月的钱）"
    assert money_of("5 yuan", Month(2039, 9), told, "en") == "5 yuan, in the money of September 2039"
