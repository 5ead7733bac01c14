"""Conversations that a person takes over: asked for, claimed by one desk, answered, closed.

    HandoffFailure
    ├── UnknownHandoff      there is no such handoff
    ├── WrongState          not now: it waits, is claimed or is closed
    └── ClaimedByAnother    another desk has it

Texts are masked before they come here. Times are UTC. Several processes may work on one database.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from sqlalchemy import DateTime, Select, String, and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from sqlalchemy.sql import Executable

from actions.database import HandoffLineRow, HandoffRow
from channels.message import Language

State = Literal["waiting", "claimed", "closed"]
HandoffReason = Literal["requested", "distress", "misses"]
SaidBy = Literal["worker", "assistant", "desk"]

OPEN: tuple[State, ...] = ("waiting", "claimed")
OPENED_WITH = ("conversation_id", "reason", "language", "channel", "state", "opened_at")
LINES_AT_ONCE = 500  # whoever reads asks again from the last line's id


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the talk; `id` is 0 until it is kept and grows with every line that is."""

    said_by: SaidBy
    text: str
    said_at: datetime
    id: int = 0


@dataclass(frozen=True, slots=True)
class Handoff:
    """A conversation that a person is asked to take over; `claimed_by` is the desk's own name for itself."""

    id: int
    conversation_id: str
    reason: HandoffReason
    language: Language
    channel: str
    state: State
    opened_at: datetime
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None


class HandoffFailure(Exception):
    """Something that cannot be done to a handoff. The text holds nothing of the talk."""


class UnknownHandoff(HandoffFailure):
    """There is no handoff with this id, or it was deleted."""


class WrongState(HandoffFailure):
    """The handoff is in `state`; it would have to be in one of `accepted`."""

    def __init__(self, state: State, accepted: tuple[State, ...]) -> None:
        super().__init__(f"{state}, not {' or '.join(accepted)}")
        self.state = state
        self.accepted = accepted


class ClaimedByAnother(HandoffFailure):
    """Another desk has this handoff."""


