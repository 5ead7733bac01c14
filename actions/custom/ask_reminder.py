"""action_ask_reminder_done: the question of the reminder form that is open."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answering.answer import Outcome
from actions.custom.desk import Turn
from actions.custom.reminder_conduct import ReminderConduct
from actions.custom.reminder_desk import draft_of


class AskReminder(Action):
    """Asks for one missing thing at a time, the worker's yes last."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._desk = conduct.desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_ask_reminder_done"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """The question with its buttons."""
        worker = await self._desk.worker(Turn.of(tracker))
        text, buttons = self._desk.question(draft_of(tracker), worker)
        self._desk.tell(dispatcher, text, worker.language, buttons, Outcome.CLARIFY)
        return []
