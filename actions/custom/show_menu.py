"""action_show_menu: the life events as buttons."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.custom.desk import Desk, Turn, button, plain_answer, say


class ShowMenu(Action):
    """Asks what happened, so that nobody has to know the name of a rule."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_show_menu"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """One button a life event, in the order of the file."""
        turn = Turn.of(tracker)
        events = self._desk.library().knowledge.life_events.values()
        buttons = [button(event.title.in_language(turn.language), f"/{event.id}") for event in events]
        text = self._desk.phrase("menu", turn.language)
        say(dispatcher, text, buttons, plain_answer(text, turn.language, Outcome.CLARIFY))
        return []
