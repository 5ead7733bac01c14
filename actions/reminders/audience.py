"""Whom a campaign is for: conditions over what is known of a worker, all of which must hold.

`{scheme: [flexible]}`: one of these. `{months_paid: {at_least: 12, at_most: 180}}`: within these, for counts, months
and days. `{rhythm: known}`, `{birth: unknown}`: whether it is known at all. What is not known meets no other condition.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from actions.parameters import region_chain
from actions.reminders.facts import FORMS, InvalidFacts, check_facts
from actions.reminders.model import Facts

COUNTS = frozenset({"months_paid", "pay_day"})
MONTHS_AND_DAYS = frozenset(
    {"birth", "last_paid", "moved_on", "changed_job_on", "injured_on", "medical_joined_on", "medical_wait_until"}
)
PLACES = frozenset({"region", "moved_from"})
ACCEPTED = "a list of values, {at_least: …, at_most: …}, known or unknown"


class Condition(BaseModel):
    """What one fact must be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_of: tuple[str, ...] = ()
    at_least: str | None = None
    at_most: str | None = None
    known: bool | None = None

    def holds(self, name: str, value: str | None) -> bool:
        """Whether the value of the fact of this name meets the condition; None: it is not known."""
        if self.known is not None:
            return self.known is bool(value)
        if not value:
            return False
        if self.one_of:
            return not set(self.one_of).isdisjoint(region_chain(value) if name in PLACES else (value,))
        return within(name, value, self.at_least, self.at_most)


def within(name: str, value: str, least: str | None, most: str | None) -> bool:
    """Whether a count, a month or a day lies within limits that count themselves."""
    if name in COUNTS:
        if not value.isdecimal():
            return False
        return (least is None or int(value) >= int(least)) and (most is None or int(value) <= int(most))
    return (least is None or value >= least) and (most is None or value <= most)  # ISO dates sort as texts


def fits(audience: Mapping[str, Condition], facts: Facts) -> bool:
    """Whether a worker is one of those the campaign is for."""
    return all(condition.holds(name, facts.get(name)) for name, condition in audience.items())


def _condition(raw: object) -> dict[str, Any]:
    if raw in ("known", "unknown"):
        return {"known": raw == "known"}
    if isinstance(raw, list) and raw and not any(isinstance(value, list | dict) for value in raw):
        return {"one_of": tuple(_text(value) for value in raw)}
    if isinstance(raw, dict) and raw and set(raw) <= {"at_least", "at_most"}:
        return {name: _text(value) for name, value in raw.items()}
    raise ValueError(f"{raw!r} is no condition; accepted: {ACCEPTED}")


def _audience(raw: object) -> object:
    if not isinstance(raw, dict) or not raw:
        raise ValueError(f"accepted: at least one fact with {ACCEPTED}")
    read = {str(name): _condition(value) for name, value in raw.items()}
    for name, condition in read.items():
        _check(name, condition)
    return read


def _check(name: str, condition: Mapping[str, Any]) -> None:
    if name not in FORMS:
        raise ValueError(f"there is no fact {name!r}; accepted: {', '.join(FORMS)}")
    limits = {key: condition[key] for key in ("at_least", "at_most") if key in condition}
    if limits and name not in COUNTS | MONTHS_AND_DAYS:
        raise ValueError(f"{name} has no order; accepted: a list of values, known or unknown")
    for value in (*condition.get("one_of", ()), *limits.values()):
        try:
            known = check_facts({name: value})[name]
        except InvalidFacts:
            known = ""
        if not known:
            raise ValueError(f"{name}: {value!r} is not a value of this fact; accepted: {FORMS[name].accepted}")
    if len(limits) > 1 and not within(name, limits["at_least"], None, limits["at_most"]):
        raise ValueError(f"{name}: at_least {limits['at_least']} is more than at_most {limits['at_most']}")


def _text(value: object) -> str:
    """A value as facts have it: YAML reads a bare yes as true and a bare date as a date."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


Audience = Annotated[dict[str, Condition], BeforeValidator(_audience)]
