"""What may be known of a worker for reminders: the names of the facts, their forms, and what follows from them.

InvalidFacts   one or more facts cannot be; names every one of them and what is accepted
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from actions.parameters import NATION, MissingFigure, Parameters
from actions.reminders.model import Facts
from actions.reminders.periods import month_number, plus_months
from actions.simulator.benefits.retirement import minimum_months, statutory
from actions.simulator.case import Category, Scheme
from actions.simulator.estimate import SimulationError
from actions.simulator.faults import Fault
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules

MOST_MONTHS_PAID = 720  # as in the cases of the simulator
LONGEST = 40  # characters of a value; no fact is longer
PEOPLE = 50_000  # kinds of people whose retirement month is kept: births times categories, twice over
_YEAR = r"(?:19|20)\d{2}"
_MONTH = rf"{_YEAR}-(?:0[1-9]|1[0-2])"
_DAY = rf"{_MONTH}-(?:0[1-9]|[12]\d|3[01])"
_NUMBER = r"[1-9]\d{0,6}(?:\.\d{1,4})?"
_PLACE = r"CN(?:-[A-Z]{2}(?:\.[a-z_]{2,24})?)?"


Kind = Literal["word", "months", "month", "day", "place"]


class InvalidFacts(ValueError):
    """Facts that cannot be: `faults` has each with the field, what is wrong and what is accepted."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.message}; accepted: {one.accepted}" for one in faults))
        self.faults = faults


@dataclass(frozen=True)
class Form:
    """How one fact is written. `accepted` says it to who got it wrong; `is_possible` is asked if the pattern fits."""

    description: str
    pattern: str
    accepted: str
    is_possible: Callable[[str], bool] = lambda value: True
    kind: Kind = "word"


def _one_of(description: str, *choices: str) -> Form:
    return Form(description, "|".join(choices), ", ".join(choices))


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _month(description: str) -> Form:
    return Form(description, _MONTH, "a month such as 2026-11", kind="month")


def _day(description: str) -> Form:
    return Form(description, _DAY, "a day such as 2026-11-23", _is_day, "day")


def _place(description: str) -> Form:
    return Form(description, _PLACE, "a code such as CN-ZJ or CN-GD.shenzhen", kind="place")


FORMS: Mapping[str, Form] = {
    "category": _one_of("Which of the three retirement ages applies.", "man", "woman_55", "woman_50"),
    "birth": _month("Month of birth."),
    "gender": _one_of("Only for reports that compare groups.", "woman", "man"),
    "occupation": _one_of(
        "What the worker mostly does.",
        *("rider", "driver", "courier", "domestic", "streamer", "vendor", "shop", "other"),
    ),
    "nudges": _one_of("Whether the worker also wants what they did not ask for; left out: yes.", "yes", "no"),
    "region": _place("Where the worker pays."),
    "moved_from": _place("Where the worker paid before moving."),
    "scheme": _one_of("The scheme that the worker pays into.", "flexible", "employee", "resident", "none"),
    "rhythm": _one_of("How often the worker pays.", "monthly", "quarterly", "half_yearly", "yearly"),
    "pay_day": Form(
        "The worker's own day of the month to pay; a short month has it on its last day.",
        r"[1-9]|[12]\d|3[01]",
        "a whole number from 1 to 31",
    ),
    "base": Form(
        "The contribution base: a level, a share of the reference wage below 10, or yuan a month.",
        rf"lowest|average|highest|0\.\d{{1,4}}|{_NUMBER}",
        "lowest, average, highest, a share such as 0.6 or yuan a month such as 4500",
        lambda value: value[0].isalpha() or Decimal(value) > 0,
    ),
    "tier": Form(
        "The tier of the resident pension: the lowest, or yuan a year.",
        rf"lowest|{_NUMBER}",
        "lowest, or yuan a year such as 500",
    ),
    "months_paid": Form(
        "Whole months paid up to and including last_paid.",
        r"0|[1-9]\d{0,2}",
        f"a whole number from 0 to {MOST_MONTHS_PAID}",
        lambda value: int(value) <= MOST_MONTHS_PAID,
        "months",
    ),
    "last_paid": _month("The last month that is paid."),
    "moved_on": _day("When the worker moved to another province."),
    "changed_job_on": _day("When the worker changed jobs."),
    "injured_on": _day("When the worker was injured at work."),
    "injury_reported": _one_of("Whether the injury is reported.", "yes", "no"),
    "medical_joined_on": _day("When medical insurance was joined or resumed."),
    "medical_wait_until": _day("When the waiting time of medical insurance ends."),
    "subsidy_group": _one_of("The group whose subsidy the worker may get.", "near_retirement", "graduate"),
}


def check_facts(told: Mapping[str, object], places: Mapping[str, object] | None = None) -> dict[str, str]:
    """The facts as texts; an empty one or null takes a fact away. Raises InvalidFacts.

    Numbers are taken as JSON has them. `places`: the places that are known; left out, a code only has to look like one.
    """
    faults, facts = [], {}
    for name, value in told.items():
        written = _text(value)
        fault = _fault(name, value, written, places)
        if fault:
            faults.append(fault)
        else:
            facts[name] = written or ""
    faults.extend(_contradictions(facts))
    if faults:
        raise InvalidFacts(tuple(faults))
    return facts


