"""A stop word stops; a message without a word for it is no wish about reminders."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from components.reminders import ReminderCheck, is_stop_word, speaks_of
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "tables/reminders.yml").read_text(encoding="utf-8"))


def chosen(text: str, guessed: str) -> str:
    message = Message({TEXT: text, INTENT: {"name": guessed, "confidence": 0.8}})
    ReminderCheck().process([message])
    return str(message.get(INTENT)["name"])


@pytest.mark.parametrize("text", TABLE["stops"])
def test_a_stop_word_is_one_whatever_the_classifier_thinks(text: str) -> None:
    assert is_stop_word(text)
    assert chosen(text, "policy_question") == "stop_reminders"


@pytest.mark.parametrize("text", TABLE["does_not_stop"])
def test_other_words_are_left_to_the_classifier(text: str) -> None:
    assert chosen(text, "policy_question") == "policy_question"


@pytest.mark.parametrize(("intent", "text"), [(i, t) for i, texts in TABLE["speaks"].items() for t in texts])
def test_a_message_that_speaks_of_it_keeps_its_intent(intent: str, text: str) -> None:
    assert speaks_of(intent, text)
    assert chosen(text, intent) == intent


@pytest.mark.parametrize(("intent", "text"), [(i, t) for i, texts in TABLE["silent"].items() for t in texts])
def test_a_message_that_does_not_is_a_question(intent: str, text: str) -> None:
    assert chosen(text, intent) == "nlu_fallback"


def test_a_button_keeps_its_intent() -> None:
    assert chosen("/list_reminders", "list_reminders") == "list_reminders"


def every_example() -> list[tuple[str, str]]:
    found = []
    for path in sorted((Path(__file__).parents[1] / "data/nlu").glob("*/*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            found += [(entry["intent"], line.removeprefix("- ")) for line in entry["examples"].splitlines()]
    return found


def test_no_example_loses_its_intent() -> None:
    assert [
        (intent, text) for intent, text in every_example() if chosen(text, intent) not in (intent, "stop_reminders")
    ] == []
