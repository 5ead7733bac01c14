"""One step of the reminder form: a message, and what is known afterwards. Whatever needs no form is done at once."""

from dataclasses import dataclass, replace

from rasa_sdk.executor import CollectingDispatcher

from actions.custom.reminder_conduct import ReminderConduct
from actions.custom.reminder_desk import Worker, fitting
from actions.reminders.draft import OF_ONE, WANTED, Draft, changed, is_value, values_of
from actions.reminders.heard_wishes import Wish, wish_in, zone_in
from actions.reminders.hearing import Heard, TroubleKind, hear, trouble_of, wants_all, which_in, yes_or_no
from actions.reminders.model import About, Reminder, Rhythm
from actions.reminders.recurrence import ImpossibleDay
from actions.simulator.heard import Heard as HeardFacts
from actions.simulator.heard import does_not_know
from actions.simulator.month import Month
from actions.simulator.reading import read

TOLD, COMPLETE = "told", "yes"
DEFAULTS = {
    "about": "pay",
    "rhythm": "monthly",
    "day": "10",
}  # where the worker leaves it to us; said, so they can object
_DATED = (TroubleKind.OVER, TroubleKind.NO_SUCH_YEAR)


@dataclass(frozen=True)
class Step:
    """What is known now, and whether the form is over: `yes` to keep it, `told` where everything is said."""

    draft: Draft | None
    done: str | None = None