class Handoffs:
    """The handoffs of one database; `clock` gives an aware time."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)
        self._clock = clock

    async def open(
        self, conversation_id: str, reason: HandoffReason, language: Language, channel: str, transcript: Sequence[Line]
    ) -> Handoff:
        """Asks for a person and keeps what was said so far; where one was asked for already, that handoff as it is."""
        words = [literal(word, String) for word in (conversation_id, reason, language, channel, "waiting")]
        new: Select[Any] = select(*words).add_columns(literal(self._now(), DateTime(timezone=True)))
        opened = None
        while opened is None:  # None: the open one was closed while we looked at it
            opened = await self._open(conversation_id, new, transcript)
        return opened

    async def _open(self, conversation_id: str, new: Select[Any], transcript: Sequence[Line]) -> Handoff | None:
        is_open = exists().where(HandoffRow.conversation_id == conversation_id, HandoffRow.state.in_(OPEN))
        async with self._session.begin() as session:
            await _one_at_a_time(session, conversation_id)
            added = await _count(session, insert(HandoffRow).from_select(OPENED_WITH, new.where(~is_open)))
            row = await session.scalar(_newest_open(conversation_id))
            if row is not None and added:
                session.add_all(_line_row(row, line) for line in transcript)
        return _handoff(row) if row else None

    async def current(self, conversation_id: str) -> Handoff | None:
        """The handoff that is waiting or claimed, if there is one: one indexed query."""
        async with self._session() as session:
            row = await session.scalar(_newest_open(conversation_id))
        return _handoff(row) if row else None

    async def get(self, handoff_id: int) -> Handoff:
        """One handoff in any state; raises UnknownHandoff."""
        async with self._session() as session:
            row = await session.get(HandoffRow, handoff_id)
        if row is None:
            raise UnknownHandoff("no such handoff")
        return _handoff(row)

    async def listed(self, state: State | None = None, limit: int = 50, before_id: int | None = None) -> list[Handoff]:
        """The newest first, in one state or in any; `before_id` is the last id of the page before."""
        query = select(HandoffRow).order_by(HandoffRow.id.desc()).limit(limit)
        if state is not None:
            query = query.where(HandoffRow.state == state)
        if before_id is not None:
            query = query.where(HandoffRow.id < before_id)
        async with self._session() as session:
            return [_handoff(row) for row in await session.scalars(query)]

    async def lines(self, handoff_id: int, after: int = 0) -> list[Line]:
        """The first LINES_AT_ONCE lines with an id above `after`, in order; raises UnknownHandoff."""
        await self.get(handoff_id)
        query = select(HandoffLineRow).where(HandoffLineRow.handoff_id == handoff_id, HandoffLineRow.id > after)
        async with self._session() as session:
            return [_line(row) for row in await session.scalars(query.order_by(HandoffLineRow.id).limit(LINES_AT_ONCE))]

    async def answers_for(self, conversation_id: str, after: int) -> list[Line]:
        """What a worker's page polls for: the first LINES_AT_ONCE lines of a desk, and closing ones, above `after`."""
        later = aliased(HandoffLineRow)
        is_last = ~exists().where(later.handoff_id == HandoffRow.id, later.id > HandoffLineRow.id)
        closing = and_(HandoffLineRow.said_by == "assistant", HandoffLineRow.said_at == HandoffRow.closed_at, is_last)
        query = (
            select(HandoffLineRow)
            .join(HandoffRow, HandoffRow.id == HandoffLineRow.handoff_id)
            .where(
                HandoffLineRow.conversation_id == conversation_id,
                HandoffLineRow.id > after,
                or_(HandoffLineRow.said_by == "desk", closing),
            )
            .order_by(HandoffLineRow.id)
            .limit(LINES_AT_ONCE)
        )
        async with self._session() as session:
            return [_line(row) for row in await session.scalars(query)]

    async def worker_said(self, handoff_id: int, text: str) -> Line:
        """Keeps what the worker said to the person; raises UnknownHandoff, or WrongState where it is closed."""
        return await self._say(handoff_id, OPEN, None, "worker", text)

    async def answer(self, handoff_id: int, desk: str, text: str) -> Line:
        """Keeps what the desk said; raises UnknownHandoff, WrongState unless claimed, ClaimedByAnother."""
        return await self._say(handoff_id, ("claimed",), desk, "desk", text)

    async def claim(self, handoff_id: int, desk: str) -> Handoff:
        """Gives the handoff to one desk, which may ask twice; raises UnknownHandoff, WrongState, ClaimedByAnother."""
        async with self._session.begin() as session:
            now = self._now()
            taken = await _change(session, handoff_id, ("waiting",), state="claimed", claimed_by=desk, claimed_at=now)
            row = await session.get(HandoffRow, handoff_id)
        if row is None or not (taken or (row.state == "claimed" and row.claimed_by == desk)):
            raise _failure(row, ("waiting",))
        return _handoff(row)

    async def close(self, handoff_id: int, desk: str, closing: str = "") -> Handoff:
        """Gives the conversation back to the assistant; `closing` is what the worker is told, kept as the last line.

        Raises UnknownHandoff, WrongState unless claimed, ClaimedByAnother.
        """
        now = self._now()
        async with self._session.begin() as session:
            done = await _change(session, handoff_id, ("claimed",), desk, state="closed", closed_at=now)
            row = await session.get(HandoffRow, handoff_id)
            if row is None or not done:
                raise _failure(row, ("claimed",))
            if closing:
                session.add(_line_row(row, Line("assistant", closing, now)))
        return _handoff(row)

    async def forget(self, conversation_id: str) -> int:
        """Deletes every handoff of a conversation with its lines; gives the number of rows that went."""
        async with self._session.begin() as session:
            await _one_at_a_time(session, conversation_id)
            # Handoffs first: whoever is adding a line holds the handoff, so that no line is left over.
            gone = await _count(session, delete(HandoffRow).where(HandoffRow.conversation_id == conversation_id))
            lines = delete(HandoffLineRow).where(HandoffLineRow.conversation_id == conversation_id)
            return gone + await _count(session, lines)

    async def expire(self, before: datetime) -> int:
        """Deletes handoffs that were last opened, claimed or closed before, with their lines; gives the rows gone."""
        last_change = func.coalesce(HandoffRow.closed_at, HandoffRow.claimed_at, HandoffRow.opened_at)
        left_over = ~exists().where(HandoffRow.id == HandoffLineRow.handoff_id)
        async with self._session.begin() as session:
            gone = await _count(session, delete(HandoffRow).where(last_change < before.astimezone(UTC)))
            return gone + await _count(session, delete(HandoffLineRow).where(left_over))

    async def _say(
        self, handoff_id: int, states: tuple[State, ...], desk: str | None, said_by: SaidBy, text: str
    ) -> Line:
        async with self._session.begin() as session:
            held = await _change(session, handoff_id, states, desk, state=HandoffRow.state)
            row = await session.get(HandoffRow, handoff_id)
            if row is None or not held:
                raise _failure(row, states)
            line = _line_row(row, Line(said_by, text, self._now()))
            session.add(line)
        return _line(line)

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)


