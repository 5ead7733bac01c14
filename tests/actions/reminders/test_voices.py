"""What a worker asked to be reminded of is not said a second time by a rule that is about the same."""

from datetime import date, timedelta

import pytest

from actions.reminders.model import About, Facts, Language
from actions.reminders.voices import Voices
from tests.actions.reminders.rule_desk import book

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=364)
FACTS: Facts = {
    "scheme": "flexible",
    "region": "CN-ZJ.hangzhou",
    "rhythm": "monthly",
    "last_paid": "2025-12",
    "category": "man",
    "birth": "1966-08",
}
RESIDENT: Facts = {"scheme": "resident", "region": "CN-ZJ.hangzhou"}


@pytest.fixture(scope="module")
def voices() -> Voices:
    return Voices(book(), ())


def origins(voices: Voices, asked: tuple[About, ...] = ()) -> set[str]:
    return {due.origin for facts in (FACTS, RESIDENT) for due in voices.due(facts, FIRST, LAST, asked)}


def test_every_rule_that_gives_way_is_one_of_the_folder_and_names_what_can_be_asked_for(voices: Voices) -> None:
    assert set(voices.book.instead) <= {f"rule:{name}" for name in voices.book.rules}
    assert set(voices.book.instead.values()) <= set(About)
    assert voices.book.instead["rule:payment-due"] is About.PAY


@pytest.mark.parametrize(
    ("asked", "gives_way"),
    [
        (About.PAY, "rule:payment-due"),
        (About.RETIREMENT, "rule:retirement-near"),
        (About.BASE, "rule:base-window"),
        (About.RESIDENT, "rule:resident-window"),
    ],
)
def test_a_rule_gives_way_to_what_the_worker_asked_for(voices: Voices, asked: About, gives_way: str) -> None:
    alone = origins(voices)
    assert gives_way in alone
    assert origins(voices, (asked,)) == {name for name in alone if voices.book.instead.get(name) is not asked}
    assert gives_way not in origins(voices, (asked,))


def test_what_no_rule_is_about_silences_none(voices: Voices) -> None:
    assert origins(voices, (About.OTHER,)) == origins(voices)


@pytest.mark.parametrize(
    ("origin", "language", "words"),
    [
        ("campaign:back-after-a-break/plain", "zh", "抽签"),
        ("campaign:gone/plain", "en", "drawn by lot"),
        ("rule:gone", "zh", "撤掉"),
        ("rule:payment-due", "zh", "交"),
    ],
)
def test_every_origin_has_a_why_also_one_that_is_gone(
    voices: Voices, origin: str, language: Language, words: str
) -> None:  # fmt: skip
    assert words in voices.why(origin, FACTS, language)
