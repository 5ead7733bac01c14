"""action_list_reminders: the worker's reminders."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.reminder_answers import ReminderAnswers
from actions.custom.reminder_conduct import ReminderConduct
from actions.reminders.heard_wishes import Wish


class ListReminders(Action):
    """Every reminder with its next day, and what can be done with it."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._answers = ReminderAnswers(conduct)

    def name(self) -> str:
        """As the domain names it."""
        return "action_list_reminders"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """See `ReminderAnswers`."""
        return await self._answers.answer(dispatcher, tracker, Wish.LIST)
