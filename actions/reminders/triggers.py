"""The closed catalogue of what makes a rule due, each kind with its own settings, and what a worker asked for."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from actions.reminders.dated_triggers import Dated, Ends, Moved, Yearly
from actions.reminders.model import About, Facts
from actions.reminders.occurrences import Occurrence, Window
from actions.reminders.payment_triggers import Gap, Missed, Payment
from actions.reminders.pension_triggers import Minimum, Retirement
from actions.reminders.periods import as_text, month_of, period_of
from actions.reminders.trigger import Trigger


class Asked(Trigger):
    """A reminder that the worker asked for: it has its own days, and is never found in facts."""

    kind: Literal["asked"]
    about: About

    def find(self, occasion: str, facts: Facts, on: date, around: Window, put_off: bool) -> Occurrence | None:
        """The period of the worker's rhythm that the day lies in."""
        since, until = period_of(month_of(on), facts.get("rhythm", ""))
        return Occurrence(on, occasion, "", None, since, until)

    def is_paid(self, occasion: str, facts: Facts, on: date) -> bool:
        """Only what is about paying can be paid already."""
        if self.about not in (About.PAY, About.RESIDENT):
            return False
        yearly = self.about is About.RESIDENT
        return facts.get("last_paid", "") >= (f"{on.year}-01" if yearly else as_text(month_of(on)))


AnyTrigger = Annotated[
    Payment | Missed | Gap | Dated | Moved | Yearly | Ends | Minimum | Retirement | Asked,
    Field(discriminator="kind"),
]
__all__ = ["AnyTrigger", "Asked", "Trigger"]
