"""The register of simulations: for each kind its case, its rule, what it is for, and examples.

Channels build their commands, routes and forms from here; a new simulation is one entry more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from actions.parameters import Bilingual
from actions.simulator.benefits.comparison import compare
from actions.simulator.benefits.contribution import contribution
from actions.simulator.benefits.employee_pension import pension
from actions.simulator.benefits.gap import gap
from actions.simulator.benefits.injury import injury
from actions.simulator.benefits.resident_pension import resident_pension
from actions.simulator.benefits.retirement import retirement_age
from actions.simulator.benefits.transfer import transfer
from actions.simulator.case import CaseModel
from actions.simulator.cases.compare import CompareCase
from actions.simulator.cases.contribution import ContributionCase
from actions.simulator.cases.gap import GapCase
from actions.simulator.cases.injury import InjuryCase
from actions.simulator.cases.pension import PensionCase
from actions.simulator.cases.resident import ResidentCase
from actions.simulator.cases.retirement import RetirementCase
from actions.simulator.cases.transfer import TransferCase
from actions.simulator.estimate import Estimate
from actions.simulator.rules import Rules

Example = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One simulation. `examples` are cases as JSON writes them; the first is shown as documentation."""

    name: str
    case: type[CaseModel]
    estimate: Callable[[Any, Rules], Estimate]
    description: Bilingual
    examples: tuple[Example, ...]


_KINDS = (
    Kind(
        "retirement-age", RetirementCase, retirement_age,
        Bilingual(zh="哪个月能退休，还差多少", en="When you may retire, and what is missing"),
        (
            {"category": "man", "birth": "1970-05", "months_paid": 120},
            {"category": "woman_50", "birth": "1975-03"},
        ),
    ),
    Kind(
        "contribution", ContributionCase, contribution,
        Bilingual(zh="一个月交多少，钱去哪了", en="What a month costs and where the money goes"),
        (
            {"scheme": "flexible", "region": "CN-ZJ", "base": {"ratio": 0.6}},
            {"scheme": "employee", "region": "CN-SC", "base": {"amount": 6000}},
            {"scheme": "resident", "region": "CN-BJ", "tier": 1000},
        ),
    ),
    Kind(
        "pension", PensionCase, pension,
        Bilingual(zh="职工养老金每月大约多少", en="The monthly employee pension"),
        (
            {
                "category": "man", "birth": "1985-05", "region": "CN-ZJ", "account_balance": 32000,
                "history": [{"scheme": "flexible", "region": "CN-ZJ", "months": 120, "base": {"ratio": 0.6}}],
                "plan": {"base": {"ratio": 0.6}},
            },
            {
                "category": "woman_50", "birth": "1990-05", "region": "CN-SC", "retire": "latest",
                "plan": {"scheme": "employee", "base": {"amount": 6000}, "gaps": [{"start": "2030-01", "months": 36}]},
            },
        ),
    ),
    Kind(
        "resident-pension", ResidentCase, resident_pension,
        Bilingual(zh="居民养老金每月大约多少", en="The monthly resident pension"),
        ({"region": "CN-SC", "birth": "1985-05", "tier": 1000, "years_paid": 5},),
    ),
    Kind(
        "compare", CompareCase, compare,
        Bilingual(zh="几种交法放在一起比", en="Ways of paying side by side"),
        (
            {
                "category": "man", "birth": "1990-05", "region": "CN-ZJ", "months_paid": 72,
                "base_so_far": {"ratio": 0.6},
            },
            {
                "category": "woman_55", "birth": "1990-05", "region": "CN-SC",
                "ways": [
                    {"name": "low", "scheme": "flexible", "base": {"ratio": 0.6}},
                    {"name": "full", "scheme": "flexible", "base": {"ratio": 1}},
                ],
            },
        ),
    ),
    Kind(
        "gap", GapCase, gap,
        Bilingual(zh="停交一阵子会少多少", en="What it costs to stop paying for a while"),
        (
            {
                "category": "man", "birth": "1985-05", "region": "CN-ZJ", "plan": {"base": {"ratio": 0.6}},
                "history": [{"scheme": "flexible", "region": "CN-ZJ", "months": 120, "base": {"ratio": 0.6}}],
                "gap_months": 36,
            },
        ),
    ),
    Kind(
        "injury", InjuryCase, injury,
        Bilingual(zh="因工受伤或去世：每样给多少、谁出", en="Injury or death at work: each benefit and who pays it"),
        (
            {"grade": 6, "own_wage": 6000, "region": "CN-SC"},
            {"death": True, "own_wage": 6000, "region": "CN-SC", "dependants": {"spouse": True, "others": 2}},
            {"grade": 8, "own_wage": 6000, "region": "CN-ZJ", "relation": "platform"},
        ),
    ),
    Kind(
        "transfer", TransferCase, transfer,
        Bilingual(zh="在几个地方交过：以后哪里发、什么跟着走", en="Paid in several places: who pays, what moves"),
        (
            {"hukou": "CN-SC", "spells": [{"region": "CN-SC", "months": 130}, {"region": "CN-ZJ", "months": 24}]},
            {
                "hukou": "CN-SC", "category": "woman_50", "birth": "1986-11", "moving_to": "CN-ZJ",
                "spells": [{"region": "CN-GD.shenzhen", "months": 60, "base": 4775}], "account_balance": 30000,
            },
        ),
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
