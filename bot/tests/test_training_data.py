"""The training data and the domain: enough examples in both languages, nothing said in one language only."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from components.language import language_of

BOT_FOLDER = Path(__file__).resolve().parents[1]
BUTTONS_ONLY = {
    "read",
    "more_help",
    "nlu_fallback",
    "helpful",
    "unhelpful",
    "why_not",
    "choose",
    "explain_estimate",
    "remember_facts",
}
LIFE_EVENTS = set(yaml.safe_load((BOT_FOLDER / "domain/life_events.yml").read_text(encoding="utf-8"))["intents"])
LONGEST_PAYLOAD = 64  # bytes: Telegram's limit for what a button sends
MOST_BUTTONS = 7


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def examples(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((BOT_FOLDER / "data/nlu" / language).glob("*.yml")):
        for entry in load(file)["nlu"]:
            found[entry["intent"]] += [line.removeprefix("- ") for line in entry["examples"].splitlines()]
    return found


DOMAIN = [load(path) for path in sorted((BOT_FOLDER / "domain").glob("*.yml"))]
INTENTS = {name if isinstance(name, str) else next(iter(name)) for part in DOMAIN for name in part.get("intents", [])}
RESPONSES: dict[str, list[dict[str, Any]]] = {k: v for part in DOMAIN for k, v in part.get("responses", {}).items()}
EXAMPLES = {language: examples(language) for language in ("zh", "en")}


@pytest.mark.parametrize("language", EXAMPLES)
@pytest.mark.parametrize("intent", sorted(INTENTS - BUTTONS_ONLY))
def test_an_intent_has_enough_examples_in_each_language(intent: str, language: str) -> None:
    enough = 150 if intent == "policy_question" else 25 if intent in LIFE_EVENTS else 20
    assert len(EXAMPLES[language][intent]) >= enough


@pytest.mark.parametrize("language", EXAMPLES)
def test_every_example_belongs_to_a_known_intent(language: str) -> None:
    assert set(EXAMPLES[language]) == INTENTS - BUTTONS_ONLY


def test_no_example_stands_twice() -> None:
    texts = [text.lower() for intents in EXAMPLES.values() for lines in intents.values() for text in lines]
    assert [text for text, times in Counter(texts).items() if times > 1] == []


@pytest.mark.parametrize("language", EXAMPLES)
def test_examples_are_in_the_language_of_their_folder(language: str) -> None:
    other = {"zh": "en", "en": "zh"}[language]
    wrong = [text for lines in EXAMPLES[language].values() for text in lines if language_of(text) == other]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_sentence_is_said_in_both_languages(name: str) -> None:
    conditions = [variation.get("condition") for variation in RESPONSES[name]]
    assert conditions == [[{"type": "slot", "name": "language", "value": "en"}], None]
    english, chinese = RESPONSES[name]
    if name not in ("utter_greet_first", "utter_ask_language"):  # said in both languages at once, on purpose
        assert language_of(english["text"]) == "en"
        assert language_of(chinese["text"]) == "zh"
    assert [b["payload"] for b in english.get("buttons", [])] == [b["payload"] for b in chinese.get("buttons", [])]


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_button_sends_what_the_domain_knows(name: str) -> None:
    for variation in RESPONSES[name]:
        buttons = variation.get("buttons", [])
        assert len(buttons) <= MOST_BUTTONS
        for button in buttons:
            payload = button["payload"].replace("{{", "{").replace("}}", "}")
            assert len(payload.encode()) <= LONGEST_PAYLOAD
            match = re.fullmatch(r"/(\w+)(\{.*\})?", payload)
            assert match
            assert match[1] in INTENTS
            assert set(json.loads(match[2] or "{}")) <= {"article", "region", "language"}


def test_every_form_has_a_question_for_each_slot() -> None:
    for part in DOMAIN:
        for form in part.get("forms", {}).values():
            for slot in form["required_slots"]:
                asked_by_us = f"action_ask_{slot}" in part.get("actions", [])
                assert asked_by_us or f"utter_ask_{slot}" in RESPONSES


def test_every_concept_is_a_valid_expression() -> None:
    for name, patterns in load(BOT_FOLDER / "concepts.yml").items():
        for pattern in patterns:
            re.compile(pattern)
            assert not re.search(pattern, "", re.IGNORECASE), f"{name} matches anything"
