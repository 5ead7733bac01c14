"""What all triggers share: a trigger finds occurrences in the facts of one worker.

What it finds has the same occasion on whatever day it is planned, so that a worker is told once.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from actions.reminders.model import Facts
from actions.reminders.occurrences import Occurrence, Window

StepName = Annotated[str, Field(pattern=r"^[a-z_]{2,20}$")]
DayOfMonth = Annotated[int, Field(ge=1, le=28)]
Offset = Annotated[int, Field(ge=-360, le=360)]
Months = Annotated[int, Field(ge=0, le=240)]


def _is_day_of_year(text: str) -> str:
    date.fromisoformat(f"2001-{text}")  # raises ValueError; no leap year, so that every year has the day
    return text


DayOfYear = Annotated[str, Field(pattern=r"^\d\d-\d\d$"), AfterValidator(_is_day_of_year)]


class Trigger(BaseModel):
    """What all triggers share. `needs`: facts without which it never finds anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    needs: ClassVar[tuple[str, ...]] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The facts that made it due, for who asks why."""
        return self.needs

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its steps; a text may be for some of them."""
        return ()

    def occurrences(self, facts: Facts, window: Window) -> Sequence[Occurrence]:
        """What is to be said in the window; `facts` hold everything in `needs`."""
        raise NotImplementedError

    def is_paid(self, occasion: str, facts: Facts, on: date) -> bool:
        """Whether what the occasion is about is paid."""
        return False

    def find(self, occasion: str, facts: Facts, on: date, around: Window, put_off: bool) -> Occurrence | None:
        """The occurrence of an occasion in the days around `on`, None where the facts do not give it any more.

        `put_off`: the worker put it off; then it is the newest step of the same cascade, so that a message from before
        a day does not come after it.
        """
        found = self.occurrences(facts, around) if facts.keys() >= set(self.needs) else ()
        if put_off:
            head = occasion.rpartition("/")[0]
            passed = [one for one in found if one.occasion.rpartition("/")[0] == head and one.day <= on]
            return max(passed, default=None, key=lambda one: one.day)
        return next((one for one in found if one.occasion == occasion), None)
