"""Work injury: every row of the fact sheet, every threshold, and what is not told."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from actions.simulator.benefits.injury import injury
from actions.simulator.cases.injury import InjuryCase
from actions.simulator.estimate import CannotEstimate, Estimate, ImpossibleCase
from tests.actions.simulator.expert_cases import HERE, ExpertCase, differences, expert_cases, rules

CASES = expert_cases("injury")
ON = date(2026, 11, 23)
ROWS = list(csv.DictReader((HERE / "vectors" / "injury_benefits.csv").open(encoding="utf-8")))
CONFIRMED_SINCE = {"dependants_allowance"}  # two copies of Article 39 were read after the sheet was written


def estimate(on: date = ON, **case: object) -> Estimate:
    return injury(InjuryCase.model_validate({"own_wage": 10000, "region": "CN", **case}), rules(on))


def rows(item: str) -> list[dict[str, str]]:
    return [row for row in ROWS if row["item"] == item]


@pytest.mark.parametrize("row", CASES, ids=[c.name for c in CASES])
def test_the_reviewed_cases_come_out_as_written(row: ExpertCase) -> None:
    result = injury(InjuryCase.model_validate(row.case), rules(row.on))
    assert differences(result, row.expected) == {}


@pytest.mark.parametrize("row", rows("lump_sum_disability"), ids=lambda r: r["grade_or_case"])
def test_the_lump_sum_is_so_many_months_of_own_wage(row: dict[str, str]) -> None:
    grade = int(row["grade_or_case"].removeprefix("grade "))
    assert estimate(grade=grade).amount("lump_sum") == 10000 * Decimal(row["value"])


@pytest.mark.parametrize("row", rows("monthly_disability_allowance"), ids=lambda r: r["grade_or_case"])
def test_the_monthly_allowance_is_a_share_of_own_wage(row: dict[str, str]) -> None:
    grade = int(row["grade_or_case"].removeprefix("grade "))
    assert estimate(grade=grade).amount("monthly_allowance") == 100 * Decimal(row["value"])


@pytest.mark.parametrize(("item", "given"), [("own_wage_floor", 1), ("own_wage_cap", 900_000)])
def test_the_own_wage_lies_between_the_shares_of_the_average(item: str, given: int) -> None:
    (row,) = rows(item)
    average = Decimal(7831)
    counted = estimate(grade=1, region="CN-SC", own_wage=given).amount("own_wage")
    assert counted == average * Decimal(row["value"]) / 100


def test_the_funeral_grant_is_six_months_of_the_average() -> None:
    (row,) = rows("funeral_grant")
    assert estimate(death=True, region="CN-SC").amount("funeral_grant") == 7831 * Decimal(row["value"])


@pytest.mark.parametrize("row", rows("death_one_off_amount"), ids=lambda r: r["year"])
def test_a_death_grant_is_told_exactly_where_a_source_confirms_it(row: dict[str, str]) -> None:
    found = {a.key: a.value for a in estimate(death=True, month=f"{row['year']}-06").amounts}
    assert found.get("death_grant") == (None if row["confidence"] == "unverified" else Decimal(row["value"]))


def test_the_death_grant_is_twenty_incomes() -> None:
    (row,) = rows("death_one_off_multiplier")
    steps = {step.key: step.formula for step in estimate(death=True).steps}
    assert steps["death_grant"] == f"56502 × {row['value']}"


@pytest.mark.parametrize(
    ("who", "dependants"), [("spouse", {"spouse": True}), ("other dependant", {"others": 1})], ids=["spouse", "other"]
)
def test_dependants_get_their_share_of_own_wage(who: str, dependants: dict[str, object]) -> None:
    (row,) = (r for r in rows("dependants_allowance") if r["grade_or_case"] == who)
    paid = estimate(death=True, dependants=dependants).amount("dependants_allowance")
    assert paid == 100 * Decimal(row["value"])


def test_what_no_source_confirms_has_no_amount() -> None:
    unverified = {r["item"] for r in ROWS if r["confidence"] == "unverified"} - CONFIRMED_SINCE
    assert unverified == {"nursing_allowance", "death_one_off_amount"}
    for row in rows("nursing_allowance"):
        level = row["grade_or_case"].removesuffix(" part")
        keys = {a.key for a in estimate(grade=1, region="CN-SC", nursing=level).amounts}
        assert "nursing_allowance" not in keys


def test_an_injury_in_the_future_is_refused_with_the_latest_month() -> None:
    with pytest.raises(ImpossibleCase) as refusal:
        estimate(grade=1, month="2026-12")
    assert (refusal.value.field, str(refusal.value.values["latest"])) == ("month", "2026-11")


def test_before_the_regulation_the_estimate_declines() -> None:
    with pytest.raises(CannotEstimate):
        estimate(grade=1, month="2010-12")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"grade": 1, "death": True}, {"grade": 0}, {"grade": 11}, {"grade": 1, "dependants": {"spouse": True}},
     {"grade": 1, "own_wage": 0}, {"grade": 1, "own_wage": "NaN"}, {"grade": 1, "wage": 5}],
)  # fmt: skip
def test_a_case_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        estimate(**wrong)


@given(wage=st.decimals(1, 100_000, places=2), more=st.decimals(0, 50_000, places=2), grade=st.integers(1, 9))
def test_a_higher_wage_or_a_graver_grade_never_pays_less(wage: Decimal, more: Decimal, grade: int) -> None:
    def lump(own_wage: Decimal, of: int) -> Decimal:
        value = estimate(grade=of, own_wage=own_wage, region="CN-SC").amount("lump_sum")
        assert isinstance(value, Decimal)
        return value

    assert lump(wage, grade) <= lump(wage + more, grade)
    assert lump(wage, grade + 1) <= lump(wage, grade)


@given(spouse=st.booleans(), others=st.integers(0, 20), wage=st.decimals(1, 50_000, places=2))
def test_dependants_never_get_more_than_the_own_wage(spouse: bool, others: int, wage: Decimal) -> None:
    result = estimate(death=True, own_wage=wage, region="CN-SC", dependants={"spouse": spouse, "others": others})
    paid = {a.key: a.value for a in result.amounts}
    assert 0 <= Decimal(str(paid.get("dependants_allowance", 0))) <= Decimal(str(paid["own_wage"]))
