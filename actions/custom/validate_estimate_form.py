"""validate_estimate_form: what a message adds to the case, before the form asks on."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Language
from actions.custom.calculator import SLOT, Calculator, chosen_in, heard_in, interview_of, kept, kind_in
from actions.custom.desk import Turn, plain_answer, say
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.heard import does_not_know
from actions.simulator.interview import WANTED, Interview, offered, recalled

TELLING = {"inform", "simulate", "choose"}
FORGIVEN = SlotSet("interruptions", "clear")  # an answer to the form's question is no interruption


class ValidateEstimateForm(Action):
    """Takes in facts; without any the form is rejected, and the message is answered as what it is."""

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator

    def name(self) -> str:
        """As the domain names it."""
        return "validate_estimate_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Sets `estimate`; `estimate_done` once nothing is missing. No event where the message tells nothing."""
        turn = await self._calculator.desk.placed(Turn.of(tracker))
        before = interview_of(tracker)
        kind = (kind_in(turn) if turn.intent == "simulate" else None) or (before.kind if before else None)
        if turn.intent == "simulate" and kind is None:
            return [FORGIVEN]
        if kind is None:
            return []
        started = before.about(kind) if before and before.kind != kind else before
        if started is None:
            started = await self._recalled(dispatcher, turn, kind)
        interview = offered(started, turn.region).next_question() if started.asked is None else started
        if not (turn.intent in TELLING or turn.values("statement") or turn.is_tap):
            return [SlotSet(SLOT, kept(interview))] if turn.intent == "simulate" else []
        return self._after(dispatcher, turn, interview)

    async def _recalled(self, dispatcher: CollectingDispatcher, turn: Turn, kind: str) -> Interview:
        """A new interview, with what the worker let us keep: it is said, so that it can be put right."""
        workers = self._calculator.desk.workers
        held = await self._calculator.desk.keep(workers.held(turn.conversation_id))
        interview = recalled(kind, held.facts if held else {})
        told = self._calculator.facts_in_words(interview, turn.language)
        if told:
            self._say(dispatcher, self._calculator.sentence("recalled", turn.language, facts=told), turn.language)
        return interview

    def _after(self, dispatcher: CollectingDispatcher, turn: Turn, interview: Interview) -> list[Any]:
        rules, language = self._calculator.rules(), turn.language
        try:
            told = chosen_in(turn, self._calculator.desk.library().knowledge.regions)
            heard = interview.hearing(heard_in(turn, interview.asked), rules)
            chosen = {fact: value for fact, value in told.items() if fact in WANTED[interview.kind]}
            after = (heard or interview).knowing(chosen, rules) if chosen else heard
            if after is None and "choice" in {e.get("entity") for e in turn.entities}:
                after = interview.assuming()
        except ImpossibleCase as problem:
            self._say(dispatcher, self._calculator.refusal(interview, problem, language), language)
            return [SlotSet(SLOT, kept(interview)), FORGIVEN]
        if after is None and turn.intent == "simulate":
            after = interview
        if after is None and does_not_know(heard_in(turn, interview.asked)):
            self._say(dispatcher, self._calculator.sentence("must_know", language), language)
            after = interview
        if after is None:
            return self._placed(dispatcher, turn, interview)
        return self._noted(dispatcher, interview, after, language)

    def _placed(self, dispatcher: CollectingDispatcher, turn: Turn, interview: Interview) -> list[Any]:
        """A place that this estimate has no use for is still where the worker pays."""
        desk, named = self._calculator.desk, turn.values("region")
        regions = desk.library().knowledge.regions
        if turn.intent != "inform" or len(named) != 1 or named[0] not in regions:
            return []
        place = regions.name(named[0], turn.language)
        self._say(dispatcher, desk.phrase("region_set", turn.language, region=place), turn.language)
        return [SlotSet("region", named[0]), SlotSet(SLOT, kept(interview)), FORGIVEN]

    def _noted(
        self, dispatcher: CollectingDispatcher, before: Interview, after: Interview, language: Language
    ) -> list[Any]:
        changed = [fact for fact, value in after.facts.items() if before.facts.get(fact) != value]
        corrected = any(fact in before.facts for fact in changed)
        if after.missing and (len(changed) > 1 or corrected):
            self._say(dispatcher, self._calculator.recap(after, language), language)
        done = SlotSet("estimate_done", "yes" if after.missing is None else None)
        return [SlotSet(SLOT, kept(after.next_question())), done, FORGIVEN]

    @staticmethod
    def _say(dispatcher: CollectingDispatcher, text: str, language: Language) -> None:
        say(dispatcher, text, [], plain_answer(text, language))
