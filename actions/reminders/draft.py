"""A wish for reminders that is not complete yet: what is known of it, and what is still to be asked.

Pure: a state in, a state out. The state is plain text, so that it survives in a slot of the conversation. A later word
about the same thing replaces the earlier one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from actions.reminders.heard_wishes import Wish
from actions.reminders.hearing import Heard
from actions.reminders.model import About, Reminder, ReminderState, Rhythm
from actions.reminders.recurrence import LAST_DAY, ImpossibleDay, first_day, next_day
from actions.reminders.zones import earliest_day, local

Values = Mapping[str, str]
WHEN = ("rhythm", "day", "month", "on", "at")
OF_ONE = frozenset({Wish.MOVE, Wish.PAUSE, Wish.RESUME, Wish.SKIP, Wish.STOP})
TO_BE_KEPT = frozenset({Wish.MAKE, *OF_ONE})
_MANY_DAYS = 45  # a changed rhythm that would begin later than this after its next day begins at once instead
_NUMBER = r"\d{1,9}"
WANTED = "wanted"
_SHAPES = {
    "about": "|".join(About),
    "rhythm": "|".join(Rhythm),
    "day": r"[1-9]|[12]\d|3[01]",
    "month": r"[1-9]|1[0-2]",
    "on": r"\d{4}-\d{2}-\d{2}",
    "at": r"(?:[01]\d|2[0-3])[0-5]\d",
    "category": r"man|woman_55|woman_50",
    "birth": r"\d{4}-(?:0[1-9]|1[0-2])",
    "consent": r"yes|all|no",
    "paid": r"\d{4}-(?:0[1-9]|1[0-2])",
    "lead": r"[1-9]\d?",
    "zone": r"Asia/(?:Urumqi|Shanghai)",
    "time": WANTED,  # a time was named that cannot be, so that it is asked for
    "date": WANTED,  # the month of retirement does not follow from what is known, so that a day is asked for
    "which": _NUMBER,
    "one": _NUMBER,
    "yearly": _NUMBER,
    **{str(wish): _NUMBER for wish in OF_ONE},
}


@dataclass(frozen=True)
class Draft:
    """What is wished (`act`), what is known of it, and what was asked for last."""

    act: Wish
    values: Values = field(default_factory=dict)
    asked: str | None = None

    @classmethod
    def restored(cls, held: object) -> "Draft | None":
        """What `as_slot` kept; None where there is nothing usable."""
        if not isinstance(held, dict) or held.get("act") not in TO_BE_KEPT:
            return None
        raw = held.get("values")
        values = {str(k): str(v) for k, v in raw.items() if is_value(str(k), str(v))} if isinstance(raw, dict) else {}
        asked = held.get("asked")
        return cls(Wish(held["act"]), values, asked if isinstance(asked, str) else None)

    def as_slot(self) -> dict[str, Any]:
        """Plain data."""
        return {"act": self.act.value, "values": dict(self.values), "asked": self.asked}

    @property
    def about(self) -> About | None:
        """What it is about."""
        return About(self.values["about"]) if "about" in self.values else None

    @property
    def which(self) -> int | None:
        """The id of the reminder that is to be changed."""
        return int(self.values["which"]) if "which" in self.values else None

    @property
    def says_when(self) -> bool:
        """Whether anything is known of the day, the time or the rhythm."""
        return any(name in self.values for name in WHEN)

    @property
    def missing(self) -> str | None:
        """What is to be asked next; None where the wish is complete."""
        if self.act in OF_ONE and self.which is None:
            return "which"
        if self.act not in (Wish.MAKE, Wish.MOVE):
            return None
        return self._missing_of_plan() or ("time" if "time" in self.values and "at" not in self.values else None)

    def _missing_of_plan(self) -> str | None:
        if self.act is Wish.MOVE:
            return None if self.says_when or "time" in self.values else "change"
        if self.about is None:
            return "about"
        if self.about is About.RETIREMENT and not any(name in self.values for name in ("on", "day", "month")):
            facts = ("category", "birth")
            return "date" if "date" in self.values else next((fact for fact in facts if fact not in self.values), None)
        return self._missing_of_when()

    def _missing_of_when(self) -> str | None:
        values = self.values
        if "on" in values or ("rhythm" not in values and "month" in values):
            return None
        match values.get("rhythm"):
            case None:
                return "rhythm"
            case Rhythm.ONCE:
                return None if "day" in values or "month" in values else "date"
            case Rhythm.YEARLY:
                return None if "month" in values else "month"
        return None if "day" in values else "day"

    def asking(self, what: str | None) -> "Draft":
        """The same, with what is asked now."""
        return replace(self, asked=what)

    def knowing(self, found: Values) -> "Draft":
        """With these values instead of what was known; a certain day and a day of the month exclude each other."""
        kept = dict(self.values)
        if "on" in found:
            kept.pop("day", None)
            kept.pop("month", None)
        elif "day" in found or "month" in found:
            kept.pop("on", None)
        return replace(self, values={**kept, **found})

    def without(self, name: str) -> "Draft":
        """The same, with one value forgotten."""
        return replace(self, values={known: value for known, value in self.values.items() if known != name})

    def hearing(self, heard: Heard) -> "Draft":
        """With what a message says."""
        return self.knowing(values_of(heard))


def is_value(name: str, value: str) -> bool:
    """Whether a value could be this: what a button or a client sends is not taken as it comes."""
    if name not in _SHAPES or re.fullmatch(_SHAPES[name], value) is None:
        return False
    return name != "on" or _is_day(value)


def values_of(heard: Heard) -> dict[str, str]:
    """What was heard, as plain text. A day outside of the calendar stays out: the caller has refused it by then."""
    found = {
        "about": heard.about and heard.about.value,
        "rhythm": heard.rhythm and heard.rhythm.value,
        "day": None if heard.day is None else str(heard.day),
        "month": None if heard.month is None else str(heard.month),
        "on": heard.on and heard.on.isoformat(),
        "at": heard.at and f"{heard.at:%H%M}",
        "lead": None if heard.lead is None else str(heard.lead),
    }
    return {name: value for name, value in found.items() if value and is_value(name, value)}


def time_of(values: Values, usual: time) -> time:
    """The time of day that was wished, or the usual one."""
    return time(int(values["at"][:2]), int(values["at"][2:])) if "at" in values else usual


def reminder_of(draft: Draft, conversation_id: str, now: datetime, zone: str, usual: time) -> Reminder:
    """The reminder of a complete draft; raises ImpossibleDay. `now` is a moment, `zone` that of the worker."""
    values = draft.values
    at = time_of(values, usual)
    rhythm = Rhythm(values.get("rhythm", Rhythm.ONCE))
    first, day = _first(values, rhythm, earliest_day(now, at, zone))
    return Reminder(conversation_id, draft.about or About.OTHER, rhythm, first, day, at)


def changed(reminder: Reminder, values: Values, now: datetime, zone: str) -> Reminder:
    """A reminder with another day, time or rhythm; raises ImpossibleDay. What was skipped before is forgotten."""
    at = time_of(values, reminder.at)
    rhythm = Rhythm(values.get("rhythm", reminder.rhythm))
    earliest = earliest_day(now, at, zone)
    coming = next_day(replace(reminder, state=ReminderState.ACTIVE), local(now, zone).date()) or reminder.first
    if not any(name in values for name in ("rhythm", "day", "month", "on")):
        first = coming if coming >= earliest else earliest
        return replace(reminder, at=at, first=first, skips=frozenset())
    wanted = {"day": str(reminder.day), **values}
    if "month" not in values and "day" in values and reminder.rhythm is not Rhythm.ONCE:
        near = _near(rhythm, wanted, coming, earliest)
        if near is not None:
            return replace(reminder, rhythm=rhythm, first=near, day=int(wanted["day"]), at=at, skips=frozenset())
    if "month" not in values and rhythm is Rhythm.YEARLY:
        wanted["month"] = str(coming.month)
    first, day = _first(wanted, rhythm, earliest)
    return replace(reminder, rhythm=rhythm, first=first, day=day, at=at, skips=frozenset())


def _near(rhythm: Rhythm, values: Values, coming: date, earliest: date) -> date | None:
    """The day in the month that is next anyway, so that every third month stays the same third month."""
    if rhythm is Rhythm.MONTHLY or "on" in values:
        return None
    found = first_day(rhythm, int(values["day"]), coming.month, earliest)
    return found if (found - coming).days < _MANY_DAYS else None


def _first(values: Values, rhythm: Rhythm, earliest: date) -> tuple[date, int]:
    """The first day and the day of the month."""
    if "on" in values:
        on = date.fromisoformat(values["on"])
        if on < earliest:
            raise ImpossibleDay("date", on, earliest)
        return on, on.day
    day, month = int(values.get("day", 1)), values.get("month")
    return first_day(rhythm, day, int(month) if month else None, earliest), min(day, LAST_DAY)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