def _text(value: object) -> str | None:
    """None for what no fact can be, such as a truth value or a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = Decimal(str(value))
        return f"{number:f}".removesuffix(".0") if number.is_finite() else None
    return value.strip() if isinstance(value, str) and len(value) <= LONGEST else None


def _fault(name: str, value: object, written: str | None, places: Mapping[str, object] | None) -> Fault | None:
    form = FORMS.get(name)
    if form is None:
        return Fault(name[:LONGEST], "there is no such fact", ", ".join(FORMS))
    if written == "":
        return None
    if written is None or not re.fullmatch(form.pattern, written) or not form.is_possible(written):
        return Fault(name, f"{str(value)[:LONGEST]!r} is no value of this fact", f"{form.accepted}; empty forgets it")
    if form.kind == "place" and places is not None and written != NATION and written not in places:
        return Fault(name, f"{written!r} is not a place that is known", "a province or city of the list of regions")
    return None


def _contradictions(facts: Facts) -> list[Fault]:
    """Facts that fit one by one but not together."""
    found = []
    category, gender, birth = facts.get("category", ""), facts.get("gender", ""), facts.get("birth", "")
    if category and gender and category.partition("_")[0] != gender:
        found.append(Fault("gender", f"{gender!r} does not go with category {category!r}", category.partition("_")[0]))
    for name in ("last_paid", "moved_on", "changed_job_on", "injured_on", "medical_joined_on"):
        if birth and facts.get(name) and facts[name] < birth:
            found.append(Fault(name, f"{facts[name]!r} lies before the month of birth", f"{birth} or later"))
    return found


def facts_schema() -> dict[str, Any]:
    """The facts as a JSON schema, for the documentation of the HTTP API."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "description": f"{form.description} Accepted: {form.accepted}. Null or an empty text forgets it.",
                "type": ["string", "number", "null"],
                "pattern": f"^(?:{form.pattern})?$",
            }
            for name, form in FORMS.items()
        },
    }


def paid_up_to(facts: Facts, month: str) -> dict[str, str]:
    """What changes once everything up to `month` (YYYY-MM) is paid: `last_paid`, and `months_paid` where known.

    An earlier month than the one on record changes nothing.
    """
    last, paid = facts.get("last_paid"), facts.get("months_paid")
    if last and month <= last:
        return {}
    if not last or paid is None or not paid.isdecimal():
        return {"last_paid": month}
    more = month_number(month) - month_number(last)
    return {"last_paid": month, "months_paid": str(min(int(paid) + more, MOST_MONTHS_PAID))}


def derived(facts: Facts, parameters: Parameters, on: date) -> Facts:
    """The facts, with the month of retirement (`retires`) and the end of the medical waiting time where they follow."""
    found = dict(facts)
    month = retirement_month(facts, parameters, on)
    if month:
        found["retires"] = month
    if "medical_joined_on" in facts and "medical_wait_until" not in facts:
        end = medical_wait_ends(facts["medical_joined_on"], facts.get("region", ""), parameters)
        if end:
            found["medical_wait_until"] = end.isoformat()
    return found


def retirement_month(facts: Facts, parameters: Parameters, on: date) -> str | None:
    """The statutory month of retirement (YYYY-MM), or the month from which the resident pension is paid."""
    birth, category = facts.get("birth"), facts.get("category")
    scheme = Scheme.RESIDENT if facts.get("scheme") == Scheme.RESIDENT else Scheme.FLEXIBLE
    if not birth or (not category and scheme is not Scheme.RESIDENT):
        return None
    return _retires(category or "", birth, scheme, parameters, on)


@lru_cache(maxsize=PEOPLE)
def _retires(category: str, birth: str, scheme: Scheme, parameters: Parameters, on: date) -> str | None:
    rules = Rules(parameters, on)
    try:
        if scheme is Scheme.RESIDENT:
            years = rules.figure("resident.pension_age", NATION)
            return str(Month.parse(birth).plus(int(years.value) * MONTHS_A_YEAR))
        return str(statutory(Category(category), Month.parse(birth), rules).month)
    except (SimulationError, ValueError):
        return None


@lru_cache(maxsize=PEOPLE)
def months_needed(retires: str, parameters: Parameters, on: date) -> int | None:
    """The months that must be paid for a pension from `retires` (YYYY-MM) on; None where no figure says so."""
    try:
        return minimum_months(Month.parse(retires), Rules(parameters, on))[0]
    except SimulationError:
        return None


@lru_cache(maxsize=PEOPLE)
def medical_wait_ends(joined_on: str, region: str, parameters: Parameters) -> date | None:
    """When the medical waiting time ends; None where the place has no published one."""
    joined = date.fromisoformat(joined_on)
    try:
        wait = parameters.figure("medical.flexible.waiting_months", region, joined)
    except MissingFigure:
        return None
    return plus_months(joined, int(wait.value))
