"""What one month costs."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from actions.simulator.case import Base, CaseModel, Region, Scheme
from actions.simulator.month import Month


class ContributionCase(CaseModel):
    """`base` for the employee pension (employee or flexible), `tier` (yuan a year) for the resident pension."""

    scheme: Scheme = Scheme.FLEXIBLE
    region: Region
    base: Base | None = None
    tier: Annotated[Decimal, Field(gt=0, le=100_000, allow_inf_nan=False, examples=[500])] | None = None
    month: Annotated[Month | None, Field(description="Left out, this month.")] = None
    hard_to_employ: Annotated[bool, Field(description="Whether the office counts the person as hard to employ.")] = (
        False
    )

    @model_validator(mode="after")
    def _fits_the_scheme(self) -> "ContributionCase":
        if self.scheme is Scheme.RESIDENT and (self.tier is None or self.base is not None):
            raise ValueError("the resident pension is paid by tier: give tier (yuan a year) and no base")
        if self.scheme is not Scheme.RESIDENT and (self.base is None or self.tier is not None):
            raise ValueError("give base (a ratio or an amount) and no tier")
        return self
