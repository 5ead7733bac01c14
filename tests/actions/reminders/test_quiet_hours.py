"""Zones and quiet hours: what holds at every moment, everywhere. The single cases are in `tables/schedule.yml`."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.quiet_hours import QuietHours
from actions.reminders.zones import UnknownZone, earliest_day, is_zone, local, moment, moments

ZONES = st.sampled_from(
    [
        "Asia/Shanghai",
        "Asia/Urumqi",
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "America/St_Johns",
        "Pacific/Apia",
    ]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(*divmod(minutes, 60)))
DAYS = st.dates(date(2004, 1, 1), date(2040, 12, 31))
LONGEST_GAP = timedelta(hours=25)


@given(DAYS, CLOCKS, ZONES)
def test_a_moment_shows_the_time_it_was_made_from_or_the_first_one_there_is(day: date, clock: time, zone: str) -> None:
    shown = local(moment(day, clock, zone), zone).replace(tzinfo=None, fold=0)
    wanted = datetime.combine(day, clock)
    assert wanted <= shown <= wanted + LONGEST_GAP
    if shown != wanted:  # left out by the clocks: a minute before, they stood before it
        before = local(moment(day, clock, zone) - timedelta(seconds=1), zone).replace(tzinfo=None, fold=0)
        assert before < wanted


@given(DAYS, CLOCKS, ZONES)
def test_a_time_that_comes_twice_is_taken_the_first_time(day: date, clock: time, zone: str) -> None:
    all_of_them = moments(day, clock, zone)
    assert moment(day, clock, zone) == all_of_them[0]
    assert sorted(all_of_them) == list(all_of_them)
    if len(all_of_them) > 1:
        assert {local(one, zone).replace(tzinfo=None, fold=0) for one in all_of_them} == {datetime.combine(day, clock)}


@given(MOMENTS, ZONES)
def test_there_and_back_is_the_same_moment_unless_the_hour_comes_twice(at: datetime, zone: str) -> None:
    shown = local(at, zone)
    assert at.replace(microsecond=0) in [
        one.replace(microsecond=0) for one in moments(shown.date(), shown.time(), zone)
    ]


@given(MOMENTS, CLOCKS, ZONES)
def test_the_earliest_day_is_the_first_whose_time_is_to_come(now: datetime, clock: time, zone: str) -> None:
    day = earliest_day(now, clock, zone)
    assert moment(day, clock, zone) > now
    assert day - local(now, zone).date() in (timedelta(0), timedelta(days=1))


@given(MOMENTS, CLOCKS, CLOCKS, ZONES)
def test_quiet_hours_open_at_a_time_that_is_not_quiet(at: datetime, start: time, until: time, zone: str) -> None:
    hours = QuietHours(start, until)
    opening = hours.next_opening(at, zone)
    assert not hours.is_quiet(opening, zone)
    assert at <= opening <= at + timedelta(days=2)
    assert (opening == at) is not hours.is_quiet(at, zone)


@given(MOMENTS, CLOCKS, CLOCKS, ZONES)
def test_every_hour_until_they_open_is_quiet(at: datetime, start: time, until: time, zone: str) -> None:
    hours = QuietHours(start, until)
    opening = hours.next_opening(at, zone)
    # Where an hour comes twice, quiet hours that begin in it pause for its second half, and we do not write then.
    begins_twice = len(moments(local(at, zone).date(), start, zone)) > 1
    checked = at
    while checked < opening and not begins_twice:
        assert hours.is_quiet(checked, zone)
        checked += timedelta(hours=1)


@given(MOMENTS, CLOCKS, ZONES)
def test_the_same_time_twice_is_never_quiet(at: datetime, clock: time, zone: str) -> None:
    assert not QuietHours(clock, clock).is_quiet(at, zone)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Asia/Urumqi", "UTC", "America/Argentina/ComodRivadavia"])
def test_a_name_of_the_list_is_a_zone(name: str) -> None:
    assert is_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Beijing", "Asia/Beijing", "asia/shanghai", "Asia", "../Asia/Shanghai", "localtime"]
)
def test_anything_else_is_no_zone_and_the_error_says_what_is(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(UnknownZone, match=r"is no time zone; a name of the IANA list is accepted, such as \w+"):
        moment(date(2026, 12, 1), time(9, 30), name)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="a moment in UTC is accepted"):
        local(datetime(2026, 12, 1, 9, 30), "Asia/Shanghai")  # noqa: DTZ001


def test_moments_are_told_in_utc_whatever_the_time_carries() -> None:
    with_a_zone = time(9, 30, tzinfo=ZoneInfo("Europe/London"))
    found = moment(date(2026, 12, 1), with_a_zone, "Asia/Shanghai")
    assert (found, found.tzinfo) == (datetime(2026, 12, 1, 1, 30, tzinfo=UTC), UTC)
