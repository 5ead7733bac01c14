"""Triggers about the pension: few years to the minimum, the minimum reached, retirement near."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from actions.parameters import Parameters
from actions.reminders.facts import months_needed, retirement_month
from actions.reminders.model import Facts
from actions.reminders.occurrences import Occurrence, Window
from actions.reminders.periods import day_in, month_number
from actions.reminders.trigger import DayOfMonth, Months, StepName, Trigger


def months_missing(facts: Facts, parameters: Parameters, on: date) -> int | None:
    """Months still to be paid for a pension at the statutory month; 0 or less where the minimum is reached."""
    retires, paid = retirement_month(facts, parameters, on), facts.get("months_paid")
    if retires is None or paid is None:
        return None
    needed = months_needed(retires, parameters, on)
    return None if needed is None else needed - int(paid)


class Minimum(Trigger):
    """So many months, or fewer, are missing to the minimum years; 0: they are reached. Said once for each step.

    The minimum is that of the year in which the worker retires, so that the month of birth and the kind are needed.
    """

    needs: ClassVar = ("birth", "category", "months_paid")
    kind: Literal["minimum"]
    months_left: Annotated[dict[StepName, Months], Field(min_length=1)]
    day: DayOfMonth

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.months_left)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        missing = months_missing(facts, window.parameters, window.first)
        if missing is None:
            return ()
        step = self._step(missing)
        return window.once(step, lambda: self._found(step, window)) if step else ()

    def _step(self, missing: int) -> str | None:
        """The nearest step that is not passed yet; what is reached is a step of its own."""
        fitting = {
            months: step
            for step, months in self.months_left.items()
            if (0 < missing <= months) or (missing <= 0 and months == 0)
        }
        return fitting[min(fitting)] if fitting else None

    def _found(self, step: str, window: Window) -> list[Occurrence]:
        days = (window.lands(day_in(month, self.day)) for month in window.months())
        return [Occurrence(day, step, step) for day in days if day]


class Retirement(Trigger):
    """Months before the statutory month of retirement, or the month from which the resident pension is paid."""

    needs: ClassVar = ("birth",)
    kind: Literal["retirement"]
    months_before: Annotated[dict[StepName, Months], Field(min_length=1)]
    day: DayOfMonth

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.months_before)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        retires = retirement_month(facts, window.parameters, window.first)
        return window.once(retires, lambda: self._found(retires, window)) if retires else ()

    def _found(self, retires: str, window: Window) -> list[Occurrence]:
        month = month_number(retires)
        days = {step: window.lands(day_in(month - n, self.day)) for step, n in self.months_before.items()}
        return [Occurrence(day, f"{retires}/{step}", step, day_in(month, 1)) for step, day in days.items() if day]
