"""What is held of a worker, and the worker's power over it: see it, delete it, let it expire.

A worker is known here by the opaque id of their conversation only. Texts are masked before they come here. Every
call takes the time from its caller.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from actions.database import Base, FeedbackRow, QuestionRow, RequestRow, WorkerRow
from actions.reminder_rows import AssignmentRow, ConductRow, DeliveryRow, ReminderRow, SubscriptionRow

PERSONAL = (WorkerRow, QuestionRow, RequestRow, FeedbackRow)
REMINDING = (SubscriptionRow, ReminderRow, DeliveryRow, ConductRow, AssignmentRow)
ABOUT_THE_LAST_ANSWER = timedelta(hours=12)  # a later tap says something about the article, not about a question


@dataclass(frozen=True)
class Held:
    """All that is held of one worker."""

    language: str | None
    region: str | None
    first_seen: datetime | None
    questions: int
    requests: int
    feedback: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AskedQuestion:
    """One line of the question log; `text` must be masked already."""

    conversation_id: str
    asked_at: datetime
    language: str
    region: str | None
    text: str
    outcome: str
    article_id: str | None
    score: float


@dataclass(frozen=True)
class Feedback:
    """One tap below an answer."""

    conversation_id: str
    given_at: datetime
    language: str
    article_id: str
    helpful: bool


class Workers:
    """Profiles, question log, feedback and requests in one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)

    async def remember(self, conversation_id: str, language: str, region: str | None, at: datetime) -> None:
        """Keeps language and place of a worker; the first time is kept as the first time."""
        async with self._session.begin() as session:
            await _touch(session, conversation_id, language, region, at)

    async def keep_facts(self, conversation_id: str, language: str, facts: Mapping[str, str], at: datetime) -> bool:
        """Keeps what the worker agreed to have kept, instead of what was kept before; True once it is written."""
        async with self._session.begin() as session:
            worker = await _touch(session, conversation_id, language, None, at)
            worker.facts, worker.facts_agreed_at = json.dumps(dict(facts)), at
        return True

    async def log_question(self, asked: AskedQuestion) -> None:
        """Adds a line to the question log and notes that the worker was here."""
        async with self._session.begin() as session:
            await _touch(session, asked.conversation_id, asked.language, asked.region, asked.asked_at)
            session.add(QuestionRow(**asked.__dict__))

    async def log_feedback(self, given: Feedback) -> None:
        """Keeps one verdict for an answer: a second tap replaces the first."""
        since = given.given_at - ABOUT_THE_LAST_ANSWER
        async with self._session.begin() as session:
            question = await session.scalar(
                select(QuestionRow.id)
                .where(
                    QuestionRow.conversation_id == given.conversation_id,
                    QuestionRow.article_id == given.article_id,
                    QuestionRow.asked_at >= since,
                )
                .order_by(QuestionRow.id.desc())
                .limit(1)
            )
            earlier = await session.scalar(
                select(FeedbackRow).where(
                    FeedbackRow.conversation_id == given.conversation_id,
                    FeedbackRow.article_id == given.article_id,
                    FeedbackRow.question_id.is_(None) if question is None else FeedbackRow.question_id == question,
                    FeedbackRow.given_at >= since,
                )
            )
            row = earlier or FeedbackRow(question_id=question, **given.__dict__)
            row.given_at, row.helpful, row.reason = given.given_at, given.helpful, None
            session.add(row)

    async def log_reason(self, conversation_id: str, reason: str, at: datetime) -> None:
        """Adds why the last answer did not help, where the worker just said that it did not."""
        async with self._session.begin() as session:
            row = await session.scalar(
                select(FeedbackRow)
                .where(
                    FeedbackRow.conversation_id == conversation_id,
                    FeedbackRow.helpful.is_(False),
                    FeedbackRow.given_at >= at - ABOUT_THE_LAST_ANSWER,
                )
                .order_by(FeedbackRow.given_at.desc(), FeedbackRow.id.desc())
                .limit(1)
            )
            if row is not None:
                row.reason = reason

    async def log_request(self, conversation_id: str, kind: str, language: str, text: str, at: datetime) -> int:
        """Keeps a request for a person or a complaint; gives its number."""
        async with self._session.begin() as session:
            row = RequestRow(conversation_id=conversation_id, kind=kind, language=language, text=text, made_at=at)
            session.add(row)
            if kind == "complaint":  # a campaign is judged by its complaints too
                session.add(ConductRow(conversation_id=conversation_id, what="complained", occasion=None, at=at))
            await session.flush()
            return row.id

    async def held(self, conversation_id: str) -> Held:
        """Everything that is held of the worker, as numbers and plain facts."""
        async with self._session() as session:
            worker = await session.get(WorkerRow, conversation_id)
            counts = [
                await session.scalar(select(func.count()).where(table.conversation_id == conversation_id))
                for table in (QuestionRow, RequestRow, FeedbackRow)
            ]
        return Held(
            language=worker.language if worker else None,
            region=worker.region if worker else None,
            first_seen=worker.first_seen if worker else None,
            questions=counts[0] or 0,
            requests=counts[1] or 0,
            feedback=counts[2] or 0,
            facts=json.loads(worker.facts) if worker and worker.facts else {},
        )

    async def forget(self, conversation_id: str) -> int:
        """Deletes everything that is held of the worker; gives the number of rows that went."""
        tables = (*PERSONAL, *REMINDING)
        return await self._delete_where(tables, *(table.conversation_id == conversation_id for table in tables))

    async def expire(self, questions_before: datetime, workers_before: datetime) -> int:
        """Deletes what is older than its retention time; gives the number of rows that went."""
        subscribed = select(SubscriptionRow.conversation_id)
        return await self._delete_where(
            (*PERSONAL, *REMINDING),
            WorkerRow.last_seen < workers_before,
            QuestionRow.asked_at < questions_before,
            RequestRow.made_at < workers_before,
            FeedbackRow.given_at < questions_before,
            SubscriptionRow.updated_at < workers_before,
            (ReminderRow.made_at < workers_before) & ReminderRow.conversation_id.not_in(subscribed),
            DeliveryRow.planned_at < workers_before,
            ConductRow.at < workers_before,
            AssignmentRow.assigned_at < workers_before,
        )

    async def _delete_where(self, tables: Sequence[type[Base]], *conditions: object) -> int:
        gone = 0
        async with self._session.begin() as session:
            for table, condition in zip(tables, conditions, strict=True):
                result = await session.execute(delete(table).where(condition))  # type: ignore[arg-type]
                gone += result.rowcount  # type: ignore[attr-defined]
        return gone


async def _touch(
    session: AsyncSession, conversation_id: str, language: str, region: str | None, at: datetime
) -> WorkerRow:
    worker = await session.get(WorkerRow, conversation_id)
    if worker is None:
        worker = WorkerRow(
            conversation_id=conversation_id, language=language, region=region, first_seen=at, last_seen=at
        )
        session.add(worker)
    worker.language, worker.last_seen = language, at
    if region is not None:
        worker.region = region
    return worker
