"""Between a worker's clock and UTC: the one place that knows what clock changes do.

A local time that does not exist, because clocks go forward over it, is the first one that does; one that comes twice
is taken the first time.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

OF_THE_MACHINE = {"localtime", "Factory"}  # files in the list that are nobody's place
EXAMPLES = "Asia/Shanghai, Europe/London"


class UnknownZone(ValueError):
    """A name that no time zone has; the text says which are accepted."""

    def __init__(self, name: str) -> None:
        near = ", ".join(get_close_matches(name, sorted(_names()), n=2)) or EXAMPLES
        super().__init__(f"{name!r} is no time zone; a name of the IANA list is accepted, such as {near}")
        self.name = name


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    return name in _names()


@lru_cache(maxsize=8192)  # a planner asks for the same few times of a day for a million workers
def moment(day: date, at: time, zone: str) -> datetime:
    """The moment, in UTC, at which the worker's clock shows this time on this day; raises UnknownZone."""
    place = _place(zone)
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first = wall.replace(tzinfo=place).astimezone(UTC)
    if first.astimezone(place).replace(tzinfo=None, fold=0) == wall:
        return first
    return _end_of_gap(wall.replace(tzinfo=place, fold=1).astimezone(UTC), first, place)


def moments(day: date, at: time, zone: str) -> tuple[datetime, ...]:
    """Every moment, in UTC and in order, at which the worker's clock shows this time: two where clocks go back."""
    place = _place(zone)
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    again = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    first = moment(day, at, zone)
    return (first, again) if again > first else (first,)


def local(at: datetime, zone: str) -> datetime:
    """What the worker's clock and calendar show at a moment; raises UnknownZone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone; a moment in UTC is accepted")
    return at.astimezone(_place(zone))


def earliest_day(now: datetime, at: time, zone: str) -> date:
    """The first day on which this time of day is still to come: the worker's today, or tomorrow where it has passed."""
    today = local(now, zone).date()
    return today if moment(today, at, zone) > now else today + timedelta(days=1)


def days_later(now: datetime, days: int, at: time, zone: str) -> datetime:
    """The moment, in UTC, of "in three days" at a time of the worker's day."""
    return moment(local(now, zone).date() + timedelta(days=days), at, zone)


def _end_of_gap(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The moment at which the clock jumped, which lies between the two; clocks jump on a full second."""
    jumped = after.astimezone(place).utcoffset()
    seconds = range(int(before.timestamp()), int(after.timestamp()))
    passed = bisect_left(seconds, True, key=lambda at: datetime.fromtimestamp(at, place).utcoffset() == jumped)
    return datetime.fromtimestamp(seconds.start + passed, UTC)


@lru_cache(maxsize=64)
def _place(zone: str) -> ZoneInfo:
    if not is_zone(zone):
        raise UnknownZone(zone)
    return ZoneInfo(zone)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones() - OF_THE_MACHINE)
