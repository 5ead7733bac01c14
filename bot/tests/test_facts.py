"""A bare fact must hold a fact; what only looks like one was not understood."""

from typing import Any

import pytest
from components.facts import FactCheck
from rasa.shared.nlu.training_data.message import Message


def checked(text: str, intent: str, *entities: str, at: tuple[int, int] = (0, 0)) -> str:
    ranking = [{"name": intent, "confidence": 0.6}, {"name": "greet", "confidence": 0.1}]
    found: list[dict[str, Any]] = [{"entity": name, "value": "x", "start": at[0], "end": at[1]} for name in entities]
    message = Message(data={"text": text, "intent": ranking[0], "intent_ranking": ranking, "entities": found})
    FactCheck().process([message])
    assert message.get("intent") == message.get("intent_ranking")[0]
    return str(message.get("intent")["name"])


@pytest.mark.parametrize("text", ["asdfgh", "qwerty", "xyz123abc", "……", "🙂🙂", "哈哈哈"])
def test_a_fact_without_anything_in_it_was_not_understood(text: str) -> None:
    assert checked(text, "inform", "language", "statement") == "nlu_fallback"


@pytest.mark.parametrize("entity", ["region", "money", "age", "duration", "date", "occupation", "scheme"])
def test_a_fact_with_something_in_it_stays_one(entity: str) -> None:
    assert checked("…", "inform", "language", entity) == "inform"


@pytest.mark.parametrize("text", ["女的", "男", "我是女的", "我是农村户口", "female", "rural hukou", "I'm a man"])
def test_sex_and_household_registration_are_facts(text: str) -> None:
    assert checked(text, "inform", "language") == "inform"


@pytest.mark.parametrize("text", ["no, 12 years", "不对，4500", "不是，我在四川"])
def test_a_no_with_a_fact_puts_something_right(text: str) -> None:
    assert checked(text, "deny", "duration") == "inform"
    assert checked(text, "deny", "language", "statement") == "deny"


@pytest.mark.parametrize("text", ["女，90年生，交了6年，帮我算算", "算一下，男，杭州", "man, 1985, please estimate it"])
def test_facts_with_the_wish_to_have_something_worked_out_start_the_calculator(text: str) -> None:
    assert checked(text, "inform", "duration") == "simulate"
    assert checked(text, "policy_question", "duration", "date") == "simulate"
    assert checked(text, "policy_question", "duration") == "policy_question"


def test_other_intents_and_taps_are_left_alone() -> None:
    assert checked("asdfgh", "greet") == "greet"
    assert checked('/inform{"region":"CN-ZJ"}', "inform") == "inform"


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "policy_question"])
@pytest.mark.parametrize(
    ("text", "at"), [("上海", (0, 2)), ("我在上海。", (2, 4)), ("Yantai", (0, 6)), ("I'm in Yantai!", (7, 13))]
)
def test_a_place_and_nothing_else_is_a_fact_whatever_the_classifier_thought(
    text: str, at: tuple[int, int], intent: str
) -> None:
    assert checked(text, intent, "region", at=at) == "inform"


def test_a_place_with_a_question_is_no_bare_fact() -> None:
    assert checked("上海交多少", "policy_question", "region", at=(0, 2)) == "policy_question"
    assert checked("上海？", "policy_question", "region", at=(0, 2)) == "policy_question"


def test_a_clear_intent_is_kept_even_where_there_is_nothing_but_a_place() -> None:
    assert checked("上海", "change_region", "region", at=(0, 2)) == "change_region"
