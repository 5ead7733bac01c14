"""Which facts are taken, in which forms, and what follows from them."""

import re
from datetime import date

import pytest

from actions.reminders.facts import (
    FORMS,
    InvalidFacts,
    check_facts,
    derived,
    facts_schema,
    medical_wait_ends,
    months_needed,
    paid_up_to,
    retirement_month,
)
from actions.reminders.periods import as_text, day_in, month_number, month_of, period_of, plus_months
from tests.actions.reminders.rule_desk import parameters

ON = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("category", "woman_55", "woman_55"),
        ("birth", "1990-05", "1990-05"),
        ("region", "CN-GD.shenzhen", "CN-GD.shenzhen"),
        ("region", "CN", "CN"),
        ("scheme", "none", "none"),
        ("rhythm", "half_yearly", "half_yearly"),
        ("pay_day", 31, "31"),
        ("pay_day", "1", "1"),
        ("base", 4500, "4500"),
        ("base", 0.6, "0.6"),
        ("base", 4986.5, "4986.5"),
        ("base", "lowest", "lowest"),
        ("base", 3, "3"),
        ("tier", 500.0, "500"),
        ("tier", "lowest", "lowest"),
        ("months_paid", 0, "0"),
        ("months_paid", 720, "720"),
        ("last_paid", "2026-11", "2026-11"),
        ("moved_on", "2028-02-29", "2028-02-29"),
        ("injury_reported", "no", "no"),
        ("occupation", "rider", "rider"),
        ("gender", " woman ", "woman"),
        ("base", "", ""),
        ("base", None, ""),
    ],
)
def test_a_fact_is_kept_as_a_text(name: str, value: object, kept: str) -> None:
    assert check_facts({name: value}) == {name: kept}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category", "woman"),
        ("birth", "1990-13"),
        ("birth", "1990-5"),
        ("birth", "1890-05"),
        ("birth", 1990),
        ("region", "Zhejiang"),
        ("region", "cn-zj"),
        ("scheme", "both"),
        ("rhythm", "daily"),
        ("rhythm", "once"),
        ("pay_day", 0),
        ("pay_day", 32),
        ("pay_day", 1.5),
        ("pay_day", "10th"),
        ("base", -1),
        ("base", "0"),
        ("base", "0.0"),
        ("base", "a lot"),
        ("base", float("nan")),
        ("base", float("inf")),
        ("tier", "average"),
        ("months_paid", -1),
        ("months_paid", 721),
        ("months_paid", "1e2"),
        ("moved_on", "2026-02-30"),
        ("moved_on", "2026-02"),
        ("injury_reported", True),
        ("occupation", "pilot"),
        ("gender", ["man"]),
        ("region", {"CN": 1}),
        ("birth", "1990-05" * 20),
    ],
)
def test_what_is_no_fact_is_refused_with_what_is_accepted(name: str, value: object) -> None:
    with pytest.raises(InvalidFacts) as refused:
        check_facts({name: value})
    (fault,) = refused.value.faults
    assert fault.field == name
    assert str(fault.accepted).startswith(FORMS[name].accepted)
    assert len(fault.message) < 120


def test_every_bad_field_is_named_and_none_of_the_good_ones() -> None:
    with pytest.raises(InvalidFacts) as refused:
        check_facts({"birth": "1990", "pay_day": 99, "scheme": "flexible", "salary": 1})
    assert [fault.field for fault in refused.value.faults] == ["birth", "pay_day", "salary"]
    assert "the field" not in str(refused.value)
    assert "salary: there is no such fact; accepted: category, birth" in str(refused.value)


def test_facts_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(InvalidFacts, match="gender"):
        check_facts({"category": "man", "gender": "woman"})
    with pytest.raises(InvalidFacts, match=r"last_paid.*before the month of birth"):
        check_facts({"birth": "1990-05", "last_paid": "1989-05"})
    assert check_facts({"category": "woman_50", "gender": "woman", "birth": "1990-05", "moved_on": "2020-01-01"})


def test_an_unknown_place_is_refused_where_the_places_are_known() -> None:
    assert check_facts({"region": "CN-QQ"}) == {"region": "CN-QQ"}
    with pytest.raises(InvalidFacts, match="not a place that is known"):
        check_facts({"region": "CN-QQ"}, places={"CN-ZJ": 1})


