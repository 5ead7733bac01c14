"""action_explain_reminder: why the last message came."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.reminder_answers import ReminderAnswers
from actions.custom.reminder_conduct import ReminderConduct
from actions.reminders.heard_wishes import Wish


class ExplainReminder(Action):
    """The reason in the words of the rule behind it."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._answers = ReminderAnswers(conduct)

    def name(self) -> str:
        """As the domain names it."""
        return "action_explain_reminder"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """See `ReminderAnswers`."""
        return await self._answers.answer(dispatcher, tracker, Wish.WHY)
