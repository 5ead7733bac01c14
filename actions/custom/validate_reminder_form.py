"""validate_reminder_form: what a message adds to the reminder that is wished for, before the form asks on."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Turn
from actions.custom.reminder_conduct import ReminderConduct
from actions.custom.reminder_desk import SLOT, case_told, draft_of
from actions.custom.reminder_form import Form, Step

BEGINNING = "remind"
# Their buttons are answered by their own actions; typed, "tomorrow" may be an answer to the form's question.
OTHERS = {"list_reminders", "stop_reminders", "paid", "snooze", "explain_reminder"}
TELLING = {"inform", "affirm", "deny", "simulate", BEGINNING, *OTHERS}
FORGIVEN = SlotSet("interruptions", "clear")  # an answer to the form's question is no interruption


class ValidateReminderForm(Action):
    """Takes in what is said; a message that says nothing of it is rejected, and is answered as what it is."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._form, self._desk = Form(conduct), conduct.desk

    def name(self) -> str:
        """As the domain names it."""
        return "validate_reminder_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Sets `reminder_draft`; `reminder_done` once nothing is missing (`yes`), or once all is said (`told`)."""
        turn = Turn.of(tracker)
        open_already = tracker.get_slot("requested_slot") == "reminder_done"
        if open_already and turn.is_tap and turn.intent in OTHERS:
            return []
        worker = await self._desk.worker(turn, case_told(tracker))
        draft = draft_of(tracker) if open_already or turn.intent != BEGINNING else None
        telling = turn.intent in TELLING or turn.is_tap or bool(turn.values("statement"))
        if not telling:
            return []
        step = await self._form.take(dispatcher, worker, draft)
        return [] if step is None else _events(step)


def _events(step: Step) -> list[Any]:
    """The slots after a step; a form that goes on asks what is missing."""
    held = step.draft.as_slot() if step.draft else None
    return [SlotSet(SLOT, held), SlotSet("reminder_done", step.done), FORGIVEN]
