"""Triggers about paying: a payment that is due, the first one that was missed, and a gap."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from actions.reminders.model import Facts
from actions.reminders.occurrences import Occurrence, Window
from actions.reminders.periods import as_text, day_in, month_number, period_of
from actions.reminders.trigger import DayOfMonth, Months, Offset, StepName, Trigger

MONTH_CHARACTERS = len("2026-11")


class Payment(Trigger):
    """Days before and after the worker's own day to pay, in the last month of each period of the rhythm.

    Without a `pay_day`, `usual_day` is when we remind, and the text names no day. A step after the day needs
    `last_paid`: of who never told us a payment we do not say that one is missing.
    """

    needs: ClassVar = ("rhythm",)
    kind: Literal["payment"]
    days: Annotated[dict[StepName, Offset], Field(min_length=1)]
    usual_day: DayOfMonth

    @property
    def told(self) -> tuple[str, ...]:
        return ("rhythm", "pay_day", "last_paid")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.days)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        rhythm, day, told = facts["rhythm"], facts.get("pay_day"), "last_paid" in facts
        return window.once((rhythm, day, told), lambda: self._found(rhythm, day, told, window))

    def _found(self, rhythm: str, day: str | None, told: bool, window: Window) -> list[Occurrence]:
        found = {}
        for month in window.months(self.days.values()):
            first, last = period_of(month, rhythm)
            if month != last:
                continue
            pays_on = day_in(month, int(day or self.usual_day))
            for step, offset in self.days.items():
                lands = window.lands(pays_on + timedelta(days=offset))
                if lands and (told or offset <= 0):
                    anchor = pays_on if day else None
                    # A holiday can bring two steps to one day: the later one is said.
                    found[lands] = Occurrence(lands, f"{as_text(last)}/{step}", step, anchor, first, last)
        return list(found.values())

    def is_paid(self, occasion: str, facts: Facts, on: date) -> bool:
        return facts.get("last_paid", "") >= occasion[:MONTH_CHARACTERS]


class Missed(Trigger):
    """Days after the end of the first period that was not paid; later ones are a gap."""

    needs: ClassVar = ("rhythm", "last_paid")
    kind: Literal["missed"]
    days_after: Annotated[int, Field(ge=1, le=60)]

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        rhythm, last_paid = facts["rhythm"], facts["last_paid"]
        return window.once((rhythm, last_paid), lambda: self._found(rhythm, last_paid, window))

    def _found(self, rhythm: str, last_paid: str, window: Window) -> list[Occurrence]:
        unpaid = month_number(last_paid) + 1
        last = period_of(unpaid, rhythm)[1]
        ended = day_in(last, 31)
        day = window.lands(ended + timedelta(days=self.days_after))
        return [Occurrence(day, f"{as_text(last)}/missed", "missed", ended, unpaid, last)] if day else []

    def is_paid(self, occasion: str, facts: Facts, on: date) -> bool:
        return facts.get("last_paid", "") >= occasion[:MONTH_CHARACTERS]


class Gap(Trigger):
    """So many whole months nothing was paid, at the earliest a month after the first unpaid period was over.

    Who pays by the quarter or year has no gap before, and `missed` is told in the month in which it is over.
    """

    needs: ClassVar = ("last_paid",)
    kind: Literal["gap"]
    months: Annotated[dict[StepName, Months], Field(min_length=1)]
    day: DayOfMonth

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.months)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        rhythm, last_paid = facts.get("rhythm", ""), facts["last_paid"]
        return window.once((rhythm, last_paid), lambda: self._found(rhythm, last_paid, window))

    def _found(self, rhythm: str, last_paid: str, window: Window) -> list[Occurrence]:
        unpaid = month_number(last_paid) + 1
        told_missed = period_of(unpaid, rhythm)[1] + 1
        by_length = sorted((months, step) for step, months in self.months.items())
        said_in = {max(unpaid + months, told_missed + 1): step for months, step in by_length}
        days = {step: window.lands(day_in(month, self.day)) for month, step in said_in.items()}
        return [Occurrence(day, f"{last_paid}/{step}", step, None, unpaid, None) for step, day in days.items() if day]

    def is_paid(self, occasion: str, facts: Facts, on: date) -> bool:
        return facts.get("last_paid", "") > occasion[:MONTH_CHARACTERS]
