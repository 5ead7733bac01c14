"""Which days are worked in China: weekends, public holidays and the weekend days that make up for them.

The State Council names a year's days off and make-up days in the autumn before. Up to then the holidays of the law are
known and the moved days are not: `is_announced` tells. What staff enter in `holidays.yml` holds before the package.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from holidays import country_holidays
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

NOTICES = Path(__file__).parent / "holidays.yml"
DAY = timedelta(days=1)
WEEKEND = (5, 6)

Move = Literal["before", "after", "as_is"]


class InvalidNotices(ValueError):
    """A list of holidays that cannot be used; the text says where and why."""


class Notice(BaseModel):
    """What the State Council's notice says of one year: days off, and weekend days that are worked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    days_off: frozenset[date] = Field(min_length=1)  # "off" alone is a truth value in YAML
    days_worked: frozenset[date]


def is_working_day(day: date) -> bool:
    """Whether offices work on this day, as far as it is announced."""
    return _kept_by_staff().is_worked(day)


def is_announced(year: int) -> bool:
    """Whether the make-up days of a year are known; else its holidays are those of the law, and no day is moved."""
    return _kept_by_staff().is_announced(year)


def moved_to_working_day(day: date, how: Move) -> date:
    """The day itself where it is worked (or `as_is`), else the last working day before or the next one after it."""
    if how == "as_is":
        return day
    step = -DAY if how == "before" else DAY
    while not is_working_day(day):
        day += step
    return day


class WorkCalendar:
    """The days off and make-up days of the package `holidays`, and of notices that hold before it."""

    def __init__(self, notices: Mapping[int, Notice]) -> None:
        self._notices = notices
        self._days: dict[int, tuple[frozenset[date], frozenset[date]]] = {}

    def is_worked(self, day: date) -> bool:
        """Whether offices work on this day."""
        if day.year not in self._days:
            self._days[day.year] = self._of_year(day.year)
        off, worked = self._days[day.year]
        return day in worked or (day.weekday() not in WEEKEND and day not in off)

    def is_announced(self, year: int) -> bool:
        """Whether the make-up days of a year are known."""
        return year in self._notices or bool(_listed(year)[1])

    def _of_year(self, year: int) -> tuple[frozenset[date], frozenset[date]]:
        own, following = self._notices.get(year), self._notices.get(year + 1)
        off, worked = (own.days_off, own.days_worked) if own else _listed(year)
        if following:  # a notice can move days at the end of the year before
            off, worked = off | following.days_off, worked | following.days_worked
        return off, worked


def read_notices(path: Path) -> Mapping[int, Notice]:
    """The notices that staff entered, by year; raises InvalidNotices."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return TypeAdapter(dict[int, Notice]).validate_python(raw or {})
    except OSError:
        raise InvalidNotices(f"{path}: this file is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidNotices(f"{path}: not readable YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise InvalidNotices(f"{path}: {where}: {first['msg']}") from None


@lru_cache(maxsize=64)
def _listed(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The days off and the make-up days of a year as the package has them."""
    listed = country_holidays("CN", years=year, expand=False)
    # The package also tells make-up days of other years, those before a New Year.
    return frozenset(listed), frozenset(day for day in listed.weekend_workdays if day.year == year)


@lru_cache(maxsize=1)
def _kept_by_staff() -> WorkCalendar:
    return WorkCalendar(read_notices(NOTICES))
