"""Working days: the notices of past years, what staff enter, and years of which nothing is announced."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.working_days import (
    NOTICES,
    InvalidNotices,
    WorkCalendar,
    is_announced,
    is_working_day,
    moved_to_working_day,
    read_notices,
)

DAYS = st.dates(date(2004, 1, 1), date(2100, 12, 1))
LONGEST_PAUSE = timedelta(days=12)
NOTICE = """
2027:
  source: a notice as staff would enter it
  days_off: [2027-01-01, 2027-02-05, 2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11, 2027-02-12]
  days_worked: [2026-12-26, 2027-02-20]
"""


def entered(folder: Path, text: str) -> Path:
    path = folder / "holidays.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("year", range(2004, 2027))
def test_every_year_up_to_the_last_notice_is_announced(year: int) -> None:
    assert is_announced(year)


@pytest.mark.parametrize("year", [2027, 2030, 2100, 2101, 2200])
def test_a_year_without_a_notice_is_not_announced(year: int) -> None:
    assert not is_announced(year)


@pytest.mark.parametrize("year", [2027, 2028, 2031])
def test_without_a_notice_no_weekend_day_is_worked_and_the_days_of_the_law_are_off(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [day for day in days if day.weekday() > 4 and is_working_day(day)] == []
    assert not any(is_working_day(date(year, month, 1)) for month in (1, 5, 10))


def test_beyond_what_the_package_knows_there_are_weekends() -> None:
    assert is_working_day(date(2150, 10, 1))
    assert not is_working_day(date(2150, 10, 3))


@given(DAYS)
def test_a_moved_day_is_worked_and_nothing_worked_lies_between(day: date) -> None:
    before, after = moved_to_working_day(day, "before"), moved_to_working_day(day, "after")
    assert day - LONGEST_PAUSE <= before <= day <= after <= day + LONGEST_PAUSE
    assert is_working_day(before)
    assert is_working_day(after)
    assert (before == day) is (after == day) is is_working_day(day)
    between = (before + timedelta(days=number) for number in range(1, (after - before).days))
    assert not any(is_working_day(one) for one in between)


def test_a_notice_that_staff_entered_holds_before_the_package(tmp_path: Path) -> None:
    calendar = WorkCalendar(read_notices(entered(tmp_path, NOTICE)))
    assert calendar.is_announced(2027)
    assert calendar.is_worked(date(2027, 2, 20))
    assert not calendar.is_worked(date(2027, 2, 12))
    assert calendar.is_worked(date(2027, 2, 15))
    assert calendar.is_worked(date(2026, 10, 10)), "other years stay as they are"


def test_a_notice_can_move_days_at_the_end_of_the_year_before(tmp_path: Path) -> None:
    calendar = WorkCalendar(read_notices(entered(tmp_path, NOTICE)))
    assert calendar.is_worked(date(2026, 12, 26))
    assert not calendar.is_worked(date(2026, 12, 27))
    assert not calendar.is_worked(date(2026, 10, 1))


BROKEN = [
    ("2027: {days_off: [2027-01-01], days_worked: []}", "2027.source: Field required"),
    ("2027: {source: a notice, days_off: [], days_worked: []}", "2027.days_off"),
    ("2027: {source: a notice, days_off: [31 February], days_worked: []}", "2027.days_off.0"),
    (
        "2027: {source: a notice, days_off: [2027-01-01], days_worked: [], moved: []}",
        "2027.moved: Extra inputs are not permitted",
    ),
    ("next year: {source: a notice, days_off: [2027-01-01], days_worked: []}", "next year"),
    ("2027: [", "not readable YAML"),
]


@pytest.mark.parametrize(("text", "error"), BROKEN, ids=[error for _, error in BROKEN])
def test_a_broken_notice_is_refused_by_file_and_place(tmp_path: Path, text: str, error: str) -> None:
    path = entered(tmp_path, text)
    with pytest.raises(InvalidNotices) as refused:
        read_notices(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert error in str(refused.value)


def test_a_missing_list_is_an_error() -> None:
    with pytest.raises(InvalidNotices, match="this file is missing"):
        read_notices(NOTICES.with_name("none.yml"))


def test_the_list_of_staff_can_be_read() -> None:
    read_notices(NOTICES)
