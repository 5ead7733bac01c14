"""People who take a conversation over: while one is asked for or is there, the assistant keeps silent.

A request for a person, or words of distress, opens a handoff with what was said so far (masked). The worker can go
back to the assistant at any time by a button, and a desk by closing the handoff. Without a desk nothing is opened:
nobody would come.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from channels.handoffs import Handoff, HandoffFailure, HandoffReason, Handoffs, Line
from channels.message import Button, Language, Reply
from channels.sentences import Sentences

log = logging.getLogger(__name__)

OPENING: dict[str, HandoffReason] = {"handoff_requested": "requested", "handoff_distress": "distress"}
BACK = "/cancel"
THE_WORKER = "worker"
LINES_KEPT = 40


class Transcript(Protocol):
    """What a conversation remembers of the talk."""

    lines: deque[Line]


@dataclass
class Colleagues:
    """The handoffs of the gateway. `now` gives an aware time."""

    handoffs: Handoffs
    sentences: Sentences
    now: Callable[[], datetime]

    async def take(self, conversation_id: str, message: str, language: Language) -> Reply | None:
        """The reply while a person has the conversation; None where the assistant answers."""
        handoff = await self._current(conversation_id)
        if handoff is None:
            return None
        if message.startswith(BACK):
            await self._close(handoff)
            return Reply(self._say("handoff_back", language), outcome="handoff_closed", language=language)
        if not message.startswith("/"):
            await self.handoffs.worker_said(handoff.id, message)
        name = "handoff_claimed" if handoff.state == "claimed" else "handoff_waiting"
        back = Button(self.sentences.say("buttons", "back", language), BACK)
        return Reply(self._say(name, language), (back,), outcome=name, language=language)

    async def hear(
        self, conversation_id: str, talk: Transcript, message: str, replies: Iterable[Reply], channel: str
    ) -> None:
        """Keeps the last lines of a talk, and opens a handoff where the assistant said that a person is wanted."""
        at = self.now()
        if not message.startswith("/"):
            talk.lines.append(Line("worker", message, at))
        talk.lines.extend(Line("assistant", reply.text, at) for reply in replies if reply.text)
        while len(talk.lines) > LINES_KEPT:
            talk.lines.popleft()
        wanted = [(OPENING[reply.outcome], reply.language) for reply in replies if reply.outcome in OPENING]
        if not wanted:
            return
        reason, language = wanted[0]
        try:
            await self.handoffs.open(conversation_id, reason, language or "zh", channel, tuple(talk.lines))
        except Exception as error:  # the worker has the hotline's number already
            log.error("a handoff could not be opened: %s", type(error).__name__)

    async def forget(self, conversation_id: str) -> None:
        """Deletes every handoff of a conversation."""
        await self.handoffs.forget(conversation_id)

    async def _current(self, conversation_id: str) -> Handoff | None:
        try:
            return await self.handoffs.current(conversation_id)
        except Exception as error:  # a database that is down must not silence the assistant
            log.error("handoffs cannot be read: %s", type(error).__name__)
            return None

    async def _close(self, handoff: Handoff) -> None:
        try:
            if handoff.state == "waiting":
                await self.handoffs.claim(handoff.id, THE_WORKER)
            await self.handoffs.close(handoff.id, handoff.claimed_by or THE_WORKER)
        except HandoffFailure:
            log.info("a handoff was closed by somebody else at the same moment")

    def _say(self, name: str, language: Language) -> str:
        return self.sentences.say("channels", name, language)
