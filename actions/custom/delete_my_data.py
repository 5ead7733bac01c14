"""action_delete_my_data: everything that is held of the worker goes."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.custom.desk import Desk, Turn, plain_answer, say


class DeleteMyData(Action):
    """Deletes the rows; the outcome tells the gateway to let go of the conversation as well."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_delete_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Says so only after it is done."""
        turn = Turn.of(tracker)
        gone = await self._desk.keep(self._desk.workers.forget(turn.conversation_id))
        if gone is None:
            sorry = self._desk.library().knowledge.texts.outcomes[Outcome.ERROR_INTERNAL].in_language(turn.language)
            say(dispatcher, sorry, [], plain_answer(sorry, turn.language, Outcome.ERROR_INTERNAL))
            return []
        text = self._desk.phrase("data_deleted", turn.language)
        say(dispatcher, text, [], plain_answer(text, turn.language, Outcome.DATA_DELETED))
        return [AllSlotsReset(), SlotSet("language", turn.language)]
