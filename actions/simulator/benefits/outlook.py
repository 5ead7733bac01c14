"""What a pension is worth against what it costs: replacement rate, months until the money is back, yearly return."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from actions.parameters import NATION, Unit
from actions.simulator.benefits.findings import Found
from actions.simulator.cases.pension import PensionCase
from actions.simulator.estimate import Amount, Remark, cents
from actions.simulator.month import MONTHS_A_YEAR
from actions.simulator.rules import Rules

if TYPE_CHECKING:
    from actions.simulator.benefits.career import Career
    from actions.simulator.benefits.employee_pension import Pension

LEAST, MOST = -0.5, 1.0  # the yearly returns between which one is looked for
ROUNDS = 60
PRECISION = Decimal("0.1")


def outlook(worked: "Pension", case: PensionCase, rules: Rules) -> Found:
    """Cost and return of a pension that is still to come, all in the money of each year, pensions not raised later."""
    career, total = worked.career, worked.total
    found = Found()
    if career.last_base:
        rate = (total / career.last_base * 100).quantize(PRECISION)
        found += Found(amounts=(Amount("replacement_rate", rate, Unit.PERCENT),))
    if not career.all_known:
        return found + (Found(assumptions=(Remark("paid_before_not_known"),)) if career.paid else Found())
    paid = cents(career.paid)
    if not paid or not total:
        return found
    months = int((paid / total).to_integral_value(ROUND_CEILING))
    found += Found(amounts=(Amount("total_paid", paid, Unit.YUAN), Amount("payback_months", months, Unit.MONTHS)))
    horizon = rules.figure("simulator.horizon_age", NATION)
    drawn = int(horizon.value) * MONTHS_A_YEAR - (worked.retire - case.birth)
    found += Found(assumptions=(Remark("pension_not_raised"), Remark("drawn_until", {"age": int(horizon.value)})))
    earned = internal_rate(_flows(career, total, drawn)) if drawn > 0 else None
    if earned is None:
        return found + Found(assumptions=(Remark("no_yearly_return"),))
    percent = Decimal(str(round(earned * 100, 1)))
    said = Found(assumptions=(Remark("return_before_inflation"),))
    return found + said + Found(amounts=(Amount("yearly_return", percent, Unit.PERCENT),))


def _flows(career: "Career", pension: Decimal, drawn: int) -> list[float]:
    """What is paid (negative) and drawn in each year, one after the other; years without payment count as nothing."""
    paid: dict[int, Decimal] = {}
    for year, amount in (*career.paid_earlier, *career.paid_by_year):
        paid[year] = paid.get(year, Decimal(0)) + amount
    years, rest = divmod(drawn, MONTHS_A_YEAR)
    yearly = float(pension) * MONTHS_A_YEAR
    lived = range(min(paid), max(paid) + 1)
    return [-float(paid.get(year, 0)) for year in lived] + [yearly] * years + [float(pension) * rest]


def internal_rate(flows: Sequence[float]) -> float | None:
    """The yearly rate at which payments and pensions are worth the same; None where none lies between the bounds."""

    def worth(rate: float) -> float:
        value = 0.0
        for flow in reversed(flows):
            value = value / (1 + rate) + flow
        return value

    low, high = LEAST, MOST
    if not worth(low) > 0 > worth(high):
        return None
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) > 0 else (low, middle)
    return (low + high) / 2
