"""From rules, reminders and campaigns to delivery rows: in batches, and as often as one likes.

Planning the same days again adds nothing, so that a planner that died, or two at once, do no harm. It looks a day back,
for what an hour of standstill would have lost, and a day ahead.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from actions.reminders.deliveries import ASKED, Planned
from actions.reminders.model import Due, Facts, Reminder, Subscription
from actions.reminders.recurrence import days_between
from actions.reminders.store import Reminders
from actions.reminders.zones import local, moment

PAGE = 5000
LOOKS_BACK, LOOKS_AHEAD = timedelta(days=1), timedelta(days=1)


class Finds(Protocol):
    """What finds occasions in the facts of one worker: the rule book, or a campaign."""

    def due(self, conversation_id: str, facts: Facts, first: date, last: date) -> Iterable[Due]:
        """The occasions from `first` to `last`, both included."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """How the reminders that workers asked for are sent: the latest local time, and what goes before them."""

    latest: time
    priority: int


@dataclass(slots=True)
class PlanReport:
    """What a planning run went through."""

    workers: int = 0
    found: int = 0


class Planner:
    """Plans for every worker who agreed."""

    def __init__(self, reminders: Reminders, finders: Sequence[Finds], asked: AskedFor) -> None:
        self._reminders, self._finders, self._asked = reminders, finders, asked

    async def plan(
        self, now: datetime, *, back: timedelta = LOOKS_BACK, ahead: timedelta = LOOKS_AHEAD,
        progress: Callable[[int], None] = lambda _: None,
    ) -> PlanReport:  # fmt: skip
        """Writes the rows of what is due around `now` (UTC); what is too late already gets none."""
        report = PlanReport()
        async for page in self._reminders.subscriptions.pages(PAGE):
            own = await self._reminders.of_many([worker.conversation_id for worker in page])
            rows = [
                row
                for worker in page
                for row in self.of_worker(worker, own.get(worker.conversation_id, ()), now, back, ahead)
            ]
            await self._reminders.deliveries.plan(rows, now)
            report.workers += len(page)
            report.found += len(rows)
            progress(report.workers)
        return report

    def of_worker(
        self, worker: Subscription, own: Iterable[Reminder], now: datetime, back: timedelta, ahead: timedelta
    ) -> list[Planned]:
        """What is due for one worker around `now`, as rows."""
        first, last = _days(now - back, worker.zone), _days(now + ahead, worker.zone)
        rows = []
        for due in self._dues(worker, own, first, last):
            not_after = moment(due.day + timedelta(days=due.grace_days), due.latest, worker.zone)
            if not_after >= now:
                at = moment(due.day, due.at, worker.zone)
                rows.append(Planned(worker.conversation_id, due.origin, due.occasion, at, not_after, due.priority))
        return rows

    def _dues(self, worker: Subscription, own: Iterable[Reminder], first: date, last: date) -> Iterator[Due]:
        for finder in self._finders:
            yield from finder.due(worker.conversation_id, worker.facts, first, last)
        for reminder in own:
            for day in days_between(reminder, first, last):
                latest = max(self._asked.latest, reminder.at.replace(hour=min(reminder.at.hour + 2, 23)))
                origin, occasion = f"{ASKED}{reminder.about}", f"{reminder.id}/{day.isoformat()}"
                yield Due(origin, occasion, day, reminder.at, latest, self._asked.priority)


def _days(at: datetime, zone: str) -> date:
    return local(at, zone).date()
