"""From what a worker says of their case to facts, and from facts to the next question."""

from datetime import date
from pathlib import Path

import pytest

from actions.parameters import Parameters
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.heard import Heard
from actions.simulator.interview import DEFAULTS, WANTED, Interview, offered
from actions.simulator.interview_texts import read_interview_texts
from actions.simulator.reading import read
from actions.simulator.rules import Rules

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
TODAY = date(2026, 11, 25)
EVERYTHING = ("sex", "woman_kind", "birth", "region", "months_paid", "base")


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(Parameters.load(KNOWLEDGE / "parameters"), TODAY)


def heard(text: str, asked: str | None = None, **entities: str) -> Heard:
    return Heard(text, tuple(entities.items()), asked)


@pytest.mark.parametrize(
    ("text", "entities", "asked", "facts"),
    [
        (
            "女，90年5月生，杭州送外卖，交了6年最低档",
            {"date": "1990-05", "region": "CN-ZJ.hangzhou", "duration": "72"},
            None,
            {"sex": "woman", "birth": "1990-05", "region": "CN-ZJ.hangzhou", "months_paid": "72", "base": "lowest"},
        ),
        (
            "I'm a man, born in 1985, paid 3 years on the average base in Sichuan",
            {"region": "CN-SC", "duration": "36"},
            None,
            {"sex": "man", "birth": "1985-06", "region": "CN-SC", "months_paid": "36", "base": "average"},
        ),
        ("男的", {}, "sex", {"sex": "man"}),
        ("我是个宝妈", {}, None, {"sex": "woman"}),
        ("86年的", {}, "birth", {"birth": "1986-06"}),
        ("05后", {}, "birth", {"birth": "2005-06"}),
        ("1986", {}, "birth", {"birth": "1986-06"}),
        ("今年40", {"age": "40"}, "birth", {"birth": "1986-11"}),
        ("40", {}, "birth", {"birth": "1986-11"}),
        ("没交过", {}, "months_paid", {"months_paid": "0"}),
        ("never", {}, "months_paid", {"months_paid": "0"}),
        ("6", {}, "months_paid", {"months_paid": "72"}),
        ("2.5", {}, "months_paid", {"months_paid": "30"}),
        ("不对，4500", {"money": "4500"}, "base", {"base": "4500"}),
        ("80%", {}, "base", {"base": "0.8"}),
        ("顶格交", {}, "base", {"base": "highest"}),
        ("百分之百", {}, "base", {"base": "average"}),
        ("100%", {}, "base", {"base": "average"}),
        ("百分之六十", {}, "base", {"base": "0.6"}),
        ("百分之一百五十", {}, "base", {"base": "1.5"}),
        ("30年", {"duration": "360"}, "months_paid", {"months_paid": "360"}),
        ("自己交的", {}, "woman_kind", {"woman_kind": "woman_55"}),
        ("厂里流水线", {}, "woman_kind", {"woman_kind": "woman_50"}),
        ("asdf", {}, "birth", {}),
    ],
)
def test_facts_are_read_from_the_words(
    text: str, entities: dict[str, str], asked: str | None, facts: dict[str, str]
) -> None:
    assert read(heard(text, asked, **entities), EVERYTHING, TODAY) == facts


@pytest.mark.parametrize(
    ("text", "entities", "asked", "facts"),
    [
        ("八级", {}, "grade", {"grade": "8"}),
        ("grade 10", {}, "grade", {"grade": "10"}),
        ("7", {}, "grade", {"grade": "7"}),
        ("每月6000", {"money": "6000"}, "own_wage", {"own_wage": "6000"}),
        ("6200", {}, "own_wage", {"own_wage": "6200"}),
    ],
)
def test_facts_of_an_injury(text: str, entities: dict[str, str], asked: str, facts: dict[str, str]) -> None:
    assert read(heard(text, asked, **entities), WANTED["injury"], TODAY) == facts


