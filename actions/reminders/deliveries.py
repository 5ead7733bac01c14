"""The deliveries: rows under a unique key, handed out with a lease, and how each ended.

A row moves planned → queued → claimed → (sending) → an end. Who dies with a row in hand loses its lease, and the row
goes round again: see `take_back`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Insert, Select, Table, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from actions.database import Sessions
from actions.reminder_rows import DeliveryRow
from actions.reminders.delivery_rows import Ended, Planned, delivery_of, in_utc, values_of
from actions.reminders.model import Delivery, DeliveryState, Reason

ROWS = cast(Table, DeliveryRow.__table__)  # rows instead of objects: a process handles hundreds a second
ROWS_A_STATEMENT = 1000
ONE_FEEDER = (
    7_203_114  # PostgreSQL's advisory lock: one process at a time hands out, so that a worker's rows stay together
)
ASKED = "asked:"
OPEN = (DeliveryState.PLANNED, DeliveryState.QUEUED, DeliveryState.VISIT)
UNDER_WAY = (DeliveryState.CLAIMED, DeliveryState.SENDING)
MAY_END = (*UNDER_WAY, DeliveryState.UNSURE)  # a process taken for dead may still learn that it was sent


class Deliveries:
    """The deliveries of one database. Times are UTC and come from the caller."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = Sessions(engine)
        self._is_postgresql = engine.dialect.name == "postgresql"

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Adds what is not there yet; the same occasion planned again changes nothing."""
        insert: Insert = (postgresql if self._is_postgresql else sqlite).insert(ROWS)
        once = insert.on_conflict_do_nothing(index_elements=["key"])  # type: ignore[attr-defined]
        for start in range(0, len(planned), ROWS_A_STATEMENT):
            rows = [values_of(one, at) for one in planned[start : start + ROWS_A_STATEMENT]]
            async with self._session.begin() as session:
                await (await session.connection()).execute(once, rows)

    async def take_due(self, now: datetime, today_ends: datetime, limit: int, lease: timedelta) -> list[list[int]]:
        """Hands out what is due, a list for each worker; at most about `limit` rows.

        What rules found for the same worker until `today_ends` comes along, so that it can be said in one message.
        """
        async with self._session.begin() as session:
            if not await self._alone(session):
                return []
            due = select(ROWS.c.conversation_id).where(ROWS.c.state == DeliveryState.PLANNED, ROWS.c.due_at <= now)
            workers = (await session.scalars(due.order_by(ROWS.c.due_at, ROWS.c.id).limit(limit))).all()
            if not workers:
                return []
            handed = await session.execute(
                update(ROWS)
                .where(
                    ROWS.c.conversation_id.in_(set(workers)),
                    ROWS.c.state == DeliveryState.PLANNED,
                    or_(
                        ROWS.c.due_at <= now,
                        (ROWS.c.due_at < today_ends) & ROWS.c.origin.not_like(f"{ASKED}%"),
                    ),
                )
                .values(state=DeliveryState.QUEUED, leased_until=now + lease)
                .returning(ROWS.c.id, ROWS.c.conversation_id)
            )
            grouped: dict[str, list[int]] = {}
            for row_id, worker in handed:
                grouped.setdefault(worker, []).append(row_id)
        return list(grouped.values())

    async def take_back(self, now: datetime, deduplicating: Collection[str]) -> int:
        """Puts rows whose lease ran out back; gives how many.

        Where the process died between the beginning and the end of a sending, only a platform that knows a message by
        its key (`deduplicating` channels) may be written to again; for the others the row ends as unsure.
        """
        lost = (ROWS.c.leased_until < now,)
        async with self._session.begin() as session:
            unsure = await session.execute(
                update(ROWS)
                .where(*lost, ROWS.c.state == DeliveryState.SENDING, ROWS.c.channel.not_in(deduplicating))
                .values(state=DeliveryState.UNSURE, reason=Reason.LEASE_LOST, done_at=now, leased_until=None)
            )
            again = await session.execute(
                update(ROWS)
                .where(*lost, ROWS.c.state.in_((DeliveryState.QUEUED, *UNDER_WAY)))
                .values(state=DeliveryState.PLANNED, leased_until=None)
            )
        return int(unsure.rowcount + again.rowcount)  # type: ignore[attr-defined]

    async def claim(self, ids: Collection[int], now: datetime, lease: timedelta) -> list[Delivery]:
        """The rows that this process may work on now: those still queued, and nobody else gets them."""
        async with self._session.begin() as session:
            taken = await session.execute(
                update(ROWS)
                .where(ROWS.c.id.in_(ids), ROWS.c.state == DeliveryState.QUEUED)
                .values(state=DeliveryState.CLAIMED, attempts=ROWS.c.attempts + 1, leased_until=now + lease)
                .returning(*ROWS.columns)
            )
            return [delivery_of(row) for row in taken.mappings()]

    async def claim_at_visit(self, conversation_id: str, now: datetime, lease: timedelta) -> list[Delivery]:
        """What has been waiting for this worker's next visit and is not too late; nobody else gets it."""
        waiting = (ROWS.c.conversation_id == conversation_id, ROWS.c.state == DeliveryState.VISIT)
        async with self._session() as session:  # nearly always there is nothing, and a read keeps no writer waiting
            if await session.scalar(select(ROWS.c.id).where(*waiting).limit(1)) is None:
                return []
        async with self._session.begin() as session:
            taken = await session.execute(
                update(ROWS)
                .where(*waiting, ROWS.c.not_after >= now)
                .values(state=DeliveryState.CLAIMED, leased_until=now + lease)
                .returning(*ROWS.columns)
            )
            return [delivery_of(row) for row in taken.mappings()]

    async def sending(self, lead: Delivery, along: Collection[int], channel: str) -> bool:
        """Notes, before the platform is called, that the worker may have these from now on.

        False where the lease was lost meanwhile: somebody else has the row, and sends it.
        """
        async with self._session.begin() as session:
            ours = (ROWS.c.id == lead.id, ROWS.c.attempts == lead.attempts, ROWS.c.state == DeliveryState.CLAIMED)
            values = {"state": DeliveryState.SENDING, "channel": channel}
            noted = await session.execute(update(ROWS).where(*ours).values(values))
            if noted.rowcount and along:  # type: ignore[attr-defined]
                claimed = (ROWS.c.id.in_(along), ROWS.c.state == DeliveryState.CLAIMED)
                await session.execute(update(ROWS).where(*claimed).values(values))
        return bool(noted.rowcount)  # type: ignore[attr-defined]

    async def record(self, ended: Sequence[Ended]) -> None:
        """Writes how claimed rows went on: one statement for all that went the same way."""
        if not ended:
            return
        at, alike = max(one.at for one in ended), dict[Ended, list[int]]()
        for one in ended:
            alike.setdefault(replace(one, id=0, at=at), []).append(one.id)
        async with self._session.begin() as session:
            for one, ids in alike.items():
                values: dict[str, object] = {
                    "state": one.state, "reason": one.reason, "leased_until": None,
                    "done_at": None if one.state in OPEN else one.at,
                }  # fmt: skip
                if one.channel is not None:
                    values["channel"] = one.channel
                if one.due_at is not None:
                    values["due_at"] = one.due_at
                if one.forgiven:
                    values["attempts"] = ROWS.c.attempts - 1
                await session.execute(update(ROWS).where(ROWS.c.id.in_(ids), ROWS.c.state.in_(MAY_END)).values(values))

    async def cancel(self, ids: Collection[int], reason: Reason, at: datetime) -> int:
        """Ends rows that have not been claimed; gives how many."""
        async with self._session.begin() as session:
            return await cancel_where(session, reason, at, ROWS.c.id.in_(ids))

    async def empty(self, origin: str, reason: Reason, at: datetime) -> int:
        """Ends everything of a rule or a campaign (with all its treatments) that has not been claimed."""
        async with self._session.begin() as session:
            of_it = or_(ROWS.c.origin == origin, ROWS.c.origin.like(f"{origin}/%"))
            return await cancel_where(session, reason, at, of_it)

    async def sent_since(self, conversation_ids: Collection[str], since: datetime) -> dict[str, list[datetime]]:
        """When each of these workers was written to (a merged one is no message of its own)."""
        found: dict[str, list[datetime]] = {}
        async with self._session() as session:
            rows = await session.execute(
                select(ROWS.c.conversation_id, ROWS.c.done_at).where(
                    ROWS.c.conversation_id.in_(conversation_ids),
                    ROWS.c.state == DeliveryState.SENT,
                    ROWS.c.done_at >= since,
                )
            )
            for worker, at in rows:
                found.setdefault(worker, []).append(in_utc(at or since))
        return found

    async def of(self, conversation_id: str, *states: DeliveryState) -> tuple[Delivery, ...]:
        """A worker's deliveries in some states (all where none is named), in the order in which they are due."""
        wanted = select(ROWS).where(ROWS.c.conversation_id == conversation_id)
        if states:
            wanted = wanted.where(ROWS.c.state.in_(states))
        return await self._read(wanted.order_by(ROWS.c.due_at, ROWS.c.id))

    async def in_state(self, state: DeliveryState, limit: int, until: datetime | None = None) -> tuple[Delivery, ...]:
        """The first rows in a state, of those due until then where it is said."""
        wanted = select(ROWS).where(ROWS.c.state == state)
        if until is not None:
            wanted = wanted.where(ROWS.c.due_at <= until)
        return await self._read(wanted.order_by(ROWS.c.due_at, ROWS.c.id).limit(limit))

    async def send_again(self, row_id: int, at: datetime, not_after: datetime) -> bool:
        """Gives a dead row another round under its old key; False where it is not dead."""
        async with self._session.begin() as session:
            done = await session.execute(
                update(ROWS)
                .where(ROWS.c.id == row_id, ROWS.c.state.in_((DeliveryState.DEAD, DeliveryState.UNSURE)))
                .values(
                    state=DeliveryState.PLANNED, reason=None, attempts=0, due_at=at, not_after=not_after, done_at=None
                )
            )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def counts(self, since: datetime | None = None) -> Mapping[tuple[str, str, str | None], int]:
        """How many rows there are by origin (without treatment), state and reason; of those planned since then."""
        wanted = select(ROWS.c.origin, ROWS.c.state, ROWS.c.reason, func.count())
        if since is not None:
            wanted = wanted.where(ROWS.c.planned_at >= since)
        async with self._session() as session:
            rows = await session.execute(wanted.group_by(ROWS.c.origin, ROWS.c.state, ROWS.c.reason))
            return {(origin, state, reason): count for origin, state, reason, count in rows}

    async def standing(self) -> Mapping[tuple[str, str], int]:
        """How many rows there are by state and reason ("" where there is none)."""
        wanted = select(ROWS.c.state, ROWS.c.reason, func.count())
        async with self._session() as session:
            rows = await session.execute(wanted.group_by(ROWS.c.state, ROWS.c.reason))
            return {(state, reason or ""): count for state, reason, count in rows}

    async def handed_out(self) -> int:
        """How many rows are with the transport or a delivery process."""
        busy = ROWS.c.state.in_((DeliveryState.QUEUED, *UNDER_WAY))
        async with self._session() as session:
            return int(await session.scalar(select(func.count()).where(busy)) or 0)

    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the oldest row that is due has been waiting."""
        async with self._session() as session:
            waiting = (DeliveryState.PLANNED, DeliveryState.QUEUED, DeliveryState.CLAIMED)
            at = await session.scalar(
                select(func.min(ROWS.c.due_at)).where(ROWS.c.state.in_(waiting), ROWS.c.due_at <= now)
            )
        return in_utc(at) if at else None

    async def give_up_visits(self, now: datetime) -> int:
        """Ends what waited for a visit until it was too late; gives how many."""
        late = (ROWS.c.state == DeliveryState.VISIT, ROWS.c.not_after < now)
        ended = {"state": DeliveryState.SUPPRESSED, "done_at": now}  # the reason stays: there was no app to write to
        async with self._session.begin() as session:
            done = await session.execute(update(ROWS).where(*late).values(ended))
        return int(done.rowcount)  # type: ignore[attr-defined]

    async def _alone(self, session: AsyncSession) -> bool:
        if not self._is_postgresql:  # the writers of SQLite stand in line anyway
            return True
        got = await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": ONE_FEEDER})
        return bool(got)

    async def _read(self, wanted: Select[tuple[object, ...]]) -> tuple[Delivery, ...]:
        async with self._session() as session:
            return tuple(delivery_of(row) for row in (await session.execute(wanted)).mappings())


async def cancel_where(session: AsyncSession, reason: Reason, at: datetime, *conditions: object) -> int:
    """Ends the open rows that fit; gives how many. In the caller's transaction."""
    done = await session.execute(
        update(ROWS)
        .where(ROWS.c.state.in_(OPEN), *conditions)  # type: ignore[arg-type]
        .values(state=DeliveryState.CANCELLED, reason=reason, done_at=at, leased_until=None)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
