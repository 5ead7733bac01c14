"""action_ask_estimate_done: the calculator's next question."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.custom.calculator import Calculator, interview_of
from actions.custom.desk import Turn, plain_answer, say


class AskEstimate(Action):
    """Asks what to work out, then for one missing fact at a time."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator

    def name(self) -> str:
        """As the domain names it."""
        return "action_ask_estimate_done"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The question with its buttons."""
        language = Turn.of(tracker).language
        text, buttons = self._calculator.question(interview_of(tracker), language)
        say(dispatcher, text, buttons, plain_answer(text, language, Outcome.CLARIFY))
        return []
