"""From a platform's request to its answer: verified, stored, taken as a turn, and sent once.

A message is in the inbox before the platform is told that it arrived. What a worker writes while an earlier message
is being answered waits its turn. Failures of sending are the closed list of `channel.py`.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from channels.channel import (
    Channel,
    ConnectionThrottled,
    ContactStopped,
    ContactUnknown,
    Forged,
    Malformed,
    PushUnsupported,
    Request,
    Response,
    SendFailure,
)
from channels.contacts import Contact, Contacts
from channels.inbox import Inbox, Letter
from channels.message import Event, Reply
from channels.metrics import Metrics
from channels.short_payloads import ShortPayloads
from channels.turns import Turns

log = logging.getLogger(__name__)

AnyChannel = Channel[Any]
SEND_ATTEMPTS, LONGEST_WAIT_SECONDS = 4, 30.0
REFUSED, UNREADABLE = Response("", 403), Response("", 400)
LEFT_BEHIND = timedelta(seconds=30)  # a message that long unanswered was left by a process that is gone


class Dispatcher:
    """All messaging channels of this process."""

    def __init__(
        self,
        channels: Sequence[AnyChannel],
        *,
        turns: Turns,
        contacts: Contacts,
        inbox: Inbox,
        payloads: ShortPayloads,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self.channels = {channel.name: channel for channel in channels}
        self._turns, self._contacts, self._inbox = turns, contacts, inbox
        self._payloads, self._metrics, self._now = payloads, metrics, now
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._ours: set[int] = set()  # letters that this process is at: they are not left behind, however long it takes
        self._promised: set[int] = set()  # letters whose answer follows as a message of its own
        self._under_way: dict[int, asyncio.Task[tuple[Reply, ...]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def receive(self, channel: AnyChannel, request: Request) -> Response:
        """The platform's answer; a forged request gets 403 and an unreadable one 400, both without a word."""
        try:
            channel.verify(request, self._now())
            received = channel.parse(request)
        except Forged as refusal:
            self._metrics.received(channel.name, "forged")
            log.warning("%s: a request was refused: %s", channel.name, refusal)
            return REFUSED
        except Malformed:
            self._metrics.received(channel.name, "malformed")
            return UNREADABLE
        for event in received.events:
            answered = await self._accept(channel, event, request)
            if answered is not None:
                return answered
        return received.response or Response("")

    async def _accept(self, channel: AnyChannel, event: Event, request: Request) -> Response | None:
        letter = await self._inbox.accept(event, self._now(), taken=True)
        if letter is None:
            self._metrics.received(channel.name, "duplicate")
            letter = await self._inbox.find(event)
            return await self._passive(channel, letter, request) if letter else None
        self._metrics.received(channel.name, "message")
        self._ours.add(letter.id)
        if hasattr(channel, "show_working"):
            self._start(channel.show_working(request))
        passive = getattr(channel, "answer_within_seconds", None) is not None
        self._follow(letter, self._start(self._answer(channel, letter, passive=passive)))
        return await self._passive(channel, letter, request)

    async def _passive(self, channel: Any, letter: Letter, request: Request) -> Response | None:
        """The reply as the answer to the request, where the platform takes it so and it is there in time."""
        within = getattr(channel, "answer_within_seconds", None)
        if within is None:
            return None
        task = self._under_way.get(letter.id)
        replies = letter.replies
        if task is not None:
            done, _ = await asyncio.wait({task}, timeout=within)
            if not done:
                self._promise(channel, letter, task)
                return channel.respond(request, (self._turns.being_prepared(letter.event),)) or Response("")
            if letter.id in self._promised:  # the platform asked again although it was told to wait
                return Response("")
            replies = task.result()
        response: Response | None = channel.respond(request, replies) if replies else None
        if response is None and replies and task is not None:
            self._promise(channel, letter, task)
        elif task is not None:
            await self._inbox.done(letter, keep_replies=True)
            self._ours.discard(letter.id)
        return response

    def _promise(self, channel: AnyChannel, letter: Letter, task: "asyncio.Task[tuple[Reply, ...]]") -> None:
        """The answer follows as a message of its own: once, however often the platform asks."""
        if letter.id not in self._promised:
            self._promised.add(letter.id)
            self._start(self._send_later(channel, letter, task))

    async def _send_later(self, channel: AnyChannel, letter: Letter, task: "asyncio.Task[tuple[Reply, ...]]") -> None:
        try:
            await self._send_all(channel, letter, await task)
        finally:
            self._promised.discard(letter.id)

    async def _answer(self, channel: AnyChannel, letter: Letter, *, passive: bool) -> tuple[Reply, ...]:
        """Takes the turn, one after the other for each worker; gives the replies, or sends them."""
        event = letter.event
        contact = await self._contacts.heard_from(
            channel.name, event.sender_address, self._now(), getattr(event, "language", None)
        )
        async with self._queues.setdefault(contact.conversation_id, asyncio.Lock()):
            if letter.state == "received" and not await self._inbox.take(letter):
                self._ours.discard(letter.id)
                return ()
            try:
                replies = await self._turns.take(contact, event, numbered=channel.limits.buttons == 0)
                replies = tuple([await self._fitted(channel, reply) for reply in replies])
                await self._inbox.answering(letter, replies, sending=0 if passive else 1)
            except Exception:  # the house-keeping tries once more: nothing has been said yet
                await self._inbox.release(letter)
                self._ours.discard(letter.id)
                raise
            if not passive:
                await self._send_all(channel, letter, replies, contact)
        return replies

    async def _fitted(self, channel: AnyChannel, reply: Reply) -> Reply:
        """The reply with buttons that the platform can carry."""
        most = channel.limits.payload_bytes
        if not reply.buttons or not most:
            return reply
        buttons = [replace(b, payload=await self._payloads.shorten(b.payload, most)) for b in reply.buttons]
        return replace(reply, buttons=tuple(buttons))

    async def _send_all(
        self, channel: AnyChannel, letter: Letter, replies: Sequence[Reply], contact: Contact | None = None
    ) -> None:
        try:
            contact = contact or await self._contacts.heard_from(channel.name, letter.event.sender_address, self._now())
            for number, reply in enumerate(replies, 1):
                if number <= letter.sent:
                    continue
                if number > 1:
                    await self._inbox.sending(letter, number)
                if await self.send(channel, contact, reply) is not None:
                    break
            await self._inbox.done(letter)
        finally:
            self._ours.discard(letter.id)

    async def send(self, channel: AnyChannel, contact: Contact, reply: Reply) -> SendFailure | None:
        """One reply to one worker, tried again where that can help; gives the failure that ended it."""
        failure: SendFailure | None = None
        for attempt in range(SEND_ATTEMPTS):
            try:
                await channel.send(contact.address, reply)
            except SendFailure as found:
                failure = found
                self._metrics.sent(channel.name, type(found).__name__)
                wait = found.retry_after if isinstance(found, ConnectionThrottled) else None
                wait = 2.0**attempt / 4 if wait is None else wait
                if not found.retryable or wait > LONGEST_WAIT_SECONDS or attempt == SEND_ATTEMPTS - 1:
                    break
                await asyncio.sleep(wait)
            else:
                self._metrics.sent(channel.name, "sent")
                return None
        if isinstance(failure, ContactStopped | ContactUnknown):
            await self._contacts.unreachable(contact, self._now())
        log.warning("%s: a reply was not sent: %s", channel.name, type(failure).__name__)
        return failure

    async def deliver(self, conversation_id: str, reply: Reply) -> None:
        """Writes to a worker outside of a turn, in the app they prefer, or the next one; raises a SendFailure.

        A conversation of the web chat has no contact, which is PushUnsupported: its page asks for news.
        """
        problem: SendFailure = PushUnsupported("there is no messaging app to write to")
        for contact in await self._contacts.of(conversation_id):
            channel = self.channels.get(contact.channel)
            if channel is None:
                continue
            if contact.stopped:
                problem = ContactStopped("the worker asked for no more messages")
                continue
            failure = await self.send(channel, contact, await self._fitted(channel, reply))
            if failure is None:
                return
            problem = failure
        raise problem

    async def resume(self, *, after: timedelta = LEFT_BEHIND) -> int:
        """Answers what is unanswered `after` that time, left by a process that is gone; gives how many there were."""
        letters = await self._inbox.unfinished(self._now() - after)
        for letter in letters:
            channel = self.channels.get(letter.event.channel)
            if channel is None or letter.id in self._ours:
                continue
            self._ours.add(letter.id)
            if letter.state == "answering":
                task = self._start(self._finish(channel, letter))
            else:
                await self._inbox.release(letter)
                letter = replace(letter, state="received")
                task = self._start(self._answer(channel, letter, passive=False))
            self._follow(letter, task)
        return len(letters)

    async def close(self) -> None:
        """Lets what is under way come to an end, and closes the channels."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LONGEST_WAIT_SECONDS)
        for channel in self.channels.values():
            closing = getattr(channel, "aclose", None) or getattr(channel, "close", None)
            if closing is not None:
                await closing()

    async def _finish(self, channel: AnyChannel, letter: Letter) -> tuple[Reply, ...]:
        await self._send_all(channel, letter, letter.replies)
        return letter.replies

    def _follow(self, letter: Letter, task: "asyncio.Task[tuple[Reply, ...]]") -> None:
        self._under_way[letter.id] = task
        task.add_done_callback(lambda _: self._under_way.pop(letter.id, None))

    def _start(self, work: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("answering a message failed: %s", type(error).__name__, exc_info=error)
