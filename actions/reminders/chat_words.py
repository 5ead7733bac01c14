"""A reminder, a day and a time in the words of `knowledge/reminders.yml`."""

from datetime import date, time

from actions.reminders.chat_texts import ChatTexts
from actions.reminders.hearing import Trouble
from actions.reminders.model import Language, Reminder, Rhythm
from actions.reminders.recurrence import LAST_DAY

NOON, AFTERNOON, EVENING, MORNING = 12, 13, 18, 6
_HALF_DAY = 12
_TEENS = range(11, 14)
_SIGNS = {1: "st", 2: "nd", 3: "rd"}


class ChatWords:
    """Says days, times and plans in a language."""

    def __init__(self, texts: ChatTexts) -> None:
        self.texts = texts

    def worded(self, name: str, language: Language, **words: object) -> str:
        """One of the phrases, filled in."""
        return self.texts.phrases[name].in_language(language).format(**words)

    def plan(self, reminder: Reminder, language: Language) -> str:
        """What will happen: rhythm, day, time and what about."""
        key: str = reminder.rhythm
        cut = (Rhythm.MONTHLY, Rhythm.QUARTERLY, Rhythm.HALF_YEARLY)
        ordinal = self.ordinal(reminder.day, language)
        last = reminder.day == LAST_DAY and reminder.rhythm in cut
        words = {
            "day": self.worded("last_day", language) if last else self.worded("day_of_month", language, day=ordinal),
            "month": self.month(reminder.first.month, language),
            "date": self.day(reminder.first, language),
            "time": self.time(reminder.at, language),
            "about": self.texts.abouts[reminder.about].in_language(language),
        }
        return self.texts.plans[key].in_language(language).format(**words)

    def day(self, day: date, language: Language) -> str:
        """A date with its day of the week: `2026年12月10日（周四）`, `Thursday 10 December 2026`."""
        weekday = self.texts.names.weekdays[day.weekday()].in_language(language)
        return self.worded(
            "date", language, year=day.year, month=self.month(day.month, language), day=day.day, weekday=weekday
        )

    def month(self, month: int, language: Language) -> str:
        """`3月`, `March`."""
        return self.texts.names.months[month - 1].in_language(language)

    def month_of(self, month: str, language: Language) -> str:
        """`2026-11` as `2026年11月`, `November 2026`."""
        year, number = month.split("-")
        return self.worded("month_of_year", language, year=year, month=self.month(int(number), language))

    def time(self, at: time, language: Language) -> str:
        """`上午9:30`, `晚上7:00`; `9:30 am`, `7:00 pm`."""
        hour = (at.hour - 1) % _HALF_DAY + 1 if language == "en" or at.hour > _HALF_DAY else at.hour
        return self.texts.parts_of_the_day[_part(at)].in_language(language).format(hour=hour, minute=f"{at.minute:02d}")

    def trouble(self, trouble: Trouble, language: Language) -> str:
        """What cannot be, and what is accepted."""
        limits = {
            name: self.day(limit, language) if isinstance(limit, date) else limit
            for name, limit in (("lowest", trouble.lowest), ("highest", trouble.highest))
        }
        return self.texts.troubles[trouble.kind].in_language(language).format(**limits)

    def apps(self, apps: tuple[str, ...], language: Language) -> str:
        """The names of messaging apps, joined."""
        named = [self.texts.apps[app].in_language(language) for app in apps if app in self.texts.apps]
        return self.worded("or", language).join(named)

    def ordinal(self, day: int, language: Language) -> str:
        """`10`, `10th`."""
        sign = "th" if day in _TEENS else _SIGNS.get(day % 10, "th")
        return f"{day}{sign}" if language == "en" else str(day)


def _part(at: time) -> str:
    if at.hour < MORNING:
        return "night"
    if at.hour < NOON:
        return "morning"
    if at.hour < AFTERNOON:
        return "noon"
    return "afternoon" if at.hour < EVENING else "evening"
