"""action_remind: keeps what the reminder form has gathered, and repeats what will happen."""

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.custom.desk import Turn
from actions.custom.reminder_conduct import ReminderConduct
from actions.custom.reminder_desk import SLOT, Worker, case_told, draft_of, payload
from actions.reminders.draft import Draft, changed
from actions.reminders.heard_wishes import Wish
from actions.reminders.hearing import trouble_of
from actions.reminders.model import About, Reminder, ReminderState, Rhythm
from actions.reminders.recurrence import LAST_DAY, ImpossibleDay, skip_next
from actions.reminders.store import MOST_REMINDERS, TooManyReminders
from actions.reminders.subscriptions import CHAT

OVER = [SlotSet(SLOT, None), SlotSet("reminder_done", None)]
SHORTEST_MONTH = 28


class Remind(Action):
    """Writes the yes and the reminder, or the change; says the day, the time, the rhythm, the next date and where."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._conduct, self._desk = conduct, conduct.desk

    def name(self) -> str:
        """As the domain names it."""
        return "action_remind"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Any]:
        """Does nothing where the form was ended by an answer: that has been said already."""
        draft = draft_of(tracker)
        if tracker.get_slot("reminder_done") != "yes" or draft is None:
            return OVER
        worker = await self._desk.worker(await self._desk.desk.placed(Turn.of(tracker)), case_told(tracker))
        await self.carry_out(dispatcher, worker, draft)
        return OVER

    async def carry_out(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft) -> None:
        """What a complete draft asks for."""
        try:
            if draft.act is Wish.MAKE:
                await self._make(dispatcher, worker, draft)
            else:
                await self._change(dispatcher, worker, draft)
        except ImpossibleDay as problem:
            self._conduct.refuse(dispatcher, worker, trouble_of(problem))

    async def _make(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft) -> None:
        if not worker.agreed and draft.values.get("consent") not in ("yes", "all"):
            self._conduct.say(dispatcher, worker, "refused", [])
            return
        wanted = self._desk.reminder(draft, worker)
        added = await self._desk.desk.keep(self._write(worker, draft, wanted))
        if added is None:
            self._conduct.say(dispatcher, worker, "failed", [])
        elif added is TooManyReminders:
            text = self._desk.words.texts.troubles["too_many"].in_language(worker.language)
            buttons = self._desk.numbered(worker, "stop")
            self._desk.tell(dispatcher, text.format(most=MOST_REMINDERS), worker.language, buttons)
        else:
            await self._confirm(dispatcher, worker, added)

    async def _write(self, worker: Worker, draft: Draft, wanted: Reminder) -> Reminder | type[TooManyReminders]:
        store, language = self._desk.reminders, worker.language
        if not worker.agreed:
            wording = self._desk.words.texts.wording
            await store.agree(worker.id, language, CHAT, wording, worker.now, worker.zone(draft))
        facts = self._facts(worker, draft)
        if facts:
            await store.keep_facts(worker.id, language, facts, CHAT, worker.now)
        try:
            return await store.add(wanted, worker.now)
        except TooManyReminders:
            return TooManyReminders

    def _facts(self, worker: Worker, draft: Draft) -> dict[str, str]:
        """What the worker told now; with the first yes also what they told the calculator, and how far the yes goes."""
        told = {name: draft.values[name] for name in ("category", "birth") if name in draft.values}
        if worker.turn.region:
            told["region"] = worker.turn.region
        if worker.agreed:
            return told
        return {**worker.case, **told, "nudges": "yes" if draft.values.get("consent") == "all" else "no"}

    async def _confirm(self, dispatcher: CollectingDispatcher, worker: Worker, reminder: Reminder) -> None:
        desk, language = self._desk, worker.language
        plan, where = desk.words.plan(reminder, language), await self._where(worker)
        if reminder.rhythm is Rhythm.ONCE:
            text = desk.worded("made_once", language, plan=plan, where=where)
        else:
            following = desk.words.day(reminder.first, language)
            text = desk.worded("made", language, plan=plan, next=following, where=where)
        if SHORTEST_MONTH < reminder.day < LAST_DAY and reminder.rhythm not in (Rhythm.ONCE, Rhythm.YEARLY):
            shown = desk.words.ordinal(reminder.day, language)
            text += "\n" + desk.worded("short_months", language, day=shown)
        buttons = [desk.tap("button_list", language, "/list_reminders")]
        if reminder.rhythm is Rhythm.ONCE and reminder.about is About.BASE:
            buttons.insert(0, desk.tap("button_yearly", language, payload(f"yearly={reminder.id}")))
        desk.tell(dispatcher, text, language, buttons)

    async def _where(self, worker: Worker) -> str:
        apps = await self._desk.desk.keep(self._desk.reminders.apps_of(worker.id)) or ()
        named = self._desk.words.apps(apps[:1], worker.language)
        if not named:
            return self._desk.worded("where_here", worker.language)
        return self._desk.worded("where_app", worker.language, apps=named)

    async def _change(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft) -> None:
        before = worker.known(draft.which)
        if before is None:
            self._conduct.say(dispatcher, worker, "which_unknown", [])
            return
        act = draft.act
        after = self._after(before, draft, worker)
        if after is None:
            self._conduct.say(dispatcher, worker, "over_already", [])
            return
        if act is Wish.SKIP and after == before:  # nothing comes after it
            act, after = Wish.STOP, replace(before, state=ReminderState.ENDED)
        if await self._desk.desk.keep(self._written(after)) is None:
            self._conduct.say(dispatcher, worker, "failed", [])
            return
        self._tell_change(dispatcher, worker, act, before, after)

    def _after(self, before: Reminder, draft: Draft, worker: Worker) -> Reminder | None:
        """The reminder as it is then; None where its day is over."""
        match draft.act:
            case Wish.MOVE:
                return changed(before, draft.values, worker.now, worker.zone())
            case Wish.PAUSE:
                return replace(before, state=ReminderState.PAUSED)
            case Wish.STOP:
                return replace(before, state=ReminderState.ENDED)
            case Wish.RESUME:
                active = replace(before, state=ReminderState.ACTIVE)
                return active if self._desk.next_of(active, worker) else None
        following = self._desk.next_of(before, worker)
        if following is None or before.rhythm is Rhythm.ONCE:
            return before
        return skip_next(before, following.fromordinal(following.toordinal() - 1))

    async def _written(self, reminder: Reminder) -> bool:
        await self._desk.reminders.change(reminder)
        return True

    def _tell_change(
        self, dispatcher: CollectingDispatcher, worker: Worker, act: Wish, before: Reminder, after: Reminder
    ) -> None:
        desk, language = self._desk, worker.language
        names = {Wish.MOVE: "moved", Wish.PAUSE: "paused", Wish.RESUME: "resumed", Wish.STOP: "stopped_one"}
        name, words = names.get(act, "skipped"), {"plan": desk.words.plan(after, language)}
        following = desk.next_of(after, worker)
        if name == "moved" and after.rhythm is Rhythm.ONCE:
            name = "moved_once"
        elif name in ("moved", "resumed", "skipped") and following:
            words["next"] = desk.words.day(following, language)
        if name == "skipped":
            left_out = desk.next_of(before, worker)
            words = {"skipped": desk.words.day(left_out or after.first, language), "next": words.get("next", "")}
        text = desk.worded(name, language, **words)
        desk.tell(dispatcher, text, language, [desk.tap("button_list", language, "/list_reminders")])
