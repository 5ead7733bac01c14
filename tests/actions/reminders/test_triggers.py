"""Which rules are due on which day, row by row of the table that an expert reviews."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from actions.reminders.facts import check_facts
from tests.actions.reminders.rule_desk import book, facts_of, parameters, rows

DUE = rows("due")
LEAST_ROWS = 80


def found(facts: dict[str, str], first: date, last: date) -> list[str]:
    return sorted(
        f"{d.origin.removeprefix('rule:')} {d.occasion}" for d in book().due(facts, first, last, parameters())
    )


@pytest.mark.parametrize("row", DUE, ids=[row["name"] for row in DUE])
def test_a_row_of_the_table_is_right(row: dict[str, Any]) -> None:
    assert found(facts_of(row), row["from"], row.get("to", row["from"])) == sorted(row["due"])


def test_the_table_is_long_enough_and_names_each_row_once() -> None:
    names = Counter(row["name"] for row in DUE)
    assert len(DUE) >= LEAST_ROWS
    assert [name for name, times in names.items() if times > 1] == []


def test_every_rule_is_due_somewhere_in_the_table_and_nothing_is_kept_away_without_a_reason() -> None:
    told = {due.split()[0] for row in DUE for due in row["due"]}
    assert told == {name for name in book().rules if not name.startswith("asked-")}
    assert [row["name"] for row in DUE if not row["due"] and not row.get("why")] == []


@pytest.mark.parametrize("row", DUE, ids=[row["name"] for row in DUE])
def test_the_facts_of_the_table_are_facts(row: dict[str, Any]) -> None:
    assert check_facts(facts_of(row)) == facts_of(row)


@pytest.mark.parametrize("row", [row for row in DUE if row["due"]], ids=lambda row: row["name"])
def test_an_occasion_is_the_same_whatever_days_are_looked_at(row: dict[str, Any]) -> None:
    facts, first = facts_of(row), row["from"]
    week = [first + timedelta(days=n) for n in range(-3, 4)]
    day_by_day = {(d.origin, d.occasion, d.day) for day in week for d in book().due(facts, day, day, parameters())}
    at_once = {(d.origin, d.occasion, d.day) for d in book().due(facts, week[0], week[-1], parameters())}
    assert day_by_day == at_once


@pytest.mark.parametrize("row", [row for row in DUE if row["due"]], ids=lambda row: row["name"])
def test_what_is_due_is_true_on_its_day(row: dict[str, Any]) -> None:
    facts = facts_of(row)
    for due in book().due(facts, row["from"], row.get("to", row["from"]), parameters()):
        assert book().still_true(due.origin, due.occasion, facts, due.day) is None, due


def test_a_long_window_finds_each_occasion_once() -> None:
    facts = {"scheme": "flexible", "rhythm": "monthly", "pay_day": "31", "region": "CN-ZJ", "birth": "1967-03"}
    everything = [d.occasion for d in book().due(facts, date(2026, 1, 1), date(2027, 12, 31), parameters())]
    assert len(everything) == len(set(everything)) == 24 * 2 + 2  # two steps a month, and the base year twice
