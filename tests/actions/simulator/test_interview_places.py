"""Years in several places and the resident pension, as they are told in the chat."""

from datetime import date
from pathlib import Path

import pytest

from actions.parameters import Parameters
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.heard import Heard
from actions.simulator.interview import WANTED, Interview, lasting_facts, offered, recalled
from actions.simulator.interview_case import case_of
from actions.simulator.kinds import KINDS
from actions.simulator.reading import kind_in, read
from actions.simulator.rules import Rules

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
TODAY = date(2026, 11, 30)
Entities = tuple[tuple[str, str], ...]
TRANSFER = {"hukou": "CN-SC", "old_place": "CN-ZJ", "old_months": "60", "new_place": "CN-GD", "sex": "man"}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(Parameters.load(KNOWLEDGE / "parameters"), TODAY)


ZJ, GD, HOME = ("region", "CN-ZJ"), ("region", "CN-GD"), ("region", "CN-SC")
SAYS: list[tuple[str, Entities, str | None, dict[str, str]]] = [
    ("四川", (HOME,), "hukou", {"hukou": "CN-SC"}),
    ("浙江", (ZJ,), "old_place", {"old_place": "CN-ZJ"}),
    ("浙江交了5年", (ZJ, ("duration", "60")), "old_place", {"old_place": "CN-ZJ", "old_months": "60"}),
    ("5", (), "old_months", {"old_months": "60"}),
    ("广东", (GD,), "new_place", {"new_place": "CN-GD"}),
    ("还没交", (), "new_months", {"new_months": "0"}),
    ("not yet", (), "new_months", {"new_months": "0"}),
    (
        "户口四川，浙江交了5年，现在广东2年",
        (HOME, ZJ, GD, ("duration", "60"), ("duration", "24"), ("region:home", "CN-SC")),
        "hukou",
        {"hukou": "CN-SC", "old_place": "CN-ZJ", "old_months": "60", "new_place": "CN-GD", "new_months": "24"},
    ),
    (
        "从浙江转到广东",
        (ZJ, GD, ("region:origin", "CN-ZJ"), ("region:destination", "CN-GD")),
        "hukou",
        {"old_place": "CN-ZJ", "new_place": "CN-GD"},
    ),
]


@pytest.mark.parametrize(("text", "entities", "asked", "facts"), SAYS, ids=[row[0] for row in SAYS])
def test_places_and_times_go_where_the_words_put_them(
    text: str, entities: Entities, asked: str | None, facts: dict[str, str]
) -> None:
    assert read(Heard(text, entities, asked), WANTED["transfer"], TODAY) == facts


RESIDENT: list[tuple[str, Entities, str, dict[str, str]]] = [
    ("1000", (), "tier", {"tier": "1000"}),
    ("一年2000元那档", (("money", "2000"),), "birth", {"tier": "2000"}),
    ("最低", (), "tier", {"tier": "lowest"}),
    ("没交过", (), "resident_years", {"resident_years": "0"}),
    ("交了7年", (("duration", "84"),), "resident_years", {"resident_years": "7"}),
    ("3", (), "resident_years", {"resident_years": "3"}),
]


@pytest.mark.parametrize(("text", "entities", "asked", "facts"), RESIDENT, ids=[row[0] for row in RESIDENT])
def test_years_and_tiers_of_the_resident_pension_are_understood(
    text: str, entities: Entities, asked: str, facts: dict[str, str]
) -> None:
    assert read(Heard(text, entities, asked), WANTED["resident-pension"], TODAY) == facts


REFUSED = [
    ("transfer", "old_months", "0", "stay_months_out_of_range"),
    ("transfer", "old_months", "721", "stay_months_out_of_range"),
    ("transfer", "new_months", "721", "stay_months_out_of_range"),
    ("resident-pension", "resident_years", "61", "resident_years_out_of_range"),
    ("resident-pension", "tier", "99", "tier_below_lowest"),
]
TAKEN = [
    ("transfer", "old_months", "1"),
    ("transfer", "old_months", "720"),
    ("transfer", "new_months", "0"),
    ("resident-pension", "resident_years", "60"),
    ("resident-pension", "tier", "100"),
]


@pytest.mark.parametrize(("kind", "fact", "value", "reason"), REFUSED)
def test_what_cannot_be_is_refused_with_what_is_accepted(
    kind: str, fact: str, value: str, reason: str, rules: Rules
) -> None:
    with pytest.raises(ImpossibleCase) as refused:
        Interview(kind).knowing({fact: value}, rules)
    assert refused.value.reason == reason


@pytest.mark.parametrize(("kind", "fact", "value"), TAKEN)
def test_the_last_value_that_can_be_is_taken(kind: str, fact: str, value: str, rules: Rules) -> None:
    assert Interview(kind).knowing({fact: value}, rules).facts[fact] == value


def test_a_place_where_nothing_was_paid_yet_is_where_somebody_moves(rules: Rules) -> None:
    moving = Interview("transfer", {**TRANSFER, "new_months": "0", "birth": "1990-05"})
    case = case_of(moving, rules)
    assert (case["moving_to"], len(case["spells"])) == ("CN-GD", 1)
    assert KINDS["transfer"].estimate(KINDS["transfer"].case.model_validate(case), rules).amount("new_account")


def test_years_in_both_places_are_added_up(rules: Rules) -> None:
    paid = Interview("transfer", {**TRANSFER, "new_months": "24", "birth": "1990-05"})
    case = KINDS["transfer"].case.model_validate(case_of(paid, rules))
    assert KINDS["transfer"].estimate(case, rules).amount("total_months") == 84


def test_the_place_of_the_conversation_is_where_one_pays_now() -> None:
    assert offered(Interview("transfer"), "CN-GD").facts == {"new_place": "CN-GD"}


WORDS = [
    ("算算居民养老能领多少", "resident-pension"),
    ("新农保以后拿多少", "resident-pension"),
    ("work out my resident pension", "resident-pension"),
    ("算一下转到浙江能转多少钱", "transfer"),
    ("两个省都交过，在哪领", "transfer"),
    ("calculate what moves if I transfer", "transfer"),
    ("职工和居民养老比一比", "compare"),
    ("算算我的养老金", "pension"),
]


@pytest.mark.parametrize(("words", "kind"), WORDS)
def test_the_words_say_what_to_work_out(words: str, kind: str) -> None:
    assert kind_in(words) == kind


def test_only_what_lasts_and_was_told_is_kept() -> None:
    facts = {"sex": "woman", "woman_kind": "woman_55", "birth": "1990-05", "months_paid": "72", "base": "lowest"}
    interview = Interview("pension", facts, assumed=("woman_kind",))
    assert lasting_facts(interview) == {"sex": "woman", "birth": "1990-05", "base": "lowest"}


def test_what_was_kept_and_is_no_fact_any_more_is_left_out() -> None:
    assert recalled("pension", {"sex": "man", "birth": "soon", "months_paid": "5"}).facts == {"sex": "man"}
