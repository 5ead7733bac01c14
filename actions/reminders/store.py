"""What a worker can do with their reminders: agree, ask, change, put off, stop. The time comes from the caller."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import ContactRow, Sessions
from actions.reminder_rows import ConductRow, DeliveryRow, ReminderRow
from actions.reminders.deliveries import ASKED, Deliveries, cancel_where
from actions.reminders.delivery_rows import Planned
from actions.reminders.facts import paid_up_to
from actions.reminders.model import (
    CHINA_ZONE,
    PUT_OFF,
    About,
    Delivery,
    DeliveryState,
    Facts,
    Language,
    Reason,
    Reminder,
    ReminderState,
    Rhythm,
    Subscription,
)
from actions.reminders.periods import as_text, month_number, period_of
from actions.reminders.subscriptions import CHAT, MINUTES_AN_HOUR, Subscriptions

MOST_REMINDERS = 10  # active or paused ones of one worker
SNOOZED_FOR = timedelta(hours=12)  # after the time a snoozed one was put off to, it is too late for it
COMING = (DeliveryState.PLANNED, DeliveryState.QUEUED, DeliveryState.VISIT)
StillTrue = Callable[[str, str, Facts, date], Reason | None]  # origin, occasion, facts, the day


class TooManyReminders(Exception):
    """The worker has as many reminders as one may have: `most`."""

    def __init__(self, most: int = MOST_REMINDERS) -> None:
        super().__init__(f"at most {most} reminders")
        self.most = most


class Reminders:
    """The reminders of one database. `still_true` says whether what is planned is still the case."""

    def __init__(self, engine: AsyncEngine, still_true: StillTrue | None = None) -> None:
        self._session = Sessions(engine)
        self._still_true = still_true
        self.subscriptions = Subscriptions(engine)
        self.deliveries = Deliveries(engine)

    async def subscription(self, conversation_id: str) -> Subscription | None:
        """Whether the worker wants to be reminded, and what is known of them."""
        return await self.subscriptions.of(conversation_id)

    async def agree(
        self, conversation_id: str, language: Language, method: str, wording: str, at: datetime, zone: str = CHINA_ZONE
    ) -> None:
        """Keeps the worker's yes with its time, how it was said, and the version of the wording."""
        await self.subscriptions.agree(conversation_id, language, method, wording, at, zone)

    async def stop_all(self, conversation_id: str, at: datetime) -> int:
        """Takes the yes back, ends every reminder and empties what is queued; gives how many reminders ended."""
        await self.subscriptions.stop(conversation_id, at)
        async with self._session.begin() as session:
            ended = await session.execute(
                update(ReminderRow)
                .where(ReminderRow.conversation_id == conversation_id, ReminderRow.state != ReminderState.ENDED)
                .values(state=ReminderState.ENDED)
            )
            await cancel_where(session, Reason.STOPPED, at, DeliveryRow.conversation_id == conversation_id)
        return int(ended.rowcount)  # type: ignore[attr-defined]

    async def keep_facts(
        self, conversation_id: str, language: Language, facts: Facts, source: str, at: datetime
    ) -> None:
        """Adds to what is known of the worker; an empty text takes a fact away."""
        await self.subscriptions.keep_facts(conversation_id, language, facts, source, at)

    async def quiet_hours(
        self, conversation_id: str, language: Language, start: time | None, until: time | None, at: datetime
    ) -> None:
        """The worker's own quiet hours; None for both: those of everybody."""
        await self.subscriptions.quiet_hours(conversation_id, language, start, until, at)

    async def add(self, reminder: Reminder, at: datetime) -> Reminder:
        """Keeps a reminder; the same one asked for twice is the first. Raises TooManyReminders."""
        kept = await self.of(reminder.conversation_id)
        for one in kept:
            if replace(one, id=0, skips=frozenset(), state=reminder.state) == replace(reminder, skips=frozenset()):
                return one
        if len(kept) >= MOST_REMINDERS:
            raise TooManyReminders
        async with self._session.begin() as session:
            row = ReminderRow(conversation_id=reminder.conversation_id, made_at=at, **_values(reminder))
            session.add(row)
            await session.flush()
            return replace(reminder, id=row.id)

    async def of(self, conversation_id: str) -> tuple[Reminder, ...]:
        """The worker's active and paused reminders, oldest first."""
        found = await self.of_many([conversation_id], (ReminderState.ACTIVE, ReminderState.PAUSED))
        return tuple(found.get(conversation_id, ()))

    async def of_many(
        self, conversation_ids: Sequence[str], states: Sequence[ReminderState] = (ReminderState.ACTIVE,)
    ) -> dict[str, list[Reminder]]:
        """The reminders of some workers, oldest first, by conversation."""
        found: dict[str, list[Reminder]] = {}
        async with self._session() as session:
            rows = await session.scalars(
                select(ReminderRow)
                .where(ReminderRow.conversation_id.in_(conversation_ids), ReminderRow.state.in_(states))
                .order_by(ReminderRow.id)
            )
            for row in rows:
                found.setdefault(row.conversation_id, []).append(_reminder(row))
        return found

    async def change(self, reminder: Reminder) -> None:
        """Replaces the reminder with this id; what was planned of it goes, and is planned anew from what it is now."""
        async with self._session.begin() as session:
            mine = (ReminderRow.id == reminder.id, ReminderRow.conversation_id == reminder.conversation_id)
            await session.execute(update(ReminderRow).where(*mine).values(**_values(reminder)))
            await session.execute(
                delete(DeliveryRow).where(
                    DeliveryRow.conversation_id == reminder.conversation_id,
                    DeliveryRow.origin.like(f"{ASKED}%"),
                    DeliveryRow.occasion.like(f"{reminder.id}/%"),
                    DeliveryRow.state.in_(COMING),
                )
            )

    async def paid(self, conversation_id: str, language: Language, month: str, source: str, at: datetime) -> int:
        """Keeps that all is paid up to `month` (YYYY-MM); cancels what is not the case any more; gives how many.

        Who says in the chat that they paid means the whole period of their rhythm. What is known already, and what a
        platform tells of the time before us, is no payment that a campaign could have brought about.
        """
        before = await self.subscription(conversation_id)
        known = before.facts if before else {}
        if source == CHAT:
            month = as_text(period_of(month_number(month), known.get("rhythm", ""))[1])
        told = paid_up_to(known, month)
        if not told:
            return 0
        await self.keep_facts(conversation_id, language, told, source, at)
        if source == CHAT or "last_paid" in known:
            async with self._session.begin() as session:
                session.add(ConductRow(conversation_id=conversation_id, what="paid", occasion=month, at=at))
        subscription = await self.subscription(conversation_id)
        if self._still_true is None or subscription is None:
            return 0
        gone = [
            one.id
            for one in await self.upcoming(conversation_id)
            if self._still_true(one.origin, one.occasion, subscription.facts, at.date()) is Reason.PAID
        ]
        return await self.deliveries.cancel(gone, Reason.PAID, at) if gone else 0

    async def snooze(self, conversation_id: str, until: datetime, at: datetime) -> Delivery | None:
        """The last one sent comes back once at `until` (UTC); None where nothing was sent yet."""
        last = await self.last_sent(conversation_id)
        if last is None:
            return None
        again = Planned(
            conversation_id, last.origin, f"{last.occasion.partition(PUT_OFF)[0]}{PUT_OFF}{until:%Y%m%d%H%M}",
            until, until + SNOOZED_FOR, last.priority,
        )  # fmt: skip
        await self.deliveries.plan([again], at)
        return last

    async def last_sent(self, conversation_id: str) -> Delivery | None:
        """What the worker was sent last."""
        sent = await self.deliveries.of(conversation_id, DeliveryState.SENT)
        return max(sent, key=lambda one: (one.done_at or one.due_at, one.id), default=None)

    async def upcoming(self, conversation_id: str) -> tuple[Delivery, ...]:
        """What is planned for the worker, in order."""
        return await self.deliveries.of(conversation_id, *COMING)

    async def apps_of(self, conversation_id: str) -> tuple[str, ...]:
        """The messaging apps in which the worker can be written to: telegram, wechat, sms."""
        async with self._session() as session:
            reachable = (
                ContactRow.conversation_id == conversation_id,
                ContactRow.stopped_at.is_(None),
                ContactRow.channel != "web",
            )
            wanted = select(ContactRow.channel).where(*reachable)
            ordered = wanted.order_by(ContactRow.preferred.desc(), ContactRow.last_inbound.desc())
            return tuple(dict.fromkeys((await session.scalars(ordered)).all()))


def _values(reminder: Reminder) -> dict[str, object]:
    return {
        "about": reminder.about.value, "rhythm": reminder.rhythm.value, "first": reminder.first, "day": reminder.day,
        "minutes": reminder.at.hour * MINUTES_AN_HOUR + reminder.at.minute, "state": reminder.state.value,
        "skips": json.dumps(sorted(day.isoformat() for day in reminder.skips)),
    }  # fmt: skip


def _reminder(row: ReminderRow) -> Reminder:
    return Reminder(
        row.conversation_id, About(row.about), Rhythm(row.rhythm), row.first, row.day,
        time(*divmod(row.minutes, MINUTES_AN_HOUR)), ReminderState(row.state),
        frozenset(date.fromisoformat(day) for day in json.loads(row.skips)), row.id,
    )  # fmt: skip
