"""Whether an answer helped, and why not: from the buttons below it to what is kept."""

from pathlib import Path

import pytest
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.answering.articles import LONGEST_ID
from actions.answering.library import Library
from actions.custom.answer_question import AnswerQuestion
from actions.custom.desk import Desk, read_button
from actions.custom.read_article import ReadArticle
from actions.custom.record_feedback import RecordFeedback
from actions.custom.record_reason import RecordReason
from actions.custom.show_menu import ShowMenu
from actions.custom.show_my_data import ShowMyData
from actions.database import open_database
from actions.workers import Workers
from tests.actions.custom.desk_world import LONGEST_PAYLOAD, WHO, desk, named, take, tracker, verdicts, with_calculator

TRANSFER, AMOUNT = "transfer/between-provinces", "contribution/monthly-amount"
REASONS = ["other_question", "unclear", "wrong", "other_place"]


async def verdicts_kept(engine: AsyncEngine) -> list[tuple[object, ...]]:
    async with engine.connect() as connection:
        rows = await connection.execute(sql("SELECT article_id, helpful, reason FROM feedback ORDER BY id"))
        return [tuple(row) for row in rows]


# The buttons


@pytest.mark.parametrize(
    ("language", "words", "titles"),
    [
        ("zh", "跨省转移怎么转", ["有用", "没帮上"]),
        ("en", "transfer my pension record to another province", ["This helped", "Not what I needed"]),
    ],
)
async def test_below_an_answer_stand_two_buttons(at: Desk, language: str, words: str, titles: list[str]) -> None:
    told = await take(AnswerQuestion, at, tracker(words, language=language))
    assert [button["title"] for button in told.messages[0]["buttons"]][-2:] == titles
    assert told.payloads[-2:] == verdicts(TRANSFER)


async def test_an_article_that_was_opened_by_a_tap_has_them_too(at: Desk) -> None:
    told = await take(ReadArticle, at, tracker("/read", "read", named("article", AMOUNT)))
    assert told.payloads[-2:] == verdicts(AMOUNT)


@pytest.mark.parametrize("words", ["明天下雨吗", "转人工", "我不想活了", "查我同事的社保"])
async def test_what_is_no_article_cannot_be_judged(at: Desk, words: str) -> None:
    told = await take(AnswerQuestion, at, tracker(words))
    assert not [payload for payload in told.payloads if "helpful" in payload]


async def test_a_menu_cannot_be_judged(at: Desk) -> None:
    told = await take(ShowMenu, at, tracker("/menu", "menu"))
    assert not [payload for payload in told.payloads if "helpful" in payload]


@pytest.mark.parametrize("intent", ["helpful", "unhelpful", "read", "read_more"])
def test_the_longest_id_fits_on_every_button(intent: str) -> None:
    assert len(read_button("x", "a" * LONGEST_ID, intent)["payload"]) <= LONGEST_PAYLOAD


# The verdict


@pytest.mark.parametrize(
    ("language", "intent", "words", "payloads"),
    [
        ("zh", "helpful", "谢谢", []),
        ("en", "helpful", "Thanks", []),
        ("zh", "unhelpful", "哪儿没帮上", [f'/why_not{{"reason":"{reason}"}}' for reason in REASONS]),
        ("en", "unhelpful", "What was wrong", [f'/why_not{{"reason":"{reason}"}}' for reason in REASONS]),
    ],
)
async def test_a_good_verdict_is_thanked_for_and_a_bad_one_asked_for_its_reason(
    at: Desk, language: str, intent: str, words: str, payloads: list[str]
) -> None:
    told = await take(RecordFeedback, at, tracker("/x", intent, named("article", TRANSFER), language=language))
    assert words in told.text
    assert told.payloads == payloads
    assert told.custom["language"] == language
    assert told.events == []


@pytest.mark.parametrize(("intent", "helpful"), [("helpful", 1), ("unhelpful", 0)])
async def test_a_verdict_is_kept_for_the_article_of_its_button(
    at: Desk, engine: AsyncEngine, intent: str, helpful: int
) -> None:
    await take(RecordFeedback, at, tracker("/x", intent, named("article", AMOUNT), last_article=TRANSFER))
    assert await verdicts_kept(engine) == [(AMOUNT, helpful, None)]


async def test_a_verdict_without_an_article_is_about_the_last_one(at: Desk, engine: AsyncEngine) -> None:
    await take(RecordFeedback, at, tracker("/helpful", "helpful", last_article=TRANSFER))
    assert await verdicts_kept(engine) == [(TRANSFER, 1, None)]


@pytest.mark.parametrize("last", [None, "no/such"])
async def test_a_verdict_about_nothing_is_thanked_for_but_not_kept(
    at: Desk, engine: AsyncEngine, last: str | None
) -> None:
    told = await take(RecordFeedback, at, tracker("/helpful", "helpful", last_article=last))
    assert "谢谢" in told.text
    assert await verdicts_kept(engine) == []


async def test_the_verdict_is_about_the_question_that_was_asked(at: Desk, engine: AsyncEngine) -> None:
    await take(AnswerQuestion, at, tracker("跨省转移怎么转"))
    await take(RecordFeedback, at, tracker("/unhelpful", "unhelpful", named("article", TRANSFER)))
    async with engine.connect() as connection:
        joined = "SELECT text, helpful FROM questions JOIN feedback ON feedback.question_id = questions.id"
        assert [tuple(row) for row in await connection.execute(sql(joined))] == [("跨省转移怎么转", 0)]


# The reason


@pytest.mark.parametrize("reason", REASONS)
async def test_a_reason_is_added_to_the_verdict_before_it(at: Desk, engine: AsyncEngine, reason: str) -> None:
    await take(RecordFeedback, at, tracker("/unhelpful", "unhelpful", named("article", TRANSFER)))
    told = await take(RecordReason, at, tracker("/why_not", "why_not", named("reason", reason)))
    assert "记下了" in told.text
    assert "12333" in told.text
    assert told.payloads == []
    assert await verdicts_kept(engine) == [(TRANSFER, 0, reason)]


async def test_a_reason_without_a_verdict_is_answered_and_not_kept(at: Desk, engine: AsyncEngine) -> None:
    told = await take(RecordReason, at, tracker("/why_not", "why_not", named("reason", "wrong"), language="en"))
    assert "Noted" in told.text
    assert await verdicts_kept(engine) == []


# Their power over it


async def test_the_verdicts_are_among_what_is_held(at: Desk, workers: Workers) -> None:
    await take(AnswerQuestion, at, tracker("跨省转移怎么转"))
    await take(RecordFeedback, at, tracker("/helpful", "helpful", named("article", TRANSFER)))
    told = await take(with_calculator(ShowMyData), at, tracker("/my_data", "my_data"))
    assert at.phrase("fact_feedback", "zh", count=1) in told.text
    assert (await workers.held(WHO)).feedback == 1


async def test_a_database_that_is_down_does_not_cost_the_worker_the_sentence(
    small_library: Library, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")  # no tables: every write fails
    at = desk(small_library, Workers(engine))
    said = [
        (await take(RecordFeedback, at, tracker("/helpful", "helpful", last_article=TRANSFER))).text,
        (await take(RecordReason, at, tracker("/why_not", "why_not", named("reason", "wrong")))).text,
    ]
    await engine.dispose()
    assert [words[:2] for words in said] == ["谢谢", "记下"]
