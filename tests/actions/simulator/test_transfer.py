"""Which place pays, what moves there and what a new place opens: both sides of every threshold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.simulator.benefits.transfer import transfer
from actions.simulator.cases.transfer import TransferCase
from actions.simulator.estimate import Estimate, ImpossibleCase
from tests.actions.simulator.expert_cases import ExpertCase, differences, expert_cases, rules

CASES = expert_cases("transfer")
ON = date(2026, 11, 23)
PLACES = st.sampled_from(["CN-SC", "CN-ZJ", "CN-GD", "CN-JS"])
AT_HOME = {"region": "CN-SC", "months": 1}
SPELLS = st.lists(st.fixed_dictionaries({"region": PLACES, "months": st.integers(1, 200)}), min_size=1, max_size=6)


def estimate(**case: object) -> Estimate:
    return transfer(TransferCase.model_validate({"hukou": "CN-SC", **case}), rules(ON))


@pytest.mark.parametrize("row", CASES, ids=[c.name for c in CASES])
def test_the_reviewed_cases_come_out_as_written(row: ExpertCase) -> None:
    result = transfer(TransferCase.model_validate(row.case), rules(row.on))
    assert differences(result, row.expected) == {}


@pytest.mark.parametrize(
    ("field", "case"),
    [
        ("hukou", {"hukou": "CN", "spells": [AT_HOME]}),
        ("spells.0.region", {"spells": [{"region": "CN", "months": 1}]}),
        ("moving_to", {"spells": [AT_HOME], "moving_to": "CN", "birth": "1990-01", "category": "man"}),
        ("birth", {"spells": [AT_HOME], "moving_to": "CN-ZJ"}),
        ("category", {"spells": [AT_HOME], "moving_to": "CN-ZJ", "birth": "1990-01"}),
        ("spells", {"spells": [{"region": "CN-SC", "months": 252}], "birth": "1990-01"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(field: str, case: dict[str, object]) -> None:
    with pytest.raises(ImpossibleCase) as refusal:
        estimate(**case)
    assert refusal.value.field == field


def test_as_many_months_as_there_were_since_sixteen_are_taken() -> None:
    assert estimate(spells=[{"region": "CN-SC", "months": 251}], birth="1990-01").amount("total_months") == 251


@given(spells=SPELLS, hukou=PLACES)
def test_the_pension_is_paid_at_home_or_where_somebody_paid(spells: list[dict[str, object]], hukou: str) -> None:
    result = estimate(spells=spells, hukou=hukou)
    assert result.amount("paying_place") in {hukou, *(s["region"] for s in spells)}
    assert result.amount("total_months") == sum(int(str(s["months"])) for s in spells)


@given(spells=SPELLS, hukou=PLACES)
def test_paying_ten_more_years_in_the_last_place_makes_it_pay(spells: list[dict[str, object]], hukou: str) -> None:
    last = spells[-1]["region"]
    result = estimate(spells=[*spells, {"region": last, "months": 120}], hukou=hukou)
    assert result.amount("paying_place") == last
