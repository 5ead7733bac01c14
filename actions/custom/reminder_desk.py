"""What the reminders' actions share: their texts, the worker's clock and consent, and how a reply is put together."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering.answer import Language, Outcome
from actions.answering.library import Library
from actions.custom.calculator import interview_of
from actions.custom.desk import Button, Desk, Turn, button, plain_answer, say
from actions.reminders.care import CareSettings
from actions.reminders.chat_texts import InvalidTexts, read_chat_texts
from actions.reminders.chat_words import ChatWords
from actions.reminders.draft import Draft, reminder_of
from actions.reminders.facts import retirement_month
from actions.reminders.heard_wishes import Wish
from actions.reminders.model import CHINA_ZONE, About, Facts, Reminder, ReminderState, Rhythm, Subscription
from actions.reminders.recurrence import next_day
from actions.reminders.store import Reminders
from actions.reminders.zones import local, moment

log = logging.getLogger(__name__)
SLOT = "reminder_draft"
FACTS_OF_A_CASE = ("birth", "region", "base", "tier")  # of what was told to the calculator, what reminders use too
Why = Callable[[str, Facts, Language], str]  # origin, facts, language: why a message came


@dataclass(frozen=True)
class Worker:
    """Who writes, by whose clock, and what they agreed to."""

    turn: Turn
    subscription: Subscription | None
    reminders: tuple[Reminder, ...]
    now: datetime  # UTC
    case: Facts = field(default_factory=dict)  # what they told the calculator

    @property
    def id(self) -> str:
        """The opaque id of the conversation."""
        return self.turn.conversation_id

    @property
    def language(self) -> Language:
        """The language of the turn."""
        return self.turn.language

    @property
    def agreed(self) -> bool:
        """Whether there is a yes that was not taken back."""
        return self.subscription is not None and self.subscription.agreed

    @property
    def facts(self) -> Facts:
        """What is kept of the worker for reminders."""
        return self.subscription.facts if self.subscription else {}

    def zone(self, draft: Draft | None = None) -> str:
        """The time zone that was asked for, or Beijing's."""
        asked = draft.values.get("zone") if draft else None
        return asked or (self.subscription.zone if self.subscription else CHINA_ZONE)

    def clock(self, draft: Draft | None = None) -> datetime:
        """What the worker's clock shows."""
        return local(self.now, self.zone(draft))

    def known(self, reminder_id: int | None) -> Reminder | None:
        """The worker's reminder of that id."""
        return next((one for one in self.reminders if one.id == reminder_id), None)


