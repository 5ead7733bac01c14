"""On which days a reminder is due. Pure: the day on which it is asked comes from the caller.

The day that was asked for stays what it is: the 31st is the last day of a short month and the 31st again in the next.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import MAXYEAR, date
from functools import lru_cache
from typing import Literal

from actions.reminders.model import Reminder, ReminderState, Rhythm

MONTHS_A_YEAR = 12
LAST_DAY = 31
YEARS_AHEAD = 60  # further off than anybody's retirement is a slip of the finger
LEAP_YEAR = 2000  # any one: what a month can have at most
AFTER_THE_LAST_MONTH = (MAXYEAR + 1) * MONTHS_A_YEAR
STEPS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.HALF_YEARLY: 6, Rhythm.YEARLY: 12}

Part = Literal["day", "month", "year", "date"]


class ImpossibleDay(ValueError):
    """A day that is not in the calendar, or is over: `part` names what was wrong, `lowest` to `highest` is accepted.

    `highest` is None where there is no end. The chat words it; the text is for the command line.
    """

    def __init__(self, part: Part, given: int | date, lowest: int | date, highest: int | date | None = None) -> None:
        until = f" to {highest}" if highest is not None else " or later"
        super().__init__(f"{part} {given} is not possible: {lowest}{until} is accepted")
        self.part = part
        self.given = given
        self.lowest = lowest
        self.highest = highest


def first_day(rhythm: Rhythm, day: int, month: int | None, on: date, *, year: int | None = None) -> date:
    """The first day, not before `on`, of "on the 10th" (of March, of a year) in a rhythm; raises ImpossibleDay.

    `on` is the first day that is still possible (`zones.earliest_day` has it). Without a month it is the next such day;
    with one, the rhythm is counted from that month. Once and yearly take only a day that the month can have (29
    February once waits for a leap year); the other rhythms take the last day of a short month.
    """
    _check("day", day, 1, LAST_DAY)
    if year is not None:
        _check("year", year, on.year, min(on.year + YEARS_AHEAD, MAXYEAR))
    if month is not None:
        _check("month", month, 1, MONTHS_A_YEAR)
        if rhythm in (Rhythm.ONCE, Rhythm.YEARLY):
            _check("day", day, 1, monthrange((rhythm is Rhythm.ONCE and year) or LEAP_YEAR, month)[1])
    months = _months_from(rhythm, month, on, year)
    for number in months:
        found = _cut(number, day)
        if found >= on and (rhythm is not Rhythm.ONCE or found.day == day):
            return found
    raise ImpossibleDay("date", _cut(min(months.start, AFTER_THE_LAST_MONTH - 1), day), on)


def next_day(reminder: Reminder, after: date) -> date | None:
    """The first day after `after` on which the reminder is due; None where it does not come back."""
    if reminder.state is not ReminderState.ACTIVE:
        return None
    return next((day for day in _days(reminder, after) if day > after and day not in reminder.skips), None)


def days_between(reminder: Reminder, first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last`, both included, on which the reminder is due."""
    if reminder.state is not ReminderState.ACTIVE:
        return
    for day in _days(reminder, first):
        if day > last:
            return
        if day >= first and day not in reminder.skips:
            yield day


def skip_next(reminder: Reminder, after: date) -> Reminder:
    """The reminder without the next day it is due; the same one where there is none. Skips that are over go."""
    skipped = next_day(reminder, after)
    if skipped is None:
        return reminder
    return replace(reminder, skips=frozenset({day for day in reminder.skips if day > after} | {skipped}))


def _days(reminder: Reminder, near: date) -> Iterator[date]:
    """The days of a reminder in their order, skips included; those of the months before `near` are left out."""
    start, step = _number(reminder.first), STEPS.get(reminder.rhythm)
    passed = max((_number(near) - start) // step, 0) if step else 0
    if passed == 0:
        yield reminder.first
    if step:
        for number in range(start + max(passed, 1) * step, AFTER_THE_LAST_MONTH, step):
            yield _cut(number, reminder.day)


def _months_from(rhythm: Rhythm, month: int | None, on: date, year: int | None) -> range:
    """The months that may hold the first day."""
    if month is None:
        start, step = max(_number(on), (year or 0) * MONTHS_A_YEAR), 1
    else:
        first_year = year or (on.year if month >= on.month else on.year + 1)
        start, step = first_year * MONTHS_A_YEAR + month - 1, STEPS.get(rhythm, MONTHS_A_YEAR)
    only_that_year = year is not None and rhythm is Rhythm.ONCE
    end = (start // MONTHS_A_YEAR + (1 if only_that_year else YEARS_AHEAD)) * MONTHS_A_YEAR
    return range(start, min(end, AFTER_THE_LAST_MONTH), step)


def _check(part: Part, given: int, lowest: int, highest: int) -> None:
    if not lowest <= given <= highest:
        raise ImpossibleDay(part, given, lowest, highest)


def _number(day: date) -> int:
    """The month as one number, so that a rhythm is a step."""
    return day.year * MONTHS_A_YEAR + day.month - 1


@lru_cache(maxsize=8192)
def _cut(number: int, day: int) -> date:
    """A day of the month; the last one where the month is too short."""
    year, month = divmod(number, MONTHS_A_YEAR)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
