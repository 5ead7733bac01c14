"""What it costs to stop paying for a while."""

from typing import Annotated

from pydantic import Field, model_validator

from actions.simulator.cases.pension import PensionCase
from actions.simulator.month import Month


class GapCase(PensionCase):
    """A pension case with a plan, and the gap: `gap_months` from `gap_from` on (left out: from this month)."""

    gap_months: Annotated[int, Field(ge=1, le=480)]
    gap_from: Month | None = None

    @model_validator(mode="after")
    def _has_a_plan(self) -> "GapCase":
        if self.plan is None:
            raise ValueError("give plan: a gap only costs something where somebody pays otherwise")
        return self
