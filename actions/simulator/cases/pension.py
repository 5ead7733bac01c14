"""A working life, past and planned, and what pension it leads to."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from actions.simulator.case import Base, CaseModel, Category, Region, Scheme, Spell, Yuan
from actions.simulator.month import Month

Retire = Literal["statutory", "earliest", "latest"] | Month
Growth = Annotated[Decimal, Field(ge=-20, le=30, allow_inf_nan=False, description="Percent a year.")]


class Gap(CaseModel):
    """Months from `start` on in which nothing is paid."""

    start: Month
    months: Annotated[int, Field(ge=1, le=720)]


class Plan(CaseModel):
    """How the person pays from this month until retirement."""

    scheme: Literal[Scheme.EMPLOYEE, Scheme.FLEXIBLE] = Scheme.FLEXIBLE
    base: Base
    gaps: Annotated[tuple[Gap, ...], Field(max_length=20)] = ()


class PensionCase(CaseModel):
    """`region` is where the pension is drawn. Without a `plan` nothing more is paid from now on.

    `account_balance`, `average_index` and `calculation_base` are taken instead of what would be worked out.
    """

    category: Category
    birth: Month
    region: Region
    retire: Retire = "statutory"
    history: Annotated[tuple[Spell, ...], Field(max_length=60)] = ()
    plan: Plan | None = None
    account_balance: Yuan | None = None
    average_index: Annotated[Decimal, Field(gt=0, le=5, allow_inf_nan=False)] | None = None
    calculation_base: Annotated[Decimal, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    deemed_months: Annotated[int, Field(ge=0, le=600, description="Service that counts as paid.")] = 0
    wage_growth: Growth | None = None
    account_interest: Growth | None = None
    inflation: Growth | None = None

    @model_validator(mode="after")
    def _employee_scheme_only(self) -> "PensionCase":
        if any(spell.scheme is Scheme.RESIDENT for spell in self.history):
            raise ValueError("resident years do not count here; use resident-pension for them")
        return self
