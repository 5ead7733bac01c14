"""When something is to be said: an occurrence, and the days that are looked at for one rule."""

from collections.abc import Callable, Collection, Hashable
from datetime import date, timedelta
from typing import NamedTuple

from actions.parameters import Parameters
from actions.reminders.periods import month_of

LONGEST_HOLIDAY = timedelta(days=12)  # a day is moved to a working day by no more than that
LONG_AGO = timedelta(days=400)  # a message that was put off belongs to an occasion at most so far away
ALL_MEMO = 200_000  # distinct facts kept for one rule and window

Moved = Callable[[date], date]


class Occurrence(NamedTuple):
    """`day`: when it is said. `anchor`: the day it speaks of. `since`, `until`: numbers of the months it is about."""

    day: date
    occasion: str
    step: str
    anchor: date | None = None
    since: int | None = None
    until: int | None = None


class Window:
    """The days from `first` to `last`, for one rule: `moved` brings a day to a working day.

    `memo` keeps what a trigger found for some facts: of a million workers many have the same.
    """

    def __init__(self, first: date, last: date, parameters: Parameters, moved: Moved | None = None) -> None:
        slack = LONGEST_HOLIDAY if moved else timedelta(0)
        self.first, self.last, self.parameters, self._moved = first, last, parameters, moved
        self.earliest, self.latest = first - slack, last + slack
        self._memo: dict[Hashable, tuple[Occurrence, ...]] = {}

    @classmethod
    def around(cls, on: date, parameters: Parameters) -> "Window":
        """Wide enough to find again an occasion that was planned for about this day."""
        return cls(on - LONG_AGO, on + LONG_AGO, parameters)

    def lands(self, day: date) -> date | None:
        """The day it is said, or None where that is not in the window."""
        if not self.earliest <= day <= self.latest:
            return None
        moved = self._moved(day) if self._moved else day
        return moved if self.first <= moved <= self.last else None

    def months(self, offsets: Collection[int] = (0,)) -> range:
        """The numbers of the months in which a day with one of these offsets (days) can land in the window."""
        first, last = self.earliest - timedelta(days=max(offsets)), self.latest - timedelta(days=min(offsets))
        return range(month_of(first), month_of(last) + 1)

    def once(self, key: Hashable, find: Callable[[], list[Occurrence]]) -> tuple[Occurrence, ...]:
        """What `find` gives, worked out once for a key."""
        found = self._memo.get(key)
        if found is None:
            found = tuple(find())
            if len(self._memo) < ALL_MEMO:
                self._memo[key] = found
        return found
