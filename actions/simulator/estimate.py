"""What every rule gives back: amounts, the steps that led there, what was assumed, and what was not known.

Texts are keys of `knowledge/estimates.yml`; numbers are carried beside them, so that no language is built in here.

SimulationError
├── ImpossibleCase   a value of the case cannot be; names the field and what is accepted
└── CannotEstimate   a figure that the rule needs is not published; names the figure, the place and the day
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from actions.parameters import Figure, Unit
from actions.simulator.month import Month

CENT = Decimal("0.01")
Value = Decimal | int | str | Month


class SimulationError(Exception):
    """Base of what the simulator raises."""


class ImpossibleCase(SimulationError):
    """`field` cannot have this value; `reason` is a key of `knowledge/estimates.yml`, `values` fill it."""

    def __init__(self, field: str, reason: str, **values: Value) -> None:
        super().__init__(f"{field}: {reason} {values}")
        self.field, self.reason, self.values = field, reason, values


class CannotEstimate(SimulationError):
    """No published value for `figure` in `region` on `on`: the estimate declines instead of guessing."""

    def __init__(self, figure: str, region: str, on: date) -> None:
        super().__init__(f"{figure} has no value for {region} on {on}")
        self.figure, self.region, self.on = figure, region, on


@dataclass(frozen=True)
class Remark:
    """A sentence by its key, with the numbers that fill it: an assumption, a warning, an alternative."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Amount:
    """One result. `money_of`: the month whose prices it is in, None where it is no future money."""

    key: str
    value: Value
    unit: Unit | None = None
    money_of: Month | None = None


@dataclass(frozen=True)
class Step:
    """How one number came about: `formula` as it would be written on paper, and the figures that it used.

    `article` is the knowledge article that explains the rule.
    """

    key: str
    value: Value
    unit: Unit | None
    formula: str
    figures: tuple[Figure, ...] = ()
    article: str | None = None


@dataclass(frozen=True)
class Estimate:
    """The result of one simulation of `kind` on a day, under a version of the rules and figures."""

    kind: str
    on: date
    region: str | None
    amounts: tuple[Amount, ...]
    steps: tuple[Step, ...] = ()
    assumptions: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    alternatives: tuple[Remark, ...] = ()
    rule_set: str = ""

    def amount(self, key: str) -> Value:
        """The value of the amount with this key; raises KeyError."""
        return {amount.key: amount.value for amount in self.amounts}[key]

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of `knowledge/sources.yml`, each once, in the order of the steps."""
        return tuple(dict.fromkeys(s for step in self.steps for figure in step.figures for s in figure.sources))


def cents(value: Decimal | Fraction) -> Decimal:
    """Money rounded half up to the cent; exact fractions are rounded once, here."""
    if isinstance(value, Fraction):
        scaled = Fraction(value) * 100
        whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
        return Decimal(whole) / 100
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
