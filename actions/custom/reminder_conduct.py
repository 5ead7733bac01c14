"""What is done with a worker's reminders once it is clear what they wish, and how it is said. Nothing without a yes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.custom.desk import Button
from actions.custom.reminder_desk import ReminderDesk, Worker, payload
from actions.reminders.heard_times import ImpossibleTime
from actions.reminders.heard_wishes import Wish, paid_month_in, quiet_in, wish_in, zone_in
from actions.reminders.hearing import Trouble, TroubleKind, hear
from actions.reminders.model import CHINA_ZONE, Reminder, Rhythm
from actions.reminders.subscriptions import CHAT
from actions.reminders.zones import earliest_day, moment

PUT_OFF_FOR = timedelta(hours=3)  # "later", without a time


class ReminderConduct:
    """The wishes that need no form: see them, stop all, paid, later, why, quiet hours, time zone."""

    def __init__(self, desk: ReminderDesk) -> None:
        self.desk = desk
        self._ways: dict[Wish, Callable[[CollectingDispatcher, Worker], Awaitable[None]]] = {
            Wish.LIST: self.show_all,
            Wish.STOP_ALL: self.stop_all,
            Wish.PAID: self.note_paid,
            Wish.SNOOZE: self.put_off,
            Wish.WHY: self.explain,
            Wish.QUIET: self.leave_alone,
            Wish.ZONE: self.set_zone,
        }

    def knows(self, wish: Wish | None) -> bool:
        """Whether it can be done without a form."""
        return wish in self._ways

    async def follow(self, dispatcher: CollectingDispatcher, worker: Worker, wish: Wish) -> None:
        """Does it, and says so."""
        await self._ways[wish](dispatcher, worker)

    def say(
        self, dispatcher: CollectingDispatcher, worker: Worker, name: str, buttons: list[Button], **words: object
    ) -> None:
        """One of the phrases as a reply."""
        self.desk.tell(dispatcher, self.desk.worded(name, worker.language, **words), worker.language, buttons)

    async def show_all(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """Every reminder with its next day, and what else is on its way."""
        language, desk = worker.language, self.desk
        new = desk.tap("button_new", language, "/remind")
        coming = await desk.desk.keep(desk.reminders.upcoming(worker.id)) or ()
        others = sum(not one.origin.startswith("asked:") for one in coming)
        lines = [self._line(number, one, worker) for number, one in enumerate(worker.reminders, 1)]
        title = "list_title" if lines else "list_none"
        count = {"count": len(lines)} if lines else {}
        text = "\n".join([desk.worded(title, language, **count), *lines])
        if others:
            text += "\n" + desk.worded("list_coming", language, count=others)
        stop = [desk.tap("button_stop_all", language, "/stop_reminders")] if lines or others else []
        buttons = self.ways_of(worker.reminders[0], worker) if len(lines) == 1 else desk.numbered(worker, "one")
        desk.tell(dispatcher, text, language, [*buttons, *(stop or [new])])

    def _line(self, number: int, reminder: Reminder, worker: Worker) -> str:
        desk, language = self.desk, worker.language
        plan, following = desk.words.plan(reminder, language), desk.next_of(reminder, worker)
        if reminder.state == "paused":
            return desk.worded("list_line_paused", language, number=number, plan=plan)
        if reminder.rhythm is Rhythm.ONCE or following is None:
            return desk.worded("list_line_once", language, number=number, plan=plan)
        day = desk.words.day(following, language)
        return desk.worded("list_line", language, number=number, plan=plan, next=day)

    def ways_of(self, reminder: Reminder, worker: Worker) -> list[Button]:
        """What can be done with one reminder, as buttons."""
        desk, language, paused = self.desk, worker.language, reminder.state == "paused"
        ways = ["move", "resume" if paused else "pause", *([] if paused else ["skip"])]
        taps = [desk.tap(f"button_{way}", language, payload(f"{way}={reminder.id}")) for way in ways]
        return [*taps, desk.tap("button_stop_one", language, payload(f"stop={reminder.id}"))]

    async def stop_all(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """At once, whatever there is; also where we believe that there is nothing."""
        had = worker.agreed or bool(worker.reminders)
        ended = await self.desk.desk.keep(self.desk.reminders.stop_all(worker.id, worker.now))
        name = "failed" if ended is None else "stopped_all" if had else "nothing_to_stop"
        self.say(dispatcher, worker, name, [])

    async def note_paid(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """The month that is named, or this one; asked where several may be meant, or it is not plain what was paid."""
        text, today = "" if worker.turn.is_tap else worker.turn.text, worker.clock().date()
        plain = worker.turn.is_tap or wish_in(text) is Wish.PAID
        month = paid_month_in(text, today) if plain else None
        if not worker.agreed:
            self._nothing_agreed(dispatcher, worker, "paid_not_kept")
        elif month is None:
            question = self.desk.words.texts.questions["paid"].text.in_language(worker.language)
            self.desk.tell(dispatcher, question, worker.language, self._months(worker))
        else:
            await self.keep_paid(dispatcher, worker, month)

    def _months(self, worker: Worker) -> list[Button]:
        today, title = worker.clock().date(), self.desk.words.month_of
        first = today.replace(day=1)
        months = [f"{first:%Y-%m}", f"{first - timedelta(days=1):%Y-%m}"]
        return [Button(title=title(one, worker.language), payload=payload(f"paid={one}")) for one in months]

    async def keep_paid(self, dispatcher: CollectingDispatcher, worker: Worker, month: str) -> None:
        """Keeps that everything up to a month is paid, so that nobody is reminded of it."""
        if not worker.agreed:
            self._nothing_agreed(dispatcher, worker, "paid_not_kept")
            return
        kept = self.desk.reminders.paid(worker.id, worker.language, month, CHAT, worker.now)
        done = await self.desk.desk.keep(kept)
        words = {} if done is None else {"month": self.desk.words.month_of(month, worker.language)}
        self.say(dispatcher, worker, "failed" if done is None else "paid", [], **words)

    async def put_off(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """What was sent last comes once more, at the time that is named or some hours later."""
        desk, language = self.desk, worker.language
        heard = hear("" if worker.turn.is_tap else worker.turn.text, worker.clock())
        if heard.trouble:
            self.refuse(dispatcher, worker, heard.trouble)
            return
        last = await desk.desk.keep(desk.reminders.last_sent(worker.id)) if worker.agreed else None
        if last is None:
            day = [desk.tap("button_new", language, payload(f"on={heard.on}") if heard.on else "/remind")]
            self.say(dispatcher, worker, "nothing_to_snooze", day)
            return
        until = self._until(worker, heard.on, heard.at)
        if until <= worker.now:
            self.refuse(dispatcher, worker, Trouble(TroubleKind.OVER, worker.clock().date()))
            return
        if await desk.desk.keep(desk.reminders.snooze(worker.id, until, worker.now)) is None:
            self.say(dispatcher, worker, "failed", [])
            return
        then = until.astimezone(worker.clock().tzinfo)
        words = {"day": desk.words.day(then.date(), language), "time": desk.words.time(then.time(), language)}
        self.say(dispatcher, worker, "snoozed", [], **words)

    def _until(self, worker: Worker, on: date | None, at: Any) -> datetime:
        zone, care = worker.zone(), self.desk.care
        if on is not None:
            return moment(on, at or care.usual, zone)
        if at is not None:
            return moment(earliest_day(worker.now, at, zone), at, zone)
        later = worker.now + PUT_OFF_FOR
        clock = later.astimezone(worker.clock().tzinfo)
        if clock.date() == worker.clock().date() and clock.time() <= care.latest and clock.time() >= care.usual:
            return later.replace(second=0, microsecond=0)
        return moment(earliest_day(worker.now, care.usual, zone), care.usual, zone)

    async def explain(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """Why the last message came, in the words of its rule."""
        last = await self.desk.desk.keep(self.desk.reminders.last_sent(worker.id))
        if last is None:
            self.say(dispatcher, worker, "why_nothing", [])
            return
        text = self.desk.why(last.origin, worker.facts, worker.language)
        stop = self.desk.tap("button_stop_all", worker.language, "/stop_reminders")
        mine = self.desk.tap("button_list", worker.language, "/list_reminders")
        self.desk.tell(dispatcher, text, worker.language, [mine, stop])

    async def leave_alone(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """Quiet hours of the worker's own; the half that is not named stays as it is."""
        desk = self.desk
        if not worker.agreed or worker.subscription is None:
            self._nothing_agreed(dispatcher, worker, "not_agreed")
            return
        try:
            hours = quiet_in(worker.turn.text)
        except ImpossibleTime:
            self.refuse(dispatcher, worker, Trouble(TroubleKind.NO_SUCH_TIME))
            return
        if hours is None:
            question = desk.words.texts.questions["quiet"].text.in_language(worker.language)
            desk.tell(dispatcher, question, worker.language)
            return
        before = desk.care.quiet_hours(worker.subscription)
        start, until = hours
        if start is not None or until is not None:
            start, until = start or before.start, until or before.until
        kept = desk.reminders.quiet_hours(worker.id, worker.language, start, until, worker.now)
        if await desk.desk.keep(_told(kept)) is None:
            self.say(dispatcher, worker, "failed", [])
            return
        now = replace(worker, subscription=replace(worker.subscription, quiet_from=start, quiet_until=until))
        if start is not None and start == until:
            self.say(dispatcher, worker, "quiet_any", [])
        else:
            self.say(dispatcher, worker, "quiet_set", [], **desk.quiet_words(now))

    async def set_zone(self, dispatcher: CollectingDispatcher, worker: Worker) -> None:
        """Times are Beijing time unless the worker asks for another."""
        zone = zone_in(worker.turn.text) or CHINA_ZONE
        if not worker.agreed:
            self._nothing_agreed(dispatcher, worker, "not_agreed")
            return
        kept = self.desk.reminders.subscriptions.in_zone(worker.id, worker.language, zone, worker.now)
        done = await self.desk.desk.keep(_told(kept))
        name = "failed" if done is None else "zone_china" if zone == CHINA_ZONE else "zone_urumqi"
        self.say(dispatcher, worker, name, [])

    def refuse(self, dispatcher: CollectingDispatcher, worker: Worker, trouble: Trouble) -> None:
        """What cannot be, and what is accepted."""
        self.desk.tell(dispatcher, self.desk.words.trouble(trouble, worker.language), worker.language)

    def _nothing_agreed(self, dispatcher: CollectingDispatcher, worker: Worker, name: str) -> None:
        self.say(dispatcher, worker, name, [self.desk.tap("button_new", worker.language, "/remind")])


async def _told(writing: Awaitable[None]) -> bool:
    """True once it is written: a write that gives nothing is told from one that failed."""
    await writing
    return True
