"""What a worker lets us keep for the next estimate: asked for, shown, used again, deleted."""

from typing import Any

import pytest

from actions.custom.desk import Desk
from actions.custom.remember_facts import RememberFacts
from actions.custom.show_my_data import ShowMyData
from actions.custom.validate_estimate_form import ValidateEstimateForm
from tests.actions.custom.desk_world import named, take, tracker, with_calculator

FACTS = {"sex": "man", "birth": "1990-05", "region": "CN-ZJ", "months_paid": "72", "base": "lowest"}
TOLD: dict[str, Any] = {"kind": "pension", "facts": FACTS, "assumed": [], "asked": None}
LASTING = {"sex": "man", "birth": "1990-05", "region": "CN-ZJ", "base": "lowest"}
REMEMBER = with_calculator(RememberFacts)


async def held_facts(at: Desk) -> dict[str, str]:
    return dict((await at.workers.held(tracker("x", "greet").sender_id)).facts)


async def test_nothing_is_kept_before_the_worker_says_so(at: Desk) -> None:
    await take(with_calculator(ValidateEstimateForm), at, tracker("男", "inform", estimate=TOLD))
    assert await held_facts(at) == {}


@pytest.mark.parametrize(("language", "words"), [("zh", "1990年5月生"), ("en", "born May 1990")])
async def test_what_is_kept_is_said(at: Desk, language: str, words: str) -> None:
    told = await take(REMEMBER, at, tracker("/remember_facts", "remember_facts", language=language, estimate=TOLD))
    assert words in told.text
    assert await held_facts(at) == LASTING


async def test_the_next_estimate_begins_with_it_and_says_so(at: Desk) -> None:
    await take(REMEMBER, at, tracker("/remember_facts", "remember_facts", estimate=TOLD))
    turn = tracker("/simulate", "simulate", named("kind", "pension"))
    told = await take(with_calculator(ValidateEstimateForm), at, turn)
    assert "上次让我记的" in told.text
    assert told.slots["estimate"]["facts"] == LASTING
    assert told.slots["estimate"]["asked"] == "months_paid"


async def test_it_is_among_what_is_held_and_goes_when_the_worker_says_so(at: Desk) -> None:
    await take(REMEMBER, at, tracker("/remember_facts", "remember_facts", estimate=TOLD))
    shown = await take(with_calculator(ShowMyData), at, tracker("/my_data", "my_data"))
    assert "你让我记下的情况：男，1990年5月生" in shown.text
    await at.workers.forget(tracker("x", "greet").sender_id)
    assert await held_facts(at) == {}


async def test_without_an_estimate_there_is_nothing_to_keep(at: Desk) -> None:
    told = await take(REMEMBER, at, tracker("/remember_facts", "remember_facts"))
    assert "还没有算过" in told.text
