"""On which days a reminder is due: what holds for every reminder. The single cases are in `tables/schedule.yml`."""

from calendar import monthrange
from datetime import date, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.model import About, Reminder, ReminderState, Rhythm
from actions.reminders.recurrence import STEPS, ImpossibleDay, days_between, first_day, next_day, skip_next

DAYS = st.dates(date(2004, 1, 1), date(2110, 12, 31))
RECURRING = st.sampled_from(list(STEPS))


def of_month(day: date) -> int:
    return day.year * 12 + day.month


@st.composite
def reminders(draw: st.DrawFn) -> Reminder:
    rhythm, day, on = draw(RECURRING), draw(st.integers(1, 31)), draw(DAYS)
    first = first_day(rhythm, day, None, on)
    return Reminder("worker", About.PAY, rhythm, first, day, time(9, 30))


def following(reminder: Reminder, after: date, count: int) -> list[date]:
    found: list[date] = []
    day: date | None = after
    while len(found) < count and (day := next_day(reminder, day or after)):
        found.append(day)
    return found


@given(reminders(), DAYS)
def test_the_next_day_is_always_later_and_never_before_the_first(reminder: Reminder, after: date) -> None:
    days = following(reminder, after, 14)
    assert len(days) == 14
    assert all(earlier < later for earlier, later in pairwise([after, *days]))
    assert days[0] >= reminder.first


@given(reminders())
def test_it_is_the_day_asked_for_or_the_last_of_a_short_month(reminder: Reminder) -> None:
    for day in following(reminder, reminder.first, 14):
        assert day.day == min(reminder.day, monthrange(day.year, day.month)[1])


@given(reminders())
def test_no_month_of_the_rhythm_is_left_out_and_none_comes_twice(reminder: Reminder) -> None:
    months = [of_month(day) for day in (reminder.first, *following(reminder, reminder.first, 30))]
    assert {later - earlier for earlier, later in pairwise(months)} == {STEPS[reminder.rhythm]}


@given(reminders(), DAYS, st.integers(0, 500))
def test_the_days_between_are_the_next_days_one_after_another(reminder: Reminder, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    one_by_one = []
    day = next_day(reminder, first - timedelta(days=1))
    while day and day <= last:
        one_by_one.append(day)
        day = next_day(reminder, day)
    assert list(days_between(reminder, first, last)) == one_by_one


@given(reminders(), DAYS)
def test_a_skipped_day_is_the_only_one_that_is_missing(reminder: Reminder, after: date) -> None:
    plain = following(reminder, after, 5)
    assert following(skip_next(reminder, after), after, 4) == plain[1:]
    assert following(skip_next(skip_next(reminder, after), after), after, 3) == plain[2:]


def asked(rhythm: Rhythm, day: int, month: int | None, on: date) -> date | ImpossibleDay:
    try:
        return first_day(rhythm, day, month, on)
    except ImpossibleDay as refused:
        return refused


@given(RECURRING, st.integers(1, 31), st.none() | st.integers(1, 12), DAYS)
def test_the_first_day_is_never_before_the_day_it_is_asked(
    rhythm: Rhythm, day: int, month: int | None, on: date
) -> None:
    found = asked(rhythm, day, month, on)
    if isinstance(found, ImpossibleDay):
        assert (rhythm, found.part, found.given) == (Rhythm.YEARLY, "day", day)
        return
    assert on <= found < date(on.year + 2, on.month, 1)
    assert month is None or (found.month - month) % STEPS[rhythm] == 0


@given(st.integers(1, 31), st.none() | st.integers(1, 12), DAYS)
def test_once_is_exactly_the_day_asked_for_or_is_refused(day: int, month: int | None, on: date) -> None:
    found = asked(Rhythm.ONCE, day, month, on)
    if isinstance(found, ImpossibleDay):
        assert (found.part, found.given, month is not None) == ("day", day, True)
        return
    assert (found >= on, found.day, month in (None, found.month)) == (True, day, True)


def test_an_old_skip_is_forgotten_with_the_next_one() -> None:
    reminder = Reminder(
        "worker", About.PAY, Rhythm.MONTHLY, date(2026, 1, 10), 10, time(9), skips=frozenset({date(2026, 2, 10)})
    )
    assert skip_next(reminder, date(2026, 11, 30)).skips == {date(2026, 12, 10)}


def test_there_is_nothing_to_skip_of_a_paused_reminder() -> None:
    paused = Reminder("worker", About.PAY, Rhythm.MONTHLY, date(2026, 1, 10), 10, time(9), ReminderState.PAUSED)
    assert skip_next(paused, date(2026, 11, 30)) == paused


def test_the_calendar_ends_without_an_error() -> None:
    reminder = Reminder("worker", About.PAY, Rhythm.YEARLY, date(9998, 12, 31), 31, time(9))
    assert list(islice(days_between(reminder, date(9990, 1, 1), date.max), 9)) == [date(9998, 12, 31), date.max]
    assert next_day(reminder, date.max) is None
    with pytest.raises(ImpossibleDay, match="9999-12-31 or later"):
        first_day(Rhythm.ONCE, 1, 1, date.max)


def test_the_error_says_what_is_accepted() -> None:
    with pytest.raises(ImpossibleDay, match="day 31 is not possible: 1 to 30 is accepted"):
        first_day(Rhythm.ONCE, 31, 4, date(2026, 11, 30))
    with pytest.raises(ImpossibleDay, match="date 2026-11-01 is not possible: 2026-11-30 or later is accepted"):
        first_day(Rhythm.ONCE, 1, 11, date(2026, 11, 30), year=2026)
