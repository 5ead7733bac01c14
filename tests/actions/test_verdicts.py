"""Verdicts on answers and their reasons, on SQLite and on PostgreSQL: which count, and how long they are kept."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.workers import ABOUT_THE_LAST_ANSWER, AskedQuestion, Feedback, Held, Workers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
GAP, YEARS = "contribution/gap", "pension/minimum-years"


def asked(who: str, at: datetime = NOON, article_id: str | None = GAP, words: str = "断缴了怎么办") -> AskedQuestion:
    return AskedQuestion(who, at, "zh", None, words, "answered", article_id, 0.8)


def verdict(who: str, helpful: bool, at: datetime = NOON, article_id: str = GAP) -> Feedback:
    return Feedback(who, at, "zh", article_id, helpful)


async def kept(engine: AsyncEngine) -> list[tuple[str, str, bool, str | None]]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT conversation_id, article_id, helpful, reason FROM feedback ORDER BY id")
        )
        return [(row[0], row[1], bool(row[2]), row[3]) for row in rows]


async def questions_judged(engine: AsyncEngine) -> list[str | None]:
    """The words that each verdict is about, None where it is about an article alone."""
    joined = "SELECT questions.text FROM feedback LEFT JOIN questions ON feedback.question_id = questions.id"
    async with engine.connect() as connection:
        return [row[0] for row in await connection.execute(text(f"{joined} ORDER BY feedback.id"))]


# Verdicts


async def test_a_verdict_on_an_answer_is_tied_to_its_question(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_question(asked("ann", words="先问的"))
    await workers.log_question(asked("ann", words="后问的"))
    await workers.log_question(asked("ann", article_id=YEARS, words="别的"))
    await workers.log_question(asked("bo", words="别人的"))
    await workers.log_feedback(verdict("ann", True, NOON + MINUTE))
    assert await questions_judged(engine) == ["后问的"]


async def test_a_verdict_on_an_article_that_was_only_opened_stands_alone(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", True))
    assert await questions_judged(engine) == [None]


async def test_a_second_tap_replaces_the_first_and_its_reason(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_question(asked("ann"))
    await workers.log_feedback(verdict("ann", False, NOON + MINUTE))
    await workers.log_reason("ann", "wrong", NOON + MINUTE)
    await workers.log_feedback(verdict("ann", True, NOON + 2 * MINUTE))
    assert await kept(engine) == [("ann", GAP, True, None)]


async def test_a_second_tap_without_a_question_replaces_the_first_too(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", True))
    await workers.log_feedback(verdict("ann", False, NOON + MINUTE))
    assert await kept(engine) == [("ann", GAP, False, None)]


async def test_the_same_article_asked_about_again_is_judged_again(engine: AsyncEngine, workers: Workers) -> None:
    for minutes in (0, 10):
        await workers.log_question(asked("ann", NOON + minutes * MINUTE))
        await workers.log_feedback(verdict("ann", minutes > 0, NOON + (minutes + 1) * MINUTE))
    assert await kept(engine) == [("ann", GAP, False, None), ("ann", GAP, True, None)]


async def test_a_late_tap_is_about_the_article_and_not_about_the_question(
    engine: AsyncEngine, workers: Workers
) -> None:
    await workers.log_question(asked("ann"))
    await workers.log_feedback(verdict("ann", True, NOON + ABOUT_THE_LAST_ANSWER))
    await workers.log_feedback(verdict("ann", False, NOON + ABOUT_THE_LAST_ANSWER + SECOND))
    assert await questions_judged(engine) == ["断缴了怎么办", None]


async def test_people_and_articles_are_judged_apart(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", True))
    await workers.log_feedback(verdict("bo", False))
    await workers.log_feedback(verdict("ann", False, article_id=YEARS))
    assert len(await kept(engine)) == 3


# Reasons


async def test_a_reason_goes_to_the_last_bad_verdict_of_that_person(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", False, NOON))
    await workers.log_feedback(verdict("ann", False, NOON + MINUTE, YEARS))
    await workers.log_feedback(verdict("bo", False, NOON + 2 * MINUTE))
    await workers.log_reason("ann", "unclear", NOON + 3 * MINUTE)
    assert await kept(engine) == [("ann", GAP, False, None), ("ann", YEARS, False, "unclear"), ("bo", GAP, False, None)]


async def test_a_good_verdict_gets_no_reason(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", True))
    await workers.log_reason("ann", "wrong", NOON)
    assert await kept(engine) == [("ann", GAP, True, None)]


async def test_a_reason_that_comes_too_late_goes_nowhere(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", False))
    await workers.log_reason("ann", "wrong", NOON + ABOUT_THE_LAST_ANSWER + SECOND)
    assert await kept(engine) == [("ann", GAP, False, None)]
    await workers.log_reason("ann", "wrong", NOON + ABOUT_THE_LAST_ANSWER)
    assert await kept(engine) == [("ann", GAP, False, "wrong")]


# What is held


async def test_verdicts_are_counted_for_their_worker_only(workers: Workers) -> None:
    await workers.log_feedback(verdict("ann", True))
    await workers.log_feedback(verdict("ann", True, article_id=YEARS))
    await workers.log_feedback(verdict("bo", False))
    assert [(await workers.held(who)).feedback for who in ("ann", "bo", "cy")] == [2, 1, 0]


async def test_forgetting_takes_the_verdicts_of_one_worker_and_of_nobody_else(
    engine: AsyncEngine, workers: Workers
) -> None:
    await workers.log_question(asked("ann"))
    for who in ("ann", "bo"):
        await workers.log_feedback(verdict(who, True))
    assert await workers.forget("ann") == 3  # the worker, the question, the verdict
    assert await workers.held("ann") == Held(None, None, None, 0, 0, 0)
    assert [row[0] for row in await kept(engine)] == ["bo"]


async def test_a_verdict_expires_with_the_questions(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_feedback(verdict("old", True, NOON - SECOND))
    await workers.log_feedback(verdict("young", True, NOON))
    assert await workers.expire(questions_before=NOON, workers_before=NOON - timedelta(days=730)) == 1
    assert [row[0] for row in await kept(engine)] == ["young"]
