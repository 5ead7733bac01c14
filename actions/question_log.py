"""What staff learn from the question log: which answers are given, which help, which questions stay open.

Nothing here says who asked: texts were masked before they were stored, and conversation ids are only counted.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from actions.database import FeedbackRow, QuestionRow, open_database

T = TypeVar("T")


@dataclass(frozen=True)
class Usage:
    """How often an article answered, and what workers tapped below it."""

    answers: int = 0
    helpful: int = 0
    unhelpful: int = 0
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class OpenQuestion:
    """A question that got no answer: the masked words, how often, and by how many conversations."""

    text: str
    language: str
    outcome: str
    times: int
    askers: int


class LogUnreadable(Exception):
    """The database is not there, or has no such tables; the message names the kind of failure and the mend."""


class QuestionLog:
    """Reads the log of one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine)

    @classmethod
    async def read(cls, url: str, question: "Callable[[QuestionLog], Awaitable[T]]") -> T:
        """Asks one question of the database at `url` and lets go of it; raises LogUnreadable."""
        try:
            engine = open_database(url)
            try:
                return await question(cls(engine))
            finally:
                await engine.dispose()
        except (SQLAlchemyError, OSError) as error:
            kind = type(error).__name__
            raise LogUnreadable(
                f"the question log cannot be read ({kind}); `shebao database upgrade` makes its tables"
            ) from None

    async def usage(self, since: datetime) -> dict[str, Usage]:
        """By article id, from `since` on."""
        async with self._session() as session:
            answered = await session.execute(
                select(QuestionRow.article_id, func.count())
                .where(QuestionRow.asked_at >= since, QuestionRow.article_id.is_not(None))
                .group_by(QuestionRow.article_id)
            )
            verdicts = await session.execute(
                select(FeedbackRow.article_id, FeedbackRow.helpful, FeedbackRow.reason, func.count())
                .where(FeedbackRow.given_at >= since)
                .group_by(FeedbackRow.article_id, FeedbackRow.helpful, FeedbackRow.reason)
            )
            answers = {str(article_id): count for article_id, count in answered}
            rows = [(str(article_id), helpful, reason, count) for article_id, helpful, reason, count in verdicts]
        return {
            article_id: _usage(answers.get(article_id, 0), [row[1:] for row in rows if row[0] == article_id])
            for article_id in {*answers, *(row[0] for row in rows)}
        }

    async def open_questions(self, since: datetime, at_most: int) -> list[OpenQuestion]:
        """The same words are one question; the most frequent come first, then the newest."""
        missed = QuestionRow.outcome.like("unanswerable%") | (QuestionRow.outcome == "refused_out_of_scope")
        times = func.count().label("times")
        rejected = FeedbackRow.question_id == QuestionRow.id
        unhelpful = case((FeedbackRow.helpful.is_(False), 1), else_=0)
        async with self._session() as session:
            found = await session.execute(
                select(
                    QuestionRow.text,
                    QuestionRow.language,
                    func.min(QuestionRow.outcome),
                    times,
                    func.count(func.distinct(QuestionRow.conversation_id)),
                )
                .outerjoin(FeedbackRow, rejected)
                .where(QuestionRow.asked_at >= since, missed | (unhelpful == 1))
                .group_by(QuestionRow.text, QuestionRow.language)
                .order_by(times.desc(), func.max(QuestionRow.asked_at).desc())
                .limit(at_most)
            )
            return [OpenQuestion(*row) for row in found]


def _usage(answers: int, verdicts: list[tuple[bool, str | None, int]]) -> Usage:
    reasons = [(reason, count) for helpful, reason, count in verdicts if reason and not helpful]
    return Usage(
        answers=answers,
        helpful=sum(count for helpful, _, count in verdicts if helpful),
        unhelpful=sum(count for helpful, _, count in verdicts if not helpful),
        reasons=tuple(sorted(reasons, key=lambda pair: (-pair[1], pair[0]))),
    )
