"""From rules, reminders and campaigns to delivery rows: in batches, and as often as one likes.

Planning the same days again adds nothing, so that a planner that died, or two at once, do no harm. It looks a day back,
for what an hour of standstill would have lost, and a day ahead.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

from actions.reminders.campaign_runs import CampaignRuns, runs_on
from actions.reminders.campaigns import Campaign
from actions.reminders.deliveries import ASKED
from actions.reminders.delivery_rows import Planned
from actions.reminders.model import About, Due, Facts, Reminder, Subscription
from actions.reminders.recurrence import days_between
from actions.reminders.store import Reminders
from actions.reminders.zones import local, moment

PAGE = 5000
LOOKS_BACK, LOOKS_AHEAD = timedelta(days=1), timedelta(days=1)


class Finds(Protocol):
    """What finds occasions in the facts of one worker, and the campaigns that are not stopped."""

    @property
    def campaigns(self) -> Mapping[str, Campaign]:
        """All campaigns, by id."""

    @property
    def stopped(self) -> frozenset[str]:
        """Those that somebody stopped."""

    def due(self, facts: Facts, first: date, last: date, asked: Collection[About] = ()) -> Iterable[Due]:
        """The occasions from `first` to `last`, both included, but for what the worker `asked` for themselves."""


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
    drawn: int = 0


class Planner:
    """Plans for every worker who agreed."""

    def __init__(
        self, reminders: Reminders, runs: CampaignRuns, finds: Callable[[], Awaitable[Finds]], asked: AskedFor
    ) -> None:
        self._reminders, self._runs, self._finds, self._asked = reminders, runs, finds, asked

    async def plan(
        self, now: datetime, *, back: timedelta = LOOKS_BACK, ahead: timedelta = LOOKS_AHEAD,
        progress: Callable[[int], None] = lambda _: None,
    ) -> PlanReport:  # fmt: skip
        """Writes the rows of what is due around `now` (UTC); what is too late already gets none."""
        report, finds = PlanReport(), await self._finds()
        running = [one for one in finds.campaigns.values() if one.id not in finds.stopped and runs_on(one, now.date())]
        async for page in self._reminders.subscriptions.pages(PAGE):
            own = await self._reminders.of_many([worker.conversation_id for worker in page])
            rows = [
                row
                for worker in page
                for row in self._of_worker(finds, worker, own.get(worker.conversation_id, ()), now, back, ahead)
            ]
            await self._reminders.deliveries.plan(rows, now)
            for campaign in running:
                report.drawn += await self._runs.plan(campaign, page, now)
            report.workers += len(page)
            report.found += len(rows)
            progress(report.workers)
        return report

    def _of_worker(
        self,
        finds: Finds,
        worker: Subscription,
        own: Collection[Reminder],
        now: datetime,
        back: timedelta,
        ahead: timedelta,
    ) -> list[Planned]:
        """What is due for one worker around `now`, as rows."""
        first, last = _days(now - back, worker.zone), _days(now + ahead, worker.zone)
        rows = []
        for due in self._dues(finds, worker, own, first, last):
            not_after = moment(due.day + timedelta(days=due.grace_days), due.latest, worker.zone)
            if not_after >= now:
                at = moment(due.day, due.at, worker.zone)
                rows.append(Planned(worker.conversation_id, due.origin, due.occasion, at, not_after, due.priority))
        return rows

    def _dues(
        self, finds: Finds, worker: Subscription, own: Collection[Reminder], first: date, last: date
    ) -> Iterator[Due]:
        if wants_nudges(worker):
            yield from finds.due(worker.facts, first, last, [reminder.about for reminder in own])
        for reminder in own:
            for day in days_between(reminder, first, last):
                origin, occasion = f"{ASKED}{reminder.about}", f"{reminder.id}/{day.isoformat()}"
                grace = 0 if reminder.at < self._asked.latest else 1  # asked for in the evening: the next day will do
                yield Due(origin, occasion, day, reminder.at, self._asked.latest, self._asked.priority, grace)


def wants_nudges(worker: Subscription) -> bool:
    """Whether the worker's yes goes beyond the reminders that they asked for themselves."""
    return worker.facts.get("nudges") != "no"


@lru_cache(maxsize=64)  # everybody in a zone has the same day
def _days(at: datetime, zone: str) -> date:
    return local(at, zone).date()
