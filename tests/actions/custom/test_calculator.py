"""The calculator's actions: what a button or a client sends, and what is held of a worker."""

from typing import Any

import pytest

from actions.custom.ask_estimate import AskEstimate
from actions.custom.desk import Desk
from actions.custom.explain_estimate import ExplainEstimate
from actions.custom.show_estimate import ShowEstimate
from actions.custom.show_my_data import ShowMyData
from actions.custom.validate_estimate_form import ValidateEstimateForm
from tests.actions.custom.desk_world import Told, named, take, tracker, with_calculator

ASKED = {"kind": "pension", "facts": {"sex": "man"}, "assumed": [], "asked": "birth"}


async def chosen(at: Desk, choice: str, held: dict[str, Any] = ASKED) -> Told:
    turn = tracker("/choose", "choose", named("choice", choice), estimate=held)
    return await take(with_calculator(ValidateEstimateForm), at, turn)


async def test_a_button_fills_the_fact_it_stands_for(at: Desk) -> None:
    told = await chosen(at, "birth=1990-05")
    assert told.slots["estimate"]["facts"] == {"sex": "man", "birth": "1990-05"}
    assert told.slots["estimate"]["asked"] == "region"


@pytest.mark.parametrize(
    "choice",
    [
        "birth=abc",
        "birth=1990-13",
        "sex=other",
        "woman_kind=woman_60",
        "months_paid=NaN",
        "base=1e9",
        "base=NaN",
        "region=CN-QQ",
        "grade=x",
        "own_wage=-5",
        "nothing=1",
        "birth=unknown",
        "x",
    ],
)
async def test_a_choice_that_is_no_fact_changes_nothing(at: Desk, choice: str) -> None:
    told = await chosen(at, choice)
    assert told.slots.get("estimate", ASKED)["facts"] == ASKED["facts"]


@pytest.mark.parametrize("facts", [{"birth": "soon"}, {"sex": 5}, {"made_up": "x"}])
async def test_a_slot_that_holds_nonsense_is_not_taken_for_facts(at: Desk, facts: dict[str, Any]) -> None:
    held = {"kind": "pension", "facts": facts, "asked": None}
    told = await take(with_calculator(AskEstimate), at, tracker("/choose", "choose", estimate=held))
    assert "男的还是女的" in told.text


@pytest.mark.parametrize(("language", "words"), [("zh", "男，1990年5月生"), ("en", "a man, born May 1990")])
async def test_what_the_calculator_was_told_is_shown_to_the_worker(at: Desk, language: str, words: str) -> None:
    held = {"kind": "pension", "facts": {"sex": "man", "birth": "1990-05"}, "asked": "region"}
    turn = tracker("/my_data", "my_data", language=language, estimate=held)
    told = await take(with_calculator(ShowMyData), at, turn)
    assert words in told.text
    assert told.payloads == ["/delete_my_data"]


@pytest.mark.parametrize("action", [ShowEstimate, ExplainEstimate])
async def test_without_a_case_there_is_no_estimate(at: Desk, action: Any) -> None:
    told = await take(with_calculator(action), at, tracker("/explain_estimate", "explain_estimate"))
    assert "还没有算过" in told.text


async def test_a_figure_that_is_not_published_is_named(at: Desk) -> None:
    facts = {"sex": "man", "birth": "1990-05", "region": "CN-XZ", "months_paid": "0", "base": "4000"}
    held = {"kind": "pension", "facts": facts, "asked": None}
    told = await take(with_calculator(ShowEstimate), at, tracker("西藏", "inform", estimate=held))
    assert "没有查到公布过" in told.messages[2]["text"]
