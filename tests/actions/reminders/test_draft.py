"""What is still to be asked, and what a changed reminder comes to: both sides of each limit."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.draft import Draft, changed, is_value, reminder_of
from actions.reminders.heard_wishes import Wish
from actions.reminders.model import CHINA_ZONE, About, Reminder, Rhythm
from actions.reminders.recurrence import ImpossibleDay

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # 10:00 in China
USUAL = time(9, 30)
PAY = Reminder("c", About.PAY, Rhythm.MONTHLY, date(2026, 12, 10), 10, time(9, 30))

MISSING: list[tuple[dict[str, str], str | None]] = [
    ({}, "about"),
    ({"rhythm": "monthly", "day": "10"}, "about"),
    ({"about": "pay"}, "rhythm"),
    ({"about": "pay", "day": "10"}, "rhythm"),
    ({"about": "pay", "at": "0800"}, "rhythm"),
    ({"about": "pay", "rhythm": "monthly"}, "day"),
    ({"about": "pay", "rhythm": "monthly", "day": "10"}, None),
    ({"about": "pay", "rhythm": "quarterly", "month": "3"}, "day"),
    ({"about": "base", "month": "3"}, None),
    ({"about": "base", "rhythm": "yearly"}, "month"),
    ({"about": "base", "rhythm": "yearly", "day": "5"}, "month"),
    ({"about": "base", "rhythm": "yearly", "month": "3"}, None),
    ({"about": "other", "rhythm": "once"}, "date"),
    ({"about": "other", "rhythm": "once", "day": "5"}, None),
    ({"about": "other", "on": "2026-12-01"}, None),
    ({"about": "other", "on": "2026-12-01", "time": "wanted"}, "time"),
    ({"about": "other", "on": "2026-12-01", "time": "wanted", "at": "0800"}, None),
    ({"about": "retirement"}, "category"),
    ({"about": "retirement", "category": "man"}, "birth"),
    ({"about": "retirement", "category": "man", "birth": "1985-05"}, None),
    ({"about": "retirement", "date": "wanted"}, "date"),
    ({"about": "retirement", "month": "3"}, None),
]


@pytest.mark.parametrize(("values", "asked"), MISSING)
def test_one_thing_is_asked_at_a_time(values: dict[str, str], asked: str | None) -> None:
    assert Draft(Wish.MAKE, values).missing == asked


MADE = [
    ({"about": "pay", "rhythm": "monthly", "day": "23"}, date(2026, 12, 23), 23),  # 9:30 of today has passed
    ({"about": "pay", "rhythm": "monthly", "day": "23", "at": "1001"}, date(2026, 11, 23), 23),
    ({"about": "pay", "rhythm": "monthly", "day": "31"}, date(2026, 11, 30), 31),
    ({"about": "base", "month": "3"}, date(2027, 3, 1), 1),
    ({"about": "base", "month": "11", "day": "24"}, date(2026, 11, 24), 24),
    ({"about": "other", "month": "2", "day": "29"}, date(2028, 2, 29), 29),
    ({"about": "other", "on": "2026-11-24"}, date(2026, 11, 24), 24),
    ({"about": "pay", "rhythm": "yearly", "month": "2", "day": "29"}, date(2027, 2, 28), 29),
]


@pytest.mark.parametrize(("values", "first", "day"), MADE)
def test_a_complete_draft_is_a_reminder(values: dict[str, str], first: date, day: int) -> None:
    made = reminder_of(Draft(Wish.MAKE, values), "c", NOW, CHINA_ZONE, USUAL)
    assert (made.first, made.day) == (first, day)


@pytest.mark.parametrize(
    "values",
    [
        {"month": "2", "day": "31"},
        {"month": "2", "day": "30", "rhythm": "yearly"},
        {"on": "2026-11-22"},
        {"on": "2026-11-23"},
    ],
)
def test_a_day_that_cannot_be_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ImpossibleDay):
        reminder_of(Draft(Wish.MAKE, {"about": "pay", **values}), "c", NOW, CHINA_ZONE, USUAL)


QUARTERLY = replace(PAY, rhythm=Rhythm.QUARTERLY, first=date(2026, 10, 5), day=5)  # next on 5 January
CHANGED: list[tuple[Reminder, dict[str, str], dict[str, Any]]] = [
    (PAY, {"day": "15"}, {"first": date(2026, 12, 15), "day": 15}),
    (PAY, {"day": "24"}, {"first": date(2026, 11, 24), "day": 24}),
    (PAY, {"at": "2000"}, {"at": time(20)}),
    (PAY, {"rhythm": "quarterly"}, {"rhythm": Rhythm.QUARTERLY}),
    (PAY, {"rhythm": "yearly"}, {"rhythm": Rhythm.YEARLY}),
    (PAY, {"rhythm": "once", "on": "2026-11-25"}, {"rhythm": Rhythm.ONCE, "first": date(2026, 11, 25), "day": 25}),
    (QUARTERLY, {"day": "20"}, {"first": date(2027, 1, 20), "day": 20}),
    (QUARTERLY, {"rhythm": "monthly"}, {"rhythm": Rhythm.MONTHLY, "first": date(2026, 12, 5)}),
    (QUARTERLY, {"at": "0800"}, {"at": time(8), "first": date(2027, 1, 5)}),
]


@pytest.mark.parametrize(("before", "values", "after"), CHANGED)
def test_a_reminder_is_changed(before: Reminder, values: dict[str, str], after: dict[str, Any]) -> None:
    assert changed(before, values, NOW, CHINA_ZONE) == replace(before, **after)


def test_what_was_left_out_is_forgotten_with_the_old_day() -> None:
    skipped = replace(PAY, skips=frozenset({date(2026, 12, 10)}))
    assert changed(skipped, {"day": "15"}, NOW, CHINA_ZONE).skips == frozenset()


def test_a_certain_day_and_a_day_of_the_month_exclude_each_other() -> None:
    draft = Draft(Wish.MAKE, {"day": "10", "month": "3"}).knowing({"on": "2026-12-01"})
    assert draft.values == {"on": "2026-12-01"}
    assert draft.knowing({"day": "5"}).values == {"day": "5"}


@given(st.text(max_size=12), st.text(max_size=12))
def test_nonsense_is_no_value(name: str, value: str) -> None:
    assert not is_value(name, value) or Draft.restored({"act": "make", "values": {name: value}}) is not None


@given(st.integers(1, 31), st.sampled_from(Rhythm), st.times())
def test_a_reminder_is_never_due_before_now(day: int, rhythm: Rhythm, at: time) -> None:
    values = {"about": "pay", "rhythm": rhythm.value, "day": str(day), "month": "12", "at": f"{at:%H%M}"}
    assert reminder_of(Draft(Wish.MAKE, values), "c", NOW, CHINA_ZONE, USUAL).first >= date(2026, 11, 23)
