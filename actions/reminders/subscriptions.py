"""Who wants to be reminded, since when and under which wording, and what is known of them for that.

Nothing is sent to a worker without a row here that says yes. Every call takes the time from its caller.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from actions.database import Sessions
from actions.reminder_rows import ConductRow, SubscriptionRow
from actions.reminders.model import CHINA_ZONE, Facts, Language, Subscription

MINUTES_AN_HOUR = 60
_TABLE = SubscriptionRow.__table__  # rows instead of objects: a planner reads a million of them
CHAT = "chat"  # the source of what the worker told themselves; a platform never overwrites it


class Subscriptions:
    """The subscriptions of one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = Sessions(engine)

    async def of(self, conversation_id: str) -> Subscription | None:
        """The worker's subscription; None where nothing was ever said about reminders."""
        found = await self.of_many([conversation_id])
        return found.get(conversation_id)

    async def of_many(self, conversation_ids: Collection[str]) -> dict[str, Subscription]:
        """The subscriptions of some workers, by conversation."""
        async with self._session() as session:
            rows = await session.execute(select(_TABLE).where(_TABLE.c.conversation_id.in_(conversation_ids)))
            return {row.conversation_id: subscription_of(row) for row in rows}

    async def pages(self, size: int) -> AsyncIterator[list[Subscription]]:
        """All workers who agreed and have not stopped, in order of their id, a page at a time."""
        after = ""
        while True:
            async with self._session() as session:
                page = (
                    select(_TABLE)
                    .where(
                        _TABLE.c.conversation_id > after, _TABLE.c.agreed_at.is_not(None), _TABLE.c.stopped_at.is_(None)
                    )
                    .order_by(_TABLE.c.conversation_id)
                    .limit(size)
                )
                rows = (await session.execute(page)).all()
            if not rows:
                return
            yield [subscription_of(row) for row in rows]
            after = rows[-1].conversation_id

    async def agree(
        self, conversation_id: str, language: Language, method: str, wording: str, at: datetime, zone: str = CHINA_ZONE
    ) -> None:
        """Keeps the worker's yes: when, how (`chat`, `telegram_start`) and to which version of the wording."""
        async with self._session.begin() as session:
            row = await _row(session, conversation_id, language, at)
            row.agreed_at, row.method, row.wording, row.zone, row.stopped_at = at, method, wording, zone, None
            session.add(ConductRow(conversation_id=conversation_id, what="agreed", occasion=wording, at=at))

    async def stop(self, conversation_id: str, at: datetime) -> None:
        """Takes the worker's yes back; that it was given, and until when, stays on record."""
        async with self._session.begin() as session:
            row = await session.get(SubscriptionRow, conversation_id)
            if row is not None and row.stopped_at is None:
                row.stopped_at = row.updated_at = at
                session.add(ConductRow(conversation_id=conversation_id, what="stopped", occasion=None, at=at))

    async def keep_facts(
        self, conversation_id: str, language: Language, facts: Facts, source: str, at: datetime
    ) -> None:
        """Adds to what is known; an empty text takes a fact away. The worker's own word outranks a platform's."""
        async with self._session.begin() as session:
            row = await _row(session, conversation_id, language, at)
            known, sources = json.loads(row.facts or "{}"), json.loads(row.sources or "{}")
            for name, value in facts.items():
                if source != CHAT and sources.get(name) == CHAT:
                    continue
                if value:
                    known[name], sources[name] = value, source
                else:
                    known.pop(name, None)
                    sources.pop(name, None)
            row.facts = json.dumps(known, ensure_ascii=False)
            row.sources = json.dumps(sources, ensure_ascii=False)

    async def quiet_hours(
        self, conversation_id: str, language: Language, start: time | None, until: time | None, at: datetime
    ) -> None:
        """The worker's own quiet hours; None for both: those of everybody."""
        async with self._session.begin() as session:
            row = await _row(session, conversation_id, language, at)
            row.quiet_from, row.quiet_until = _minutes(start), _minutes(until)

    async def in_zone(self, conversation_id: str, language: Language, zone: str, at: datetime) -> None:
        """The worker's time zone, an IANA name that the caller has checked."""
        async with self._session.begin() as session:
            (await _row(session, conversation_id, language, at)).zone = zone


async def _row(session: AsyncSession, conversation_id: str, language: Language, at: datetime) -> SubscriptionRow:
    row = await session.get(SubscriptionRow, conversation_id)
    if row is None:
        row = SubscriptionRow(
            conversation_id=conversation_id, language=language, zone=CHINA_ZONE, facts="{}", sources="{}", updated_at=at
        )
        session.add(row)
    row.language, row.updated_at = language, at
    return row


def subscription_of(row: SubscriptionRow | Any) -> Subscription:
    """A row as the rest of the reminders knows it."""
    facts: Mapping[str, str] = json.loads(row.facts)
    return Subscription(
        row.conversation_id,
        "en" if row.language == "en" else "zh",
        row.zone,
        facts,
        row.agreed_at is not None and row.stopped_at is None,
        _time(row.quiet_from),
        _time(row.quiet_until),
    )


def _minutes(of_day: time | None) -> int | None:
    return None if of_day is None else of_day.hour * MINUTES_AN_HOUR + of_day.minute


def _time(minutes: int | None) -> time | None:
    return None if minutes is None else time(*divmod(minutes, MINUTES_AN_HOUR))
