"""action_show_life_event: what matters after something happened, and where to read on."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Question
from actions.custom.answer_question import deliver
from actions.custom.desk import Desk, Turn


class ShowLifeEvent(Action):
    """Opens a life event; a real question in the same message is answered instead."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_show_life_event"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The intent is the id of the life event."""
        turn = await self._desk.placed(Turn.of(tracker))
        question = None if turn.is_tap else Question(turn.text, self._desk.today(), turn.spoken, turn.region)
        answer = await self._desk.ask(
            lambda library: library.life_event(turn.intent, turn.language, question), turn.language
        )
        return await deliver(dispatcher, self._desk, turn, answer)