def test_the_schema_says_the_same_as_the_check() -> None:
    schema = facts_schema()
    assert list(schema["properties"]) == list(FORMS)
    assert schema["additionalProperties"] is False
    for name, form in FORMS.items():
        pattern = schema["properties"][name]["pattern"]
        assert re.fullmatch(pattern, "")
        assert form.accepted in schema["properties"][name]["description"]


@pytest.mark.parametrize(
    ("facts", "month", "changes"),
    [
        ({}, "2026-12", {"last_paid": "2026-12"}),
        ({"last_paid": "2026-11", "months_paid": "100"}, "2026-12", {"last_paid": "2026-12", "months_paid": "101"}),
        ({"last_paid": "2026-09", "months_paid": "100"}, "2026-12", {"last_paid": "2026-12", "months_paid": "103"}),
        ({"last_paid": "2026-12", "months_paid": "100"}, "2026-12", {}),
        ({"last_paid": "2027-01", "months_paid": "100"}, "2026-12", {}),
        ({"last_paid": "2026-11"}, "2026-12", {"last_paid": "2026-12"}),
        ({"months_paid": "100"}, "2026-12", {"last_paid": "2026-12"}),
    ],
)
def test_a_payment_raises_what_is_paid(facts: dict[str, str], month: str, changes: dict[str, str]) -> None:
    assert paid_up_to(facts, month) == changes


@pytest.mark.parametrize(
    ("facts", "retires"),
    [
        ({"category": "man", "birth": "1965-01"}, "2025-02"),
        ({"category": "man", "birth": "1976-09"}, "2039-09"),
        ({"category": "woman_55", "birth": "1971-04"}, "2026-08"),
        ({"category": "woman_50", "birth": "1984-11"}, "2039-11"),
        ({"category": "man", "birth": "1964-12"}, "2024-12"),
        ({"scheme": "resident", "birth": "1967-02"}, "2027-02"),
        ({"scheme": "resident", "category": "woman_50", "birth": "1967-02"}, "2027-02"),
        ({"birth": "1967-02"}, None),
        ({"category": "man"}, None),
    ],
)
def test_the_month_of_retirement_follows_from_birth_and_kind(facts: dict[str, str], retires: str | None) -> None:
    assert retirement_month(facts, parameters(), ON) == retires
    assert derived(facts, parameters(), ON).get("retires") == retires


@pytest.mark.parametrize(
    ("retires", "months"), [("2029-12", 180), ("2030-01", 186), ("2035-06", 216), ("2045-01", 240)]
)
def test_the_minimum_is_that_of_the_year_of_retirement(retires: str, months: int) -> None:
    assert months_needed(retires, parameters(), ON) == months


def test_the_end_of_a_waiting_time_follows_where_the_place_has_one() -> None:
    assert medical_wait_ends("2026-05-31", "CN-SH", parameters()) == date(2026, 11, 30)
    assert medical_wait_ends("2026-05-31", "CN-ZJ", parameters()) is None
    joined = {"medical_joined_on": "2026-05-31", "region": "CN-SH"}
    assert derived(joined, parameters(), ON)["medical_wait_until"] == "2026-11-30"
    assert (
        derived(joined | {"medical_wait_until": "2026-10-01"}, parameters(), ON)["medical_wait_until"] == "2026-10-01"
    )


@pytest.mark.parametrize(
    ("rhythm", "first", "last"),
    [
        ("monthly", "2026-11", "2026-11"),
        ("quarterly", "2026-10", "2026-12"),
        ("half_yearly", "2026-07", "2026-12"),
        ("yearly", "2026-01", "2026-12"),
        ("", "2026-11", "2026-11"),
    ],
)
def test_a_period_is_that_of_the_calendar(rhythm: str, first: str, last: str) -> None:
    assert tuple(map(as_text, period_of(month_number("2026-11"), rhythm))) == (first, last)


def test_months_are_numbers_and_short_months_end_early() -> None:
    assert as_text(month_number("2026-12") + 1) == "2027-01"
    assert month_of(date(2026, 12, 31)) == month_number("2026-12")
    assert day_in(month_number("2027-02"), 31) == date(2027, 2, 28)
    assert plus_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert plus_months(date(2027, 2, 28), 12) == date(2028, 2, 28)
