"""action_show_estimate: the estimate of the case that was told."""

import logging
from typing import Any

from pydantic import ValidationError
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.custom.calculator import Calculator, interview_of
from actions.custom.desk import Turn, plain_answer, say
from actions.simulator.estimate import CannotEstimate, ImpossibleCase
from actions.simulator.wording import MissingText

log = logging.getLogger(__name__)
ONCE = [SlotSet("estimate_done", None), SlotSet("requested_slot", None), SlotSet("estimated", "yes")]


class ShowEstimate(Action):
    """One sentence, a small table, what to mind, and the usual "what if" as buttons."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator

    def name(self) -> str:
        """As the domain names it."""
        return "action_show_estimate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Says which figure is not published where one is missing; the facts stay for the next estimate."""
        turn, interview = Turn.of(tracker), interview_of(tracker)
        if interview is None:
            text = self._calculator.sentence("no_estimate_yet", turn.language)
            say(dispatcher, text, [], plain_answer(text, turn.language))
            return ONCE
        recap = self._calculator.recap(interview, turn.language)
        say(dispatcher, recap, [], plain_answer(recap, turn.language))
        try:
            told = self._calculator.told(interview, turn.language)
            say(dispatcher, told.text, told.buttons, told.about, chart=told.chart)
        except (CannotEstimate, ImpossibleCase) as problem:
            text = self._calculator.refusal(interview, problem, turn.language)
            say(dispatcher, text, [], plain_answer(text, turn.language, Outcome.UNANSWERABLE_REGION))
        except (ValidationError, MissingText):
            log.exception("an estimate of %s failed", interview.kind)
            text = self._calculator.sentence("failed", turn.language)
            say(dispatcher, text, [], plain_answer(text, turn.language, Outcome.ERROR_INTERNAL))
        return ONCE
