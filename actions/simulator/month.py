"""A calendar month: what social insurance counts in."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")
MONTHS_A_YEAR = 12


@dataclass(frozen=True, order=True)
class Month:
    """Year and month (1 to 12); the difference of two months is a number of months."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= MONTHS_A_YEAR and 1 <= self.year <= date.max.year):
            raise ValueError(f"{self.year}-{self.month} is no month; a month is written like 1990-05")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """'1990-05' or '1990-05-17'; raises ValueError that says what is accepted."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no month; a month is written like 1990-05")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that a day lies in."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """The month so many months later (earlier where negative)."""
        years, month = divmod(self.year * MONTHS_A_YEAR + self.month - 1 + months, MONTHS_A_YEAR)
        return Month(years, month + 1)

    def __sub__(self, other: "Month") -> int:
        return (self.year - other.year) * MONTHS_A_YEAR + self.month - other.month

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In JSON a month is a text such as "1990-05"."""
        return core_schema.no_info_plain_validator_function(_month, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}$", "examples": ["1990-05"]}


def _month(raw: object) -> Month:
    if isinstance(raw, Month):
        return raw
    if isinstance(raw, str):
        return Month.parse(raw)
    raise ValueError("a month is written like 1990-05")
