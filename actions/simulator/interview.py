"""The questions that lead to an estimate: which fact is still missing, what a message adds, and what is assumed.

Pure: a state in, a state out. The state is plain text, so that it survives in a slot. Facts may come in any order
and several at a time; a later word about the same fact replaces the earlier one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from actions.parameters import NATION
from actions.simulator.benefits.limits import check_birth, check_months_paid, first_month, oldest
from actions.simulator.benefits.resident_pension import check_tier
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.heard import Heard, does_not_know
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.reading import RATIO_BELOW, Facts, is_fact, read
from actions.simulator.reading_injury import DEATH, NO_EMPLOYER
from actions.simulator.rules import Rules

PERSON = ("sex", "woman_kind", "birth")
WANTED: dict[str, tuple[str, ...]] = {
    "pension": (*PERSON, "region", "months_paid", "base"),
    "compare": (*PERSON, "region", "months_paid"),
    "retirement-age": (*PERSON, "months_paid"),
    "contribution": ("region", "base"),
    "gap": (*PERSON, "region", "months_paid", "base", "gap_months"),
    "injury": ("grade", "relation", "spouse", "dependants", "own_wage", "region"),
    "resident-pension": ("birth", "region", "resident_years", "tier"),
    "transfer": ("hukou", "old_place", "old_months", "new_place", "new_months", "sex", "birth"),
}
# What is taken where the worker does not know; facts that are not here cannot be guessed.
DEFAULTS: Facts = {
    "woman_kind": "woman_55",
    "months_paid": "0",
    "base": "lowest",
    "gap_months": "12",
    "resident_years": "0",
    "tier": "lowest",
    "relation": "employee",
    "spouse": "no_spouse",
    "dependants": "0",
}
LASTING = ("sex", "woman_kind", "birth", "region", "base", "hukou", "tier")
LEAST_MONEY, MOST_MONEY = 100, 1_000_000  # yuan a month: outside of it somebody mistyped
LONGEST_GAP = 40 * MONTHS_A_YEAR
LONGEST_STAY = 60 * MONTHS_A_YEAR
MOST_RESIDENT_YEARS = 60


@dataclass(frozen=True)
class Interview:
    """How far it is. `assumed`: facts that were taken because the worker did not know."""

    kind: str
    facts: Facts = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    asked: str | None = None

    @classmethod
    def restored(cls, held: object) -> "Interview | None":
        """What `as_slot` kept; None where there is nothing usable."""
        if not isinstance(held, dict) or held.get("kind") not in WANTED:
            return None
        facts = {str(k): str(v) for k, v in dict(held.get("facts") or {}).items() if is_fact(str(k), str(v))}
        return cls(held["kind"], facts, tuple(held.get("assumed") or ()), held.get("asked"))

    def as_slot(self) -> dict[str, Any]:
        """Plain data."""
        return {"kind": self.kind, "facts": self.facts, "assumed": list(self.assumed), "asked": self.asked}

    @property
    def wanted(self) -> tuple[str, ...]:
        """The facts of this kind that matter in this case: the kind of a woman's job only for a woman, for example."""
        return tuple(fact for fact in WANTED[self.kind] if self._matters(fact))

    def _matters(self, fact: str) -> bool:
        """Without an employer nothing is counted on a wage; relatives are paid after a death only."""
        if fact == "woman_kind":
            return self.facts.get("sex") == "woman"
        if fact in ("spouse", "dependants", "own_wage") and self.facts.get("relation") in NO_EMPLOYER:
            return False
        return fact not in ("spouse", "dependants") or self.of_a_death

    @property
    def of_a_death(self) -> bool:
        """Whether it is a family that asks after a death at work."""
        return self.kind == "injury" and self.facts.get("grade") == DEATH

    @property
    def missing(self) -> str | None:
        """The next fact to ask for; None when an estimate can be made."""
        return next((fact for fact in self.wanted if fact not in self.facts), None)

    def about(self, kind: str) -> "Interview":
        """Another kind of estimate with the facts that are known."""
        return replace(self, kind=kind, asked=None)

    def next_question(self) -> "Interview":
        """The same, with the missing fact as the one that was asked for."""
        return replace(self, asked=self.missing)

    def hearing(self, heard: Heard, rules: Rules) -> "Interview | None":
        """With what a message adds; None where it adds nothing. Raises ImpossibleCase for what cannot be."""
        found = read(replace(heard, asked=self.asked), WANTED[self.kind], rules.on)
        if not found and does_not_know(heard):
            return self.assuming()
        return self.knowing(found, rules) if found else None

    def assuming(self) -> "Interview | None":
        """With the usual value of the fact that was asked for; None where nothing may be assumed."""
        if self.asked not in DEFAULTS:
            return None
        assumed = tuple(dict.fromkeys((*self.assumed, self.asked)))
        return replace(self, facts={**self.facts, self.asked: DEFAULTS[self.asked]}, assumed=assumed)

    def knowing(self, found: Facts, rules: Rules) -> "Interview":
        """With these facts instead of what was known of them. Raises ImpossibleCase, and changes nothing then."""
        facts = {**self.facts, **found}
        if found.get("sex") == "man":
            facts.pop("woman_kind", None)
        for fact in found:
            _check(fact, facts, rules)
        return replace(self, facts=facts, assumed=tuple(f for f in self.assumed if f not in found))


