"""The project's own rule book, figures and names, for the tests of what reminders find and say."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions.parameters import Parameters
from actions.reminders.model import Language
from actions.reminders.rules import RuleBook
from actions.reminders.telling import NamedSource, Telling

PROJECT = Path(__file__).resolve().parents[3]
RULES = PROJECT / "actions" / "reminders" / "rules"
KNOWLEDGE = PROJECT / "knowledge"
TABLE = Path(__file__).parent / "tables" / "rules.yml"


@lru_cache
def parameters() -> Parameters:
    """The project's own figures."""
    return Parameters.load(KNOWLEDGE / "parameters")


@lru_cache
def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def place(code: str, language: Language) -> str:
    """A place as people name it."""
    return str(_yaml(KNOWLEDGE / "regions.yml")[code]["name"][language])


def source(name: str, language: Language) -> NamedSource:
    """An instrument as it is cited; raises KeyError for an unknown one."""
    found = _yaml(KNOWLEDGE / "sources.yml")[name]
    return NamedSource(found["title"][language], found.get("url"))


@lru_cache
def book() -> RuleBook:
    """The project's own rules."""
    return RuleBook.load(RULES, Telling(parameters(), place, source))


def rows(part: str) -> list[dict[str, Any]]:
    """The rows of a part of the table; facts and days as YAML has them."""
    return list(_yaml(TABLE)[part])


def facts_of(row: dict[str, Any]) -> dict[str, str]:
    """The facts of a row as texts: YAML reads a bare day as a date."""
    return {name: str(value) for name, value in row["facts"].items()}
