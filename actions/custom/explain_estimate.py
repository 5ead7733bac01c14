"""action_explain_estimate: how the last estimate was worked out."""

import logging
from typing import Any

from pydantic import ValidationError
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.calculator import Calculator, interview_of
from actions.custom.desk import Turn, plain_answer, say
from actions.simulator.estimate import SimulationError
from actions.simulator.wording import MissingText

log = logging.getLogger(__name__)


class ExplainEstimate(Action):
    """The steps, each with its arithmetic."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator

    def name(self) -> str:
        """As the domain names it."""
        return "action_explain_estimate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Works it out again from the facts that the conversation holds."""
        turn, interview = Turn.of(tracker), interview_of(tracker)
        if interview is None or interview.missing is not None:
            text = self._calculator.sentence("no_estimate_yet", turn.language)
        else:
            try:
                text = self._calculator.steps(interview, turn.language)
            except (SimulationError, ValidationError, MissingText):
                log.exception("the steps of an estimate of %s failed", interview.kind)
                text = self._calculator.sentence("failed", turn.language)
        say(dispatcher, text, [], plain_answer(text, turn.language))
        return []