class ReminderDesk:
    """Reads the texts again when the library has changed; a broken file keeps the last good ones."""

    def __init__(self, desk: Desk, reminders: Reminders, folder: Path, why: Why, care: CareSettings) -> None:
        self.desk, self.reminders, self.why, self.care = desk, reminders, why, care
        self._folder = folder
        self._held: tuple[Library, ChatWords] | None = None

    @property
    def words(self) -> ChatWords:
        """The texts in force; raises InvalidTexts only where there never were good ones."""
        library = self.desk.library()
        if self._held is not None and self._held[0] is library:
            return self._held[1]
        try:
            self._held = library, ChatWords(read_chat_texts(self._folder))
        except InvalidTexts as error:
            if self._held is None:
                raise
            log.error("the texts of the reminders have a problem, so the last good ones stay in force: %s", error)
            self._held = library, self._held[1]
        return self._held[1]

    async def worker(self, turn: Turn, told: Facts | None = None) -> Worker:
        """The worker of a turn; a database that is down leaves one who has agreed to nothing. `told`: of their case."""
        keep, store = self.desk.keep, self.reminders
        subscription = await keep(store.subscription(turn.conversation_id))
        reminders = await keep(store.of(turn.conversation_id))
        held = await keep(self.desk.workers.held(turn.conversation_id)) if told is not None else None
        case = facts_of_case({**(held.facts if held else {}), **(told or {})})
        return Worker(turn, subscription, reminders or (), self.desk.now().astimezone(UTC), case)

    def worded(self, name: str, language: Language, **words: object) -> str:
        """One of the phrases, filled in."""
        return self.words.worded(name, language, **words)

    def tell(
        self,
        dispatcher: CollectingDispatcher,
        text: str,
        language: Language,
        buttons: Sequence[Button] = (),
        outcome: Outcome = Outcome.ANSWERED,
    ) -> None:
        """One reply."""
        say(dispatcher, text, list(buttons), plain_answer(text, language, outcome))

    def tap(self, title: str, language: Language, payload: str) -> Button:
        """A button with one of the titles."""
        return button(self.words.texts.phrases[title].in_language(language), payload)

    def next_of(self, reminder: Reminder, worker: Worker) -> date | None:
        """The next day on which it is due, today where its time is still to come."""
        today = worker.clock().date()
        active = replace(reminder, state=ReminderState.ACTIVE)
        if moment(today, reminder.at, worker.zone()) > worker.now:
            return next_day(active, date.fromordinal(today.toordinal() - 1))
        return next_day(active, today)

    def is_quiet(self, reminder: Reminder, worker: Worker, draft: Draft | None = None) -> bool:
        """Whether it would come at an hour in which this worker is not written to."""
        zone = worker.zone(draft)
        hours = self.care.quiet_hours(worker.subscription or nobody(worker))
        return hours.is_quiet(moment(reminder.first, reminder.at, zone), zone)

    def quiet_words(self, worker: Worker) -> dict[str, str]:
        """The hours in which this worker is not written to, in words."""
        hours = self.care.quiet_hours(worker.subscription or nobody(worker))
        told = self.words.time
        return {"from_time": told(hours.start, worker.language), "until_time": told(hours.until, worker.language)}

    def reminder(self, draft: Draft, worker: Worker) -> Reminder:
        """The reminder of a complete draft; raises ImpossibleDay."""
        return reminder_of(draft, worker.id, worker.now, worker.zone(draft), self.care.usual)

    def retires(self, facts: Facts) -> str | None:
        """The month of retirement (YYYY-MM) that follows from kind and birth."""
        wanted = {name: facts[name] for name in ("category", "birth") if name in facts}
        return retirement_month(wanted, self.desk.library().knowledge.parameters, self.desk.today())

    def question(self, draft: Draft | None, worker: Worker) -> tuple[str, list[Button]]:
        """What is asked next, with its buttons."""
        language, asked = worker.language, draft.asked if draft else None
        if draft is None or asked is None:
            draft, asked = Draft(Wish.MAKE), "about"
        if asked == "consent":
            return self._consent(draft, worker)
        question = self.words.texts.questions[asked]
        if asked == "which":
            return question.text.in_language(language), self.numbered(worker, str(draft.act))
        choices = [button(c.in_language(language), payload(c.value)) for c in question.buttons]
        return question.text.in_language(language), choices

    def numbered(self, worker: Worker, what: str) -> list[Button]:
        """A button for each reminder of the worker."""
        title = self.words.texts.phrases["button_number"].in_language(worker.language)
        return [
            button(title.format(number=number), payload(f"{what}={one.id}"))
            for number, one in enumerate(worker.reminders, 1)
        ]

    def _consent(self, draft: Draft, worker: Worker) -> tuple[str, list[Button]]:
        language, reminder = worker.language, self.reminder(draft, worker)
        plan, first = self.words.plan(reminder, language), self.words.day(reminder.first, language)
        once = reminder.rhythm is Rhythm.ONCE
        words = {"plan": plan} if once else {"plan": plan, "first": first}
        text = self.worded("consent_once" if once else "consent", language, **words)
        answers = (("button_agree", "yes"), ("button_agree_all", "all"), ("button_refuse", "no"))
        return text, [self.tap(name, language, payload(f"consent={answer}")) for name, answer in answers]


def payload(choice: str) -> str:
    """What a button sends that stands for `name=value`."""
    return f'/remind{{"choice":"{choice}"}}'


def draft_of(tracker: Tracker) -> Draft | None:
    """The draft that the conversation holds."""
    return Draft.restored(tracker.get_slot(SLOT))


def nobody(worker: Worker) -> Subscription:
    """Somebody who named no hours of their own."""
    return Subscription(worker.id, worker.language, CHINA_ZONE, {}, agreed=False)


def fitting(worker: Worker, about: About | None, number: int | None) -> Reminder | None:
    """The reminder that is meant: by its place in the list (-1 for the last), by what it is about, or the only one."""
    if number is not None:
        places = range(1, len(worker.reminders) + 1)
        return (
            worker.reminders[-1]
            if number < 0 and places
            else worker.reminders[number - 1]
            if number in places
            else None
        )
    same = [one for one in worker.reminders if one.about is about] if about else list(worker.reminders)
    return same[0] if len(same) == 1 else None


def case_told(tracker: Tracker) -> Facts:
    """What the conversation holds of the worker's case."""
    interview = interview_of(tracker)
    assumed = interview.assumed if interview else ()
    return {fact: value for fact, value in (interview.facts if interview else {}).items() if fact not in assumed}


def facts_of_case(kept: Mapping[str, str]) -> dict[str, str]:
    """What was told to the calculator, under the names that reminders have for it."""
    found = {name: kept[name] for name in FACTS_OF_A_CASE if name in kept}
    category = kept.get("woman_kind") if kept.get("sex") == "woman" else kept.get("sex")
    return {**found, "category": category} if category else found
