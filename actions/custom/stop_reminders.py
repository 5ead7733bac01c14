"""action_stop_reminders: nothing is sent any more, from this moment on."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Turn
from actions.custom.reminder_answers import ReminderAnswers
from actions.custom.reminder_conduct import ReminderConduct
from actions.reminders.heard_wishes import Wish, is_stop_word


class StopReminders(Action):
    """Stops everything at once; a "stop" that was said to nothing in particular stops reminders too."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._conduct, self._answers = conduct, ReminderAnswers(conduct)

    def name(self) -> str:
        """As the domain names it."""
        return "action_stop_reminders"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """A "never mind" with nothing under way is no wish to stop reminders."""
        turn = Turn.of(tracker)
        if turn.intent != "cancel":
            return await self._answers.answer(dispatcher, tracker, Wish.STOP_ALL)
        worker = await self._conduct.desk.worker(turn)
        if is_stop_word(turn.text) and (worker.agreed or worker.reminders):
            await self._conduct.stop_all(dispatcher, worker)
            return []
        menu = [self._conduct.desk.tap("button_menu", turn.language, "/menu")]
        self._conduct.say(dispatcher, worker, "nothing_to_cancel", menu)
        return []
