"""Every row of `tables/schedule.yml`: month ends, leap years, zones, quiet hours, caps, holidays."""

from collections.abc import Callable
from datetime import date, time
from itertools import islice
from typing import Any

import pytest

from actions.reminders.care import decide, merge
from actions.reminders.model import Rhythm
from actions.reminders.recurrence import ImpossibleDay, days_between, first_day, next_day
from actions.reminders.working_days import is_working_day, moved_to_working_day
from actions.reminders.zones import days_later, earliest_day, moment
from tests.actions.reminders.schedule import (
    SETTINGS,
    TABLE,
    Row,
    at,
    clock_of,
    due_in,
    hours,
    in_words,
    messages_in_words,
    ready_in,
    reminder,
    subscription,
    utc,
)

FEWEST_ROWS = 200
FEWEST_OF_A_KIND = 5
ROWS = [(kind, row) for kind, rows in TABLE.items() for row in rows]

Answer = Callable[[Row], tuple[Any, Any]]  # what the code says, and what the table expects


def first_asked(row: Row) -> date:
    return first_day(Rhythm(row["every"]), row["day"], row.get("month"), row["asked"], year=row.get("year"))


def first_row(row: Row) -> tuple[Any, Any]:
    return first_asked(row), row["first"]


def impossible_row(row: Row) -> tuple[Any, Any]:
    with pytest.raises(ImpossibleDay) as refused:
        first_asked(row)
    wrong = refused.value
    until = "or later" if wrong.highest is None else f"to {wrong.highest}"
    return (wrong.part, f"{wrong.lowest} {until}"), (row["wrong"], row["accepted"])


def following_row(row: Row) -> tuple[Any, Any]:
    found: list[date] = []
    after: date | None = row["after"]
    while after and len(found) < max(len(row["then"]), 1):
        after = next_day(reminder(row), after)
        found += [after] if after else []
    return found, row["then"]


def planned_row(row: Row) -> tuple[Any, Any]:
    return list(islice(days_between(reminder(row), row["from"], row["until"]), 100)), row["days"]


def clock_row(row: Row) -> tuple[Any, Any]:
    return moment(row["day"], time.fromisoformat(row["at"]), row["zone"]), utc(row["utc"])


def earliest_row(row: Row) -> tuple[Any, Any]:
    zone = clock_of(row)
    return earliest_day(at(row["now"], zone), time.fromisoformat(row["at"]), zone), row["day"]


def snoozed_row(row: Row) -> tuple[Any, Any]:
    zone = clock_of(row)
    until = days_later(at(row["now"], zone), row["days"], time.fromisoformat(row["at"]), zone)
    return until, at(row["until"], zone)


def quiet_row(row: Row) -> tuple[Any, Any]:
    zone = clock_of(row)
    now = utc(row["utc"]) if "utc" in row else at(row["now"], zone)
    opens = utc(row["opens_utc"]) if "utc" in row else at(row["opens"], zone)
    asked = hours(row["hours"])
    return (asked.next_opening(now, zone), asked.is_quiet(now, zone)), (opens, opens > now)


def working_row(row: Row) -> tuple[Any, Any]:
    return is_working_day(row["day"]), row["worked"]


def moved_row(row: Row) -> tuple[Any, Any]:
    day = row["day"]
    moved = tuple(moved_to_working_day(day, how) for how in ("before", "after", "as_is"))
    return moved, (row["before"], row["after"], day)


def decided_row(row: Row) -> tuple[Any, Any]:
    zone = clock_of(row)
    sent = [at(text, zone) for text in row.get("sent", ())]
    decision = decide(due_in(row), subscription(row), now=at(row["now"], zone), sent=sent, settings=SETTINGS)
    return in_words(decision, zone), row["becomes"]


def together_row(row: Row) -> tuple[Any, Any]:
    ready, worker = ready_in(row), subscription(row)
    assert worker
    groups, left = merge(tuple(ready.values()), worker, now=at(row["now"]), settings=SETTINGS)
    letters = {one.id: letter for letter, one in ready.items()}
    rest = {letters[one.id]: in_words(decision) for one, decision in left}
    return (messages_in_words(groups, letters), rest), (row["messages"], row.get("rest", {}))


ANSWERS: dict[str, Answer] = {
    "first_day": first_row,
    "impossible": impossible_row,
    "following": following_row,
    "skipped": following_row,
    "planned": planned_row,
    "clock": clock_row,
    "earliest": earliest_row,
    "snoozed": snoozed_row,
    "quiet": quiet_row,
    "working_day": working_row,
    "moved": moved_row,
    "send": decided_row,
    "late_start": decided_row,
    "caps": decided_row,
    "together": together_row,
}


SAID_OF_A_REMINDER = {"every", "day", "first", "skips", "state"}
SAID_OF_A_DELIVERY = {"due", "latest", "now", "kind", "sent", "quiet", "zone", "consent", "becomes"}
KEYS: dict[str, set[str]] = {
    "first_day": {"asked", "every", "day", "month", "year", "first"},
    "impossible": {"asked", "every", "day", "month", "year", "wrong", "accepted"},
    "following": SAID_OF_A_REMINDER | {"after", "then"},
    "skipped": SAID_OF_A_REMINDER | {"after", "then"},
    "planned": SAID_OF_A_REMINDER | {"from", "until", "days"},
    "clock": {"day", "at", "zone", "utc"},
    "earliest": {"now", "at", "zone", "day"},
    "snoozed": {"now", "days", "at", "zone", "until"},
    "quiet": {"hours", "zone", "now", "opens", "utc", "opens_utc"},
    "working_day": {"day", "worked"},
    "moved": {"day", "before", "after"},
    "send": SAID_OF_A_DELIVERY,
    "late_start": SAID_OF_A_DELIVERY,
    "caps": SAID_OF_A_DELIVERY,
    "together": {"now", "latest", "ready", "messages", "rest"},
}


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{kind}: {row['name']}" for kind, row in ROWS])
def test_the_schedule_is_as_the_table_says(kind: str, row: Row) -> None:
    told, expected = ANSWERS[kind](row)
    assert told == expected


def test_the_table_is_large_and_every_kind_has_rows() -> None:
    assert len(ROWS) >= FEWEST_ROWS
    assert set(TABLE) == set(ANSWERS) == set(KEYS)
    assert {kind: len(rows) for kind, rows in TABLE.items() if len(rows) < FEWEST_OF_A_KIND} == {}


def test_no_row_stands_there_twice() -> None:
    names = [(kind, row["name"]) for kind, row in ROWS]
    assert len(set(names)) == len(names)


def test_no_row_says_what_is_not_read() -> None:
    unread = {row["name"]: set(row) - KEYS[kind] - {"name"} for kind, row in ROWS}
    assert {name: keys for name, keys in unread.items() if keys} == {}
