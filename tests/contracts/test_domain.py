"""The names that bot/domain and actions/ share: the one is of no use without the other."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.answering.answer import Outcome
from actions.answering.library import Library
from actions.custom.calculator import Calculator
from actions.custom.record_feedback import RecordFeedback
from actions.custom.reminding import reminding
from actions.server import ACTIONS, ESTIMATING
from actions.simulator.interview_texts import read_interview_texts
from channels.payloads import read_payload
from tests.actions.custom.desk_world import LONGEST_PAYLOAD, desk, take, tracker
from tests.folders import PROJECT

PAYLOAD = re.compile(r"/([a-z_]+)(\{.*\})?")
INTENTS_OF_AN_ARTICLE = {"read", "read_more", "helpful", "unhelpful"}
BUILT_IN = {"action_session_start", "action_listen", "action_default_fallback"}


@pytest.fixture(scope="module")
def domain(project: Path) -> dict[str, Any]:
    """All files of bot/domain as one."""
    whole: dict[str, Any] = {
        "intents": [],
        "entities": [],
        "actions": [],
        "slots": {},
        "responses": {},
        "forms": {},
    }
    for path in sorted((project / "bot" / "domain").glob("*.yml")):
        for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if isinstance(value, list):
                whole[key] = whole.get(key, []) + value
            elif isinstance(value, dict):
                whole[key] = {**whole.get(key, {}), **value}
    return whole


def names(entries: list[Any]) -> set[str]:
    """Names of a list whose items are a name, or a name with settings."""
    return {name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)}


def parsed(project: Path, *folders: str) -> Iterator[ast.AST]:
    for folder in folders:
        for path in sorted((project / folder).rglob("*.py")):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def first_arguments(project: Path, function: str, *folders: str) -> set[str]:
    """The first argument of every call of that function, where it is written out."""
    return {
        node.args[0].value
        for node in parsed(project, *folders)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) == function or getattr(node.func, "attr", None) == function)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_the_domain_names_exactly_the_actions_that_are_served(domain: dict[str, Any], small_library: Library) -> None:
    at = desk(small_library, None)  # type: ignore[arg-type]  # a name needs no database
    calculator = Calculator(at, PROJECT / "knowledge")
    no_store: Any = None  # nor does one of reminders
    served = {action(at).name() for action in ACTIONS} | {action(calculator).name() for action in ESTIMATING}
    served |= {action.name() for action in reminding(calculator, no_store, PROJECT / "knowledge")}
    assert set(domain["actions"]) - BUILT_IN == served


def test_every_slot_that_actions_set_or_read_is_in_the_domain(project: Path, domain: dict[str, Any]) -> None:
    set_here = first_arguments(project, "SlotSet", "actions")
    read_here = first_arguments(project, "get_slot", "actions")
    assert set_here
    assert read_here
    assert (set_here | read_here) - set(domain["slots"]) == {"requested_slot"}  # a form's own slot is Rasa's


def test_every_entity_that_actions_read_is_in_the_domain(project: Path, domain: dict[str, Any]) -> None:
    assert first_arguments(project, "values", "actions/custom") - names(domain["entities"]) == set()


def test_every_life_event_is_an_intent(real_knowledge: Path, domain: dict[str, Any]) -> None:
    events = yaml.safe_load((real_knowledge / "life_events.yml").read_text(encoding="utf-8"))["life_events"]
    assert {event["id"] for event in events} - names(domain["intents"]) == set()


def test_every_button_of_the_actions_is_an_intent(project: Path, domain: dict[str, Any]) -> None:
    sent = {
        node.value
        for node in parsed(project, "actions/custom")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"/[a-z_]+", node.value)
    }
    assert sent
    assert {payload[1:] for payload in sent} | INTENTS_OF_AN_ARTICLE | {"why_not"} <= names(domain["intents"])


@pytest.mark.parametrize("intent", sorted(INTENTS_OF_AN_ARTICLE | {"why_not"}))
def test_what_a_button_carries_reaches_the_actions(domain: dict[str, Any], intent: str) -> None:
    used = {
        name: settings for entry in domain["intents"] if isinstance(entry, dict) for name, settings in entry.items()
    }
    assert used[intent] == {"use_entities": ["reason" if intent == "why_not" else "article"]}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_gateway_lets_through_every_reason_that_is_offered(small_library: Library, language: str) -> None:
    at = desk(small_library, None)  # type: ignore[arg-type]  # a verdict about no article is not kept
    told = await take(RecordFeedback, at, tracker("/unhelpful", "unhelpful", language=language))
    assert len(told.payloads) == 4
    assert [str(read_payload(payload)) for payload in told.payloads] == told.payloads


def buttons_of_the_bot(domain: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, button["payload"].replace("{{", "{").replace("}}", "}"))
        for name, variants in domain["responses"].items()
        for variant in variants
        for button in variant.get("buttons", [])
    ]


def test_every_button_of_the_bot_is_short_names_an_intent_and_an_article_that_exists(
    domain: dict[str, Any], real_knowledge: Path
) -> None:
    articles = {
        p.relative_to(real_knowledge / "articles").with_suffix("").as_posix()
        for p in real_knowledge.rglob("articles/**/*.md")
    }
    for name, payload in buttons_of_the_bot(domain):
        found = PAYLOAD.fullmatch(payload)
        assert found, (name, payload)
        assert found.group(1) in names(domain["intents"]), (name, payload)
        assert len(payload.encode()) <= LONGEST_PAYLOAD, (name, payload)
        entities = json.loads(found.group(2) or "{}")
        assert set(entities) <= names(domain["entities"]), (name, payload)
        assert entities.get("article", next(iter(articles))) in articles, (name, payload)


def test_every_sentence_of_the_bot_is_said_in_both_languages(domain: dict[str, Any]) -> None:
    for name, variants in domain["responses"].items():
        spoken = {
            next((c["value"] for c in variant.get("condition", []) if c.get("name") == "language"), "zh")
            for variant in variants
        }
        assert spoken == {"zh", "en"}, name


def test_every_phrase_that_the_code_says_is_written(project: Path, real_knowledge: Path) -> None:
    phrases = yaml.safe_load((real_knowledge / "texts.yml").read_text(encoding="utf-8"))["phrases"]
    said = first_arguments(project, "phrase", "actions")
    assert len(said) > 10
    assert said - set(phrases) == set()


def test_every_sentence_that_the_calculator_says_is_written(project: Path, real_knowledge: Path) -> None:
    said = first_arguments(project, "sentence", "actions/custom") | first_arguments(
        project, "_section", "actions/custom"
    )
    assert len(said) > 5
    assert said == set(read_interview_texts(real_knowledge).phrases)


WORDS_OF_PHRASES = {
    "for_region": {"region"},
    "region_set": {"region"},
    "fact_region": {"region"},
    "stale_figure": {"since"},
    "overdue_review": {"reviewed_on"},
    "complaint_saved": {"number"},
    "my_data": {"facts"},
    "fact_kept": {"facts"},
    "fact_questions": {"count"},
    "fact_requests": {"count"},
    "fact_feedback": {"count"},
}


def test_a_phrase_has_only_the_gaps_that_the_code_fills(real_knowledge: Path) -> None:
    phrases = yaml.safe_load((real_knowledge / "texts.yml").read_text(encoding="utf-8"))["phrases"]
    for name, both in phrases.items():
        for language in ("zh", "en"):
            gaps = set(re.findall(r"\{(\w*)\}", both[language]))
            assert gaps == WORDS_OF_PHRASES.get(name, set()), (name, language)


def test_every_outcome_has_words_or_a_phrase(real_knowledge: Path) -> None:
    texts = yaml.safe_load((real_knowledge / "texts.yml").read_text(encoding="utf-8"))
    assert {outcome.value for outcome in Outcome} - set(texts["outcomes"]) == {"data_deleted"}
    assert "data_deleted" in texts["phrases"]


def test_the_recorded_call_still_names_the_slots_of_the_domain(domain: dict[str, Any]) -> None:
    recorded = json.loads((Path(__file__).parent / "recorded_action_call.json").read_text(encoding="utf-8"))
    ours = set(recorded["tracker"]["slots"]) - {"requested_slot", "session_started_metadata"}
    assert ours == set(domain["slots"])
