"""Deliveries on their way: checked once more, sent once, and what happens when an app or a process fails."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.reminders.care import CareSettings
from actions.reminders.delivery_rows import Planned
from actions.reminders.model import CannotSay, Delivery, DeliveryState, Facts, Language, Message, NextStep, Reason
from actions.reminders.store import Reminders
from channels.channel import (
    ConnectionFailed,
    ConnectionThrottled,
    ContactStopped,
    MessageInvalid,
    PushUnsupported,
    SendFailure,
)
from channels.contacts import Contacts
from channels.delivery import MOST_ATTEMPTS, Deliverer
from channels.message import Reply
from channels.pacing import Paces
from channels.reminding import Reminding, hints
from channels.transport import Transport, broker_from
from tests.channels.pigeon import SEAL, Pigeon

MORNING = datetime(2026, 11, 30, 2, tzinfo=UTC)  # 10 o'clock in China
LEASE = timedelta(minutes=1)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Telling:
    """Words that say what they are about; `untrue` and `unsaid` are origins."""

    untrue: set[str] = field(default_factory=set)
    unsaid: set[str] = field(default_factory=set)

    async def themselves(self) -> "Telling":
        return self

    def still_true(self, origin: str, occasion: str, facts: Facts, on: date) -> Reason | None:
        return Reason.NOT_TRUE if origin in self.untrue else None

    def message(self, origin: str, occasion: str, facts: Facts, on: date, language: Language, channel: str) -> Message:
        if origin in self.unsaid:
            raise CannotSay("amount")
        step = NextStep("Calculate", "/simulate")
        return Message(f"{origin} {occasion} in {language} by {channel}", f"also {origin}", language, (step,))


@dataclass
class KeyedPigeon(Pigeon):
    """An app that knows a message by its key."""

    name: str = "keyed"
    deduplicates: bool = True
    keys: list[str] = field(default_factory=list)

    async def notify(self, address: str, reply: Reply, key: str) -> None:
        if key not in self.keys:
            await self.send(address, reply)
            self.keys.append(key)


@dataclass
class World:
    """One delivery process over one database."""

    reminders: Reminders
    contacts: Contacts
    deliverer: Deliverer
    reminding: Reminding
    clock: Clock
    words: Telling
    pigeon: Pigeon
    keyed: KeyedPigeon

    async def worker(self, name: str = "ann", app: str = "pigeon", *, agreed: bool = True) -> str:
        """A worker who can be reached in an app; gives the conversation."""
        contact = await self.contacts.heard_from(app, name, self.clock(), "zh")
        if agreed:
            await self.reminders.agree(contact.conversation_id, "zh", "chat", "1", self.clock())
        return contact.conversation_id

    async def plan(self, who: str, origin: str = "rule:pay", occasion: str = "2026-12/on", hours: float = 8) -> None:
        row = Planned(who, origin, occasion, self.clock(), self.clock() + timedelta(hours=hours), 50)
        await self.reminders.deliveries.plan([row], self.clock())

    async def only(self, who: str) -> Delivery:
        """The only delivery of a worker."""
        (one,) = await self.reminders.deliveries.of(who)
        return one

    async def run(self) -> int:
        """Everything that is due now."""
        return await self.reminding.send_due()

    async def run_until_it_is_over(self) -> None:
        """Again and again, whenever something is due."""
        for _ in range(20):
            await self.run()
            open_rows = await self.reminders.deliveries.in_state(DeliveryState.PLANNED, 1)
            if not open_rows:
                return
            self.clock.at = open_rows[0].due_at
        raise AssertionError("it is never over")


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    clock, words, pigeon, keyed = Clock(), Telling(), Pigeon(), KeyedPigeon()
    reminders, contacts = Reminders(engine), Contacts(engine, SEAL)
    channels = {pigeon.name: pigeon, keyed.name: keyed}
    paces = Paces({}, lambda: 0.0)
    deliverer = Deliverer(
        reminders, words.themselves, contacts, channels, CareSettings.load(), paces, lease=LEASE, now=clock
    )  # fmt: skip
    transport = Transport(broker_from(""), deliverer.deliver)
    reminding = Reminding(reminders, None, deliverer, transport, lease=LEASE, now=clock)
    return World(reminders, contacts, deliverer, reminding, clock, words, pigeon, keyed)


async def test_a_due_reminder_is_sent_once_with_its_button(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    for _ in range(3):
        await world.run()
    [(address, reply)] = world.pigeon.sent
    assert (address, reply.text) == ("ann", "rule:pay 2026-12/on in zh by pigeon")
    assert [button.title for button in reply.buttons] == ["Calculate"]
    after = await world.only(who)
    assert (after.state, after.channel, after.done_at) == (DeliveryState.SENT, "pigeon", MORNING)


async def test_nothing_goes_to_who_never_agreed(world: World) -> None:
    who = await world.worker(agreed=False)
    await world.plan(who)
    await world.run()
    assert world.pigeon.sent == []
    assert (await world.only(who)).reason == Reason.NOT_AGREED


async def test_who_stopped_between_planning_and_sending_gets_nothing(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    await world.reminders.stop_all(who, MORNING)
    await world.run()
    assert world.pigeon.sent == []


async def test_what_is_not_true_any_more_is_not_said(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    world.words.untrue.add("rule:pay")
    await world.run()
    assert world.pigeon.sent == []
    assert (await world.only(who)).reason == Reason.NOT_TRUE


async def test_what_needs_an_unknown_figure_is_left_unsaid(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    world.words.unsaid.add("rule:pay")
    await world.run()
    assert world.pigeon.sent == []
    assert (await world.only(who)).reason == Reason.NO_FIGURE


async def test_at_night_it_waits_for_the_morning(world: World) -> None:
    world.clock.at = datetime(2026, 11, 30, 14, tzinfo=UTC)  # 22 o'clock in China
    who = await world.worker()
    await world.plan(who, hours=24)
    await world.run()
    assert world.pigeon.sent == []
    waiting = await world.only(who)
    assert waiting.due_at == datetime(2026, 12, 1, 0, tzinfo=UTC)
    assert waiting.attempts == 0
    world.clock.at = waiting.due_at
    await world.run()
    assert len(world.pigeon.sent) == 1


async def test_after_its_time_it_is_not_sent_late(world: World) -> None:
    who = await world.worker()
    await world.plan(who, hours=1)
    world.clock.at = MORNING + timedelta(hours=2)
    await world.run()
    assert world.pigeon.sent == []
    assert (await world.only(who)).reason == Reason.TOO_LATE


async def test_several_of_one_day_are_one_message(world: World) -> None:
    who = await world.worker()
    for origin in ("rule:pay", "rule:base", "rule:statement"):
        await world.plan(who, origin)
    await world.run()
    [(_, reply)] = world.pigeon.sent
    assert reply.text.endswith("also rule:base\n\nalso rule:statement")
    states = sorted(one.state for one in await world.reminders.deliveries.of(who))
    assert states == [DeliveryState.MERGED, DeliveryState.MERGED, DeliveryState.SENT]


async def test_the_cap_of_a_week_counts_over_all_rules(world: World) -> None:
    who = await world.worker()
    for number in range(8):
        world.clock.at = MORNING + timedelta(hours=12 * number)
        await world.plan(who, f"rule:r{number}", hours=3)
        await world.run()
    assert len(world.pigeon.sent) == CareSettings.load().week["rule"]  # type: ignore[index]


async def test_an_app_that_is_down_is_tried_again_later_and_later(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    world.pigeon.failures += [ConnectionFailed("down")] * 2
    await world.run()
    first = await world.only(who)
    assert (first.state, first.reason) == (DeliveryState.PLANNED, "ConnectionFailed")
    world.clock.at = first.due_at
    await world.run()
    second = await world.only(who)
    assert second.due_at - first.due_at > first.due_at - MORNING
    world.clock.at = second.due_at
    await world.run()
    assert len(world.pigeon.sent) == 1


async def test_a_platform_that_wants_fewer_messages_is_obeyed(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    world.pigeon.failures.append(ConnectionThrottled("slow down", 1800))
    await world.run()
    assert (await world.only(who)).due_at == MORNING + timedelta(seconds=1800)


async def test_a_message_that_may_have_arrived_is_sent_again_only_where_a_key_makes_it_one(world: World) -> None:
    without, with_keys = await world.worker("ann"), await world.worker("bob", "keyed")
    for who, app in ((without, world.pigeon), (with_keys, world.keyed)):
        app.failures.append(ConnectionFailed("no answer", may_have_arrived=True))
        await world.plan(who)
    await world.run_until_it_is_over()
    assert (await world.only(without)).state is DeliveryState.UNSURE
    assert (await world.only(with_keys)).state is DeliveryState.SENT
    assert (len(world.pigeon.sent), len(world.keyed.sent)) == (0, 1)


async def test_after_the_last_try_it_is_a_dead_letter_with_its_reason(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    world.pigeon.failures += [ConnectionFailed("down")] * 20
    await world.run_until_it_is_over()
    dead = await world.only(who)
    assert (dead.state, dead.reason, dead.attempts) == (DeliveryState.DEAD, "ConnectionFailed", MOST_ATTEMPTS)


async def test_who_blocked_the_app_is_not_written_to_there_again_and_the_next_app_is_used(world: World) -> None:
    who = await world.worker()
    await world.contacts.reach("keyed", "ann at home", who, MORNING - timedelta(days=1))
    await world.plan(who)
    world.pigeon.failures.append(ContactStopped("blocked"))
    await world.run()
    assert [address for address, _ in world.keyed.sent] == ["ann at home"]
    assert [contact.stopped for contact in await world.contacts.of(who)] == [True, False]


@pytest.mark.parametrize("failure", [PushUnsupported("the window is closed"), MessageInvalid("not like this")])
async def test_an_app_that_does_not_take_it_leaves_it_to_the_next(world: World, failure: SendFailure) -> None:
    who = await world.worker()
    await world.contacts.reach("keyed", "ann at home", who, MORNING - timedelta(days=1))
    await world.plan(who)
    world.pigeon.failures.append(failure)
    await world.run()
    assert (await world.only(who)).channel == "keyed"


async def test_without_any_app_it_waits_for_the_next_visit(world: World) -> None:
    await world.reminders.agree("web", "zh", "chat", "1", MORNING)
    await world.plan("web")
    await world.run()
    waiting = await world.only("web")
    assert (waiting.state, waiting.reason) == (DeliveryState.VISIT, Reason.NO_CHANNEL)


async def test_one_workers_trouble_costs_nobody_else_the_message(world: World) -> None:
    class Odd(RuntimeError):
        pass

    bad, good = await world.worker("ann"), await world.worker("bob")
    await world.plan(bad)
    await world.plan(good)
    world.pigeon.failures.append(Odd("a defect of ours"))  # type: ignore[arg-type]
    await world.run()
    assert len(world.pigeon.sent) == 1
    states = {(await world.only(who)).state for who in (bad, good)}
    assert states == {DeliveryState.PLANNED, DeliveryState.SENT}


async def test_a_process_that_died_while_sending_sends_under_the_same_key(world: World) -> None:
    who = await world.worker("ann", "keyed")
    await world.plan(who)
    dies(world, lambda: None)
    [ids] = await world.reminders.deliveries.take_due(MORNING, MORNING, 10, LEASE)
    with pytest.raises(asyncio.CancelledError):
        await world.deliverer.deliver(ids)
    assert len(world.keyed.sent) == 1  # it went out, and nobody wrote that down
    world.clock.at = MORNING + LEASE * 2
    await world.reminders.deliveries.take_back(world.clock.at, world.deliverer.deduplicating)
    await world.run()
    assert len(world.keyed.sent) == 1
    assert (await world.only(who)).state is DeliveryState.SENT


async def test_a_process_that_died_while_sending_by_an_app_without_keys_leaves_it_to_a_person(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    dies(world, lambda: None)
    [ids] = await world.reminders.deliveries.take_due(MORNING, MORNING, 10, LEASE)
    with pytest.raises(asyncio.CancelledError):
        await world.deliverer.deliver(ids)
    world.clock.at = MORNING + LEASE * 2
    await world.reminders.deliveries.take_back(world.clock.at, world.deliverer.deduplicating)
    await world.run()
    assert len(world.pigeon.sent) == 1
    assert (await world.only(who)).state is DeliveryState.UNSURE


def dies(world: World, before: Callable[[], None]) -> None:
    """The next record of this process is never written."""
    deliveries = world.reminders.deliveries
    record = deliveries.record

    async def never(_: object) -> None:
        before()
        deliveries.record = record  # type: ignore[method-assign]
        raise asyncio.CancelledError

    deliveries.record = never  # type: ignore[assignment]


async def test_the_rows_of_one_worker_stay_in_one_hint() -> None:
    groups = [[1, 2], *([number] for number in range(3, 53)), [60, 61, 62]]
    told = list(hints(groups))
    assert sorted(row for hint in told for row in hint) == sorted(row for group in groups for row in group)
    assert any({60, 61, 62} <= set(hint) for hint in told)


async def test_the_loops_deliver_through_the_transport_of_this_process(world: World) -> None:
    who = await world.worker()
    await world.plan(who)
    async with world.reminding.running(), asyncio.timeout(10):
        while not world.pigeon.sent:  # noqa: ASYNC110  # the app is no event
            await asyncio.sleep(0.01)
    assert (await world.only(who)).state in (DeliveryState.SENT, DeliveryState.SENDING)
