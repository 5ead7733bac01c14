"""action_show_my_data: what is held of the worker."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.calculator import Calculator, interview_of
from actions.custom.desk import Turn, button, plain_answer, say
from actions.custom.reminder_desk import ReminderDesk
from actions.simulator.interview import recalled


class ShowMyData(Action):
    """Says everything that is held, and offers to delete it."""

    def __init__(self, calculator: Calculator, reminding: ReminderDesk | None = None) -> None:
        self._calculator, self._desk, self._reminding = calculator, calculator.desk, reminding

    def name(self) -> str:
        """As the domain names it."""
        return "action_show_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Reads the database; of what Rasa holds, the facts that were told to the calculator."""
        turn = await self._desk.placed(Turn.of(tracker))
        language = turn.language
        held = await self._desk.keep(self._desk.workers.held(turn.conversation_id))
        region = turn.region or (held.region if held else None)
        facts = []
        if held and held.first_seen:
            facts.append(self._desk.phrase("fact_language", language))
        if region:
            name = self._desk.library().knowledge.regions.name(region, language)
            facts.append(self._desk.phrase("fact_region", language, region=name))
        if held and held.questions:
            facts.append(self._desk.phrase("fact_questions", language, count=held.questions))
        if held and held.requests:
            facts.append(self._desk.phrase("fact_requests", language, count=held.requests))
        if held and held.feedback:
            facts.append(self._desk.phrase("fact_feedback", language, count=held.feedback))
        interview = interview_of(tracker)
        if interview and interview.facts:
            facts.append(self._calculator.facts_in_words(interview, language))
        elif held and held.facts:
            kept = recalled("pension", held.facts)
            facts.append(
                self._desk.phrase("fact_kept", language, facts=self._calculator.facts_in_words(kept, language))
            )
        facts += await self._reminders(turn)
        joined = self._desk.phrase("list_separator", language).join(facts)
        text = (
            self._desk.phrase("my_data", language, facts=joined)
            if facts
            else self._desk.phrase("my_data_none", language)
        )
        buttons = [button(self._desk.phrase("button_delete", language), "/delete_my_data")] if facts else []
        say(dispatcher, text, buttons, plain_answer(text, language))
        return []

    async def _reminders(self, turn: Turn) -> list[str]:
        """How many reminders there are, and that the worker agreed; nothing where they never did."""
        if self._reminding is None:
            return []
        worker = await self._reminding.worker(turn)
        if worker.agreed:
            return [self._reminding.worded("held", turn.language, count=len(worker.reminders))]
        stopped = worker.subscription is not None
        return [self._reminding.worded("held_stopped", turn.language)] if stopped else []
