"""action_snooze: what was sent last comes once more later."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.reminder_answers import ReminderAnswers
from actions.custom.reminder_conduct import ReminderConduct
from actions.reminders.heard_wishes import Wish


class Snooze(Action):
    """At the time that the worker names, or some hours later."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._answers = ReminderAnswers(conduct)

    def name(self) -> str:
        """As the domain names it."""
        return "action_snooze"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """See `ReminderAnswers`."""
        return await self._answers.answer(dispatcher, tracker, Wish.SNOOZE)
