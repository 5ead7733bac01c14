"""Conversations in memory, and only as much of them as the next turn needs.

Rasa replays every event of a conversation several times a turn, and sends them all to the action server:
without a limit a long conversation gets slower with each message, and the memory of a server that runs for
months fills up. SQLite, the alternative, makes a turn take twice as long and cannot delete one over HTTP.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

_SECONDS_AN_HOUR = 3600


class RecentConversations(InMemoryTrackerStore):
    """Keeps the last `turns` turns and all slots of the last `conversations` workers, each for `hours` hours.

    A conversation saved without events is forgotten: `PUT /conversations/<id>/tracker/events` with `[]`.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        turns: int = 8,
        conversations: int = 20_000,
        hours: int = 24,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._turns, self._conversations, self._seconds = turns, conversations, hours * _SECONDS_AN_HOUR
        self._saved_at: OrderedDict[str, float] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """See `TrackerStore.save`."""
        self._forget(tracker.sender_id)
        if not tracker.events:
            return
        await super().save(self._shortened(tracker))
        self._saved_at[tracker.sender_id] = time.time()
        self._forget_old_ones()

    def _forget(self, sender_id: str) -> None:
        self.store.pop(sender_id, None)
        self._saved_at.pop(sender_id, None)

    def _forget_old_ones(self) -> None:
        oldest_kept = time.time() - self._seconds
        while self._saved_at:
            sender_id, saved_at = next(iter(self._saved_at.items()))
            if saved_at >= oldest_kept and len(self._saved_at) <= self._conversations:
                return
            self._forget(sender_id)

    def _shortened(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        """The last turns, after a start of session that sets every slot; an open form is never cut."""
        events = list(tracker.events)
        begins = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
        if len(begins) < 2 * self._turns or tracker.active_loop_name:
            return tracker
        first = begins[-self._turns]
        before = DialogueStateTracker.from_events(tracker.sender_id, events[:first], slots=self.domain.slots)
        if before.active_loop_name:
            return tracker
        kept = _fresh_start(before, events[first].timestamp) + events[first:]
        return DialogueStateTracker.from_events(tracker.sender_id, kept, slots=self.domain.slots)


def _fresh_start(tracker: DialogueStateTracker, timestamp: float) -> list[Event]:
    slots = [
        SlotSet(name, value, timestamp) for name, value in tracker.current_slot_values().items() if value is not None
    ]
    start = ActionExecuted(ACTION_SESSION_START_NAME, timestamp=timestamp)
    return [start, SessionStarted(timestamp), *slots, ActionExecuted(ACTION_LISTEN_NAME, timestamp=timestamp)]
