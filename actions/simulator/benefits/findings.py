"""Parts of an estimate, to be added up: amounts, steps and remarks."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from actions.parameters import Figure, Unit
from actions.simulator.estimate import Amount, Remark, Step


@dataclass(frozen=True)
class Found:
    """What one rule found; `+` puts two together."""

    amounts: tuple[Amount, ...] = ()
    steps: tuple[Step, ...] = ()
    assumptions: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    alternatives: tuple[Remark, ...] = ()

    def __add__(self, other: "Found") -> "Found":
        return Found(
            self.amounts + other.amounts,
            self.steps + other.steps,
            self.assumptions + other.assumptions,
            self.warnings + other.warnings,
            self.alternatives + other.alternatives,
        )


def amount_of(
    key: str, value: Decimal, unit: Unit, formula: str, figures: tuple[Figure, ...], article: str | None = None
) -> Found:
    """An amount and the step that led to it, under one key."""
    return Found((Amount(key, value, unit),), (Step(key, value, unit, formula, figures, article),))


def plain(value: Figure | Fraction) -> Decimal:
    """A figure or an exact number as a decimal, to be shown or to fill a sentence."""
    exact = Fraction(value.value) if isinstance(value, Figure) else value
    return Decimal(exact.numerator) / Decimal(exact.denominator)
