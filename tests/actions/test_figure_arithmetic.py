"""What arithmetic with figures keeps: units, sources, the weakest confidence."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from actions.parameters import Confidence, Figure, Unit


def figure(value: str, unit: Unit, **kept: object) -> Figure:
    known: dict[str, object] = {
        "name": "a.b",
        "region": "CN",
        "since": date(2020, 1, 1),
        "sources": ("law",),
        "confidence": Confidence.VERIFIED,
    }
    number = Fraction(value) if "/" in value else Decimal(value)
    return Figure(number, unit, **{**known, **kept})  # type: ignore[arg-type]


PRODUCTS = [
    (
        "a share of money is money",
        "4986",
        Unit.YUAN_PER_MONTH,
        "20",
        Unit.PERCENT,
        "997.2",
        Unit.YUAN_PER_MONTH,
    ),
    (
        "money is the unit on either side",
        "20",
        Unit.PERCENT,
        "4986",
        Unit.YUAN_PER_MONTH,
        "997.2",
        Unit.YUAN_PER_MONTH,
    ),
    ("a fraction of money is money", "1432.4", Unit.YUAN, "1/2", Unit.FRACTION, "716.2", Unit.YUAN),
    ("months of money are money", "9000", Unit.YUAN, "27", Unit.MONTHS, "243000", Unit.YUAN),
    ("money times a count is money", "100", Unit.YUAN, "12", Unit.COUNT, "1200", Unit.YUAN),
]


@pytest.mark.parametrize(
    ("left", "unit", "right", "other", "value", "becomes"),
    [p[1:] for p in PRODUCTS],
    ids=[p[0] for p in PRODUCTS],
)
def test_a_product_has_the_unit_that_a_reader_expects(
    left: str, unit: Unit, right: str, other: Unit, value: str, becomes: Unit
) -> None:
    product = figure(left, unit) * figure(right, other)
    assert (product.value, product.unit) == (Decimal(value), becomes)


def test_a_share_of_a_share_is_a_share_of_the_right_size() -> None:
    product = figure("20", Unit.PERCENT) * figure("1/2", Unit.FRACTION)
    assert (product.value, product.unit) == (Decimal(10), Unit.PERCENT)


@pytest.mark.parametrize("times", [12, 1, 0])
def test_a_whole_number_multiplies_from_both_sides(times: int) -> None:
    amount = figure("4986", Unit.YUAN_PER_MONTH)
    assert (amount * times).value == (times * amount).value == 4986 * times


def test_sums_and_differences_keep_the_unit() -> None:
    twelve, eight = figure("12", Unit.PERCENT), figure("8", Unit.PERCENT)
    assert (twelve + eight).value == 20
    assert (twelve - eight).value == 4
    assert (twelve + eight).unit is (twelve - eight).unit is Unit.PERCENT


def test_arithmetic_keeps_every_source_once_and_the_weakest_confidence() -> None:
    base = figure(
        "4986",
        Unit.YUAN,
        region="CN-ZJ",
        since=date(2025, 1, 1),
        sources=("notice", "law"),
        confidence=Confidence.CONSISTENT,
        stale=True,
    )
    rate = figure("20", Unit.PERCENT, sources=("law", "decision"))
    for joined in (base * rate, rate * base, base + rate, base - rate):
        assert set(joined.sources) == {"notice", "law", "decision"}
        assert len(joined.sources) == 3
        assert joined.confidence is Confidence.CONSISTENT
        assert joined.region == "CN-ZJ"
        assert joined.since == date(2025, 1, 1)
        assert joined.stale


@pytest.mark.parametrize("turned", [False, True])
def test_a_share_of_months_is_months(turned: bool) -> None:
    months, share = figure("6", Unit.MONTHS), figure("50", Unit.PERCENT)
    product = share * months if turned else months * share
    assert product.value == 3
    assert product.unit is Unit.MONTHS
