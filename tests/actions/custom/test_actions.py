"""Answering, reading and menus, each action from a turn to what is sent and kept: the small folder, and SQLite.

What a worker tells of themselves, and their power over it: test_worker_data.py; feedback: test_feedback.py.
"""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.answering.answer import Answer, Language, Question
from actions.answering.library import Library
from actions.custom.answer_question import AnswerQuestion
from actions.custom.desk import Desk
from actions.custom.read_article import ReadArticle
from actions.custom.read_more import ReadMore
from actions.custom.set_language import SetLanguage
from actions.custom.show_life_event import ShowLifeEvent
from actions.custom.show_menu import ShowMenu
from actions.database import open_database
from actions.server import ACTIONS
from actions.workers import Workers
from tests.actions.custom.desk_world import NOW, desk, named, take, tracker, verdicts

TRANSFER, AMOUNT, YEARS = "transfer/between-provinces", "contribution/monthly-amount", "pension/minimum-years"


# Answering


async def test_a_question_is_answered_with_words_then_with_what_is_no_text(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("跨省转移怎么转"))
    assert len(told.messages) == 2
    assert told.text.startswith("不会丢")
    assert told.payloads == [f'/read_more{{"article":"{TRANSFER}"}}', *verdicts(TRANSFER)]
    assert told.custom == {
        "outcome": "answered",
        "region": None,
        "language": "zh",
        "article_id": TRANSFER,
        "citations": [
            {"title": "示例法 例〔2010〕1号", "source": "example-law", "as_of": "2010-01-01", "url": "https://example.gov.cn/law"}
        ],
        "next_steps": ["打12333问一下"],
        "suggestions": [{"article_id": AMOUNT, "title": "一个月最少交多少"}],
        "reviewed_on": "2026-11-23",
    }  # fmt: skip
    assert told.slots == {"misses": 0, "last_article": TRANSFER}


async def test_the_known_place_gives_the_local_figure(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("灵活就业一个月最少交多少钱", region="CN-ZJ"))
    assert "997.2元" in told.text
    assert told.custom["region"] == "CN-ZJ"
    assert "/change_region" not in told.payloads


async def test_an_answer_that_needs_the_place_offers_to_tell_it(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("灵活就业一个月最少交多少钱"))
    assert told.payloads == ["/change_region", *verdicts(AMOUNT)]


async def test_the_language_that_the_bot_read_from_the_message_wins_over_its_script(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("asdfgh", "nlu_fallback", named("language", "zh")))
    assert told.custom["language"] == "zh"


async def test_the_words_decide_the_language_and_the_slot_where_they_do_not(at: Desk) -> None:
    assert (await take(AnswerQuestion, at, tracker("how many years do I need to pay"))).custom["language"] == "en"
    assert (await take(AnswerQuestion, at, tracker("12333", language="en"))).custom["language"] == "en"


async def test_the_question_log_keeps_what_was_asked_and_how_it_ended(at: Desk, engine: AsyncEngine) -> None:
    await take(AnswerQuestion, at, tracker("跨省转移怎么转", region="CN-ZJ"))
    async with engine.connect() as connection:
        rows = (await connection.execute(sql("SELECT text, outcome, article_id, region FROM questions"))).all()
    assert [tuple(row) for row in rows] == [("跨省转移怎么转", "answered", TRANSFER, "CN-ZJ")]


async def test_a_personal_number_never_reaches_the_question_log(at: Desk, engine: AsyncEngine) -> None:
    await take(AnswerQuestion, at, tracker("跨省转移怎么转，我电话13812345678"))
    async with engine.connect() as connection:
        (row,) = (await connection.execute(sql("SELECT text FROM questions"))).all()
    assert "13812345678" not in row[0]


async def test_one_miss_is_counted_and_offers_nothing_yet(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("明天下雨吗"))
    assert told.slots == {"misses": 1}
    assert told.payloads == []


async def test_two_misses_in_a_row_offer_the_menu_and_a_person(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("明天下雨吗", misses=1.0))
    assert told.payloads == ["/menu", "/handoff"]
    assert "连着两次" in told.text
    assert told.slots == {"misses": 0}


async def test_an_answer_ends_the_row_of_misses(at: Desk) -> None:
    assert (await take(AnswerQuestion, at, tracker("跨省转移怎么转", misses=1.0))).slots["misses"] == 0


@pytest.mark.parametrize("words", ["我不想活了", "怎么骗补贴", "转人工", "查我同事的社保"])
async def test_a_refusal_by_name_is_no_miss(at: Desk, words: str) -> None:
    told = await take(AnswerQuestion, at, tracker(words, misses=1.0))
    assert told.slots == {"misses": 0}


async def test_an_emergency_shows_where_to_read_on(at: Desk) -> None:
    told = await take(AnswerQuestion, at, tracker("我刚被车撞了起不来"))
    assert "120" in told.text
    assert told.payloads == [f'/read{{"article":"{YEARS}"}}']