class Form:
    """Reads one message after the other into a draft."""

    def __init__(self, conduct: ReminderConduct) -> None:
        self._conduct, self._desk = conduct, conduct.desk

    async def take(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft | None) -> Step | None:
        """The step that a message makes; None where it has nothing to do with the form."""
        if worker.turn.is_tap:
            return await self._tapped(dispatcher, worker, draft)
        heard = hear(worker.turn.text, worker.clock(draft), draft.asked if draft else None)
        if draft is None:
            return await self._begin(dispatcher, worker, heard)
        if draft.asked == "consent":
            answer = self._answer(worker)
            if answer is not None:
                return await self._agreed(dispatcher, worker, draft, answer)
        wish = wish_in(worker.turn.text)
        if self._conduct.knows(wish) and wish is not None and not (wish is Wish.SNOOZE and heard.says_when):
            await self._conduct.follow(dispatcher, worker, wish)
            return Step(None if wish is Wish.STOP_ALL else draft, TOLD if wish is Wish.STOP_ALL else None)
        if wish in OF_ONE and wish is not draft.act and not (wish is Wish.MOVE and draft.act is Wish.MAKE):
            return await self._begin(dispatcher, worker, heard)
        return await self._continued(dispatcher, worker, draft, heard)

    async def _begin(self, dispatcher: CollectingDispatcher, worker: Worker, heard: Heard) -> Step:
        wish = wish_in(worker.turn.text) or Wish.MAKE
        if wish is Wish.SNOOZE or (wish is Wish.MAKE and heard.on and heard.about is None and heard.rhythm is None):
            last = await self._desk.desk.keep(self._desk.reminders.last_sent(worker.id)) if worker.agreed else None
            wish = Wish.SNOOZE if last is not None else Wish.MAKE
        if self._conduct.knows(wish):
            await self._conduct.follow(dispatcher, worker, wish)
            return Step(None, TOLD)
        draft = Draft(wish)
        zone = zone_in(worker.turn.text)
        if zone:
            draft = draft.knowing({"zone": zone})
        if wish in OF_ONE:
            return await self._begin_with_one(dispatcher, worker, draft, heard)
        if heard.trouble:
            return self._refused(dispatcher, worker, draft, heard)
        return await self._checked(dispatcher, worker, draft.hearing(heard))

    async def _begin_with_one(
        self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft, heard: Heard
    ) -> Step:
        """Something done to one reminder: which one, if it is clear."""
        if not worker.reminders:
            name = "list_none" if worker.agreed else "not_agreed"
            self._conduct.say(dispatcher, worker, name, [self._desk.tap("button_new", worker.language, "/remind")])
            return Step(None, TOLD)
        number = which_in(worker.turn.text)
        meant = fitting(worker, heard.about, number)
        if meant is None and number is not None:
            self._conduct.say(dispatcher, worker, "which_unknown", [])
        if meant:
            draft = draft.knowing({"which": str(meant.id)})
        if draft.act is not Wish.MOVE:
            return await self._checked(dispatcher, worker, draft)
        if heard.trouble:
            return self._refused(dispatcher, worker, draft, heard)
        return await self._checked(dispatcher, worker, draft.hearing(replace(heard, about=None)))

    async def _continued(
        self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft, heard: Heard
    ) -> Step | None:
        if draft.asked in ("category", "birth"):
            facts = self._facts(worker, draft)
            return await self._checked(dispatcher, worker, draft.knowing(facts)) if facts else None
        found = values_of(heard)
        if draft.act in OF_ONE:
            found.pop("about", None)
            found |= self._which(worker, draft, heard)
        zone = zone_in(worker.turn.text)
        if zone:
            found["zone"] = zone
        if draft.asked != "about" and draft.about is not None and set(found) == {"about"}:
            found = {}  # "社保" in a question is no other wish
        if heard.trouble:
            return self._refused(dispatcher, worker, draft, heard)
        if found:
            return await self._checked(dispatcher, worker, draft.knowing(found))
        if does_not_know(HeardFacts(worker.turn.text)) and draft.asked in DEFAULTS:
            return await self._checked(dispatcher, worker, draft.knowing({draft.asked: DEFAULTS[draft.asked]}))
        return Step(draft) if worker.turn.intent == "remind" else None

    def _which(self, worker: Worker, draft: Draft, heard: Heard) -> dict[str, str]:
        if draft.asked != "which":
            return {}
        bare = int(worker.turn.text.strip()) if worker.turn.text.strip().isdecimal() else None
        meant = fitting(worker, heard.about, which_in(worker.turn.text) or bare)
        return {"which": str(meant.id)} if meant else {}

    def _facts(self, worker: Worker, draft: Draft) -> dict[str, str]:
        """The kind of worker and the month of birth, where they are asked for."""
        entities = tuple((str(e["entity"]), str(e["value"])) for e in worker.turn.entities if e.get("value"))
        on = self._desk.desk.today()
        facts = read(HeardFacts(worker.turn.text, entities, draft.asked), ("sex", "birth"), on)
        facts |= read(HeardFacts(worker.turn.text, entities, "woman_kind"), ("woman_kind",), on)
        found = {"birth": facts["birth"]} if "birth" in facts else {}
        if facts.get("sex") == "man":
            found["category"] = "man"
        elif "woman_kind" in facts:
            found["category"] = facts["woman_kind"]
        return {name: value for name, value in found.items() if is_value(name, value)}

    def _answer(self, worker: Worker) -> str | None:
        if wants_all(worker.turn.text):
            return "all"
        yes = worker.turn.intent == "affirm" if worker.turn.intent in ("affirm", "deny") else None
        yes = yes_or_no(worker.turn.text) if yes is None else yes
        return None if yes is None else "yes" if yes else "no"

    async def _agreed(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft, answer: str) -> Step:
        if answer == "no":
            self._conduct.say(dispatcher, worker, "refused", [])
            return Step(None, TOLD)
        return Step(draft.knowing({"consent": answer}), COMPLETE)

    async def _tapped(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft | None) -> Step | None:
        """A button of ours; without a choice the form begins, or a plain yes or no was tapped."""
        pairs = [choice.partition("=") for choice in worker.turn.values("choice")]
        chosen = {name: value for name, _, value in pairs if is_value(name, value)}
        if draft and draft.asked == "consent" and worker.turn.intent in ("affirm", "deny"):
            chosen = {"consent": "yes" if worker.turn.intent == "affirm" else "no"}
        if not chosen:
            return Step((draft or Draft(Wish.MAKE)).asking("about")) if worker.turn.intent == "remind" else None
        name, value = next(iter(chosen.items()))
        if name == "consent":
            if draft is None or draft.missing is not None:
                return await self._checked(dispatcher, worker, draft or Draft(Wish.MAKE))
            return await self._agreed(dispatcher, worker, draft, value)
        if name == "paid":
            await self._conduct.keep_paid(dispatcher, worker, value)
            return Step(draft, None if draft else TOLD)
        if name in ("one", "yearly", *OF_ONE):
            return await self._chosen_one(dispatcher, worker, name, int(value))
        return await self._checked(dispatcher, worker, (draft or Draft(Wish.MAKE)).knowing(chosen))

    async def _chosen_one(self, dispatcher: CollectingDispatcher, worker: Worker, name: str, number: int) -> Step:
        reminder = worker.known(number)
        if reminder is None:
            self._conduct.say(dispatcher, worker, "which_unknown", [])
            return Step(None, TOLD)
        if name == "one":
            plan = self._desk.words.plan(reminder, worker.language)
            self._conduct.say(dispatcher, worker, "one", self._conduct.ways_of(reminder, worker), plan=plan)
            return Step(None, TOLD)
        which = {"which": str(number)}
        if name == "yearly":
            draft = Draft(Wish.MOVE, which | {"rhythm": Rhythm.YEARLY.value, "month": str(reminder.first.month)})
        else:
            draft = Draft(Wish(name), which)
        return await self._checked(dispatcher, worker, draft)

    def _refused(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft, heard: Heard) -> Step:
        """What cannot be is said with what is accepted; the rest of the message counts."""
        assert heard.trouble is not None
        self._conduct.refuse(dispatcher, worker, heard.trouble)
        about = None if draft.act in OF_ONE else heard.about
        after = draft.hearing(replace(heard, trouble=None, about=about))
        if heard.trouble.kind is TroubleKind.NO_SUCH_TIME:
            after = after.without("at").knowing({"time": WANTED})
        if heard.trouble.kind in _DATED and "rhythm" not in after.values and draft.act is Wish.MAKE:
            after = after.knowing({"rhythm": Rhythm.ONCE.value})
        return Step(after.asking(after.missing))

    async def _checked(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft) -> Step:
        """Asks on, or refuses a day that cannot be, or asks for the yes, or is complete."""
        if draft.about is About.RETIREMENT and draft.act is Wish.MAKE:
            known = self._retiring(dispatcher, worker, draft)
            if known is None:
                return Step(None, TOLD)
            draft = known
        if draft.missing is not None:
            return Step(draft.asking(draft.missing))
        if draft.act not in (Wish.MAKE, Wish.MOVE):
            return Step(draft, COMPLETE)
        try:
            reminder = self._planned(worker, draft)
        except ImpossibleDay as problem:
            self._conduct.refuse(dispatcher, worker, trouble_of(problem))
            return _asking_anew(draft, problem)
        if reminder is not None and self._desk.is_quiet(reminder, worker, draft):
            text = self._desk.words.texts.troubles["quiet_time"].in_language(worker.language)
            self._desk.tell(dispatcher, text.format(**self._desk.quiet_words(worker)), worker.language)
            return Step(draft.without("at").knowing({"time": WANTED}).asking("time"))
        return Step(draft, COMPLETE) if worker.agreed or draft.act is Wish.MOVE else Step(draft.asking("consent"))

    def _planned(self, worker: Worker, draft: Draft) -> Reminder | None:
        """The reminder that a complete draft comes to; None where the one to be changed is gone."""
        if draft.act is Wish.MAKE:
            return self._desk.reminder(draft, worker)
        before = worker.known(draft.which)
        return changed(before, draft.values, worker.now, worker.zone()) if before else None

    def _retiring(self, dispatcher: CollectingDispatcher, worker: Worker, draft: Draft) -> Draft | None:
        """The day follows from the kind of worker and the month of birth, told or kept; None where it is over."""
        if any(name in draft.values for name in ("on", "day", "month", "date")):
            return draft
        told = {**worker.facts, **worker.case}
        kept = {name: told[name] for name in ("category", "birth") if name in told}
        draft = draft.knowing({name: value for name, value in kept.items() if name not in draft.values})
        if draft.missing is not None:
            return draft
        month = self._desk.retires(draft.values)
        if month is None:
            self._conduct.say(dispatcher, worker, "retirement_unknown", [])
            return draft.knowing({"date": WANTED})
        words = {"month": self._desk.words.month_of(month, worker.language)}
        first = str(Month.parse(month).plus(-int(draft.values.get("lead", 0))).first_day)
        if first <= worker.clock().date().isoformat():
            self._conduct.say(dispatcher, worker, "retirement_over", [], **words)
            return None
        self._conduct.say(dispatcher, worker, "retirement_month", [], **words)
        return draft.knowing({"on": first, "rhythm": Rhythm.ONCE.value})


def _asking_anew(draft: Draft, problem: ImpossibleDay) -> Step:
    """Without the day that cannot be; what else was said counts."""
    if draft.act is Wish.MOVE:
        return Step(Draft(Wish.MOVE, {"which": draft.values["which"]}).asking("change"))
    bare = draft.without("on").without("day")
    if bare.values.get("rhythm", Rhythm.ONCE) == Rhythm.ONCE:
        return Step(bare.without("month").asking("date"))
    return Step(bare.asking("day"))
