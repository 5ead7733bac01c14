"""Triggers about a day: one that the worker told, one in every year, one on which a figure ends."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from actions.parameters import MissingFigure, Parameters, Unit, region_chain
from actions.reminders.facts import medical_wait_ends
from actions.reminders.model import Facts
from actions.reminders.occurrences import Occurrence, Window
from actions.reminders.periods import plus_months
from actions.reminders.trigger import DayOfYear, Offset, StepName, Trigger

YEAR_CHARACTERS = len("2026")


class Dated(Trigger):
    """Days before and after a day that is known, such as `injured_on`, or around the end of a time limit from it.

    `plus`: the figure with the length of the limit. The end of a medical waiting time that nobody told follows from
    `medical_joined_on` and the waiting time of the place.
    """

    kind: Literal["date"]
    of: Literal["changed_job_on", "injured_on", "medical_wait_until", "moved_on"]
    plus: str | None = None
    days: Annotated[dict[StepName, Offset], Field(min_length=1)]

    @property
    def told(self) -> tuple[str, ...]:
        return (self.of,)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.days)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        value = facts.get(self.of) or self._that_follows(facts, window.parameters)
        if not value:
            return ()
        region = facts.get("region", "") if self.plus else ""
        return window.once((value, region), lambda: self._found(value, region, window))

    def _that_follows(self, facts: Facts, parameters: Parameters) -> str | None:
        if self.of != "medical_wait_until" or "medical_joined_on" not in facts:
            return None
        end = medical_wait_ends(facts["medical_joined_on"], facts.get("region", ""), parameters)
        return end.isoformat() if end else None

    def _found(self, value: str, region: str, window: Window) -> list[Occurrence]:
        anchor: date | None = date.fromisoformat(value)
        if anchor and self.plus:
            anchor = _limit(anchor, self.plus, region, window.parameters)
        return _around(anchor, value, self.days, window) if anchor else []


def _around(anchor: date, value: str, offsets: Mapping[str, int], window: Window) -> list[Occurrence]:
    """The days before and after `anchor` that lie in the window; `value` names the occasion."""
    days = {step: window.lands(anchor + timedelta(days=offset)) for step, offset in offsets.items()}
    return [Occurrence(day, f"{value}/{step}", step, anchor) for step, day in days.items() if day]


def _limit(start: date, name: str, region: str, parameters: Parameters) -> date | None:
    """The last day of a time limit that runs from `start`; None where none is published."""
    try:
        figure = parameters.figure(name, region or "CN", start)
    except MissingFigure:
        return None
    if figure.unit is Unit.DAYS:
        return start + timedelta(days=int(figure.value))
    months = {Unit.MONTHS: 1, Unit.YEARS: 12}.get(figure.unit)
    return plus_months(start, int(figure.value * months)) if months else None


class Moved(Trigger):
    """Days after the move to another province; who moved within one has nothing to transfer."""

    needs: ClassVar = ("moved_on", "region", "moved_from")
    kind: Literal["moved"]
    days: Annotated[dict[StepName, Offset], Field(min_length=1)]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.days)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        if _province(facts["region"]) == _province(facts["moved_from"]):
            return ()
        value = facts["moved_on"]
        return window.once(value, lambda: _around(date.fromisoformat(value), value, self.days, window))


def _province(region: str) -> str:
    return region.partition(".")[0]


class Yearly(Trigger):
    """Days of the year that staff chose. `month_from`: the month is that of a figure where the place has one.

    The occasion is the year; a payment in it ends the matter for the resident pension, which is paid once a year.
    """

    kind: Literal["yearly"]
    on: Annotated[dict[StepName, DayOfYear], Field(min_length=1)]
    month_from: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.on)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        region = facts.get("region", "") if self.month_from else ""
        return window.once(region, lambda: self._found(region, window))

    def _found(self, region: str, window: Window) -> list[Occurrence]:
        month = self._month(region, window)
        found = []
        for year in range(window.earliest.year, window.latest.year + 1):
            for step, written in self.on.items():
                day = date.fromisoformat(f"{year}-{written}")
                lands = window.lands(day.replace(month=month) if month else day)
                if lands:
                    found.append(Occurrence(lands, f"{year}/{step}", step))
        return found

    def _month(self, region: str, window: Window) -> int | None:
        if not self.month_from or not region:
            return None
        try:
            return int(window.parameters.figure(self.month_from, region, window.first).value)
        except MissingFigure:
            return None

    def is_paid(self, occasion: str, facts: Facts, on: date) -> bool:
        return facts.get("last_paid", "")[:YEAR_CHARACTERS] >= occasion[:YEAR_CHARACTERS]


class Ends(Trigger):
    """Days before a figure of the worker's own place ends, as its notice says; no newer one is known."""

    needs: ClassVar = ("region",)
    kind: Literal["ends"]
    figure: str
    days: Annotated[dict[StepName, Offset], Field(min_length=1)]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.days)

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        region = facts["region"]
        return window.once(region, lambda: self._found(region, window))

    def _found(self, region: str, window: Window) -> list[Occurrence]:
        end = end_of(self.figure, region, window.first, window.parameters)
        if end is None:
            return []
        return _around(end, end.isoformat(), self.days, window)


def end_of(name: str, region: str, after: date, parameters: Parameters) -> date | None:
    """The last day of a figure of the nearest place that has one, where an end is published after `after`."""
    parameter = parameters.all.get(name)
    for place in region_chain(region) if parameter else ():
        values = parameter.values.get(place) if parameter else None
        if values:
            ends = [since for since, dated in values.items() if dated.value is None and since > after]
            return min(ends) - timedelta(days=1) if ends else None
    return None
