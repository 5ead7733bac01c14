"""A work injury or a death at work: who was hurt, how badly, and by which way the person was working."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from actions.simulator.case import CaseModel, Region
from actions.simulator.month import Month


class Relation(StrEnum):
    """How the person worked: with an employer, by a platform's orders, or on their own."""

    EMPLOYEE = "employee"
    PLATFORM = "platform"
    NONE = "none"


class Nursing(StrEnum):
    """How much help with daily life the assessment found to be needed."""

    NONE = "none"
    PARTIAL = "partial"
    MAJOR = "major"
    COMPLETE = "complete"


class Dependants(CaseModel):
    """Relatives who lived on the income of the person who died and cannot work."""

    spouse: bool = False
    others: Annotated[int, Field(ge=0, le=20)] = 0


class InjuryCase(CaseModel):
    """Either `grade` (1 is the gravest) or `death`. `own_wage`: average wage insured on in the year before, a month."""

    grade: Annotated[int, Field(ge=1, le=10)] | None = None
    death: bool = False
    own_wage: Annotated[Decimal, Field(gt=0, le=1_000_000, allow_inf_nan=False, examples=[6000])]
    region: Region
    relation: Relation = Relation.EMPLOYEE
    insured: Annotated[bool, Field(description="Whether the employer paid work-injury insurance.")] = True
    month: Annotated[Month | None, Field(description="Of the injury or death; left out, this month.")] = None
    nursing: Nursing = Nursing.NONE
    dependants: Dependants = Dependants()

    @model_validator(mode="after")
    def _grade_or_death(self) -> "InjuryCase":
        if (self.grade is None) != self.death:
            raise ValueError("give either grade (1 to 10) or death (true)")
        if self.dependants != Dependants() and not self.death:
            raise ValueError("dependants are paid after a death only; leave them out or set death to true")
        return self