class BrokenLibrary(Library):
    """A library whose every look-up fails."""

    def answer(self, question: Question, last_language: Language = "zh") -> Answer:
        raise RuntimeError("the disk is gone")


class LateLibrary(Library):
    """A library that answers only after it is released."""

    released = threading.Event()

    def answer(self, question: Question, last_language: Language = "zh") -> Answer:
        self.released.wait()
        return super().answer(question, last_language)


@pytest.mark.parametrize(("language", "words"), [("zh", "我这边出了点毛病"), ("en", "Something went wrong")])
async def test_a_broken_look_up_ends_in_a_sentence(
    small_library: Library, workers: Workers, language: str, words: str
) -> None:
    at = desk(BrokenLibrary(small_library.tools), workers)
    told = await take(AnswerQuestion, at, tracker("12333", language=language))
    assert told.text.startswith(words)
    assert (told.custom["outcome"], told.slots) == ("error_internal", {"misses": 1})


async def test_a_late_look_up_ends_in_a_sentence(small_library: Library, workers: Workers) -> None:
    at = desk(LateLibrary(small_library.tools), workers, deadline_seconds=0.05)
    try:
        told = await take(AnswerQuestion, at, tracker("跨省转移怎么转"))
    finally:
        LateLibrary.released.set()
    assert told.custom["outcome"] == "error_timeout"
    assert "12333" in told.text


async def test_a_database_that_is_down_does_not_cost_the_worker_the_answer(
    small_library: Library, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")  # no tables: every write fails
    told = await take(AnswerQuestion, desk(small_library, Workers(engine)), tracker("跨省转移怎么转"))
    await engine.dispose()
    assert told.custom["outcome"] == "answered"


# Reading


async def test_a_button_opens_the_article_that_it_names(at: Desk) -> None:
    told = await take(ReadArticle, at, tracker("/read", "read", named("article", AMOUNT), last_article=TRANSFER))
    assert told.custom["article_id"] == AMOUNT
    assert told.slots == {"last_article": AMOUNT, "misses": 0}


async def test_an_article_that_is_gone_ends_in_a_sentence_and_is_not_remembered(at: Desk) -> None:
    told = await take(ReadArticle, at, tracker("/read", "read", named("article", "no/such")))
    assert told.custom["outcome"] == "unanswerable_no_source"
    assert told.slots == {}


async def test_more_of_an_article_comes_without_steps_and_without_another_more(at: Desk) -> None:
    told = await take(ReadMore, at, tracker("/read_more", "read_more", named("article", TRANSFER)))
    assert told.text == "先在新地方交上，再申请转移。"
    assert told.payloads == verdicts(TRANSFER)
    assert (told.custom["next_steps"], told.custom["suggestions"]) == ([], [])


async def test_more_without_a_name_means_the_last_article(at: Desk) -> None:
    told = await take(ReadMore, at, tracker("再说详细点", "read_more", last_article=TRANSFER))
    assert told.custom["article_id"] == TRANSFER


async def test_more_without_any_article_ends_in_a_sentence(at: Desk) -> None:
    told = await take(ReadMore, at, tracker("再说详细点", "read_more"))
    assert told.custom["outcome"] == "unanswerable_no_source"


async def test_more_of_an_article_that_has_no_more_does_not_blame_the_place(at: Desk) -> None:
    told = await take(ReadMore, at, tracker("再说详细点", "read_more", last_article=YEARS))
    assert told.custom["outcome"] != "unanswerable_region"


# Menus


@pytest.mark.parametrize(("language", "title"), [("zh", "换了省"), ("en", "I moved")])
async def test_the_menu_has_a_button_for_each_life_event(at: Desk, language: str, title: str) -> None:
    told = await take(ShowMenu, at, tracker("/menu", "menu", language=language))
    assert told.payloads == ["/moved_province", "/injured_at_work", "/income_dropped"]
    assert told.messages[0]["buttons"][0]["title"] == title
    assert told.custom["outcome"] == "clarify"


async def test_a_tap_on_a_life_event_offers_its_articles(at: Desk) -> None:
    told = await take(ShowLifeEvent, at, tracker("/moved_province", "moved_province"))
    assert told.text == "别担心。"
    assert told.payloads == [f'/read{{"article":"{TRANSFER}"}}']


async def test_a_question_about_a_life_event_is_answered(at: Desk) -> None:
    told = await take(ShowLifeEvent, at, tracker("养老保险最少交几年，多少年", "moved_province"))
    assert told.custom["article_id"] == YEARS


# Every action


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_action_says_something_to_an_empty_turn(at: Desk, action: type[Any], language: str) -> None:
    told = await take(action, at, tracker("", "nlu_fallback", language=language))
    assert told.text
    assert told.custom["language"] == language or action is SetLanguage


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_is_named_after_its_class(at: Desk, action: type[Any]) -> None:
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in action.__name__)
    assert action(at).name() == f"action{words}"


def test_the_clock_of_the_tests_stands_on_their_day() -> None:
    assert NOW.date().isoformat() == "2026-11-23"
