"""action_submit_complaint: keeps what the worker complains about."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.answering.compose import compose_refusal
from actions.custom.desk import Desk, Turn, plain_answer, say, send
from actions.privacy import mask


class SubmitComplaint(Action):
    """Stores the complaint and gives its number."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_submit_complaint"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Says so only after it is stored."""
        turn = Turn.of(tracker)
        language = turn.language
        text = mask(str(tracker.get_slot("complaint_text") or turn.text)).text
        number = await self._desk.keep(
            self._desk.workers.log_request(turn.conversation_id, "complaint", language, text, self._desk.now())
        )
        if number is None:
            send(
                dispatcher,
                self._desk,
                compose_refusal(Outcome.ERROR_INTERNAL, language, self._desk.library().knowledge),
            )
            return []
        reply = self._desk.phrase("complaint_saved", language, number=number)
        say(dispatcher, reply, [], plain_answer(reply, language))
        return [SlotSet("complaint_text", None)]
