"""Years paid in several provinces: which of them pays the pension, and what moves there."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from actions.simulator.case import CaseModel, Category, Region, Yuan
from actions.simulator.month import Month


class PlaceSpell(CaseModel):
    """Some months paid in one place, one after the other in time.

    `temporary`: the account there was a temporary one; left out, it follows from the age at `since`.
    `base`: the average contribution base there, yuan a month.
    """

    region: Region
    months: Annotated[int, Field(ge=1, le=720)]
    temporary: bool | None = None
    since: Month | None = None
    base: Annotated[Decimal, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None


class TransferCase(CaseModel):
    """The spells in the order of time; `hukou` is where the household is registered.

    `moving_to` asks what account a new place would open; `resident_years` were paid to the resident pension.
    """

    hukou: Region
    spells: Annotated[tuple[PlaceSpell, ...], Field(min_length=1, max_length=40)]
    category: Category | None = None
    birth: Month | None = None
    retire: Month | None = None
    moving_to: Region | None = None
    moving_in: Annotated[Month | None, Field(description="Month of the move; left out, this month.")] = None
    account_balance: Yuan | None = None
    resident_years: Annotated[int, Field(ge=0, le=60)] = 0
