"""What workers can do with their reminders, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.reminders.delivery_rows import Ended, Planned
from actions.reminders.model import (
    About,
    DeliveryState,
    Facts,
    Reason,
    Reminder,
    ReminderState,
    Rhythm,
)
from actions.reminders.store import MOST_REMINDERS, Reminders, TooManyReminders

NOON = datetime(2026, 11, 30, 4, tzinfo=UTC)
TENTH = Reminder("ann", About.PAY, Rhythm.MONTHLY, date(2026, 12, 10), 10, time(9, 30))


def paid_up_to(origin: str, occasion: str, facts: Facts, on: date) -> Reason | None:
    """A rule whose message is not the case any more once its month is paid."""
    return Reason.PAID if facts.get("last_paid", "") >= occasion[:7] else None


@pytest.fixture
async def reminders(engine: AsyncEngine) -> Reminders:
    return Reminders(engine, paid_up_to)


def planned(occasion: str = "2026-12/before", who: str = "ann", hours: float = 1, origin: str = "rule:pay") -> Planned:
    due = NOON + timedelta(hours=hours)
    return Planned(who, origin, occasion, due, due + timedelta(hours=6), 50)


async def test_nobody_has_agreed_who_said_nothing(reminders: Reminders) -> None:
    assert await reminders.subscription("ann") is None


async def test_facts_alone_are_no_consent(reminders: Reminders) -> None:
    await reminders.keep_facts("ann", "zh", {"scheme": "flexible"}, "rider-app", NOON)
    subscription = await reminders.subscription("ann")
    assert subscription is not None
    assert not subscription.agreed
    assert [worker async for page in reminders.subscriptions.pages(10) for worker in page] == []


async def test_a_yes_is_kept_until_it_is_taken_back_and_can_be_given_again(reminders: Reminders) -> None:
    await reminders.agree("ann", "en", "chat", "1", NOON)
    assert (await reminders.subscription("ann")) == replace(
        (await reminders.subscription("ann")), agreed=True, language="en", zone="Asia/Shanghai"
    )  # type: ignore[type-var]
    await reminders.stop_all("ann", NOON)
    stopped = await reminders.subscription("ann")
    assert stopped is not None
    assert not stopped.agreed
    await reminders.agree("ann", "en", "chat", "1", NOON)
    again = await reminders.subscription("ann")
    assert again is not None
    assert again.agreed


async def test_what_the_worker_said_outranks_what_a_platform_says(reminders: Reminders) -> None:
    await reminders.keep_facts("ann", "zh", {"region": "CN-ZJ", "scheme": "flexible"}, "rider-app", NOON)
    await reminders.keep_facts("ann", "zh", {"region": "CN-SC"}, "chat", NOON)
    await reminders.keep_facts("ann", "zh", {"region": "CN-GD", "scheme": "employee"}, "rider-app", NOON)
    subscription = await reminders.subscription("ann")
    assert subscription is not None
    assert subscription.facts == {"region": "CN-SC", "scheme": "employee"}


async def test_an_empty_fact_takes_it_away(reminders: Reminders) -> None:
    await reminders.keep_facts("ann", "zh", {"region": "CN-ZJ"}, "chat", NOON)
    await reminders.keep_facts("ann", "zh", {"region": ""}, "chat", NOON)
    subscription = await reminders.subscription("ann")
    assert subscription is not None
    assert subscription.facts == {}


async def test_quiet_hours_of_ones_own_are_kept(reminders: Reminders) -> None:
    await reminders.quiet_hours("ann", "zh", time(20, 30), time(7), NOON)
    subscription = await reminders.subscription("ann")
    assert subscription is not None
    assert (subscription.quiet_from, subscription.quiet_until) == (time(20, 30), time(7))


async def test_a_reminder_asked_for_twice_is_one(reminders: Reminders) -> None:
    first = await reminders.add(TENTH, NOON)
    assert await reminders.add(TENTH, NOON) == first
    assert await reminders.of("ann") == (first,)


async def test_reminders_keep_everything_that_was_asked(reminders: Reminders) -> None:
    odd = Reminder(
        "ann", About.BASE, Rhythm.YEARLY, date(2028, 2, 29), 29, time(19, 5), skips=frozenset({date(2029, 2, 28)})
    )
    kept = await reminders.add(odd, NOON)
    assert await reminders.of("ann") == (replace(odd, id=kept.id),)


async def test_an_eleventh_reminder_is_refused(reminders: Reminders) -> None:
    for day in range(1, MOST_REMINDERS + 1):
        await reminders.add(replace(TENTH, day=day, first=date(2026, 12, day)), NOON)
    with pytest.raises(TooManyReminders):
        await reminders.add(replace(TENTH, day=28, first=date(2026, 12, 28)), NOON)


async def test_a_changed_reminder_takes_its_planned_messages_with_it_and_can_be_planned_again(
    reminders: Reminders,
) -> None:
    kept = await reminders.add(TENTH, NOON)
    mine = planned(f"{kept.id}/2026-12-10", origin="asked:pay")
    await reminders.deliveries.plan([mine], NOON)
    await reminders.change(replace(kept, state=ReminderState.PAUSED))
    assert await reminders.upcoming("ann") == ()
    await reminders.change(kept)
    await reminders.deliveries.plan([mine], NOON)
    assert [one.occasion for one in await reminders.upcoming("ann")] == [f"{kept.id}/2026-12-10"]


async def test_a_reminder_of_somebody_else_cannot_be_changed(reminders: Reminders) -> None:
    kept = await reminders.add(TENTH, NOON)
    await reminders.change(replace(kept, conversation_id="bob", day=11))
    assert await reminders.of("ann") == (kept,)


async def test_i_have_paid_ends_the_cascade_of_that_month_only(reminders: Reminders) -> None:
    await reminders.deliveries.plan([planned("2026-12/before"), planned("2026-12/on"), planned("2027-01/before")], NOON)
    assert await reminders.paid("ann", "zh", "2026-12", "chat", NOON) == 2
    assert [one.occasion for one in await reminders.upcoming("ann")] == ["2027-01/before"]
    subscription = await reminders.subscription("ann")
    assert subscription is not None
    assert subscription.facts["last_paid"] == "2026-12"


async def conduct_of(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("SELECT what FROM conduct ORDER BY id"))).scalars())


async def test_a_payment_is_counted_once_and_what_a_platform_tells_of_the_past_is_none(
    reminders: Reminders, engine: AsyncEngine
) -> None:
    for month in ("2026-10", "2026-10", "2026-09"):
        await reminders.paid("ann", "zh", month, "rider-app", NOON)
    assert await conduct_of(engine) == []
    for month in ("2026-11", "2026-11"):
        await reminders.paid("ann", "zh", month, "rider-app", NOON)
    assert await conduct_of(engine) == ["paid"]


async def test_i_have_paid_means_the_whole_period_of_the_rhythm(reminders: Reminders) -> None:
    await reminders.keep_facts("ann", "zh", {"rhythm": "quarterly"}, "rider-app", NOON)
    await reminders.paid("ann", "zh", "2026-11", "chat", NOON)
    subscription = await reminders.subscription("ann")
    assert subscription is not None
    assert subscription.facts["last_paid"] == "2026-12"


async def test_stopping_empties_what_is_queued_and_ends_every_reminder(reminders: Reminders) -> None:
    await reminders.agree("ann", "zh", "chat", "1", NOON)
    await reminders.add(TENTH, NOON)
    await reminders.deliveries.plan([planned(), planned(who="bob")], NOON)
    assert await reminders.stop_all("ann", NOON) == 1
    assert await reminders.of("ann") == ()
    assert await reminders.upcoming("ann") == ()
    assert len(await reminders.upcoming("bob")) == 1
    (gone,) = await reminders.deliveries.of("ann")
    assert (gone.state, gone.reason) == (DeliveryState.CANCELLED, Reason.STOPPED)


async def test_a_snoozed_message_comes_back_once(reminders: Reminders) -> None:
    assert await reminders.snooze("ann", NOON + timedelta(days=3), NOON) is None
    await sent(reminders, planned())
    for _ in range(2):
        await reminders.snooze("ann", NOON + timedelta(days=3), NOON)
    (again,) = await reminders.upcoming("ann")
    assert again.due_at == NOON + timedelta(days=3)
    assert again.origin == "rule:pay"


async def test_the_last_one_sent_is_known(reminders: Reminders) -> None:
    await sent(reminders, planned("2026-11/on", hours=-5))
    await sent(reminders, planned("2026-12/before", hours=-2))
    last = await reminders.last_sent("ann")
    assert last is not None
    assert last.occasion == "2026-12/before"


async def sent(reminders: Reminders, one: Planned) -> None:
    """Plans a row and lets it be sent."""
    deliveries, later = reminders.deliveries, one.due_at + timedelta(minutes=1)
    await deliveries.plan([one], NOON)
    [ids] = await deliveries.take_due(later, later, 10, timedelta(minutes=1))
    await deliveries.claim(ids, later, timedelta(minutes=1))
    await deliveries.record([Ended(row_id, DeliveryState.SENT, later, channel="pigeon") for row_id in ids])
