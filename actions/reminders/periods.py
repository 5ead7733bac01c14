"""Months as numbers, and the periods that a worker pays for at once. A month is written YYYY-MM."""

from calendar import monthrange
from datetime import date
from functools import lru_cache

from actions.simulator.month import MONTHS_A_YEAR

MONTHS_IN = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
ALL_MONTHS = 4096  # more than there are months in a working life and its parents'


@lru_cache(maxsize=ALL_MONTHS)
def month_number(month: str) -> int:
    """Months since year 0, so that the difference of two is a number of months."""
    return int(month[:4]) * MONTHS_A_YEAR + int(month[5:7]) - 1


@lru_cache(maxsize=ALL_MONTHS)
def as_text(number: int) -> str:
    """The month with this number, as YYYY-MM."""
    year, month = divmod(number, MONTHS_A_YEAR)
    return f"{year:04d}-{month + 1:02d}"


def month_of(day: date) -> int:
    """The number of the month that a day lies in."""
    return day.year * MONTHS_A_YEAR + day.month - 1


def day_in(number: int, day: int) -> date:
    """A day of a month; a short month has 31 on its last."""
    year, month = divmod(number, MONTHS_A_YEAR)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def period_of(number: int, rhythm: str) -> tuple[int, int]:
    """The first and last month of the calendar's month, quarter, half-year or year that a month lies in."""
    months = MONTHS_IN.get(rhythm, 1)
    first = number // months * months
    return first, first + months - 1


def plus_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    return day_in(month_of(day) + months, day.day)