def _check(fact: str, facts: Facts, rules: Rules) -> None:
    """Raises ImpossibleCase, which says what is accepted."""
    value = facts[fact]
    if fact == "birth":
        _check_birth(Month.parse(value), rules)
    elif fact == "months_paid" and "birth" in facts:
        check_months_paid(fact, int(value), Month.parse(facts["birth"]), rules)
    elif fact == "grade" and value != DEATH:
        grades = sorted(int(grade) for grade in rules.rows("injury.lump_sum", NATION))
        if grades:
            _within(fact, int(value), grades[0], grades[-1])
    elif fact == "gap_months":
        _within(fact, int(value), 1, LONGEST_GAP)
    elif fact in ("old_months", "new_months"):
        _within("stay_months", int(value), 1 if fact == "old_months" else 0, LONGEST_STAY)
    elif fact == "resident_years":
        _within(fact, int(value), 0, MOST_RESIDENT_YEARS)
    elif fact == "tier" and value[0].isdigit():
        check_tier(Decimal(value), rules)
    elif fact in ("base", "own_wage") and value[0].isdigit():
        _check_money(fact, float(value))


def _check_birth(birth: Month, rules: Rules) -> None:
    """Somebody who may not be insured yet is not asked further."""
    check_birth(birth, rules)
    if first_month(birth, rules) > Month.of(rules.on):
        youngest = Month.of(rules.on).plus(birth - first_month(birth, rules))
        raise ImpossibleCase("birth", "birth_out_of_range", earliest=oldest(rules), latest=youngest)


def _within(fact: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ImpossibleCase(fact, f"{fact}_out_of_range", least=least, most=most, years=most // MONTHS_A_YEAR)


def _check_money(fact: str, value: float) -> None:
    """A base may be a share of the reference wage; whatever else is an amount a month."""
    is_share = fact == "base" and 0 < value < RATIO_BELOW
    if not is_share and not LEAST_MONEY <= value <= MOST_MONEY:
        raise ImpossibleCase(fact, "amount_out_of_range", least=LEAST_MONEY, most=MOST_MONEY)


def offered(interview: Interview, region: str | None) -> Interview:
    """With the place that the conversation knows already: it is said, not asked again."""
    fact = next((fact for fact in ("region", "new_place") if fact in WANTED[interview.kind]), None)
    if region is None or fact is None or fact in interview.facts:
        return interview
    return replace(interview, facts={**interview.facts, fact: region})


def lasting_facts(interview: Interview) -> Facts:
    """What is worth keeping for another day: not what was assumed, not how long was paid, which goes on, and nothing
    that a family told of somebody who died."""
    if interview.of_a_death:
        return {}
    return {fact: value for fact, value in interview.facts.items() if fact in LASTING and fact not in interview.assumed}


def recalled(kind: str, kept: Mapping[str, str]) -> Interview:
    """A new interview with the facts that were kept of an earlier one; what is no fact any more is left out."""
    known = {fact: value for fact, value in kept.items() if fact in LASTING and is_fact(fact, value)}
    return Interview(kind, known)


def facts_told(interview: Interview) -> Sequence[tuple[str, str]]:
    """What is known, in the order of the questions: the recap before and beside the estimate."""
    told = [(fact, interview.facts[fact]) for fact in interview.wanted if fact in interview.facts]
    return [(DEATH if value == DEATH else fact, value) for fact, value in told]
