"""What waits for a worker's next visit, a goodbye that ends reminders, and how they stand in /metrics."""

from datetime import timedelta

import pytest

from actions.reminders.model import DeliveryState, Reason
from channels.delivery import OUTCOME
from channels.reminder_metrics import ReminderMetrics
from channels.visits import MOST_AT_A_VISIT, Visits
from tests.channels.test_delivery import World
from tests.channels.test_delivery import world as world


@pytest.fixture
def visits(world: World) -> Visits:
    return Visits(world.reminders, world.words.themselves, world.clock)


async def waiting(world: World, *origins: str, hours: float = 8) -> str:
    """A worker of the web with something that waits for them."""
    await world.reminders.agree("web", "zh", "chat", "1", world.clock())
    for origin in origins:
        await world.plan("web", origin, hours=hours)
    await world.run()
    return "web"


async def test_what_waited_is_told_once_at_the_next_visit(world: World, visits: Visits) -> None:
    who = await waiting(world, "rule:pay")
    told = [await visits.waiting_in(who, "web") for _ in range(2)]
    assert [[reply.outcome for reply in replies] for replies in told] == [[OUTCOME], []]
    after = await world.only(who)
    assert (after.state, after.channel) == (DeliveryState.SENT, "web")


async def test_what_is_too_late_or_not_true_any_more_is_not_told(world: World, visits: Visits) -> None:
    who = await waiting(world, "rule:pay", hours=1)
    world.clock.at += timedelta(hours=2)
    assert await visits.waiting_in(who, "web") == ()
    other = await waiting(world, "rule:base")
    world.words.untrue.add("rule:base")
    assert await visits.waiting_in(other, "web") == ()


async def test_the_answer_of_a_visit_does_not_drown(world: World, visits: Visits) -> None:
    who = await waiting(world, *(f"rule:r{number}" for number in range(MOST_AT_A_VISIT + 1)))
    assert len(await visits.waiting_in(who, "web")) <= MOST_AT_A_VISIT


async def test_a_goodbye_in_any_app_ends_reminders_in_all(world: World, visits: Visits) -> None:
    who = await world.worker()
    await world.plan(who)
    await visits.stopped(who)
    await world.run()
    assert world.pigeon.sent == []
    assert (await world.only(who)).reason == Reason.STOPPED


async def test_a_worker_without_anything_waiting_is_told_nothing(visits: Visits) -> None:
    assert await visits.waiting_in("nobody", "web") == ()


async def test_how_deliveries_stand_is_told_to_prometheus(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    metrics = ReminderMetrics(world.reminders.deliveries, world.clock)
    world.clock.at += timedelta(seconds=90)
    said = (await metrics.exposition()).decode()
    assert 'shebao_reminders{reason="",state="planned"} 1.0' in said
    assert "shebao_reminders_oldest_due_seconds 90.0" in said
    assert "shebao_reminders_known 1.0" in said
