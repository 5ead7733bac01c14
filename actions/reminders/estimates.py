"""The simulator's estimates for the facts of a reminder: what a month costs, and what pension it leads to.

Kept for equal facts, since many workers of a place pay the same.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from actions.parameters import Figure, Parameters
from actions.reminders.model import CannotSay, Facts
from actions.simulator.estimate import Estimate, SimulationError
from actions.simulator.interview_case import base_of
from actions.simulator.kinds import KINDS
from actions.simulator.month import MONTHS_A_YEAR
from actions.simulator.rules import Rules

KEPT = 4096
YUAN = Decimal(1)


@dataclass(frozen=True)
class Reckoned:
    """An amount of yuan, and the figures that led to it."""

    value: Decimal
    figures: tuple[Figure, ...]


def base_amount(facts: Facts, parameters: Parameters, on: date) -> Reckoned:
    """The contribution base in yuan a month; raises CannotSay."""
    return _amount(contribution_of(facts, parameters, on), "base", "base", {"base"})


def own_payment(facts: Facts, parameters: Parameters, on: date) -> Reckoned:
    """The worker's own payment in yuan a month, for the resident pension a year; raises CannotSay."""
    estimate = contribution_of(facts, parameters, on)
    key = "own_payment_year" if facts.get("scheme") == "resident" else "own_payment"
    return _amount(estimate, key, "amount", {"base", "own_payment"})


def subsidy(facts: Facts, parameters: Parameters, on: date) -> Reckoned:
    """The subsidy that somebody with these facts may get, yuan a month; raises CannotSay."""
    return _amount(contribution_of(facts, parameters, on, "yes"), "subsidy", "subsidy", {"subsidy"})


def contribution_of(facts: Facts, parameters: Parameters, on: date, hard_to_employ: str = "") -> Estimate:
    """What a month costs by the worker's place, scheme and base or tier; raises CannotSay, naming what is missing."""
    region, scheme = facts.get("region"), facts.get("scheme", "flexible")
    level = facts.get("tier" if scheme == "resident" else "base")
    if scheme == "employee":
        raise CannotSay("amount")
    if not region or not level:
        raise CannotSay("base" if region else "place")
    estimate = _contribution("resident" if scheme == "resident" else "flexible", region, level, hard_to_employ,
                             parameters, on)  # fmt: skip
    if estimate is None:
        raise CannotSay("amount")
    return estimate


@lru_cache(maxsize=KEPT)
def _contribution(
    scheme: str, region: str, level: str, hard_to_employ: str, parameters: Parameters, on: date
) -> Estimate | None:
    rules = Rules(parameters, on)
    if scheme == "resident":
        tier = tier_of(level, region, parameters, on)
        case: Mapping[str, Any] = {"scheme": scheme, "region": region, "tier": tier and tier.value}
    else:
        base = _base(level, region, rules)
        case = {"scheme": scheme, "region": region, "base": base, "hard_to_employ": bool(hard_to_employ)}
    return _estimate("contribution", case, rules)


def tier_of(level: str, region: str, parameters: Parameters, on: date) -> Reckoned | None:
    """The tier in yuan a year; None for the lowest of a place whose own is not published: the nation's is no answer."""
    if level != "lowest":
        return Reckoned(Decimal(level), ())
    figure = Rules(parameters, on).figure_if_known("resident.tier_lowest", region)
    if figure is None or figure.region != region.partition(".")[0]:
        return None
    return Reckoned(Decimal(str(figure.value)), (figure,))


def pension(facts: Facts, parameters: Parameters, on: date) -> Reckoned:
    """The pension of somebody who pays on as now, whole yuan a month in today's money; raises CannotSay."""
    scheme = facts.get("scheme", "flexible")
    wanted = ("birth", "region", "months_paid", "tier" if scheme == "resident" else "base")
    missing = [name for name in wanted if name not in facts]
    if scheme != "resident" and "category" not in facts:
        missing.append("category")
    if missing:
        raise CannotSay(missing[0])
    values = tuple(facts[name] for name in wanted)
    estimate = _pension(scheme, facts.get("category", ""), *values, parameters=parameters, on=on)
    if estimate is None:
        raise CannotSay("pension")
    keys = {amount.key for amount in estimate.amounts}
    key = "monthly_pension_today" if "monthly_pension_today" in keys else "monthly_pension"
    found = _amount(estimate, key, "pension")
    return Reckoned(found.value.quantize(YUAN, ROUND_HALF_UP), found.figures)


@lru_cache(maxsize=KEPT)
def _pension(
    scheme: str, category: str, birth: str, region: str, paid: str, level: str, *, parameters: Parameters, on: date
) -> Estimate | None:
    rules = Rules(parameters, on)
    if scheme == "resident":
        tier = tier_of(level, region, parameters, on)
        case: dict[str, Any] = {"region": region, "birth": birth, "tier": tier and tier.value}
        estimate = _estimate("resident-pension", case | {"years_paid": int(paid) // MONTHS_A_YEAR}, rules)
        short = estimate and any(warning.key == "resident_years_short" for warning in estimate.warnings)
        return None if short else estimate
    way = "employee" if scheme == "employee" else "flexible"
    base = _base(level, region, rules)
    history = [{"scheme": way, "region": region, "months": int(paid), "base": base}] if int(paid) else []
    case = {"category": category, "birth": birth, "region": region, "history": history}
    return _estimate("pension", case | {"plan": {"scheme": way, "base": base}}, rules)


def _base(level: str, region: str, rules: Rules) -> Mapping[str, Any] | None:
    try:
        return base_of(level, region, rules)
    except SimulationError:
        return None


def _estimate(kind: str, case: Mapping[str, Any], rules: Rules) -> Estimate | None:
    """None where the case cannot be, or a figure is not published: nothing is guessed."""
    try:
        return KINDS[kind].estimate(KINDS[kind].case.model_validate(case), rules)
    except (SimulationError, ValidationError):
        return None


def _amount(estimate: Estimate, key: str, name: str, steps: Set[str] = frozenset()) -> Reckoned:
    """One amount; the figures of some steps, or of all."""
    amounts = {amount.key: amount.value for amount in estimate.amounts}
    if not isinstance(amounts.get(key), Decimal):
        raise CannotSay(name)
    used = [figure for step in estimate.steps if not steps or step.key in steps for figure in step.figures]
    return Reckoned(Decimal(str(amounts[key])), tuple(dict.fromkeys(used)))
