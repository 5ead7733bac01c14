"""A delivery process: hands out what is due, checks each once more, sends it once, and writes down how it went.

The rows are the truth. A hint that comes twice finds nothing to claim; a process that dies loses its lease, and the row
goes round again under the same key, which a platform that knows keys sends once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from actions.reminders.care import CareSettings, Group, Postpone, Send, Suppress, decide, merge
from actions.reminders.delivery_rows import Ended
from actions.reminders.model import (
    PUT_OFF,
    CannotSay,
    Delivery,
    DeliveryState,
    Facts,
    Language,
    Message,
    Reason,
    Subscription,
)
from actions.reminders.store import Reminders
from actions.reminders.zones import local
from channels.channel import ConnectionThrottled, ContactStopped, ContactUnknown, PushUnsupported, SendFailure
from channels.contacts import Contact, Contacts
from channels.message import Button, Citation, Reply
from channels.pacing import Paces

log = logging.getLogger(__name__)

OUTCOME = "reminder"
MOST_ATTEMPTS = 6
MOST_CLAIMS = 60  # each death of a process that had the row in hand counts as one; beyond it the row itself may kill
FIRST_WAIT = timedelta(seconds=30)  # doubled at each further try
LOOKS_BACK = timedelta(days=7)
AT_ONCE = 16  # sendings of one process at the same time


class LeaseLost(Exception):
    """Another process has the row by now."""


class Words(Protocol):
    """What a delivery says: the rules' and the campaigns' texts."""

    def still_true(self, origin: str, occasion: str, facts: Facts, on: date) -> Reason | None:
        """Why it is not to be said any more; None where it is."""

    def message(
        self, origin: str, occasion: str, facts: Facts, on: date, language: Language, channel: str
    ) -> Message:  # fmt: skip
        """The text for a channel; raises CannotSay."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the sending of one message ended."""

    state: DeliveryState
    reason: str | None = None
    channel: str | None = None
    retry_after: timedelta | None = None


