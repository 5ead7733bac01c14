"""A work injury and a death at work, as a hurt worker or a bereaved family tells them in the chat."""

from datetime import date
from pathlib import Path

import pytest

from actions.parameters import Parameters
from actions.simulator.heard import Heard
from actions.simulator.interview import WANTED, Interview, facts_told, lasting_facts
from actions.simulator.interview_case import case_of
from actions.simulator.kinds import KINDS
from actions.simulator.reading import is_fact, kind_in, read
from actions.simulator.rules import Rules

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
TODAY = date(2026, 11, 30)
DEATH = {"grade": "death", "relation": "employee", "own_wage": "6000", "region": "CN-SC"}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(Parameters.load(KNOWLEDGE / "parameters"), TODAY)


SAYS: list[tuple[str, str | None, dict[str, str]]] = [
    ("工亡", "grade", {"grade": "death"}),
    ("家里人因工去世", "grade", {"grade": "death"}),
    ("died at work", "grade", {"grade": "death"}),
    ("it was fatal", "grade", {"grade": "death"}),
    ("我老公在工地上人没了", "grade", {"grade": "death", "relation": "employee"}),
    ("没死，评了八级", "grade", {"grade": "8"}),
    ("he didn't die, grade 7", "grade", {"grade": "7"}),
    ("累死了", "grade", {}),
    ("grade eight", "grade", {"grade": "8"}),
    ("十一级", "grade", {"grade": "11"}),
    ("送外卖的时候", "relation", {"relation": "platform"}),
    ("没有单位，跑平台的", "relation", {"relation": "platform"}),
    ("不是平台，是公司的", "relation", {"relation": "employee"}),
    ("not for a company, on a platform", "relation", {"relation": "platform"}),
    ("都不是", "relation", {"relation": "none"}),
    ("没有单位", None, {"relation": "none"}),
    ("neither", "relation", {"relation": "none"}),
    ("公司和平台都有", "relation", {}),
    ("有爱人", "spouse", {"spouse": "spouse"}),
    ("没有爱人", "spouse", {"spouse": "no_spouse"}),
    ("no spouse", "spouse", {"spouse": "no_spouse"}),
    ("a wife", "spouse", {"spouse": "spouse"}),
    ("离婚了", "spouse", {"spouse": "no_spouse"}),
    ("我丈夫去世了", "grade", {"grade": "death"}),
    ("妻子和两个孩子", "spouse", {"spouse": "spouse", "dependants": "2"}),
    ("两个老人，1个孩子", "dependants", {"dependants": "3"}),
    ("three children", "dependants", {"dependants": "3"}),
    ("一个都没有", "dependants", {"dependants": "0"}),
    ("0个", "dependants", {"dependants": "0"}),
    ("两个", "dependants", {"dependants": "2"}),
    ("not sure", "spouse", {}),
    ("I don't know", "dependants", {}),
    ("99", "dependants", {}),
    (
        "我爸在厂里工亡，留下我妈和3个孩子",
        "grade",
        {"grade": "death", "relation": "employee", "dependants": "3"},
    ),
    (
        "died at work for a company, left a wife and two kids",
        None,
        {"grade": "death", "relation": "employee", "spouse": "spouse", "dependants": "2"},
    ),
]


@pytest.mark.parametrize(("text", "asked", "facts"), SAYS, ids=[row[0] for row in SAYS])
def test_what_happened_is_read_from_the_words(text: str, asked: str | None, facts: dict[str, str]) -> None:
    assert read(Heard(text, (), asked), WANTED["injury"], TODAY) == facts


def test_relatives_are_asked_for_after_a_death_only(rules: Rules) -> None:
    hurt = Interview("injury").knowing({"grade": "8"}, rules)
    assert hurt.wanted == ("grade", "relation", "own_wage", "region")
    assert hurt.knowing({"grade": "death"}, rules).wanted == WANTED["injury"]