async def _change(
    session: AsyncSession, handoff_id: int, states: tuple[State, ...], desk: str | None = None, **values: object
) -> bool:
    """Whether the handoff was in one of the states (and that desk's) and now is as said: held until the commit."""
    change = update(HandoffRow).where(HandoffRow.id == handoff_id, HandoffRow.state.in_(states))
    if desk is not None:
        change = change.where(HandoffRow.claimed_by == desk)
    return bool(await _count(session, change.values(**values).execution_options(synchronize_session=False)))


async def _one_at_a_time(session: AsyncSession, conversation_id: str) -> None:
    """Nobody else opens or deletes a handoff of this conversation until the commit."""
    # SQLite has one writer at a time anyway, as long as the transaction begins by writing.
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(f"handoff {conversation_id}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        await session.execute(select(func.pg_advisory_xact_lock(key)))


async def _count(session: AsyncSession, statement: Executable) -> int:
    """Carries out a statement; gives the number of rows it touched."""
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount


def _newest_open(conversation_id: str) -> Select[HandoffRow]:
    return (
        select(HandoffRow)
        .where(HandoffRow.conversation_id == conversation_id, HandoffRow.state.in_(OPEN))
        .order_by(HandoffRow.id.desc())
        .limit(1)
    )


def _failure(row: HandoffRow | None, accepted: tuple[State, ...]) -> HandoffFailure:
    if row is None:
        return UnknownHandoff("no such handoff")
    if row.state == "claimed":  # by whoever asks, it would have been accepted
        return ClaimedByAnother("another desk has it")
    return WrongState(cast("State", row.state), accepted)


def _line_row(handoff: HandoffRow, line: Line) -> HandoffLineRow:
    return HandoffLineRow(
        handoff_id=handoff.id,
        conversation_id=handoff.conversation_id,
        said_by=line.said_by,
        text=line.text.replace("\0", ""),  # PostgreSQL keeps no such character
        said_at=line.said_at.astimezone(UTC),
    )


def _line(row: HandoffLineRow) -> Line:
    return Line(cast("SaidBy", row.said_by), row.text, _aware(row.said_at), row.id)


def _handoff(row: HandoffRow) -> Handoff:
    return Handoff(
        row.id,
        row.conversation_id,
        reason=cast("HandoffReason", row.reason),
        language=cast("Language", row.language),
        channel=row.channel,
        state=cast("State", row.state),
        opened_at=_aware(row.opened_at),
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at and _aware(row.claimed_at),
        closed_at=row.closed_at and _aware(row.closed_at),
    )


def _aware(time: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
