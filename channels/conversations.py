"""What the gateway remembers of a conversation: its language, what is under way, what was answered last.

In memory, for one process, bounded in size and time. The dialogue itself lives in Rasa's tracker.
"""

import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from channels.handoffs import Line
from channels.message import Language, Turn

CONVERSATION_ID = re.compile(r"[0-9a-f]{32}")  # 128 bits: nobody guesses another worker's conversation
MESSAGE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
OPENING_ID_CHARACTERS = 16  # a shorter message id is too easily the same by accident to find a conversation by
REMEMBERED_TURNS = 4  # a client resends its last message, not an old one

Opening = tuple[str, str, str]  # address, message id, content: enough to know a resent first message again


def mint_conversation_id() -> str:
    """A new opaque conversation id."""
    return secrets.token_hex(16)


@dataclass(slots=True, eq=False)
class Conversation:
    """One worker's conversation, as far as the gateway needs to know it."""

    id: str
    touched: float
    opening: Opening | None = None
    language: Language | None = None
    pending: bool = False
    unanswered: str | None = None  # as it would go to Rasa: already cleaned and masked
    turns: OrderedDict[str, Turn] = field(default_factory=OrderedDict)
    lines: deque[Line] = field(default_factory=deque)  # of the talk, for a person who takes it over

    def remember(self, message_id: str | None, turn: Turn) -> None:
        """Keep the turn, so that the same message sent again gets the same answer."""
        if message_id is None:
            return
        self.turns[message_id] = turn
        while len(self.turns) > REMEMBERED_TURNS:
            self.turns.popitem(last=False)

    def answered(self, message_id: str | None) -> Turn | None:
        """The turn that already answered this message."""
        return self.turns.get(message_id) if message_id else None

    @contextmanager
    def taking_a_turn(self) -> Iterator[None]:
        """Marks the conversation as busy for the length of the block."""
        self.pending = True
        try:
            yield
        finally:
            self.pending = False


class Conversations:
    """The conversations of late, oldest forgotten first; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float], lifetime_seconds: float, capacity: int) -> None:
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds
        self._capacity = capacity
        self._by_id: OrderedDict[str, Conversation] = OrderedDict()
        self._by_opening: dict[Opening, str] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def open(self, conversation_id: str | None, opening: Opening | None) -> Conversation:
        """The conversation with this id; without one, the one this very message opened, or a new one."""
        self._drop_silent()
        if conversation_id is None and opening is not None:
            conversation_id = self._by_opening.get(opening)
        if conversation_id is not None and conversation_id in self._by_id:
            conversation = self._by_id[conversation_id]
            conversation.touched = self._clock()
            self._by_id.move_to_end(conversation.id)
            return conversation
        while len(self._by_id) >= self._capacity:
            self.forget(next(iter(self._by_id)))
        conversation = Conversation(conversation_id or mint_conversation_id(), self._clock(), opening)
        self._by_id[conversation.id] = conversation
        if opening is not None:
            self._by_opening[opening] = conversation.id
        return conversation

    def forget(self, conversation_id: str) -> None:
        """Drop everything known of a conversation."""
        conversation = self._by_id.pop(conversation_id, None)
        if conversation and conversation.opening:
            self._by_opening.pop(conversation.opening, None)

    def _drop_silent(self) -> None:
        oldest_allowed = self._clock() - self._lifetime_seconds
        while self._by_id:
            longest_silent = next(iter(self._by_id.values()))
            if longest_silent.touched >= oldest_allowed:
                return
            self.forget(longest_silent.id)
