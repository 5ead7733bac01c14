"""Campaigns at work: who was drawn for which treatment, what is due of it, what they did then, and the stop button.

Everybody whom a campaign is for is drawn once, when a planner first sees them between its first and its last day; who
is drawn for `control` gets nothing and is counted all the same.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import Sessions
from actions.reminder_rows import AssignmentRow, ConductRow, DeliveryRow, StoppedCampaignRow, SubscriptionRow
from actions.reminders.assignment import CONTROL, treatment_of
from actions.reminders.campaign_report import Observation
from actions.reminders.campaigns import Campaign, CampaignState
from actions.reminders.deliveries import Deliveries
from actions.reminders.delivery_rows import Planned, in_utc
from actions.reminders.model import DeliveryState, Reason, Subscription
from actions.reminders.zones import local, moment

ORIGIN = "campaign:"
ONCE = "once"
SAID = (DeliveryState.SENT, DeliveryState.MERGED)
ROWS_A_STATEMENT = 1000


class CampaignRuns:
    """The campaigns of one database. `salt`: the secret that the draws hang on. Times are UTC, from the caller."""

    def __init__(self, engine: AsyncEngine, salt: str) -> None:
        self._session = Sessions(engine)
        self._deliveries = Deliveries(engine)
        self._insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert
        self._salt = salt

    async def plan(self, campaign: Campaign, page: Sequence[Subscription], now: datetime) -> int:
        """Draws those of a page whom a running campaign is for, and plans what they are told; gives how many.

        Who was drawn before keeps the treatment and is told nothing twice.
        """
        drawn = [(one, treatment) for one, treatment in self.drawn(campaign, page, now)]
        rows = [
            {
                "campaign": campaign.id,
                "conversation_id": one.conversation_id,
                "treatment": treatment,
                "assigned_at": now,
            }
            for one, treatment in drawn
        ]
        once = self._insert(AssignmentRow).on_conflict_do_nothing(index_elements=["campaign", "conversation_id"])
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            async with self._session.begin() as session:
                await (await session.connection()).execute(once, rows[start : start + ROWS_A_STATEMENT])
        told = [self.planned(campaign, one, treatment, now) for one, treatment in drawn if treatment != CONTROL]
        await self._deliveries.plan(told, now)
        return len(drawn)

    def drawn(
        self, campaign: Campaign, page: Iterable[Subscription], now: datetime
    ) -> Iterator[tuple[Subscription, str]]:
        """Those whom the campaign is for today, where they are, and the treatment of each."""
        for one in page:
            running = campaign.state(local(now, one.zone).date()) is CampaignState.RUNNING
            if running and one.facts.get("nudges") != "no" and campaign.fits(one.facts):
                yield one, self.treatment(campaign, one.conversation_id)

    def treatment(self, campaign: Campaign, conversation_id: str) -> str:
        """What a worker gets in this campaign; `control` is nothing."""
        return treatment_of(campaign.id, conversation_id, campaign.shares, self._salt)

    def planned(self, campaign: Campaign, one: Subscription, treatment: str, now: datetime) -> Planned:
        """The message of a worker: at the campaign's hour, today; where that is over, tomorrow, if it still runs.

        Before the campaign begins it is that of its first day.
        """
        today = max(local(now, one.zone).date(), campaign.starts_on)
        day = today if now <= moment(today, campaign.latest, one.zone) else today + timedelta(days=1)
        last = moment(min(day, campaign.ends_on), campaign.latest, one.zone)
        due = moment(day, campaign.at, one.zone)
        return Planned(one.conversation_id, f"{ORIGIN}{campaign.id}/{treatment}", ONCE, due, last, campaign.priority)

    async def stop(self, campaign_id: str, by: str, at: datetime) -> int:
        """Stops a campaign for good and empties its queue; gives how many messages went."""
        once = self._insert(StoppedCampaignRow).on_conflict_do_nothing(index_elements=["campaign"])
        async with self._session.begin() as session:
            row = {"campaign": campaign_id, "stopped_by": by, "stopped_at": at}
            await (await session.connection()).execute(once, [row])
        return await self._deliveries.empty(f"{ORIGIN}{campaign_id}", Reason.CAMPAIGN_STOPPED, at)

    async def stopped(self) -> frozenset[str]:
        """The campaigns that somebody stopped."""
        async with self._session() as session:
            return frozenset(await session.scalars(select(StoppedCampaignRow.campaign)))

    async def observations(self, campaign: Campaign) -> list[Observation]:
        """Everybody who was drawn, with what they did within the days that the campaign is judged by."""
        days = timedelta(days=campaign.outcome.paid_within_days if campaign.outcome else 0)
        async with self._session() as session:
            drawn = (
                await session.execute(
                    select(AssignmentRow, SubscriptionRow.facts)
                    .join(
                        SubscriptionRow, SubscriptionRow.conversation_id == AssignmentRow.conversation_id, isouter=True
                    )
                    .where(AssignmentRow.campaign == campaign.id)
                )
            ).all()
            ids = select(AssignmentRow.conversation_id).where(AssignmentRow.campaign == campaign.id)
            conduct: dict[str, list[tuple[str, datetime]]] = {}
            did = select(ConductRow.conversation_id, ConductRow.what, ConductRow.at)
            for who, what, at in await session.execute(did.where(ConductRow.conversation_id.in_(ids))):
                conduct.setdefault(who, []).append((what, in_utc(at)))
            of_it = or_(DeliveryRow.origin.like(f"{ORIGIN}{campaign.id}/%"))
            told = frozenset(
                await session.scalars(select(DeliveryRow.conversation_id).where(of_it, DeliveryRow.state.in_(SAID)))
            )
        return [_observation(row, facts, conduct.get(row.conversation_id, ()), told, days) for row, facts in drawn]

    async def drawn_so_far(self, campaign_id: str) -> int:
        """How many workers were drawn."""
        async with self._session() as session:
            return int(await session.scalar(select(func.count()).where(AssignmentRow.campaign == campaign_id)) or 0)


def campaign_of(origin: str) -> str:
    """The campaign's id in `campaign:<id>/<treatment>`."""
    return origin.removeprefix(ORIGIN).partition("/")[0]


def _observation(
    row: AssignmentRow,
    facts: str | None,
    conduct: Collection[tuple[str, datetime]],
    told: Collection[str],
    days: timedelta,
) -> Observation:
    since = in_utc(row.assigned_at)
    did = {what for what, at in conduct if since <= at <= since + days}
    known: dict[str, str] = json.loads(facts) if facts else {}
    return Observation(
        row.treatment, "paid" in did, "stopped" in did, "complained" in did, row.conversation_id in told,
        known.get("occupation"), known.get("gender"),
    )  # fmt: skip


def runs_on(campaign: Campaign, day: date) -> bool:
    """Whether it may run, somewhere, around a day."""
    nearby = (day - timedelta(days=1), day, day + timedelta(days=1))
    return any(campaign.state(one) is CampaignState.RUNNING for one in nearby)
