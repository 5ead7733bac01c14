"""The rule book: what stays true, why something was sent, and files that break the format."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import yaml

from actions.reminders.facts import FORMS
from actions.reminders.model import Language, Reason
from actions.reminders.rule_reading import InvalidRules, Stop, read_rule, read_rules
from actions.reminders.rules import RuleBook, UnknownOrigin
from actions.reminders.triggers import AnyTrigger
from actions.reminders.values import VALUES
from tests.actions.reminders.rule_desk import PROJECT, RULES, book, parameters

PAYER = {"scheme": "flexible", "rhythm": "monthly", "pay_day": "10", "region": "CN-ZJ", "last_paid": "2026-11"}
MOVED = {"moved_on": "2026-11-03", "region": "CN-ZJ", "moved_from": "CN-SC"}
MOVED_LATER = MOVED | {"moved_on": "2026-11-08"}
INJURED = {"injured_on": "2026-11-05", "scheme": "employee"}
PAID = PAYER | {"last_paid": "2026-12"}
RESIDENT = {"scheme": "resident"}
REPORTED = INJURED | {"injury_reported": "yes"}
LATER_BORN = {"birth": "1968-03", "category": "man"}
NEAR = {"birth": "1969-05", "category": "man", "months_paid": "174"}


@pytest.mark.parametrize(
    ("origin", "occasion", "facts", "on", "reason"),
    [
        ("rule:payment-due", "2026-12/before", PAYER, date(2026, 12, 7), None),
        ("rule:payment-due", "2026-12/before", PAID, date(2026, 12, 7), Reason.PAID),
        ("rule:payment-due", "2026-12/after", PAYER | {"last_paid": "2027-01"}, date(2026, 12, 15), Reason.PAID),
        ("rule:payment-due", "2026-12/before", PAYER, date(2026, 12, 11), Reason.NOT_TRUE),
        ("rule:payment-due", "2026-12/on_the_day", PAYER, date(2026, 12, 11), None),
        ("rule:payment-due", "2026-12/before", PAYER | {"scheme": "employee"}, date(2026, 12, 7), Reason.NOT_TRUE),
        ("rule:payment-due", "2026-11/before", PAYER | {"rhythm": "quarterly"}, date(2026, 11, 6), Reason.PAID),
        ("rule:payment-due", "2027-01/before", PAYER | {"rhythm": "quarterly"}, date(2027, 1, 7), Reason.NOT_TRUE),
        ("rule:payment-due", "2026-12/before~202612080900", PAYER, date(2026, 12, 8), None),
        ("rule:payment-due", "2026-12/before~202612160900", PAYER, date(2026, 12, 16), None),
        ("rule:payment-due", "2026-12/before~202612160900", PAID, date(2026, 12, 16), Reason.PAID),
        ("rule:payment-missed", "2026-12/missed", PAYER, date(2027, 1, 4), None),
        ("rule:payment-missed", "2026-12/missed", PAID, date(2027, 1, 4), Reason.PAID),
        ("rule:payment-gap", "2026-08/three", PAYER | {"last_paid": "2026-08"}, date(2026, 12, 14), None),
        ("rule:payment-gap", "2026-08/three", PAYER, date(2026, 12, 14), Reason.PAID),
        ("rule:resident-window", "2026/autumn", RESIDENT, date(2026, 11, 10), None),
        ("rule:resident-window", "2026/autumn", RESIDENT | {"last_paid": "2026-01"}, date(2026, 11, 10), Reason.PAID),
        ("rule:moved-province", "2026-11-03/week", MOVED, date(2026, 11, 10), None),
        ("rule:moved-province", "2026-11-03/week", MOVED | {"region": "CN-SC"}, date(2026, 11, 10), Reason.NOT_TRUE),
        ("rule:moved-province", "2026-11-03/week", MOVED_LATER, date(2026, 11, 10), Reason.NOT_TRUE),
        ("rule:moved-province", "2026-11-03/week", {"region": "CN-ZJ"}, date(2026, 11, 10), Reason.NOT_TRUE),
        ("rule:injury-employer", "2026-11-05/early", INJURED, date(2026, 11, 10), None),
        ("rule:injury-employer", "2026-11-05/early", REPORTED, date(2026, 11, 10), Reason.NOT_TRUE),
        ("rule:injury-employer", "2026-11-05/last_week", INJURED, date(2026, 12, 6), Reason.NOT_TRUE),
        ("rule:minimum-near", "one_year", NEAR, date(2026, 11, 20), None),
        ("rule:minimum-near", "one_year", NEAR | {"months_paid": "186"}, date(2026, 11, 20), Reason.NOT_TRUE),
        ("rule:minimum-near", "three_years", NEAR, date(2026, 11, 20), Reason.NOT_TRUE),
        ("rule:retirement-near", "2027-10/a_year", {"birth": "1967-03", "category": "man"}, date(2026, 10, 8), None),
        ("rule:retirement-near", "2027-10/a_year", LATER_BORN, date(2026, 10, 8), Reason.NOT_TRUE),
        ("rule:yearly-statement", "2027/january", NEAR, date(2027, 1, 22), None),
        ("rule:yearly-statement", "2027/january", NEAR | {"birth": "1960-05"}, date(2027, 1, 22), Reason.NOT_TRUE),
        ("rule:gone", "2026", PAYER, date(2026, 12, 7), Reason.NOT_TRUE),
        ("asked:pay", "7/2026-12-10", PAYER, date(2026, 12, 10), None),
        ("asked:pay", "7/2026-12-10", PAID, date(2026, 12, 10), Reason.PAID),
        ("asked:resident", "7/2026-12-10", {"last_paid": "2026-03"}, date(2026, 12, 10), Reason.PAID),
        ("asked:resident", "7/2026-12-10", {"last_paid": "2025-12"}, date(2026, 12, 10), None),
        ("asked:check", "7/2026-12-10", PAID, date(2026, 12, 10), None),
        ("campaign:autumn/plain", "2026", {}, date(2026, 12, 10), None),
    ],
)  # fmt: skip
def test_it_is_sent_only_while_it_is_true(
    origin: str, occasion: str, facts: dict[str, str], on: date, reason: Reason | None
) -> None:
    assert book().still_true(origin, occasion, facts, on) is reason


@pytest.mark.parametrize(
    ("origin", "facts", "language", "told"),
    [
        ("rule:payment-due", PAYER, "zh", ("该交养老保险了", "多久交一次：按月", "上次交到：2026年11月", "退订")),
        ("rule:payment-due", PAYER, "en", ("Pension contribution due", "by the month", "November 2026", '"stop"')),
        ("rule:moved-province", MOVED, "zh", ("换地方的日子：2026年11月3日", "浙江", "四川")),
        ("rule:moved-province", MOVED, "en", ("3 November 2026", "Zhejiang", "Sichuan")),
        ("rule:minimum-near", NEAR, "zh", ("出生年月：1969年5月", "一共交了：14年6个月", "退休类别：男")),
        ("rule:injury-own", INJURED, "en", ("5 November 2026", "through an employer", "time limit")),
        ("asked:pay", {}, "zh", ("你自己要的提醒：交养老保险", "退订")),
        ("asked:retirement", {}, "en", ("asked for this reminder yourself: your retirement", '"stop"')),
    ],
)
def test_why_it_was_sent_names_the_rule_what_is_known_and_how_to_stop(
    origin: str, facts: dict[str, str], language: Language, told: tuple[str, ...]
) -> None:
    answer = book().why(origin, facts, language)
    assert [part for part in told if part not in answer] == []
    assert "{" not in answer


def test_a_campaign_or_a_rule_that_is_gone_has_no_words_here() -> None:
    for origin in ("campaign:autumn/plain", "rule:gone", "asked:nothing", ""):
        with pytest.raises(UnknownOrigin):
            book().why(origin, {}, "zh")


def test_a_book_without_figures_plans_and_explains_but_tells_none() -> None:
    bare = RuleBook.load(RULES)
    day = date(2026, 12, 10)
    assert [due.origin for due in bare.due(PAYER, day, day, parameters())] == ["rule:payment-due"]
    assert "CN-ZJ" in bare.why("rule:moved-province", MOVED, "zh")
    said = bare.message("rule:payment-due", "2026-12/on_the_day", PAYER | {"base": "lowest"}, day, "zh", "web")
    assert "元" not in said.text
    assert bare.still_true("rule:minimum-near", "one_year", NEAR, date(2026, 11, 20)) is None


def test_there_are_rules_for_everything_and_each_kind_of_reminder_has_words() -> None:
    asked = {name for name in book().rules if name.startswith("asked-")}
    assert {name.removeprefix("asked-") for name in asked} == {
        "pay",
        "base",
        "resident",
        "retirement",
        "check",
        "other",
    }
    assert len(book().rules) - len(asked) >= 15


GOOD = yaml.safe_load((RULES / "moved-province.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"wording": 1}, "wording: there is no such key; accepted: id, title, who, unless, when"),
        ({"id": "other-name"}, "id: 'other-name' is not the file's name; accepted: moved-province"),
        ({"when": {"kind": "hourly"}}, "when: Input tag 'hourly' found using 'kind' does not match"),
        ({"when": GOOD["when"] | {"hours": 3}}, "when.moved.hours: there is no such key; accepted: kind, days"),
        ({"when": {"kind": "moved", "days": {"Week": 7}}}, "String should match pattern"),
        ({"when": {"kind": "moved", "days": {"week": 700}}}, "when.moved.days.week: Input should be less than"),
        ({"when": {"kind": "moved", "days": {"week": 7}}}, "there is no step 'two_months'; accepted: week"),
        ({"texts": GOOD["texts"][:1]}, "none is for every worker at step 'two_months'"),
        ({"who": {"salary": "known"}}, "who: there is no fact 'salary'; accepted: category, birth"),
        ({"who": {"scheme": ["both"]}}, "'both' is not a value of this fact; accepted: flexible, employee"),
        ({"who": {"moved_on": "sometimes"}}, "'sometimes' is no condition; accepted: a list of values"),
        ({"stop": []}, "stop: Tuple should have at least 1 item"),
        ({"stop": ["never"]}, "stop.0: Input should be 'paid', 'reported'"),
        ({"at": 570}, 'at: 570 is no time of day; accepted: a time in quotes such as "09:30"'),
        ({"at": "21:00"}, "latest 20:30 is not after at 21:00"),
        ({"priority": 100}, "priority: Input should be less than or equal to 99"),
        ({"working_day": "never"}, "working_day: Input should be 'before', 'after' or 'as_is'"),
        ({"review_by": date(2026, 1, 1)}, "review_by is not after reviewed_on"),
        ({"why_fair": {"zh": "好"}}, "why_fair.en: missing"),
        ({"why_fair": {"zh": "好", "en": "good", "fr": "bon"}}, "why_fair.fr: there is no such key; accepted: zh, en"),
        ({"why_fair": {"zh": "省30元", "en": "good"}}, "why_fair.zh: typed figure '30元'"),
        ({"next_steps": []}, "next_steps: Tuple should have at least 1 item"),
        ({"next_steps": [{"title": {"zh": "看", "en": "Look"}, "payload": "read"}]}, "'read' names no intent"),
        ({"next_steps": [{"title": {"zh": "看", "en": "Look"}, "payload": "/read{"}]}, "/read is no JSON object"),
    ],
)  # fmt: skip
def test_a_rule_that_breaks_the_format_is_refused_with_key_and_reason(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    path = tmp_path / "moved-province.yml"
    path.write_text(yaml.safe_dump(GOOD | change, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InvalidRules) as refused:
        read_rule(path, VALUES)
    assert problem in str(refused.value)
    assert str(refused.value).startswith("moved-province.yml: ")


@pytest.mark.parametrize(
    ("forms", "problem"),
    [
        ({"zh": {"sms": "到{plaze}"}, "en": {"sms": "in {plaze}"}}, "texts.0.zh.sms: there is no placeholder {plaze}"),
        ({"zh": {"sms": "到{place}"}, "en": {"sms": "there"}}, "texts.0.sms: one language lacks place"),
        ({"zh": {"sms": "过三天再来"}, "en": {"sms": "later"}}, "texts.0.zh.sms: typed figure '三天'"),
        ({"zh": {"telegram": "电报"}, "en": {}}, "texts.0.telegram: there in one language only"),
        ({"zh": {"fax": "传真"}, "en": {}}, "texts.0.zh.fax: there is no such key; accepted: default, sms, web"),
    ],
)
def test_a_text_with_a_slip_is_refused(tmp_path: Path, forms: dict[str, dict[str, str]], problem: str) -> None:
    first = GOOD["texts"][0]
    broken = first | {language: first[language] | forms[language] for language in ("zh", "en")}
    path = tmp_path / "moved-province.yml"
    texts = [broken, GOOD["texts"][1]]
    path.write_text(yaml.safe_dump(GOOD | {"texts": texts}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InvalidRules) as refused:
        read_rule(path, VALUES)
    assert problem in str(refused.value)


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("id: one\n", encoding="utf-8")
    (tmp_path / "two.yml").write_text("id: [\n", encoding="utf-8")
    with pytest.raises(InvalidRules) as refused:
        read_rules(tmp_path, VALUES)
    assert {problem.partition(":")[0] for problem in refused.value.problems} == {"one.yml", "two.yml"}
    assert "two.yml: not readable YAML" in str(refused.value)


def test_the_example_for_staff_is_valid(tmp_path: Path) -> None:
    told = (RULES / "README.md").read_text(encoding="utf-8")
    name, example = re.findall(r"<!-- example: (\S+) -->\n```yaml\n(.*?)```", told, re.DOTALL)[0]
    (tmp_path / name).write_text(example, encoding="utf-8")
    assert read_rule(tmp_path / name, VALUES).id == name.removesuffix(".yml")


def test_the_documents_name_every_rule_value_trigger_stop_and_fact() -> None:
    staff = (RULES / "README.md").read_text(encoding="utf-8")
    developers = (PROJECT / "docs" / "reminder-rules.md").read_text(encoding="utf-8")
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(AnyTrigger)[0])}
    assert [name for name in book().rules if f"`{name}`" not in developers] == []
    assert [name for name in FORMS if f"`{name}`" not in developers] == []
    assert [name for name in VALUES if f"`{{{name}}}`" not in staff] == []
    assert [name for name in (*kinds, *get_args(Stop)) if f"| `{name}` |" not in staff] == []
