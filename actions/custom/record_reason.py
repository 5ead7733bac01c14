"""action_record_reason: why an answer did not help."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Desk, Turn, plain_answer, say


class RecordReason(Action):
    """Adds the reason to the verdict that was given just before."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_record_reason"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The reason is one of the buttons'; a verdict to add it to may be gone, which the worker need not know."""
        turn = Turn.of(tracker)
        for reason in turn.values("reason")[:1]:
            await self._desk.keep(self._desk.workers.log_reason(turn.conversation_id, reason, self._desk.now()))
        text = self._desk.phrase("feedback_noted", turn.language)
        say(dispatcher, text, [], plain_answer(text, turn.language))
        return []
