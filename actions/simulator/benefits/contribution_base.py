"""The contribution base of a place: a share of its reference wage or an amount, within the limits."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from actions.parameters import NATION, Figure
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.case import Base
from actions.simulator.estimate import CannotEstimate, ImpossibleCase, Remark, cents
from actions.simulator.rules import Rules, last_known

ARTICLE = "contribution/base-limits"
ABSURD = 100  # times the upper limit: such an amount is a slip, not a wage


@dataclass(frozen=True)
class BaseFound:
    """The base in yuan a month, its share of the reference wage, and what it was read off."""

    amount: Decimal
    index: Fraction
    figures: tuple[Figure, ...]
    found: Found
    formula: str = ""


def reference_wage(region: str, rules: Rules) -> tuple[Fraction, tuple[Figure, ...], Found]:
    """The wage that bases are a share of.

    The published full-scope average wage; without one, the upper limit divided by its share (300 %); without that, the
    calculation base. Guo Ban Fa [2019] 13; article contribution/average-wage.
    """
    wage = rules.figure_if_known("contribution.average_wage", region)
    if wage is not None:
        return Fraction(wage.value), (wage,), _age_of(wage)
    upper = rules.figure_if_known("contribution.base_upper", region)
    if upper is not None:
        share = rules.figure("contribution.base_ceiling_ratio", region)
        found = _age_of(upper) + Found(assumptions=(Remark("wage_from_upper_limit"),))
        return Fraction(upper.value) * 100 / Fraction(share.value), (upper, share), found
    counted = rules.figure_if_known("pension.calculation_base", region)
    if counted is None:
        raise CannotEstimate("contribution.average_wage", region, rules.on)
    found = _age_of(counted) + Found(assumptions=(Remark("wage_from_calculation_base"),))
    return Fraction(counted.value), (counted,), found


def base_of(base: Base, region: str, rules: Rules) -> BaseFound:
    """The base that a share or an amount comes to, brought within the limits where they are published.

    The lowest share is the published lower limit, which some places phase in below 60 %. Article
    contribution/base-limits.
    """
    wage, figures, found = reference_wage(region, rules)
    lower = rules.figure_if_known("contribution.base_lower", region)
    upper = rules.figure_if_known("contribution.base_upper", region)
    if base.amount is not None:
        wanted = Fraction(base.amount)
    else:
        assert base.ratio is not None
        floor = rules.figure_if_known("contribution.base_floor_ratio", NATION)
        lowest = floor is not None and lower is not None and Fraction(base.ratio) * 100 == Fraction(floor.value)
        wanted = Fraction(lower.value) if lowest and lower is not None else wage * Fraction(base.ratio)
    used = wanted
    if upper is not None and wanted > Fraction(upper.value):
        if wanted > ABSURD * Fraction(upper.value):
            raise ImpossibleCase("base.amount", "base_absurd", most=plain(upper))
        used = Fraction(upper.value)
        found += Found(warnings=(Remark("base_above_limit", {"limit": plain(upper)}),)) + _age_of(upper)
    if lower is not None and wanted < Fraction(lower.value):
        used = Fraction(lower.value)
        found += Found(warnings=(Remark("base_below_limit", {"limit": plain(lower)}),)) + _age_of(lower)
    if lower is None and upper is None:
        found += Found(warnings=(Remark("limits_not_published"),))
    formula = (
        f"{plain(wage):f} × {base.ratio}" if base.ratio is not None and used == wage * Fraction(base.ratio) else ""
    )
    limits = tuple(figure for figure in (lower, upper) if figure is not None and Fraction(figure.value) == used)
    return BaseFound(cents(used), used / wage, (*figures, *limits), found, formula)


def _age_of(figure: Figure) -> Found:
    return Found(assumptions=(last_known(figure),)) if figure.stale else Found()
