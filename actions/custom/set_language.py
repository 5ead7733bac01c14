"""action_set_language: the worker asked for the other language."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Language
from actions.custom.desk import Desk, Turn, plain_answer, say


class SetLanguage(Action):
    """Confirms the language in that language."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_set_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The language comes as an entity; without one, the other language is meant."""
        turn = Turn.of(tracker)
        wanted = next(iter(turn.values("language")), "")
        other: Language = "zh" if turn.language == "en" else "en"
        language: Language = "en" if wanted == "en" else "zh" if wanted == "zh" else other
        text = self._desk.phrase("language_set", language)
        say(dispatcher, text, [], plain_answer(text, language))
        await self._desk.keep(
            self._desk.workers.remember(turn.conversation_id, language, turn.region, self._desk.now())
        )
        return [SlotSet("language", language)]
