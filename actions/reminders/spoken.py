"""Days, periods and durations of reminders as people say them; a year is named only where it is another one."""

from datetime import date

from actions.reminders.model import Language
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.spelling import day_in_words, month_in_words


def spoken_day(day: date, on: date, language: Language) -> str:
    """`12月10日`, `10 December`; with the year where it is not that of `on`."""
    said = day_in_words(day, language)
    return said if day.year != on.year else _without_year(said, day.year)


def spoken_month(number: int, on: date, language: Language) -> str:
    """`12月`, `December`; with the year where it is not that of `on`."""
    year, month = divmod(number, MONTHS_A_YEAR)
    said = month_in_words(Month(year, month + 1), language)
    return said if year != on.year else _without_year(said, year)


def spoken_period(since: int, until: int, on: date, language: Language) -> str:
    """One month or a row of them: `10月到12月`, `October to December`."""
    last = spoken_month(until, on, language)
    if since == until:
        return last
    first = spoken_month(since, on, language)
    if since // MONTHS_A_YEAR == until // MONTHS_A_YEAR:  # the year once: before the months, or after them
        year = since // MONTHS_A_YEAR
        last, first = (_without_year(last, year), first) if language == "zh" else (last, _without_year(first, year))
    return f"{first}到{last}" if language == "zh" else f"{first} to {last}"


def spoken_duration(months: int, language: Language) -> str:
    """`12年10个月`, `12 years 10 months`; months alone below a year."""
    years, rest = divmod(months, MONTHS_A_YEAR)
    if language == "zh":
        return f"{years}年" * bool(years) + f"{rest}个月" * bool(rest or not years)
    parts = [(years, "year")] * bool(years) + [(rest, "month")] * bool(rest or not years)
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts)


def _without_year(said: str, year: int) -> str:
    return said.removeprefix(f"{year}年").removesuffix(f" {year}")
