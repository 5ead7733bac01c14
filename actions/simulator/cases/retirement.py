"""When somebody may retire."""

from typing import Annotated

from pydantic import Field

from actions.simulator.case import CaseModel, Category
from actions.simulator.month import Month


class RetirementCase(CaseModel):
    """`months_paid` into the employee pension so far; left out, nothing is said of missing years."""

    category: Category
    birth: Month
    months_paid: Annotated[int, Field(ge=0, le=720)] | None = None