@pytest.mark.parametrize("relation", ["platform", "none"])
def test_without_an_employer_no_wage_and_no_relatives_are_asked_for(relation: str, rules: Rules) -> None:
    for grade in ("death", "8"):
        interview = Interview("injury").knowing({"grade": grade, "relation": relation}, rules)
        assert interview.missing == "region"


@pytest.mark.parametrize(("fact", "value"), [("relation", "employee"), ("spouse", "no_spouse"), ("dependants", "0")])
def test_what_the_family_does_not_know_is_assumed_and_said(fact: str, value: str, rules: Rules) -> None:
    after = Interview("injury", DEATH, asked=fact).hearing(Heard("不清楚"), rules)
    assert after is not None
    assert (after.facts[fact], after.assumed) == (value, (fact,))


def test_whether_somebody_died_is_never_assumed(rules: Rules) -> None:
    assert Interview("injury", asked="grade").hearing(Heard("不知道"), rules) is None


@pytest.mark.parametrize(
    ("told", "case"),
    [
        (
            {"spouse": "spouse", "dependants": "2"},
            {"death": True, "own_wage": 6000, "region": "CN-SC", "dependants": {"spouse": True, "others": 2}},
        ),
        ({"spouse": "no_spouse", "dependants": "0"}, {"death": True, "own_wage": 6000, "region": "CN-SC"}),
        ({"grade": "6"}, {"grade": 6, "own_wage": 6000, "region": "CN-SC"}),
        (
            {"grade": "8", "relation": "platform"},
            {"grade": 8, "own_wage": 6000, "region": "CN-SC", "relation": "platform"},
        ),
        ({"relation": "platform"}, {"death": True, "own_wage": 6000, "region": "CN-SC", "relation": "platform"}),
        ({"relation": "none"}, {"death": True, "own_wage": 6000, "region": "CN-SC", "relation": "none"}),
    ],
)  # fmt: skip
def test_the_chat_estimates_as_the_command_does(told: dict[str, str], case: dict[str, object], rules: Rules) -> None:
    kind = KINDS["injury"]
    interview = Interview("injury").knowing({**DEATH, **told}, rules)
    assert interview.missing is None
    in_the_chat = kind.estimate(kind.case.model_validate(case_of(interview, rules)), rules)
    assert in_the_chat == kind.estimate(kind.case.model_validate(case), rules)


def test_the_order_of_the_answers_does_not_matter(rules: Rules) -> None:
    told = {**DEATH, "spouse": "spouse", "dependants": "1"}
    forwards = backwards = Interview("injury")
    for fact, value in told.items():
        forwards = forwards.knowing({fact: value}, rules)
    for fact, value in reversed(told.items()):
        backwards = backwards.knowing({fact: value}, rules)
    assert case_of(forwards, rules) == case_of(backwards, rules)


def test_a_death_is_not_repeated_as_a_grade_and_nothing_of_it_is_kept() -> None:
    interview = Interview("injury", DEATH)
    assert facts_told(interview)[0] == ("death", "death")
    assert lasting_facts(interview) == {}
    assert lasting_facts(Interview("injury", {**DEATH, "grade": "8"})) == {"region": "CN-SC"}


@pytest.mark.parametrize(
    ("fact", "value", "accepted"),
    [
        ("grade", "death", True),
        ("dependants", "20", True),
        ("dependants", "21", False),
        ("relation", "boss", False),
        ("spouse", "yes", False),
    ],
)
def test_a_button_sends_only_what_could_be_a_fact(fact: str, value: str, accepted: bool) -> None:
    assert is_fact(fact, value) is accepted


@pytest.mark.parametrize(
    "words", ["算一下工亡能赔多少", "计算因工去世的待遇", "work out what is paid, he died at work"]
)
def test_a_death_at_work_is_an_estimate_of_an_injury(words: str) -> None:
    assert kind_in(words) == "injury"
