"""action_open_handoff: the worker wants a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.answering.compose import compose_refusal
from actions.custom.desk import Desk, Turn, send


class OpenHandoff(Action):
    """Notes the request and says how to reach somebody now."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_open_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """An emergency in the same words goes first."""
        turn = Turn.of(tracker)
        language = turn.language
        answer = await self._desk.ask(
            lambda library: (
                library.urgent(turn.text, language)
                or compose_refusal(Outcome.HANDOFF_REQUESTED, language, library.knowledge)
            ),
            language,
        )
        await self._desk.keep(
            self._desk.workers.log_request(turn.conversation_id, "person", language, turn.text, self._desk.now())
        )
        send(dispatcher, self._desk, answer)
        return [SlotSet("misses", 0)]
