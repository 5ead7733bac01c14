"""An action's surroundings in a test: a desk with the small library, and turns as Rasa would send them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering.library import Library
from actions.custom.calculator import Calculator
from actions.custom.desk import Desk
from actions.workers import Workers
from tests.folders import PROJECT

NOW = datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=8)))
LONGEST_PAYLOAD = 64  # bytes: Telegram Bot API
WHO = "c-1"


@dataclass(frozen=True)
class Told:
    """What one run of an action sent and which slots it set."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """The words of the first message."""
        return str(self.messages[0]["text"])

    @property
    def custom(self) -> dict[str, Any]:
        """The custom message that follows the words."""
        found: dict[str, Any] = self.messages[1]["custom"]
        return found

    @property
    def payloads(self) -> list[str]:
        """What the buttons send."""
        return [button["payload"] for message in self.messages for button in message["buttons"]]

    @property
    def slots(self) -> dict[str, Any]:
        """The slots that were set, last value."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}


def desk(library: Library, workers: Workers, deadline_seconds: float = 5.0) -> Desk:
    """A desk on the day of the tests."""
    return Desk(lambda: library, workers, lambda: NOW, deadline_seconds)


def tracker(
    text: str = "",
    intent: str = "policy_question",
    entities: list[dict[str, Any]] | None = None,
    **slots: Any,
) -> Tracker:
    """The state that Rasa 3.6 sends, as JSON."""
    known = {"language": "zh", "region": None, "last_article": None, "last_question": None, "misses": 0.0}
    return Tracker.from_dict(
        {
            "sender_id": WHO,
            "slots": {**known, **slots},
            "latest_message": {
                "intent": {"name": intent, "confidence": 0.98},
                "entities": entities or [],
                "text": text,
                "message_id": "8d1c4a1e0b0f4f0f9f0a6a1c2b3d4e5f",
                "metadata": {"language": "zh"},
            },
            "latest_event_time": 1795000000.0,
            "followup_action": None,
            "paused": False,
            "events": [],
            "latest_input_channel": "rest",
            "active_loop": {},
            "latest_action": {"action_name": "action_listen"},
            "latest_action_name": "action_listen",
        }
    )


def verdicts(article_id: str) -> list[str]:
    """What the two buttons below every answer send."""
    return [f'/{verdict}{{"article":"{article_id}"}}' for verdict in ("helpful", "unhelpful")]


def named(entity: str, *values: str) -> list[dict[str, Any]]:
    """Entities of one kind, as the bot found them in the message."""
    return [{"entity": entity, "value": value, "start": 0, "end": 1} for value in values]


def with_calculator(action: Callable[[Calculator], Action]) -> Callable[[Desk], Action]:
    """An action of the calculator, whose texts are the project's own."""
    return lambda at: action(Calculator(at, PROJECT / "knowledge"))


async def take(action: Callable[[Desk], Action], at: Desk, turn: Tracker) -> Told:
    """Runs one action and checks what holds for every reply: words, one custom message, short payloads."""
    dispatcher = CollectingDispatcher()
    events = await action(at).run(dispatcher, turn, {})
    told = Told(dispatcher.messages, list(events))
    assert len(told.messages) % 2 == 0
    for words, rest in zip(told.messages[::2], told.messages[1::2], strict=True):
        assert words["text"]
        assert not words["custom"]
        assert rest["custom"]["outcome"]
        assert rest["text"] is None
        assert not rest["buttons"]
    for payload in told.payloads:
        assert len(payload.encode()) <= LONGEST_PAYLOAD, payload
    return told
