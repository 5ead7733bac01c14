"""The rules that end a question before anything is looked up: real `guards.yml` on `guarded_texts.yml`."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from actions.answering.answer import Outcome, Question
from actions.answering.library import Library
from actions.answering.pipeline import Draft, guard

CASES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "guarded_texts.yml").read_text(encoding="utf-8"))
STOPPED = [(text, outcome) for outcome, texts in CASES.items() if outcome != "passes" for text in texts]
ON = date(2026, 11, 23)


def ended_as(text: str, library: Library) -> Outcome | None:
    answer = guard(Draft(Question(text, ON), text), library.tools).answer
    return answer.outcome if answer else None


@pytest.mark.parametrize(("text", "outcome"), STOPPED)
def test_what_must_not_be_answered_ends_by_its_name(small_library: Library, text: str, outcome: str) -> None:
    assert ended_as(text, small_library) == outcome


@pytest.mark.parametrize("text", CASES["passes"])
def test_an_ordinary_question_is_not_stopped(small_library: Library, text: str) -> None:
    assert ended_as(text, small_library) is None


def test_every_rule_has_cases_in_both_languages(small_library: Library) -> None:
    for rule in small_library.knowledge.guards:
        texts = CASES[rule.outcome.value]
        assert any(text.isascii() for text in texts), rule.outcome
        assert any(not text.isascii() for text in texts), rule.outcome


def test_distress_goes_before_everything_else(small_library: Library) -> None:
    assert ended_as("我不想活了，转人工", small_library) is Outcome.HANDOFF_DISTRESS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("救命啊", "120"),
        ("need an ambulance", "ambulance"),
        ("我不想活了", "12356"),
        ("I want to die", "12356"),
    ],
)
def test_help_is_named_in_the_language_of_the_cry(small_library: Library, text: str, words: str) -> None:
    answer = guard(Draft(Question(text, ON), text), small_library.tools).answer
    assert answer is not None
    assert answer.language == ("en" if text.isascii() else "zh")
    assert words in answer.text


def test_the_asker_s_wish_for_a_language_counts_in_an_emergency_too(small_library: Library) -> None:
    answer = guard(Draft(Question("救命", ON, language="en"), "救命"), small_library.tools).answer
    assert answer is not None
    assert answer.language == "en"


def test_an_emergency_shows_what_comes_after_it(small_library: Library) -> None:
    answer = guard(Draft(Question("救命", ON), "救命"), small_library.tools).answer
    assert answer is not None
    event = small_library.knowledge.life_events["injured_at_work"]
    assert [s.article_id for s in answer.suggestions] == [b.article for b in event.buttons]


def test_evasion_shows_the_lawful_ways(small_library: Library) -> None:
    answer = guard(Draft(Question("怎么骗补贴", ON), "怎么骗补贴"), small_library.tools).answer
    assert answer is not None
    event = small_library.knowledge.life_events["income_dropped"]
    assert [s.article_id for s in answer.suggestions] == [b.article for b in event.buttons]


@pytest.mark.parametrize("text", ["救命！！", "ＨＵＭＡＮ ＰＬＥＡＳＥ", "I  want   to die"])
def test_odd_spelling_and_spacing_do_not_hide_a_cry(small_library: Library, text: str) -> None:
    assert ended_as(text, small_library) is not None
