"""Retirement, contributions and pensions: an expert's cases, and what must hold for everybody."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.simulator.benefits.divisor import divisor
from actions.simulator.benefits.employee_pension import pension, retirement_month, work_out
from actions.simulator.benefits.outlook import internal_rate
from actions.simulator.benefits.retirement import earliest, latest, statutory
from actions.simulator.case import Category
from actions.simulator.cases.contribution import ContributionCase
from actions.simulator.cases.pension import PensionCase
from actions.simulator.estimate import CannotEstimate, ImpossibleCase
from actions.simulator.kinds import KINDS
from actions.simulator.month import Month
from tests.actions.simulator.expert_cases import ExpertCase, differences, expert_cases, rules

TODAY = date(2026, 11, 23)
TABLES = ("retirement-age", "contribution", "pension", "resident-pension", "compare", "gap")
ROWS = [(kind, row) for kind in TABLES for row in expert_cases(kind)]
BIRTHS = st.integers(1978 * 12, 2008 * 12).map(lambda n: Month(n // 12, n % 12 + 1))
RATIOS = st.sampled_from(["0.6", "0.7", "0.8", "1", "1.5", "2", "3"])
PLACES = st.sampled_from(["CN-ZJ", "CN-SC", "CN-JS", "CN-BJ"])


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{kind}: {row.name}" for kind, row in ROWS])
def test_an_experts_case_comes_out_as_expected(kind: str, row: ExpertCase) -> None:
    case = KINDS[kind].case.model_validate(row.case)
    assert differences(KINDS[kind].estimate(case, rules(row.on)), row.expected) == {}


def pension_case(birth: Month, region: str, ratio: str, **more: Any) -> PensionCase:
    fields = {"category": "man", "birth": birth, "region": region, "plan": {"base": {"ratio": ratio}}}
    return PensionCase.model_validate(fields | more)


@settings(max_examples=60, deadline=None)
@given(BIRTHS, PLACES, st.lists(RATIOS, min_size=2, max_size=2))
def test_who_pays_more_never_gets_less(birth: Month, region: str, ratios: list[str]) -> None:
    low, high = sorted(ratios, key=Decimal)
    less, more = (work_out(pension_case(birth, region, ratio), rules(TODAY)) for ratio in (low, high))
    assert less.total <= more.total
    assert less.career.paid <= more.career.paid


@settings(max_examples=60, deadline=None)
@given(BIRTHS, PLACES, st.integers(1, 120))
def test_a_gap_never_adds_to_the_pension(birth: Month, region: str, months: int) -> None:
    through = work_out(pension_case(birth, region, "0.6"), rules(TODAY))
    hole = {"base": {"ratio": "0.6"}, "gaps": [{"start": "2027-01", "months": months}]}
    stopped = work_out(pension_case(birth, region, "0.6", plan=hole), rules(TODAY))
    assert stopped.total <= through.total
    assert stopped.career.months == through.career.months - months


@settings(max_examples=60, deadline=None)
@given(st.integers(40 * 12, 70 * 12 - 1), st.booleans())
def test_a_later_retirement_never_has_a_bigger_divisor(age: int, after_2025: bool) -> None:
    retire = Month(2030 if after_2025 else 2020, 1)
    assert divisor(age + 1, retire, rules(TODAY))[0] <= divisor(age, retire, rules(TODAY))[0]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(Category)), st.integers(1940 * 12, 2010 * 12))
def test_the_choices_lie_around_the_statutory_month(category: Category, birth: int) -> None:
    born = Month(birth // 12, birth % 12 + 1)
    found = statutory(category, born, rules(TODAY))
    assert found.old_month <= earliest(found, rules(TODAY)) <= found.month <= latest(found, rules(TODAY))
    assert found.month - found.old_month == found.delay
    assert statutory(category, born.plus(1), rules(TODAY)).month > found.month


@settings(max_examples=60, deadline=None)
@given(PLACES, st.integers(1, 60_000))
def test_the_two_pockets_hold_what_is_paid(region: str, amount: int) -> None:
    case = ContributionCase.model_validate({"region": region, "base": {"amount": amount}})
    found = KINDS["contribution"].estimate(case, rules(TODAY))
    assert found.amount("to_account") + found.amount("to_pool") == found.amount("own_payment")  # type: ignore[operator]


@settings(max_examples=40, deadline=None)
@given(BIRTHS, PLACES, RATIOS)
def test_the_parts_are_the_whole(birth: Month, region: str, ratio: str) -> None:
    worked = work_out(pension_case(birth, region, ratio), rules(TODAY))
    rounding = Decimal("0.1") if region == "CN-JS" else Decimal(0)
    assert 0 <= worked.total - (worked.basic + worked.account + worked.transitional) <= rounding
    for value in (worked.basic, worked.account, worked.total, worked.career.paid):
        assert value.is_finite()
        assert value >= 0


def test_a_month_of_retirement_outside_the_choice_is_refused_with_the_choice() -> None:
    case = pension_case(Month(1990, 5), "CN-ZJ", "0.6", retire="2045-01")
    with pytest.raises(ImpossibleCase) as refused:
        retirement_month(case, rules(TODAY))
    assert (str(refused.value.values["earliest"]), str(refused.value.values["latest"])) == ("2050-05", "2056-05")


def test_a_place_without_a_calculation_base_is_declined_by_name() -> None:
    with pytest.raises(CannotEstimate) as declined:
        pension(pension_case(Month(1990, 5), "CN-XZ", "1"), rules(TODAY))
    assert declined.value.region == "CN-XZ"


def test_too_few_years_give_no_monthly_pension_but_the_ways_to_close_it() -> None:
    found = pension(pension_case(Month(1967, 1), "CN-SC", "0.6"), rules(TODAY))
    keys = {amount.key for amount in found.amounts}
    assert "monthly_pension" not in keys
    assert {"months_short", "if_closed_monthly_pension"} <= keys
    assert {remark.key for remark in found.alternatives} >= {"pay_on_after_the_age", "move_to_resident_pension"}


def test_the_same_figures_give_the_same_version_and_others_another() -> None:
    found = pension(pension_case(Month(1990, 5), "CN-ZJ", "0.6"), rules(TODAY))
    assert found.rule_set == pension(pension_case(Month(1991, 5), "CN-SC", "1"), rules(TODAY)).rule_set


def test_a_year_later_counts_another_year_and_a_smaller_divisor() -> None:
    found = pension(pension_case(Month(1990, 5), "CN-ZJ", "0.6"), rules(TODAY))
    assert found.amount("if_a_year_later") > found.amount("monthly_pension_today")  # type: ignore[operator]
    assert found.amount("if_a_year_earlier") < found.amount("monthly_pension_today")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("flows", "rate"),
    [([-100.0, 110.0], 0.1), ([-100.0, -100.0, 210.0], 0.0329), ([-100.0, 100.0], 0.0)],
)
def test_the_yearly_return_makes_payments_and_pensions_equal(flows: list[float], rate: float) -> None:
    found = internal_rate(flows)
    assert found is not None
    assert found == pytest.approx(rate, abs=1e-4)


def test_there_is_no_return_where_nothing_comes_back() -> None:
    assert internal_rate([-100.0, 0.0]) is None
    assert internal_rate([100.0]) is None


def test_months_of_work_before_accounts_count_only_where_the_rule_is_known() -> None:
    known = work_out(pension_case(Month(1980, 1), "CN-BJ", "1", deemed_months=24), rules(TODAY))
    unknown = pension(pension_case(Month(1980, 1), "CN-ZJ", "1", deemed_months=24), rules(TODAY))
    assert known.transitional > 0
    assert "transitional_not_published" in {remark.key for remark in unknown.warnings}