def test_the_length_of_a_gap_is_not_what_was_paid() -> None:
    said = heard("三年", "gap_months", duration="36")
    assert read(said, WANTED["gap"], TODAY) == {"gap_months": "36"}


def test_everything_in_one_message_leaves_one_question(rules: Rules) -> None:
    said = heard("女，90年5月生，杭州送外卖，交了6年最低档", date="1990-05", region="CN-ZJ.hangzhou", duration="72")
    after = Interview("pension").next_question().hearing(said, rules)
    assert after is not None
    assert after.missing == "woman_kind"


def test_a_man_is_not_asked_about_a_womans_job(rules: Rules) -> None:
    after = Interview("pension").knowing({"sex": "man"}, rules)
    assert "woman_kind" not in after.wanted
    assert after.missing == "birth"


def test_a_later_word_replaces_an_earlier_one(rules: Rules) -> None:
    first = Interview("pension").knowing({"sex": "man", "birth": "1990-05"}, rules)
    assert first.knowing({"birth": "1991-05"}, rules).facts["birth"] == "1991-05"


def test_what_is_not_known_is_assumed_and_remembered_as_such(rules: Rules) -> None:
    before = Interview("pension", {"sex": "man", "birth": "1990-05", "region": "CN-ZJ"}).next_question()
    after = before.hearing(heard("不知道啊"), rules)
    assert after is not None
    assert (after.facts["months_paid"], after.assumed) == (DEFAULTS["months_paid"], ("months_paid",))
    assert after.knowing({"months_paid": "24"}, rules).assumed == ()


@pytest.mark.parametrize("fact", ["sex", "birth"])
def test_what_cannot_be_guessed_is_not(rules: Rules, fact: str) -> None:
    assert Interview("pension", asked=fact).hearing(heard("不知道"), rules) is None


def test_nonsense_adds_nothing(rules: Rules) -> None:
    assert Interview("pension", asked="birth").hearing(heard("今天天气不错"), rules) is None


@pytest.mark.parametrize(
    ("kind", "known", "told", "field"),
    [
        ("pension", {}, {"birth": "2015-01"}, "birth"),
        ("pension", {}, {"birth": "1900-01"}, "birth"),
        ("pension", {"birth": "2000-01"}, {"months_paid": "240"}, "months_paid"),
        ("injury", {}, {"grade": "11"}, "grade"),
        ("injury", {}, {"own_wage": "50"}, "own_wage"),
        ("gap", {}, {"gap_months": "0"}, "gap_months"),
        ("contribution", {}, {"base": "99999999"}, "base"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    rules: Rules, kind: str, known: dict[str, str], told: dict[str, str], field: str
) -> None:
    with pytest.raises(ImpossibleCase) as refused:
        Interview(kind, known).knowing(told, rules)
    assert refused.value.field == field


def test_the_place_that_is_known_is_not_asked_again() -> None:
    assert offered(Interview("contribution"), "CN-SC").missing == "base"
    assert offered(Interview("contribution", {"region": "CN-ZJ"}), "CN-SC").facts["region"] == "CN-ZJ"


def test_an_interview_survives_in_a_slot(rules: Rules) -> None:
    before = Interview("gap", {"sex": "man"}, ("base",), "birth")
    assert Interview.restored(before.as_slot()) == before
    for held in (None, "x", {"kind": "nothing"}):
        assert Interview.restored(held) is None


def test_another_estimate_keeps_the_facts(rules: Rules) -> None:
    before = Interview("pension").knowing({"sex": "man", "birth": "1990-05", "region": "CN-ZJ"}, rules)
    assert before.about("contribution").missing == "base"


def test_every_fact_has_its_question_in_both_languages() -> None:
    texts = read_interview_texts(KNOWLEDGE)
    for fact in {fact for facts in WANTED.values() for fact in facts}:
        assert texts.questions[fact].text.zh
        assert texts.questions[fact].text.en
