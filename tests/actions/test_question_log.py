"""What staff learn from the question log, on SQLite and on PostgreSQL: usage by article, and open questions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.answering.answer import Outcome
from actions.question_log import OpenQuestion, QuestionLog, Usage
from actions.workers import AskedQuestion, Feedback, Workers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GAP, YEARS = "contribution/gap", "pension/minimum-years"
NO_SOURCE = "unanswerable_no_source"


@pytest.fixture
def log(engine: AsyncEngine) -> QuestionLog:
    return QuestionLog(engine)


async def ask(
    workers: Workers,
    who: str,
    words: str,
    outcome: str = NO_SOURCE,
    article_id: str | None = None,
    at: datetime = NOON,
    language: str = "zh",
) -> None:
    await workers.log_question(AskedQuestion(who, at, language, None, words, outcome, article_id, 0.5))


async def judge(workers: Workers, who: str, article_id: str, helpful: bool, reason: str | None = None) -> None:
    await workers.log_feedback(Feedback(who, NOON, "zh", article_id, helpful))
    if reason:
        await workers.log_reason(who, reason, NOON)


def words(found: Sequence[OpenQuestion]) -> list[str]:
    return [one.text for one in found]


# Usage


async def test_nothing_was_used_in_an_empty_log(log: QuestionLog) -> None:
    assert await log.usage(NOON) == {}


async def test_answers_and_verdicts_are_counted_by_article(log: QuestionLog, workers: Workers) -> None:
    for who in ("ann", "bo", "cy"):
        await ask(workers, who, "断缴了怎么办", "answered", GAP)
    await ask(workers, "ann", "要交几年", "answered", YEARS)
    await ask(workers, "ann", "明天下雨吗", "refused_out_of_scope")
    await judge(workers, "ann", GAP, True)
    await judge(workers, "bo", GAP, False, "wrong")
    await judge(workers, "cy", GAP, False)
    assert await log.usage(NOON) == {GAP: Usage(3, 1, 2, (("wrong", 1),)), YEARS: Usage(1)}


async def test_the_commonest_reason_comes_first(log: QuestionLog, workers: Workers) -> None:
    for who, reason in (("ann", "unclear"), ("bo", "wrong"), ("cy", "wrong"), ("di", "other_place")):
        await judge(workers, who, GAP, False, reason)
    assert (await log.usage(NOON))[GAP].reasons == (("wrong", 2), ("other_place", 1), ("unclear", 1))


async def test_an_article_that_was_only_judged_is_listed_too(log: QuestionLog, workers: Workers) -> None:
    await judge(workers, "ann", YEARS, True)
    assert await log.usage(NOON) == {YEARS: Usage(0, 1, 0)}


async def test_usage_begins_at_its_moment(log: QuestionLog, workers: Workers) -> None:
    await ask(workers, "ann", "早一点", "answered", GAP, NOON - SECOND)
    await ask(workers, "ann", "正好", "answered", GAP, NOON)
    await judge(workers, "ann", GAP, True)
    assert await log.usage(NOON) == {GAP: Usage(1, 1)}
    assert await log.usage(NOON + SECOND) == {}


# Open questions

OPEN = {"unanswerable_no_source", "unanswerable_outdated", "unanswerable_region", "refused_out_of_scope"}


@pytest.mark.parametrize("outcome", [outcome.value for outcome in Outcome])
async def test_only_what_got_no_answer_is_open(log: QuestionLog, workers: Workers, outcome: str) -> None:
    await ask(workers, "ann", "怎么办", outcome)
    assert [one.outcome for one in await log.open_questions(NOON, 10)] == ([outcome] if outcome in OPEN else [])


async def test_an_answer_that_did_not_help_leaves_its_question_open(log: QuestionLog, workers: Workers) -> None:
    await ask(workers, "ann", "没帮上的", "answered", GAP)
    await judge(workers, "ann", GAP, False, "other_question")
    await ask(workers, "bo", "帮上的", "answered", GAP)
    await judge(workers, "bo", GAP, True)
    await ask(workers, "cy", "没点过的", "answered", GAP)
    assert await log.open_questions(NOON, 10) == [OpenQuestion("没帮上的", "zh", "answered", 1, 1)]


async def test_the_same_words_are_one_question_with_its_askers(log: QuestionLog, workers: Workers) -> None:
    for who in ("ann", "ann", "bo"):
        await ask(workers, who, "有没有高温补贴")
    await ask(workers, "cy", "do I get heat pay", language="en")
    assert await log.open_questions(NOON, 10) == [
        OpenQuestion("有没有高温补贴", "zh", NO_SOURCE, 3, 2),
        OpenQuestion("do I get heat pay", "en", NO_SOURCE, 1, 1),
    ]


async def test_the_most_frequent_come_first_then_the_newest(log: QuestionLog, workers: Workers) -> None:
    await ask(workers, "ann", "旧的", at=NOON)
    await ask(workers, "ann", "新的", at=NOON + SECOND)
    for who in ("ann", "bo"):
        await ask(workers, who, "常问的", at=NOON)
    assert words(await log.open_questions(NOON, 10)) == ["常问的", "新的", "旧的"]
    assert words(await log.open_questions(NOON, 2)) == ["常问的", "新的"]


async def test_open_questions_begin_at_their_moment(log: QuestionLog, workers: Workers) -> None:
    await ask(workers, "ann", "早一点", at=NOON - SECOND)
    await ask(workers, "ann", "正好", at=NOON)
    assert words(await log.open_questions(NOON, 10)) == ["正好"]


async def test_nothing_says_who_asked(log: QuestionLog, workers: Workers) -> None:
    await ask(workers, "conversation-of-ann", "有没有高温补贴")
    await judge(workers, "conversation-of-ann", GAP, False, "wrong")
    told = f"{await log.open_questions(NOON, 10)} {await log.usage(NOON)}"
    assert "conversation-of-ann" not in told
