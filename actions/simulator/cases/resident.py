"""Years on a tier of the resident pension."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from actions.simulator.case import CaseModel, Region, Yuan
from actions.simulator.month import Month


class ResidentCase(CaseModel):
    """`tier`: yuan a year, paid on until the pension age. `years_paid` so far, on the same tier.

    `account_balance` and `basic_pension` are taken instead of what would be worked out.
    """

    region: Region
    birth: Month
    tier: Annotated[Decimal, Field(gt=0, le=100_000, allow_inf_nan=False, examples=[500])]
    years_paid: Annotated[int, Field(ge=0, le=60)] = 0
    account_balance: Yuan | None = None
    basic_pension: Yuan | None = None
