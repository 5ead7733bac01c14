"""Reads the tables of cases that an expert reviews, and compares an estimate with a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions.parameters import Parameters
from actions.simulator.estimate import Estimate
from actions.simulator.rules import Rules

HERE = Path(__file__).parent
KNOWLEDGE = HERE.parents[2] / "knowledge"


@dataclass(frozen=True)
class ExpertCase:
    """One row: the case, the day, and what must come out (None: no such amount)."""

    name: str
    on: date
    case: Mapping[str, Any]
    expected: Mapping[str, Any]
    source: str


def expert_cases(table: str) -> list[ExpertCase]:
    """The rows of `cases/<table>.yml`; YAML reads the key `on` as a truth value."""
    rows = yaml.safe_load((HERE / "cases" / f"{table}.yml").read_text(encoding="utf-8"))
    return [ExpertCase(**{"on" if key is True else key: value for key, value in row.items()}) for row in rows]


@lru_cache
def parameters() -> Parameters:
    """The project's own figures."""
    return Parameters.load(KNOWLEDGE / "parameters")


def rules(on: date) -> Rules:
    """The project's own figures on a day."""
    return Rules(parameters(), on)


def differences(estimate: Estimate, expected: Mapping[str, Any]) -> dict[str, Any]:
    """What came out otherwise than expected, by key."""
    found = {amount.key: amount.value for amount in estimate.amounts}
    said = {r.key for r in (*estimate.assumptions, *estimate.warnings, *estimate.alternatives)}
    wrong: dict[str, Any] = {
        key: found.get(key)
        for key, value in expected.items()
        if key not in ("remarks", "not_said") and not _same(found.get(key), value)
    }
    missing = set(expected.get("remarks", ())) - said
    extra = set(expected.get("not_said", ())) & said
    return wrong | ({"not said": missing} if missing else {}) | ({"said": extra} if extra else {})


def _same(found: object, expected: object) -> bool:
    if found is None or expected is None:
        return found is expected
    return found == Decimal(str(expected)) if isinstance(expected, int | float) else str(found) == str(expected)
