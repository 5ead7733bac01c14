"""What is known of the person. Every model refuses unknown keys, and says of a wrong value which field it is in.

Regions are ISO 3166-2 codes (`CN-ZJ`, `CN-GD.shenzhen`), money is yuan, months are written like 1990-05.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.simulator.month import Month

Region = Annotated[str, Field(pattern=r"^CN(-[A-Z]{2}(\.[a-z_]+)?)?$", examples=["CN-ZJ", "CN-GD.shenzhen"])]
Yuan = Annotated[Decimal, Field(ge=0, le=Decimal(10_000_000), allow_inf_nan=False)]


class Category(StrEnum):
    """Which of the three retirement ages applies; the number is a woman's age under the old rules."""

    MAN = "man"
    WOMAN_55 = "woman_55"
    WOMAN_50 = "woman_50"


class Scheme(StrEnum):
    """The three ways into a pension."""

    EMPLOYEE = "employee"
    FLEXIBLE = "flexible"
    RESIDENT = "resident"


class CaseModel(BaseModel):
    """Base of all cases: frozen and strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Base(CaseModel):
    """The contribution base: a share of the reference wage (0.6 to 3), or an amount in yuan a month. One of the two."""

    ratio: Annotated[Decimal, Field(gt=0, le=10, allow_inf_nan=False, examples=["0.6"])] | None = None
    amount: Annotated[Decimal, Field(gt=0, le=1_000_000, allow_inf_nan=False, examples=[5000])] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Base":
        if (self.ratio is None) == (self.amount is None):
            raise ValueError("give either ratio (for example 0.6) or amount (yuan a month)")
        return self


class Spell(CaseModel):
    """Some months paid in one place and scheme on one base; `until` is the last of them where it is known."""

    scheme: Scheme
    region: Region
    months: Annotated[int, Field(ge=0, le=720)]
    base: Base
    until: Month | None = None
