"""action_remember_facts: the worker lets us keep what they told the calculator."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.calculator import Calculator, interview_of
from actions.custom.desk import Turn, button, plain_answer, say
from actions.simulator.interview import lasting_facts


class RememberFacts(Action):
    """Keeps the facts that do not change by themselves; says which, and how to have them deleted."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator, self._desk = calculator, calculator.desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_remember_facts"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Without an estimate there is nothing to keep, which is said."""
        turn, interview = Turn.of(tracker), interview_of(tracker)
        lasting = lasting_facts(interview) if interview else {}
        if interview is None or not lasting:
            text = self._calculator.sentence("no_estimate_yet", turn.language)
            say(dispatcher, text, [], plain_answer(text, turn.language))
            return []
        workers = self._desk.workers
        writing = workers.keep_facts(turn.conversation_id, turn.language, lasting, self._desk.now())
        kept = await self._desk.keep(writing)
        facts = self._calculator.facts_in_words(interview, turn.language, lasting)
        done = self._calculator.sentence("remembered", turn.language, facts=facts)
        text = done if kept else self._calculator.sentence("failed", turn.language)
        see = button(self._calculator.sentence("button_my_data", turn.language), "/my_data")
        say(dispatcher, text, [see] if kept else [], plain_answer(text, turn.language))
        return []
