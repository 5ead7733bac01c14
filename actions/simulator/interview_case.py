"""From the facts of an interview to the case of a simulation, as its JSON would be written."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from actions.parameters import NATION
from actions.simulator.interview import DEFAULTS, Interview
from actions.simulator.reading import RATIO_BELOW, Facts
from actions.simulator.reading_injury import DEATH, NO_EMPLOYER
from actions.simulator.rules import Rules

WAGE_THAT_IS_NOT_USED = 1  # the case wants a wage; without an employer no benefit is counted on it


def case_of(interview: Interview, rules: Rules) -> dict[str, Any]:
    """The fields of `KINDS[interview.kind].case`."""
    facts = interview.facts
    return _CASES[interview.kind](facts, rules)


def _category(facts: Facts) -> str:
    return "man" if facts["sex"] == "man" else facts.get("woman_kind", DEFAULTS["woman_kind"])


def base_of(value: str, region: str, rules: Rules) -> dict[str, Any]:
    """`lowest`, `average`, `highest`, a share or an amount as a base."""
    if value == "lowest":
        return {"ratio": _share("contribution.base_floor_ratio", region, rules)}
    if value == "highest":
        return {"ratio": _share("contribution.base_ceiling_ratio", region, rules)}
    if value == "average":
        return {"ratio": Decimal(1)}
    number = Decimal(value)
    return {"ratio": number} if number < RATIO_BELOW else {"amount": number}


def _share(name: str, region: str, rules: Rules) -> Decimal:
    return Decimal(str(rules.figure(name, region).value)) / 100


def _retirement(facts: Facts, rules: Rules) -> dict[str, Any]:
    return {"category": _category(facts), "birth": facts["birth"], "months_paid": int(facts["months_paid"])}


def _contribution(facts: Facts, rules: Rules) -> dict[str, Any]:
    return {"region": facts["region"], "base": base_of(facts["base"], facts["region"], rules)}


def _pension(facts: Facts, rules: Rules) -> dict[str, Any]:
    region = facts["region"]
    base = base_of(facts["base"], region, rules)
    paid = int(facts["months_paid"])
    spell = {"scheme": "flexible", "region": region, "months": paid, "base": base}
    return {
        "category": _category(facts),
        "birth": facts["birth"],
        "region": region,
        "history": [spell] if paid else [],
        "plan": {"base": base},
    }


def _compare(facts: Facts, rules: Rules) -> dict[str, Any]:
    return _retirement(facts, rules) | {"region": facts["region"]}


def _gap(facts: Facts, rules: Rules) -> dict[str, Any]:
    return _pension(facts, rules) | {"gap_months": int(facts["gap_months"])}


def _injury(facts: Facts, rules: Rules) -> dict[str, Any]:
    """The wage only where an employer insured it, the relatives only after a death."""
    told = {"relation": facts["relation"], "region": facts["region"]}
    insured = facts["relation"] not in NO_EMPLOYER
    wage = {"own_wage": facts["own_wage"] if insured else WAGE_THAT_IS_NOT_USED}
    if facts["grade"] != DEATH:
        return {"grade": int(float(facts["grade"])), **wage, **told}
    left = {"spouse": facts["spouse"] == "spouse", "others": int(facts["dependants"])} if insured else {}
    return {"death": True, "dependants": left, **wage, **told}


def _resident(facts: Facts, rules: Rules) -> dict[str, Any]:
    lowest = facts["tier"] == "lowest"
    return {
        "region": facts["region"],
        "birth": facts["birth"],
        "tier": rules.figure("resident.tier_lowest", NATION).value if lowest else Decimal(facts["tier"]),
        "years_paid": int(facts["resident_years"]),
    }


def _transfer(facts: Facts, rules: Rules) -> dict[str, Any]:
    """The places in the order of time; a place where nothing was paid yet is where somebody moves to."""
    old, new = int(facts["old_months"]), int(facts["new_months"])
    spells = [{"region": facts["old_place"], "months": old}]
    if new:
        spells.append({"region": facts["new_place"], "months": new})
    case = {"hukou": facts["hukou"], "spells": spells, "category": _category(facts), "birth": facts["birth"]}
    return case if new else case | {"moving_to": facts["new_place"]}


_CASES: dict[str, Callable[[Facts, Rules], dict[str, Any]]] = {
    "pension": _pension,
    "compare": _compare,
    "retirement-age": _retirement,
    "contribution": _contribution,
    "gap": _gap,
    "injury": _injury,
    "resident-pension": _resident,
    "transfer": _transfer,
}
