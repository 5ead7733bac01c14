"""What was paid so far: when it was, what it came to, and what cannot be."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.simulator.benefits.comparison import compare
from actions.simulator.benefits.employee_pension import Pension, pension, work_out
from actions.simulator.benefits.gap import gap
from actions.simulator.benefits.resident_pension import resident_pension
from actions.simulator.benefits.retirement import retirement_age
from actions.simulator.cases.compare import CompareCase
from actions.simulator.cases.gap import GapCase
from actions.simulator.cases.pension import PensionCase
from actions.simulator.cases.resident import ResidentCase
from actions.simulator.cases.retirement import RetirementCase
from actions.simulator.estimate import Estimate, ImpossibleCase
from tests.actions.simulator.expert_cases import rules

RULES = rules(date(2026, 11, 23))


def spell(months: int, until: str | None = None, **more: Any) -> dict[str, Any]:
    fields = {"scheme": "flexible", "region": "CN-SC", "months": months, "base": {"ratio": "0.6"}}
    return fields | ({"until": until} if until else {}) | more


def case(*history: dict[str, Any], **more: Any) -> PensionCase:
    fields = {"category": "man", "birth": "1985-05", "region": "CN-SC", "plan": {"base": {"ratio": "0.6"}}}
    return PensionCase.model_validate(fields | {"history": list(history)} | more)


def worked(*history: dict[str, Any], **more: Any) -> Pension:
    return work_out(case(*history, **more), RULES)


def said(estimate: Estimate) -> set[str]:
    return {r.key for r in (*estimate.assumptions, *estimate.warnings, *estimate.alternatives)}


def test_an_undated_spell_is_one_that_ended_last_month() -> None:
    undated, dated = worked(spell(60)), worked(spell(60, "2026-10"))
    assert (undated.basic, undated.account) == (dated.basic, dated.account)
    assert undated.career.paid == dated.career.paid


def test_two_undated_spells_are_the_same_as_one_of_both() -> None:
    assert worked(spell(24), spell(36)).total == worked(spell(60)).total


def test_an_undated_spell_takes_the_months_that_a_dated_one_leaves() -> None:
    assert worked(spell(60), spell(12, "2026-04")).career.paid == worked(spell(72)).career.paid


def test_the_month_of_today_may_be_paid_already_and_is_not_planned_again() -> None:
    assert worked(spell(12, "2026-11")).career.months == worked(spell(11, "2026-10")).career.months


def test_an_employee_has_paid_eight_per_cent_and_a_flexible_worker_twenty() -> None:
    alone, employed = worked(spell(60)).career, worked(spell(60, scheme="employee")).career
    assert alone.balance == employed.balance
    assert employed.paid_before == alone.paid_before * Decimal("0.4")


def test_an_amount_is_held_against_the_wage_of_its_time() -> None:
    amount = {"base": {"amount": 4588}}
    career = worked(spell(12, "2025-12", **amount), plan=None).career
    assert career.index == Fraction(4588, 7646)  # the reference wage of Sichuan in 2025
    estimate = pension(case(spell(12, "2012-12", **amount)), RULES)
    assert "past_wage_worked_back" in said(estimate)


def test_wages_to_come_do_not_change_the_past() -> None:
    found = pension(case(spell(200), wage_growth=3), RULES)
    low, high = found.amount("if_wages_grow_less"), found.amount("if_wages_grow_more")
    assert low < found.amount("monthly_pension_today") < high  # type: ignore[operator]


def test_the_yearly_return_counts_what_was_paid_before() -> None:
    assert "yearly_return" in {amount.key for amount in pension(case(spell(120)), RULES).amounts}


IMPOSSIBLE = [
    ((spell(12, "2027-01"),), "history.0.until", "paid_outside"),
    ((spell(12, "1990-05"),), "history.0.until", "paid_outside"),
    ((spell(120, "2005-05"),), "history.0.months", "paid_outside"),
    ((spell(12, "2020-12"), spell(12, "2020-01")), "history.1.until", "spells_overlap"),
    ((spell(400),), "history", "months_paid_out_of_range"),
]


@pytest.mark.parametrize(("history", "field", "reason"), IMPOSSIBLE, ids=[f"{f} {r}" for _, f, r in IMPOSSIBLE])
def test_what_cannot_have_been_is_refused_by_its_field(
    history: tuple[dict[str, Any], ...], field: str, reason: str
) -> None:
    with pytest.raises(ImpossibleCase) as refused:
        worked(*history)
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_spells_that_touch_do_not_overlap() -> None:
    assert worked(spell(12, "2020-12"), spell(12, "2019-12")).career.months == 24 + worked().career.months


@pytest.mark.parametrize("birth", ["2026-12", "9990-01", "0001-01"])
def test_a_birth_outside_a_life_is_refused_everywhere(birth: str) -> None:
    person = {"category": "man", "birth": birth}
    resident = {"region": "CN-SC", "birth": birth, "tier": 500}
    with pytest.raises(ImpossibleCase, match="birth_out_of_range"):
        retirement_age(RetirementCase.model_validate(person), RULES)
    with pytest.raises(ImpossibleCase, match="birth_out_of_range"):
        pension(case(birth=birth), RULES)
    with pytest.raises(ImpossibleCase, match="birth_out_of_range"):
        compare(CompareCase.model_validate(person | {"region": "CN-SC"}), RULES)
    with pytest.raises(ImpossibleCase, match="birth_out_of_range"):
        resident_pension(ResidentCase.model_validate(resident), RULES)


def test_months_paid_beyond_ones_age_are_refused() -> None:
    person = {"category": "man", "birth": "1990-11"}
    assert retirement_age(RetirementCase.model_validate(person | {"months_paid": 240}), RULES).amounts
    with pytest.raises(ImpossibleCase) as refused:
        retirement_age(RetirementCase.model_validate(person | {"months_paid": 241}), RULES)
    assert (refused.value.field, refused.value.values["most"]) == ("months_paid", 240)
    with pytest.raises(ImpossibleCase) as refused:
        compare(CompareCase.model_validate(person | {"region": "CN-SC", "months_paid": 241}), RULES)
    assert refused.value.field == "months_paid"


def test_a_gap_beyond_the_calendar_is_harmless() -> None:
    plan = {"base": {"ratio": "0.6"}, "gaps": [{"start": "9999-12", "months": 720}]}
    assert worked(plan=plan).total == worked().total


def test_a_plan_after_retirement_is_said_not_to_count() -> None:
    estimate = pension(case(spell(300), birth="1964-01"), RULES)
    assert "plan_after_retirement" in said(estimate)


def test_service_that_counts_as_paid_counts_towards_the_minimum() -> None:
    without = pension(case(spell(120), birth="1967-01"), RULES)
    with_it = pension(case(spell(120), birth="1967-01", deemed_months=60), RULES)
    assert "monthly_pension" not in {amount.key for amount in without.amounts}
    assert "monthly_pension" in {amount.key for amount in with_it.amounts}


def test_a_year_earlier_is_not_offered_where_the_minimum_would_be_missed() -> None:
    enough = case(spell(156), birth="1968-05")  # 180 months at the statutory month, 2029-04
    keys = {amount.key for amount in pension(enough, RULES).amounts}
    assert "monthly_pension" in keys
    assert "if_a_year_earlier" not in keys


def test_a_gap_that_makes_the_years_short_is_said() -> None:
    fields = case(spell(150), birth="1970-05").model_dump(exclude_none=True)
    short = gap(GapCase.model_validate(fields | {"gap_months": 48}), RULES)
    assert {"gap_makes_short", "pay_on_after_the_age"} <= said(short)
    assert "enough_if_paid_on" not in said(short)
    harmless = gap(GapCase.model_validate(fields | {"gap_months": 12}), RULES)
    assert "enough_if_paid_on" in said(harmless)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.sampled_from(["0.6", "1", "3"])), max_size=5))
def test_the_payments_of_the_years_add_up_and_every_month_counts_once(parts: list[tuple[int, bool, str]]) -> None:
    history = [
        spell(months, scheme="employee" if employed else "flexible", base={"ratio": ratio})
        for months, employed, ratio in parts
    ]
    career = worked(*history).career
    assert career.paid_before == sum((amount for _, amount in career.paid_earlier), Decimal(0))
    assert career.months == sum(months for months, _, _ in parts) + career.future_months
    assert career.balance >= 0


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200))
def test_a_month_more_in_the_past_never_lowers_the_pension(months: int) -> None:
    assert worked(spell(months)).total <= worked(spell(months + 1)).total
