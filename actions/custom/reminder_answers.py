"""What the actions without a form have in common: plain words count, the classifier only guesses."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.custom.desk import Turn
from actions.custom.remind import Remind
from actions.custom.reminder_conduct import ReminderConduct
from actions.custom.reminder_desk import SLOT, Worker, case_told
from actions.custom.reminder_form import COMPLETE, Form
from actions.reminders.heard_wishes import Wish, wish_in


class ReminderAnswers:
    """Does what is wished; where it is the form's business after all, the form takes the message over."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self.conduct, self._form, self._remind = conduct, Form(conduct), Remind(conduct)

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, guessed: Wish) -> list[Any]:
        """The events after the answer; `guessed` is what the classifier made of the message."""
        turn = await self.conduct.desk.desk.placed(Turn.of(tracker))
        worker = await self.conduct.desk.worker(turn, case_told(tracker))
        wish = None if turn.is_tap else wish_in(turn.text)
        if wish is None or self.conduct.knows(wish):
            await self.conduct.follow(dispatcher, worker, wish or guessed)
            return []
        return await self._handed_over(dispatcher, worker)

    async def _handed_over(self, dispatcher: CollectingDispatcher, worker: Worker) -> list[Any]:
        step = await self._form.take(dispatcher, worker, None)
        if step is None or step.draft is None:
            return []
        if step.done == COMPLETE:
            await self._remind.carry_out(dispatcher, worker, step.draft)
            return []
        return [SlotSet(SLOT, step.draft.as_slot()), SlotSet("reminder_done", None), FollowupAction("reminder_form")]
