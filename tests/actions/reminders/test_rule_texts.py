"""Every text of every rule, in both languages and three places: filled, short, sourced, and equal to the figures."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from actions.parameters import MissingFigure
from actions.reminders.model import CannotSay, Language
from actions.reminders.occurrences import Occurrence
from actions.reminders.rule_reading import LANGUAGES, Rule, Text
from actions.reminders.telling import shared_words
from actions.reminders.typed_figures import text_problems
from actions.reminders.values import VALUES, Situation
from actions.reminders.wording import filled
from actions.simulator.kinds import KINDS
from actions.simulator.rules import Rules
from channels.payloads import read_payload
from channels.sms_segments import Encoding, segments
from tests.actions.reminders.rule_desk import KNOWLEDGE, book, parameters, source

ON = date(2026, 12, 7)
PLACES = ("CN-ZJ", "CN-GD.shenzhen", "CN-BJ", "CN-SH", "CN-SC", "CN-GD.guangzhou", "CN-XZ")
BOTH = 2  # SMS that a brief text may take
ONE_OF = {"zh": 70, "en": 160}
WORKER = {
    "scheme": "flexible", "rhythm": "monthly", "pay_day": "10", "base": "lowest", "tier": "1000",
    "last_paid": "2026-08", "months_paid": "160", "birth": "1969-05", "category": "man",
    "moved_from": "CN-SC", "moved_on": "2026-11-30",
    "changed_job_on": "2026-12-04", "injured_on": "2026-11-20", "medical_wait_until": "2026-12-14",
}  # fmt: skip
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def situations(rule: Rule, text: Text, language: Language) -> Iterator[Situation]:
    """The text for a worker in several places, at a day on which it may be due."""
    groups = text.who["subsidy_group"].one_of if "subsidy_group" in text.who else ("graduate",)
    for region, group in product(PLACES, groups):
        facts = WORKER | {"region": region, "subsidy_group": group}
        if "scheme" in text.who:
            facts["scheme"] = text.who["scheme"].one_of[0]
        step = (text.steps or rule.when.names or ("",))[0]
        occurrence = Occurrence(ON, "2026-12/x", step, date(2026, 12, 10), 2026 * 12 + 9, 2026 * 12 + 11)
        yield Situation(facts, ON, occurrence, language, book().telling)


CASES = [
    pytest.param(rule, text, language, id=f"{rule.id}-{place}-{language}")
    for rule in book().rules.values()
    for place, text in enumerate(rule.texts)
    for language in LANGUAGES
]


@pytest.mark.parametrize(("rule", "text", "language"), CASES)
def test_a_text_can_be_filled_for_three_places_and_is_short(rule: Rule, text: Text, language: Language) -> None:
    told = []
    for about in situations(rule, text, language):
        try:
            told.append([filled(form, about).text for form in text.forms(language).all.values()])
        except CannotSay:
            continue
    assert len(told) >= 3
    for default, brief, *_ in told:
        assert "{" not in default + brief
        encoding: Encoding = "ucs2" if language == "zh" else "gsm7"
        assert segments(brief, encoding).units <= ONE_OF[language], brief
        below = shared_words().stop_by_sms.in_language(language)
        assert segments(f"{brief} {below}", encoding).segments <= BOTH


@pytest.mark.parametrize(("rule", "text", "language"), CASES)
def test_every_number_of_a_text_is_a_value_and_no_value_is_without_its_source(
    rule: Rule, text: Text, language: Language
) -> None:
    for about in situations(rule, text, language):
        for form in text.forms(language).all.values():
            try:
                said = filled(form, about)
            except CannotSay:
                continue
            values = {name: VALUES[name](about) for name in re.findall(r"\{([a-z_]+)\}", form)}
            of_values = NUMBER.findall(" ".join(value.words for value in values.values()))
            assert set(NUMBER.findall(said.text)) <= {*of_values, "12333"}
            for name in values.keys() & {"base", "lowest_base", "highest_base", "subsidy", "pension", "minimum"}:
                assert values[name].figures, name
            if "amount" in values and about.facts["scheme"] == "flexible":
                assert values["amount"].figures


@pytest.mark.parametrize("region", [place for place in PLACES if place != "CN-XZ"])
def test_the_amount_is_the_simulators(region: str) -> None:
    facts = WORKER | {"region": region, "last_paid": "2026-09"}
    about = Situation(facts, ON, Occurrence(ON, "", "", None, 2026 * 12 + 9, 2026 * 12 + 11), "en", book().telling)
    lowest = {"scheme": "flexible", "region": region, "base": {"ratio": Decimal("0.6")}}
    kind = KINDS["contribution"]
    month = kind.estimate(kind.case.model_validate(lowest), Rules(parameters(), ON)).amount("own_payment")
    assert isinstance(month, Decimal)
    assert Decimal(VALUES["amount"](about).words.removesuffix(" yuan").replace(",", "")) == month * 3
    assert Decimal(VALUES["monthly"](about).words.removesuffix(" yuan a month").replace(",", "")) == month


@pytest.mark.parametrize("region", PLACES)
def test_limits_of_the_base_are_the_parameters_or_left_unsaid(region: str) -> None:
    about = Situation({"region": region}, ON, None, "zh", book().telling)
    try:
        figure = parameters().figure("contribution.base_lower", region, ON)
    except MissingFigure:
        with pytest.raises(CannotSay):
            VALUES["lowest_base"](about)
    else:
        assert VALUES["lowest_base"](about).words.removesuffix("元").rstrip("0").rstrip(
            "."
        ) == f"{figure.value:f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize("rule", book().rules.values(), ids=book().rules)
def test_a_rule_cites_what_is_there_and_leads_somewhere(rule: Rule) -> None:
    for name in rule.sources:
        assert source(name, "zh").title
    for button in rule.next_steps:
        article = read_payload(button.payload).values.get("article")
        assert article is None or (KNOWLEDGE / "articles" / f"{article}.md").exists()
        for language in LANGUAGES:
            assert len(button.title.in_language(language)) <= {"zh": 12, "en": 24}[language]


@pytest.mark.parametrize("rule", book().rules.values(), ids=book().rules)
def test_a_rule_says_why_it_is_fair_without_threat_or_promise(rule: Rule) -> None:
    texts = {
        language: [rule.why_fair.in_language(language), rule.title.in_language(language)] for language in LANGUAGES
    }
    for text in rule.texts:
        for language in LANGUAGES:
            texts[language] += text.forms(language).all.values()
    for phrase in ("必须马上", "否则后果", "最后机会", "赶紧", "保证能", "一定能领", "再不交", "您"):
        assert not [text for text in texts["zh"] if phrase in text], phrase
    for phrase in ("last chance", "final notice", "guarantee", "or else", "you will get", "urgent", "fail to"):
        assert not [text for text in texts["en"] if phrase in text.lower()], phrase


@pytest.mark.parametrize("rule", book().rules.values(), ids=book().rules)
def test_a_rule_is_reviewed(rule: Rule) -> None:
    assert rule.reviewed_on < rule.review_by


def test_an_estimate_is_told_as_about() -> None:
    for rule in book().rules.values():
        for text in rule.texts:
            for language, about in (("zh", "大约"), ("en", "about ")):
                for form in text.forms("en" if language == "en" else "zh").all.values():
                    for name in ("amount", "monthly", "subsidy", "pension"):
                        assert f"{{{name}}}" not in form or re.search(
                            rf"{about}[^，,.]*\{{{name}\}}|{about}\{{", form
                        ), form


@pytest.mark.parametrize(
    ("text", "language", "problem"),
    [
        ("每月交997元", "zh", "typed figure"),
        ("再等三个月", "zh", "typed figure"),
        ("占百分之八", "zh", "typed figure"),
        ("12月10日前交", "zh", "typed figure"),
        ("pay 997 yuan", "en", "typed figure"),
        ("wait three months", "en", "typed figure"),
        ("within 30 days", "en", "typed figure"),
        ("a share of 20%", "en", "typed figure"),
        ("交{amuont}", "zh", "there is no placeholder {amuont}; accepted: amount, base"),
        ("交{amount", "zh", "a brace stands alone"),
        ("pay now — or later", "en", "a dash"),
    ],
)
def test_a_typed_figure_a_slip_or_a_dash_is_refused(text: str, language: Language, problem: str) -> None:
    assert problem in " ".join(text_problems(text, language, ("amount", "base")))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("一年一次，打12333问，第二天再看", "zh"),
        ("交{amount}，基数{base}", "zh"),
        ("once a year, call 12333", "en"),
        ("about {amount} on base {base}", "en"),
    ],
)
def test_phone_numbers_and_everyday_words_are_no_figures(text: str, language: Language) -> None:
    assert list(text_problems(text, language, ("amount", "base"))) == []
