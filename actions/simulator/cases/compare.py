"""Two to four ways of going on, side by side."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from actions.simulator.case import Base, CaseModel, Category, Region, Scheme
from actions.simulator.cases.pension import Gap, Retire
from actions.simulator.month import Month


class Way(CaseModel):
    """One plan. `base` for the employee pension, `tier` (yuan a year) for the resident pension."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    scheme: Scheme
    region: Region | None = None
    base: Base | None = None
    tier: Annotated[Decimal, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None
    retire: Retire = "statutory"
    gaps: Annotated[tuple[Gap, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _base_or_tier(self) -> "Way":
        if (self.scheme is Scheme.RESIDENT) != (self.tier is not None) or (self.tier is None) == (self.base is None):
            raise ValueError("give tier for the resident pension, base for the others")
        return self


class CompareCase(CaseModel):
    """`months_paid` into the employee pension so far, on `base_so_far`. Without `ways` the three ways are compared."""

    category: Category
    birth: Month
    region: Region
    months_paid: Annotated[int, Field(ge=0, le=720)] = 0
    base_so_far: Base | None = None
    ways: Annotated[tuple[Way, ...], Field(max_length=4)] = ()

    @model_validator(mode="after")
    def _several(self) -> "CompareCase":
        names = [way.name for way in self.ways]
        if len(names) == 1 or len(set(names)) < len(names):
            raise ValueError("give two to four ways, each with a name of its own, or none for the three ways")
        return self
