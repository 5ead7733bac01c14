"""What waits for a worker's next visit because no app could be written to, and what a goodbye means for reminders."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from actions.reminders.care import Group
from actions.reminders.delivery_rows import Ended
from actions.reminders.model import CannotSay, DeliveryState, Reason
from actions.reminders.store import Reminders
from channels.contacts import Contact
from channels.delivery import Words, reply_of, untrue
from channels.message import Reply

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
MOST_AT_A_VISIT = 2  # the answer to what the worker came for must not drown
SECONDS_TO_LOOK = 0.5  # the worker's own answer does not wait longer for a reminder


class Visits:
    """Reminders below the answer of a turn. `now` gives UTC."""

    def __init__(
        self, reminders: Reminders, words: Callable[[], Awaitable[Words]], now: Callable[[], datetime]
    ) -> None:
        self._reminders, self._words, self._now = reminders, words, now

    async def waiting_for(self, contact: Contact) -> tuple[Reply, ...]:
        """The same for a worker in a messaging app."""
        return await self.waiting_in(contact.conversation_id, contact.channel)

    async def waiting_in(self, conversation_id: str, channel: str) -> tuple[Reply, ...]:
        """What waits for the worker, at most two messages; nothing where that cannot be known quickly."""
        try:
            async with asyncio.timeout(SECONDS_TO_LOOK):
                return await self._said(conversation_id, channel)
        except Exception as error:  # the answer is what the worker came for
            log.error("what waits for a visit could not be read: %s", type(error).__name__)
            return ()

    async def stopped(self, conversation_id: str) -> None:
        """The worker stopped all messages: reminders end with them."""
        await self._reminders.stop_all(conversation_id, self._now())

    async def _said(self, conversation_id: str, channel: str) -> tuple[Reply, ...]:
        now = self._now()
        claimed = await self._reminders.deliveries.claim_at_visit(conversation_id, now, LEASE)
        subscription = await self._reminders.subscription(conversation_id) if claimed else None
        if subscription is None:
            return ()
        words, ended = await self._words(), []
        replies: list[Reply] = []
        for one in sorted(claimed, key=lambda one: -one.priority):
            reason = untrue(words, one, subscription, now) if subscription.agreed else Reason.STOPPED
            if reason is not None or len(replies) == MOST_AT_A_VISIT:
                ended.append(Ended(one.id, DeliveryState.SUPPRESSED, now, reason or Reason.CAP))
                continue
            try:
                replies.append(reply_of(words, Group(one), subscription, channel, now))
                ended.append(Ended(one.id, DeliveryState.SENT, now, channel=channel))
            except CannotSay:
                ended.append(Ended(one.id, DeliveryState.SUPPRESSED, now, Reason.NO_FIGURE))
        await self._reminders.deliveries.record(ended)
        return tuple(replies)