class Deliverer:
    """Delivers rows by their ids. `channels`: those that can be written to, by name; `now` gives UTC."""

    def __init__(
        self,
        reminders: Reminders,
        words: Callable[[], Awaitable[Words]],
        contacts: Contacts,
        channels: Mapping[str, Any],
        care: CareSettings,
        paces: Paces,
        *,
        lease: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._reminders, self._words, self._contacts = reminders, words, contacts
        self._channels, self._care, self._paces = channels, care, paces
        self._lease, self._now = lease, now
        self._free = asyncio.Semaphore(AT_ONCE)

    @property
    def deduplicating(self) -> tuple[str, ...]:
        """The channels whose platform sends a message that comes twice under one key once."""
        return tuple(name for name, channel in self._channels.items() if getattr(channel, "deduplicates", False))

    async def reachable(self, conversation_ids: Collection[str]) -> dict[str, str]:
        """The app in which each of these workers would be written to first; those without one are left out."""
        contacts = await self._contacts.of_many(conversation_ids)
        apps = ((who, [one.channel for one in some if self._may_write(one)]) for who, some in contacts.items())
        return {who: names[0] for who, names in apps if names}

    def _may_write(self, contact: Contact) -> bool:
        return contact.channel in self._channels and not contact.stopped

    async def deliver(self, ids: list[int]) -> None:
        """Claims the rows, decides about each worker's together, sends, and records."""
        now = self._now()
        claimed = await self._reminders.deliveries.claim(ids, now, self._lease)
        if not claimed:
            return
        workers = {one.conversation_id for one in claimed}
        subscriptions = await self._reminders.subscriptions.of_many(workers)
        sent = await self._reminders.deliveries.sent_since(workers, now - LOOKS_BACK)
        words = await self._words()
        contacts = await self._contacts.of_many(workers)
        by_worker: dict[str, list[Delivery]] = {}
        for one in claimed:
            by_worker.setdefault(one.conversation_id, []).append(one)
        ended = await asyncio.gather(
            *(
                self._worker(words, mine, subscriptions.get(worker), sent.get(worker, ()), contacts.get(worker, ()))
                for worker, mine in by_worker.items()
            )
        )
        await self._reminders.deliveries.record([one for some in ended for one in some])

    async def _worker(
        self,
        words: Words,
        mine: Sequence[Delivery],
        subscription: Subscription | None,
        sent: Sequence[datetime],
        contacts: Sequence[Contact],
    ) -> list[Ended]:
        now, ended, ready = self._now(), [], []
        for one in mine:
            if one.attempts > MOST_CLAIMS:
                ended.append(Ended(one.id, DeliveryState.DEAD, now, Reason.EXHAUSTED))
                continue
            verdict = decide(one, subscription, now=now, sent=sent, settings=self._care)
            if isinstance(verdict, Send) and subscription is not None:
                reason = untrue(words, one, subscription, now)
                verdict = Suppress(reason) if reason else verdict
            if isinstance(verdict, Send):
                ready.append(one)
            else:
                ended.append(_put_off_or_ended(one, verdict, now))
        if subscription is None or not ready:
            return ended
        groups, left = merge(ready, subscription, now=now, settings=self._care)
        ended += [_put_off_or_ended(one, verdict, now) for one, verdict in left]
        for group in groups:
            ended += await self._group(words, group, subscription, contacts)
        return ended

    async def _group(
        self, words: Words, group: Group, subscription: Subscription, contacts: Sequence[Contact]
    ) -> list[Ended]:
        try:
            outcome = await self._say(words, group, subscription, contacts)
        except LeaseLost:
            log.warning("delivery %s took longer than its lease; another process has it", group.lead.trace)
            return []
        except CannotSay as unsaid:
            log.info("delivery %s was not sent: %s is not known", group.lead.trace, unsaid.missing)
            outcome = Outcome(DeliveryState.SUPPRESSED, Reason.NO_FIGURE)
        except Exception as error:  # one worker's trouble must not cost the others of the batch theirs
            log.error("delivery %s failed: %s", group.lead.trace, type(error).__name__, exc_info=error)
            outcome = Outcome(DeliveryState.PLANNED, type(error).__name__[:40])
        now = self._now()
        ended = [self._after(group.lead, outcome, now)]
        follows = DeliveryState.MERGED if outcome.state is DeliveryState.SENT else outcome.state
        ended += [
            Ended(one.id, follows, now, outcome.reason, outcome.channel, ended[0].due_at) for one in group.briefly
        ]
        return ended

    def _after(self, lead: Delivery, outcome: Outcome, now: datetime) -> Ended:
        """The end of the delivery, or another try: later each time, and not after it is too late."""
        if outcome.state is not DeliveryState.PLANNED:
            return Ended(lead.id, outcome.state, now, outcome.reason, outcome.channel)
        again = now + max(outcome.retry_after or timedelta(0), FIRST_WAIT * 2 ** min(lead.attempts - 1, MOST_ATTEMPTS))
        if lead.attempts >= MOST_ATTEMPTS or again > lead.not_after:
            return Ended(lead.id, DeliveryState.DEAD, now, outcome.reason or Reason.EXHAUSTED, outcome.channel)
        return Ended(lead.id, DeliveryState.PLANNED, now, outcome.reason, outcome.channel, again)

    async def _say(
        self, words: Words, group: Group, subscription: Subscription, contacts: Sequence[Contact]
    ) -> Outcome:
        """In the first app that takes it; without one it waits for the worker's next visit."""
        outcome = Outcome(DeliveryState.VISIT, Reason.NO_CHANNEL)
        for contact in contacts:
            if not self._may_write(contact):
                continue
            channel = self._channels[contact.channel]
            reply = reply_of(words, group, subscription, channel.name, self._now())
            failure = await self._send(channel, contact, group, reply)
            if failure is None:
                return Outcome(DeliveryState.SENT, channel=channel.name)
            outcome = await self._failed(failure, contact, channel.name, outcome)
            if outcome.state in (DeliveryState.PLANNED, DeliveryState.UNSURE):  # another app might say it twice
                break
        return outcome

    async def _send(self, channel: Any, contact: Contact, group: Group, reply: Reply) -> SendFailure | None:
        along = [one.id for one in group.briefly]
        deduplicates = getattr(channel, "deduplicates", False)
        async with self._free:
            await self._paces.turn(channel.name)
            if not deduplicates and not await self._reminders.deliveries.sending(group.lead, along, channel.name):
                raise LeaseLost
            try:
                if hasattr(channel, "notify"):
                    await channel.notify(contact.address, reply, group.lead.trace)
                else:
                    await channel.send(contact.address, reply)
            except SendFailure as failure:
                return failure
        return None

    async def _failed(self, failure: SendFailure, contact: Contact, channel: str, before: Outcome) -> Outcome:
        """What a failure means for the delivery, where no other app takes it."""
        log.info("%s: a reminder was not sent: %s", channel, type(failure).__name__)
        if isinstance(failure, ContactStopped | ContactUnknown):
            await self._contacts.unreachable(contact, self._now())
            return before
        if isinstance(failure, PushUnsupported):
            return before
        if getattr(failure, "may_have_arrived", False) and channel not in self.deduplicating:
            return Outcome(DeliveryState.UNSURE, type(failure).__name__, channel)
        if failure.retryable:
            wait = failure.retry_after if isinstance(failure, ConnectionThrottled) else None
            seconds = None if wait is None else timedelta(seconds=wait)
            return Outcome(DeliveryState.PLANNED, type(failure).__name__, channel, seconds)
        return Outcome(DeliveryState.DEAD, type(failure).__name__, channel)


def untrue(words: Words, one: Delivery, subscription: Subscription, now: datetime) -> Reason | None:
    """Why a delivery is not to be said any more, where the worker is now; None where it is."""
    on = local(now, subscription.zone).date()
    return words.still_true(one.origin, one.occasion.partition(PUT_OFF)[0], subscription.facts, on)


def reply_of(words: Words, group: Group, subscription: Subscription, channel: str, now: datetime) -> Reply:
    """The words of a group for one channel; raises CannotSay where the lead cannot be said."""
    on = local(now, subscription.zone).date()

    def message(one: Delivery) -> Message:
        occasion = one.occasion.partition(PUT_OFF)[0]
        return words.message(one.origin, occasion, subscription.facts, on, subscription.language, channel)

    lead, briefs = message(group.lead), []
    for one in group.briefly:
        try:
            briefs.append(message(one).brief)
        except CannotSay as unsaid:
            log.info("delivery %s was not said along: %s is not known", one.trace, unsaid.missing)
    return as_reply(lead, briefs)


def as_reply(lead: Message, briefs: Iterable[str] = ()) -> Reply:
    """A message as every channel renders it."""
    return Reply(
        "\n\n".join((lead.text, *briefs)),
        buttons=tuple(Button(step.title, step.payload) for step in lead.next_steps),
        citations=tuple(
            Citation(one.title, one.source, one.as_of.isoformat() if one.as_of else None, one.url)
            for one in lead.sources
        ),
        outcome=OUTCOME,
        language=lead.language,
    )


def _put_off_or_ended(one: Delivery, verdict: Postpone | Suppress, now: datetime) -> Ended:
    if isinstance(verdict, Postpone):
        return Ended(one.id, DeliveryState.PLANNED, now, verdict.reason, due_at=verdict.until, forgiven=True)
    return Ended(one.id, DeliveryState.SUPPRESSED, now, verdict.reason)
