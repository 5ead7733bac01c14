"""Rows that are handed out, claimed, sent or lost, on SQLite and on PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.reminders.deliveries import Deliveries
from actions.reminders.delivery_rows import Ended, Planned
from actions.reminders.model import Delivery, DeliveryState, Reason

NOON = datetime(2026, 11, 30, 4, tzinfo=UTC)
LEASE = timedelta(minutes=1)
EVENING = NOON + timedelta(hours=12)


@pytest.fixture
async def deliveries(engine: AsyncEngine) -> Deliveries:
    return Deliveries(engine)


def planned(
    occasion: str = "2026-12/on", who: str = "ann", minutes: float = 0, origin: str = "rule:pay", priority: int = 50
) -> Planned:
    due = NOON + timedelta(minutes=minutes)
    return Planned(who, origin, occasion, due, due + timedelta(hours=6), priority)


async def only(deliveries: Deliveries, who: str = "ann") -> Delivery:
    (one,) = await deliveries.of(who)
    return one


async def claimed(deliveries: Deliveries, at: datetime = NOON) -> list[Delivery]:
    groups = await deliveries.take_due(at, EVENING, 100, LEASE)
    return await deliveries.claim([row for group in groups for row in group], at, LEASE)


async def test_the_same_occasion_is_planned_once(deliveries: Deliveries) -> None:
    await deliveries.plan([planned(), planned()], NOON)
    await deliveries.plan([planned()], NOON)
    assert (await only(deliveries)).state is DeliveryState.PLANNED


async def test_the_treatment_of_a_campaign_makes_no_second_occasion(deliveries: Deliveries) -> None:
    await deliveries.plan([planned("x", origin="campaign:base/plain"), planned("x", origin="campaign:base/loss")], NOON)
    assert (await only(deliveries)).origin == "campaign:base/plain"


async def test_two_planners_at_once_plan_once(deliveries: Deliveries) -> None:
    rows = [planned(who=f"worker {number}") for number in range(50)]
    await asyncio.gather(*(deliveries.plan(rows, NOON) for _ in range(4)))
    assert sum((await deliveries.counts()).values()) == 50


async def test_what_is_not_due_is_not_handed_out(deliveries: Deliveries) -> None:
    await deliveries.plan([planned(minutes=1)], NOON)
    assert await deliveries.take_due(NOON, EVENING, 10, LEASE) == []


async def test_a_row_is_handed_out_once(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    groups = await asyncio.gather(*(deliveries.take_due(NOON, EVENING, 10, LEASE) for _ in range(4)))
    assert len([row for some in groups for group in some for row in group]) == 1


async def test_what_rules_found_for_later_that_day_comes_along(deliveries: Deliveries) -> None:
    await deliveries.plan(
        [
            planned("a"), planned("b", minutes=120), planned("3/2026-11-30", minutes=120, origin="asked:pay"),
            planned("tomorrow", minutes=24 * 60), planned("a", who="bob", minutes=120),
        ],
        NOON,
    )  # fmt: skip
    assert [one.occasion for one in await claimed(deliveries)] == ["a", "b"]


async def test_a_row_is_claimed_once(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    [ids] = await deliveries.take_due(NOON, EVENING, 10, LEASE)
    some = await asyncio.gather(*(deliveries.claim(ids, NOON, LEASE) for _ in range(4)))
    assert sorted(map(len, some)) == [0, 0, 0, 1]


async def test_a_lost_hint_goes_round_again_when_its_lease_is_over(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    await deliveries.take_due(NOON, EVENING, 10, LEASE)
    assert await deliveries.take_back(NOON + LEASE, ["platform"]) == 0
    assert await deliveries.take_back(NOON + LEASE * 1.1, ["platform"]) == 1
    assert (await only(deliveries)).state is DeliveryState.PLANNED


@pytest.mark.parametrize(
    ("channel", "state"), [("platform", DeliveryState.PLANNED), ("telegram", DeliveryState.UNSURE)]
)
async def test_only_a_platform_that_knows_keys_is_written_to_again_after_a_death(
    deliveries: Deliveries, channel: str, state: DeliveryState
) -> None:
    await deliveries.plan([planned()], NOON)
    (one,) = await claimed(deliveries)
    assert await deliveries.sending(one, [], channel)
    await deliveries.take_back(NOON + LEASE * 2, ["platform"])
    after = await only(deliveries)
    assert after.state is state
    assert after.trace == one.trace


async def test_who_was_slower_than_the_lease_does_not_send_beside_the_next(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    (slow,) = await claimed(deliveries)
    await deliveries.take_back(NOON + LEASE * 2, [])
    (quick,) = await claimed(deliveries, NOON + LEASE * 2)
    assert not await deliveries.sending(slow, [], "telegram")
    assert await deliveries.sending(quick, [], "telegram")


async def test_who_died_before_sending_costs_nobody_the_message(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    await claimed(deliveries)
    await deliveries.take_back(NOON + LEASE * 2, [])
    assert (await only(deliveries)).state is DeliveryState.PLANNED


async def test_a_late_word_that_it_was_sent_is_believed(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    (one,) = await claimed(deliveries)
    assert await deliveries.sending(one, [], "telegram")
    await deliveries.take_back(NOON + LEASE * 2, [])
    await deliveries.record([Ended(one.id, DeliveryState.SENT, NOON + LEASE * 3, channel="telegram")])
    assert (await only(deliveries)).state is DeliveryState.SENT


async def test_an_end_is_an_end(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    (one,) = await claimed(deliveries)
    await deliveries.record([Ended(one.id, DeliveryState.SENT, NOON, channel="sms")])
    await deliveries.record([Ended(one.id, DeliveryState.DEAD, NOON, "later")])
    assert await deliveries.cancel([one.id], Reason.STOPPED, NOON) == 0
    after = await only(deliveries)
    assert (after.state, after.reason, after.channel, after.done_at) == (DeliveryState.SENT, None, "sms", NOON)


async def test_another_try_keeps_its_count_and_a_put_off_one_does_not(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    (one,) = await claimed(deliveries)
    later = NOON + timedelta(minutes=5)
    await deliveries.record([Ended(one.id, DeliveryState.PLANNED, NOON, "ConnectionFailed", due_at=later)])
    again = await only(deliveries)
    assert (again.attempts, again.due_at, again.done_at) == (1, later, None)
    (one,) = await claimed(deliveries, later)
    await deliveries.record(
        [Ended(one.id, DeliveryState.PLANNED, NOON, Reason.QUIET, due_at=EVENING, forgiven=True)]
    )  # fmt: skip
    assert (await only(deliveries)).attempts == 1


async def test_stopping_a_campaign_empties_every_treatment_and_nothing_else(deliveries: Deliveries) -> None:
    await deliveries.plan(
        [
            planned("a", origin="campaign:base/plain"), planned("a", who="bob", origin="campaign:base/loss"),
            planned("a", who="eve", origin="campaign:based/plain"), planned("a", who="ivo"),
        ],
        NOON,
    )  # fmt: skip
    assert await deliveries.empty("campaign:base", Reason.CAMPAIGN_STOPPED, NOON) == 2
    assert (await only(deliveries, "eve")).state is DeliveryState.PLANNED


async def test_a_dead_one_can_be_sent_again_under_its_old_key(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    (one,) = await claimed(deliveries)
    await deliveries.record([Ended(one.id, DeliveryState.DEAD, NOON, Reason.EXHAUSTED)])
    assert await deliveries.send_again(one.id, NOON, EVENING)
    again = await only(deliveries)
    assert (again.state, again.key, again.trace, again.attempts) == (DeliveryState.PLANNED, one.key, one.trace, 0)
    assert not await deliveries.send_again(one.id, NOON, EVENING)


async def test_sent_messages_are_counted_and_merged_ones_are_not(deliveries: Deliveries) -> None:
    await deliveries.plan([planned("a"), planned("b")], NOON)
    one, other = await claimed(deliveries)
    await deliveries.record([Ended(one.id, DeliveryState.SENT, NOON), Ended(other.id, DeliveryState.MERGED, NOON)])
    assert await deliveries.sent_since(["ann"], NOON - LEASE) == {"ann": [NOON]}
    assert await deliveries.sent_since(["ann"], NOON + LEASE) == {}


async def test_the_oldest_that_waits_is_known(deliveries: Deliveries) -> None:
    assert await deliveries.oldest_due(NOON) is None
    await deliveries.plan([planned("a", minutes=-30), planned("b", minutes=30)], NOON)
    assert await deliveries.oldest_due(NOON) == NOON - timedelta(minutes=30)


async def test_what_waited_for_a_visit_until_it_was_too_late_is_given_up(deliveries: Deliveries) -> None:
    await deliveries.plan([planned()], NOON)
    (one,) = await claimed(deliveries)
    await deliveries.record([Ended(one.id, DeliveryState.VISIT, NOON, Reason.NO_CHANNEL)])
    assert await deliveries.give_up_visits(one.not_after) == 0
    assert await deliveries.give_up_visits(one.not_after + LEASE) == 1
    after = await only(deliveries)
    assert (after.state, after.reason) == (DeliveryState.SUPPRESSED, Reason.NO_CHANNEL)
