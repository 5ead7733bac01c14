"""From facts, reminders and campaigns to rows, over the real rules, on SQLite and on PostgreSQL."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.reminders.assignment import CONTROL
from actions.reminders.campaign_message import CAMPAIGN_VALUES
from actions.reminders.campaign_reading import read_campaigns
from actions.reminders.campaign_runs import CampaignRuns, campaign_of
from actions.reminders.campaigns import Campaign
from actions.reminders.model import About, DeliveryState, Due, Facts, Reason, Reminder, ReminderState, Rhythm
from actions.reminders.planning import AskedFor, Planner
from actions.reminders.store import Reminders
from actions.settings import PROJECT

MORNING = datetime(2026, 12, 10, 1, tzinfo=UTC)  # 9 o'clock in China
TODAY = date(2026, 12, 10)
TENTH = Reminder("ann", About.PAY, Rhythm.MONTHLY, TODAY, 10, time(9, 30))
FLEXIBLE = {"scheme": "flexible"}
(EXAMPLE,) = read_campaigns(PROJECT / "actions/reminders/campaigns", CAMPAIGN_VALUES)


@dataclass
class Finding:
    """Finds one thing each day for flexible workers."""

    campaigns: dict[str, Campaign] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()

    def due(self, facts: Facts, first: date, last: date, asked: object = ()) -> list[Due]:
        if facts.get("scheme") != "flexible":
            return []
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [Due("rule:r", day.isoformat(), day, time(10), time(20), 50) for day in days]


@dataclass
class World:
    """A planner over one database."""

    reminders: Reminders
    runs: CampaignRuns
    finding: Finding
    planner: Planner

    async def worker(self, name: str, facts: Facts | None = None, zone: str = "Asia/Shanghai") -> None:
        await self.reminders.agree(name, "zh", "chat", "1", MORNING - timedelta(days=30), zone)
        await self.reminders.keep_facts(name, "zh", FLEXIBLE if facts is None else facts, "chat", MORNING)

    async def plan(self, at: datetime = MORNING) -> None:
        await self.planner.plan(at)

    async def occasions(self, name: str) -> list[str]:
        return [one.occasion for one in await self.reminders.deliveries.of(name)]


@pytest.fixture
def world(engine: AsyncEngine) -> World:
    reminders, runs, finding = Reminders(engine), CampaignRuns(engine, "a salt"), Finding()

    async def finds() -> Finding:
        return finding

    return World(reminders, runs, finding, Planner(reminders, runs, finds, AskedFor(time(20, 30), 90)))


async def test_what_is_due_today_and_tomorrow_is_planned_and_what_is_over_is_not(world: World) -> None:
    await world.worker("ann")
    await world.plan()
    assert await world.occasions("ann") == ["2026-12-10", "2026-12-11"]


async def test_planning_again_adds_nothing_and_the_next_day_one(world: World) -> None:
    await world.worker("ann")
    for hours in (0, 1, 24):
        await world.plan(MORNING + timedelta(hours=hours))
    assert await world.occasions("ann") == ["2026-12-10", "2026-12-11", "2026-12-12"]


async def test_a_planner_that_comes_late_still_plans_what_may_be_said(world: World) -> None:
    await world.worker("ann")
    await world.plan(MORNING + timedelta(hours=10, minutes=30))  # 19:30, due since 10 o'clock
    assert (await world.occasions("ann"))[0] == "2026-12-10"
    await world.worker("bob")
    await world.plan(MORNING + timedelta(hours=12))  # 21 o'clock: too late for today
    assert (await world.occasions("bob"))[0] == "2026-12-11"


async def test_times_are_those_of_the_workers_clock(world: World) -> None:
    await world.worker("ann", zone="Asia/Urumqi")
    await world.plan()
    first = (await world.reminders.deliveries.of("ann"))[0]
    assert first.due_at == datetime(2026, 12, 10, 4, tzinfo=UTC)


async def test_nobody_is_planned_for_who_did_not_agree_or_stopped(world: World) -> None:
    await world.reminders.keep_facts("ann", "zh", FLEXIBLE, "rider-app", MORNING)
    await world.worker("bob")
    await world.reminders.stop_all("bob", MORNING)
    await world.plan()
    assert await world.occasions("ann") == await world.occasions("bob") == []


async def test_who_agreed_to_one_reminder_only_gets_that_one(world: World) -> None:
    campaign = running()
    world.finding.campaigns = {campaign.id: campaign}
    await world.worker("ann", FLEXIBLE | {"nudges": "no"})
    kept = await world.reminders.add(TENTH, MORNING)
    await world.plan()
    assert await world.occasions("ann") == [f"{kept.id}/2026-12-10"]
    assert await world.runs.drawn_so_far(campaign.id) == 0


async def test_a_reminder_that_was_asked_for_is_planned_at_its_own_time(world: World) -> None:
    await world.worker("ann", {})
    kept = await world.reminders.add(TENTH, MORNING)
    await world.plan()
    (one,) = await world.reminders.deliveries.of("ann")
    assert (one.origin, one.occasion, one.due_at) == (
        "asked:pay", f"{kept.id}/2026-12-10", datetime(2026, 12, 10, 1, 30, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize("change", [{"state": ReminderState.PAUSED}, {"skips": frozenset({TODAY})}])
async def test_a_paused_or_skipped_reminder_is_not_planned(world: World, change: dict[str, object]) -> None:
    await world.worker("ann", {})
    kept = await world.reminders.add(TENTH, MORNING)
    await world.reminders.change(replace(kept, **change))  # type: ignore[arg-type]
    await world.plan()
    assert await world.occasions("ann") == []


async def test_a_reminder_asked_for_late_in_the_evening_may_come_the_next_morning(world: World) -> None:
    await world.worker("ann", {})
    await world.reminders.add(replace(TENTH, at=time(22)), MORNING)
    await world.plan()
    (one,) = await world.reminders.deliveries.of("ann")
    assert one.not_after == datetime(2026, 12, 11, 12, 30, tzinfo=UTC)


async def test_pages_lose_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.reminders.planning.PAGE", 3)
    for number in range(8):
        await world.worker(f"worker {number}")
    await world.plan()
    assert [len(await world.occasions(f"worker {number}")) for number in range(8)] == [2] * 8


def running(**changes: object) -> Campaign:
    """The example of the folder as if it were approved and had begun."""
    approved = {
        "starts_on": TODAY, "ends_on": TODAY + timedelta(days=3), "approver": "Head of the office",
        "approved_on": TODAY - timedelta(days=1), "audience": {}, "at": time(10), "latest": time(18),
    }  # fmt: skip
    return EXAMPLE.model_copy(update=approved | changes)


async def test_a_campaign_draws_everybody_once_and_control_gets_nothing(world: World) -> None:
    campaign = running()
    world.finding.campaigns = {campaign.id: campaign}
    for number in range(40):
        await world.worker(f"worker {number}", {})
    for hours in (0, 5, 24, 48):
        await world.plan(MORNING + timedelta(hours=hours))
    assert await world.runs.drawn_so_far(campaign.id) == 40
    rows = [row for n in range(40) for row in await world.reminders.deliveries.of(f"worker {n}")]
    treated = [n for n in range(40) if world.runs.treatment(campaign, f"worker {n}") != CONTROL]
    assert 0 < len(treated) < 40
    assert sorted(row.conversation_id for row in rows) == sorted(f"worker {n}" for n in treated)
    assert {campaign_of(row.origin) for row in rows} == {campaign.id}


@pytest.mark.parametrize("days", [-1, 4])
async def test_a_campaign_does_nothing_before_its_first_and_after_its_last_day(world: World, days: int) -> None:
    campaign = running()
    world.finding.campaigns = {campaign.id: campaign}
    await world.worker("ann", {})
    await world.plan(MORNING + timedelta(days=days))
    assert await world.runs.drawn_so_far(campaign.id) == 0


async def test_a_draft_never_runs(world: World) -> None:
    campaign = running(approver="")
    world.finding.campaigns = {campaign.id: campaign}
    await world.worker("ann", {})
    await world.plan()
    assert await world.runs.drawn_so_far(campaign.id) == 0


async def test_the_stop_button_empties_the_queue_and_nobody_is_drawn_any_more(world: World) -> None:
    campaign = running()
    world.finding.campaigns = {campaign.id: campaign}
    for number in range(20):
        await world.worker(f"worker {number}", {})
    await world.plan()
    gone = await world.runs.stop(campaign.id, "Team for contributions", MORNING)
    assert gone > 0
    cancelled = [row for n in range(20) for row in await world.reminders.deliveries.of(f"worker {n}")]
    assert {(row.state, row.reason) for row in cancelled} == {(DeliveryState.CANCELLED, Reason.CAMPAIGN_STOPPED)}
    world.finding.stopped = await world.runs.stopped()
    await world.worker("late", {})
    await world.plan(MORNING + timedelta(hours=1))
    assert await world.occasions("late") == []


async def test_what_workers_did_after_the_draw_is_counted_and_what_they_did_before_is_not(world: World) -> None:
    campaign = running()
    world.finding.campaigns = {campaign.id: campaign}
    for name in ("early", "payer", "leaver", "quiet"):
        await world.worker(name, {"occupation": "rider"})
    await world.reminders.paid("early", "zh", "2026-11", "chat", MORNING - timedelta(days=2))
    await world.plan()
    later = MORNING + timedelta(days=1)
    await world.reminders.paid("payer", "zh", "2026-12", "chat", later)
    await world.reminders.stop_all("leaver", later)
    days = campaign.outcome.paid_within_days if campaign.outcome else 0
    await world.reminders.paid("quiet", "zh", "2026-12", "chat", MORNING + timedelta(days=days + 1))
    seen = await world.runs.observations(campaign)
    assert len(seen) == 4
    assert sum(one.outcome for one in seen) == 1
    assert sum(one.opted_out for one in seen) == 1
    assert {one.occupation for one in seen} == {"rider"}
