"""Every sort of problem that the check of a knowledge folder knows: one break, exactly one message."""

# ruff: noqa: E501 - one row of a table is one line

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from actions.answering.answer import Outcome
from actions.answering.lint import check
from actions.answering.reading import Problem
from tests.folders import TODAY, article, change, change_yaml

ONE, TWO, OLD = "transfer/between-provinces", "pension/minimum-years", "pension/old-rule"
ONE_MD, TWO_MD = f"articles/{ONE}.md", f"articles/{TWO}.md"
RATE = "parameters/contribution/flexible/rate.yml"
ZH, EN = "evaluation/calibration-zh.yml", "evaluation/calibration-en.yml"


def found(folder: Path) -> set[Problem]:
    return set(check(folder, TODAY))


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: change(folder / path, old, new)


def write(path: str, text: str) -> Callable[[Path], None]:
    def overwrite(folder: Path) -> None:
        (folder / path).write_text(text, encoding="utf-8")

    return overwrite


def remove(path: str) -> Callable[[Path], None]:
    return lambda folder: os.remove(folder / path)


def fewer_variants(folder: Path) -> None:
    change(article(folder, ONE), "    - 社保能跟着人走吗\n", "")


def no_timeout_text(folder: Path) -> None:
    texts = yaml.safe_load((folder / "texts.yml").read_text(encoding="utf-8"))
    del texts["outcomes"]["error_timeout"]
    change_yaml(folder / "texts.yml", outcomes=texts["outcomes"])


def bad_guard(folder: Path) -> None:
    guard = {"outcome": "refused_evasion", "patterns": {"zh": ["(挂靠"]}}
    (folder / "guards.yml").write_text(yaml.safe_dump([guard], allow_unicode=True), encoding="utf-8")


def concept_twice(folder: Path) -> None:
    path = folder / "glossary.yml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump([*entries, entries[0]], allow_unicode=True), encoding="utf-8")


ERRORS: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("an article's source", edit(ONE_MD, "sources: [example-law]", "sources: [no-law]"), ONE_MD, "source 'no-law' is not in sources.yml"),
    ("a related article", edit(ONE_MD, "related: [contribution/monthly-amount]", "related: [no/such]"), ONE_MD, "related article 'no/such' does not exist"),
    ("a life event of an article", edit(ONE_MD, "life_events: [moved_province]", "life_events: [moved_planet]"), ONE_MD, "life event 'moved_planet' is not in life_events.yml"),
    ("a region of an article", edit(ONE_MD, "regions: [CN]", "regions: [CN-XX]"), ONE_MD, "region 'CN-XX' is not in regions.yml"),
    ("too few variants", fewer_variants, ONE_MD, "questions.zh: 5 variants; at least 6 are needed"),
    ("a figure without a file", edit(ONE_MD, '不会丢，年限合在一起算。', '不会丢，年限合在一起算。还有{{ figure("no.such") }}。'), ONE_MD, "# zh: figure 'no.such' has no file in parameters/"),
    ("a variant that a guard stops", edit(ONE_MD, "    - 老的缴费年限会丢吗", "    - 怎么做假劳动合同"), ONE_MD, "'怎么做假劳动合同' is stopped by the guard refused_evasion; reword the one or the other"),
    ("a figure in prose", edit(ONE_MD, "不会丢，", "不会丢，15年都在，"), ONE_MD, "# zh: bare figure '15年'; use {{ figure('area.name') }} so that it has a date and a source"),
    ("a figure in English prose", edit(ONE_MD, "Nothing is lost", "Nothing of your 15 years is lost"), ONE_MD, "# en: bare figure '15 years'; use {{ figure('area.name') }} so that it has a date and a source"),
    ("a figure in the longer part", edit(ONE_MD, "先在新地方交上", "先在新地方交上3个月"), ONE_MD, "# zh: bare figure '3个月'; use {{ figure('area.name') }} so that it has a date and a source"),
    ("a figure in a next step", edit(ONE_MD, "[Call 12333 and ask]", "[Wait 15 days]"), ONE_MD, "# en: bare figure '15 days'; use {{ figure('area.name') }} so that it has a date and a source"),
    ("a broken template", edit(ONE_MD, "不会丢，", "不会丢{{ nothing }}，"), ONE_MD, "# zh: the template is broken: 'nothing' is undefined"),
    ("a template that divides by zero", edit(ONE_MD, "不会丢，", "不会丢{{ 1 / 0 }}，"), ONE_MD, "# zh: the template is broken: division by zero"),
    ("a broken longer part", edit(ONE_MD, "先在新地方交上", "{{ nothing }}"), ONE_MD, "# zh: the template is broken: 'nothing' is undefined"),
    ("a region of a figure", edit(RATE, "  CN-SH:", "  CN-XX:"), RATE, "region 'CN-XX' is not in regions.yml"),
    ("dates in reverse", edit(RATE, "2021-01-01: {value: 24", "2025-01-01: {value: 24"), RATE, "CN-SH: dates are reversed; write the oldest first"),
    ("a figure's source", edit(RATE, "value: 24, source: example-notice", "value: 24, source: no-notice"), RATE, "CN-SH 2021-01-01: source 'no-notice' is not in sources.yml"),
    ("a life event's article", edit("life_events.yml", "article: transfer/between-provinces", "article: no/such"), "life_events.yml", "moved_province: article 'no/such' does not exist"),
    ("a question in two articles", edit(TWO_MD, "交满多少年能领", "换了个省，年限还算不算？"), TWO_MD, f"'换了个省，年限还算不算？' is nearly the same question as in {ONE}: '换了个省，年限还算不算'"),
    ("a question twice in one article", edit(ONE_MD, "    - 社保能跟着人走吗", "    - 跨省转移怎么转"), ONE_MD, f"'跨省转移怎么转' is nearly the same question as in {ONE}: '跨省转移怎么转'"),
    ("two articles for one thing", edit(TWO_MD, "en: How many years you need", "en: Moving your pension record"), TWO_MD, f"same title and place as {ONE}, and the dates overlap; end one where the other begins"),
    ("an evaluation question's article", edit(ZH, "  - transfer/between-provinces", "  - no/such"), ZH, "'四川那边交过的换到浙江以后还作数不' expects 'no/such', which does not exist"),
    ("an evaluation question twice", edit(EN, "q: write a poem", "q: tell me a joke"), EN, "'tell me a joke' stands twice"),
    ("an evaluation question that repeats a variant", edit(ZH, "外省交的能带过来不", "跨省转移怎么转？"), ZH, f"'跨省转移怎么转？' repeats a variant of {ONE}; reword one of them"),
    ("an evaluation question with neither", edit(ZH, "  decline: out_of_scope", "  region: CN"), ZH, "questions.6: Value error, a question has either `expect` (article ids) or `decline` (a reason)"),
    ("an outcome without words", no_timeout_text, "texts.yml", "outcomes.error_timeout is missing"),
    ("texts of another shape", write("texts.yml", "outcomes: {}\n"), "texts.yml", "phrases: Field required"),
    ("a guard that is no pattern", bad_guard, "guards.yml", "refused_evasion: '(挂靠' is no regular expression: missing ), unterminated subpattern at position 0"),
    ("a concept twice", concept_twice, "glossary.yml", "concept 'social_insurance' stands twice; one is accepted"),
    ("a missing file", remove("guards.yml"), "guards.yml", "this file is missing"),
    ("a missing file of topics", remove("out_of_scope.yml"), "out_of_scope.yml", "this file is missing"),
    ("a topic without a name", edit("out_of_scope.yml", "  title: {zh: 天气, en: Weather}\n", ""), "out_of_scope.yml", "0.title: Field required"),
    ("a rule of another shape", edit("answering.yml", "choices_at_most: 3", "choices_at_most: 9"), "answering.yml", "choices_at_most: Input should be less than or equal to 3"),
]  # fmt: skip


@pytest.mark.parametrize(("break_it", "path", "message"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_one_break_is_one_error(small_folder: Path, break_it: Callable[[Path], None], path: str, message: str) -> None:
    before = found(small_folder)
    break_it(small_folder)
    assert found(small_folder) - before == {Problem("error", path, message)}


# Comparing takes most of the time, and answers are no worse for it: a saved file is taken into force without.
COMPARED = {
    "a question in two articles",
    "a question twice in one article",
    "two articles for one thing",
    "an evaluation question's article",
    "an evaluation question twice",
    "an evaluation question that repeats a variant",
}


@pytest.mark.parametrize(("label", "break_it", "path", "message"), ERRORS, ids=[e[0] for e in ERRORS])
def test_a_quick_check_finds_the_same_but_for_what_is_compared(
    small_folder: Path, label: str, break_it: Callable[[Path], None], path: str, message: str
) -> None:
    before = set(check(small_folder, TODAY, thorough=False))
    break_it(small_folder)
    expected = set() if label in COMPARED else {Problem("error", path, message)}
    assert set(check(small_folder, TODAY, thorough=False)) - before == expected


# What names an unreadable file may then be missing too, so here the message is one of several.
UNREADABLE: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("an unknown key", edit(ONE_MD, "topic: transfer", "topic: transfer\ntopick: x"), ONE_MD, "unknown key 'topick'; see knowledge/README.md for the keys that exist"),
    ("a figure's key twice", edit(RATE, "unit: percent", "unit: percent\nunit: CNY"), RATE, "line 3: 'unit' stands twice; one is accepted"),
    ("a date twice", edit(RATE, "2021-01-01: {value: 24", "2024-03-01: {value: 24"), RATE, "line 8: '2024-03-01' stands twice; one is accepted"),
    ("a figure that is no number", edit(RATE, "value: 24", "value: lots"), RATE, "values.CN-SH.2021-01-01.value: Value error, 'lots' is no number; a number or a fraction such as '2/3' is accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("break_it", "path", "message"), [u[1:] for u in UNREADABLE], ids=[u[0] for u in UNREADABLE])
def test_an_unreadable_file_is_one_error_of_that_file(
    small_folder: Path, break_it: Callable[[Path], None], path: str, message: str
) -> None:
    break_it(small_folder)
    assert [p for p in found(small_folder) if p.path == path] == [Problem("error", path, message)]


def overdue(folder: Path) -> None:
    change(article(folder, ONE), "reviewed_on: 2026-11-23", "reviewed_on: 2026-05-23")
    change(article(folder, ONE), "review_by: 2027-05-23", "review_by: 2026-11-23")


WARNINGS: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("a review that is due", edit(ONE_MD, "review_by: 2027-05-23", "review_by: 2026-11-24"), "", ""),
    ("a review that was due today", overdue, ONE_MD, "review was due by 2026-11-23; check it and set the dates anew"),
    ("an unverified article", edit(ONE_MD, "confidence: verified", "confidence: unverified"), ONE_MD, "confidence is unverified, so this article never answers"),
    ("an answer that is nothing without a place", edit(TWO_MD, 'figure("pension.minimum_years") }}。', 'figure("contribution.base_lower") }}。'), TWO_MD, "# zh: nothing is left of the answer where the place is unknown"),
    ("a yearly figure grown old", edit("parameters/contribution/base_lower.yml", "2026-07-01", "2025-07-01"), "parameters/contribution/base_lower.yml", "CN-SH: the newest value is of 2025-07-01, older than 13 months"),
]  # fmt: skip


@pytest.mark.parametrize(("break_it", "path", "message"), [w[1:] for w in WARNINGS], ids=[w[0] for w in WARNINGS])
def test_one_doubt_is_one_warning(
    small_folder: Path, break_it: Callable[[Path], None], path: str, message: str
) -> None:
    before = found(small_folder)
    break_it(small_folder)
    assert found(small_folder) - before == ({Problem("warning", path, message)} if path else set())


def test_a_valid_folder_has_no_errors_and_warns_of_its_old_figure(small_folder: Path) -> None:
    assert check(small_folder, TODAY) == [
        Problem(
            "warning",
            "parameters/contribution/base_lower.yml",
            "CN-ZJ: the newest value is of 2025-01-01, older than 13 months",
        )
    ]


def test_one_broken_file_does_not_hide_another(small_folder: Path) -> None:
    change(article(small_folder, ONE), "regions: [CN]", "regions: [CN-XX]")
    change(small_folder / RATE, "unit: percent", "unit: dollars")
    change(article(small_folder, OLD), "topic: pension\n", "")
    paths = [p.path for p in check(small_folder, TODAY) if p.severity == "error"]
    assert {ONE_MD, RATE, f"articles/{OLD}.md"} <= set(paths)


def test_errors_come_before_warnings(small_folder: Path) -> None:
    change(article(small_folder, ONE), "regions: [CN]", "regions: [CN-XX]")
    severities = [p.severity for p in check(small_folder, TODAY)]
    assert severities == sorted(severities)


@pytest.mark.parametrize(
    "path", ["sources.yml", "regions.yml", "life_events.yml", "texts.yml", "glossary.yml", RATE, ZH]
)
def test_a_file_that_is_no_yaml_is_one_problem_of_that_file_in_one_line(small_folder: Path, path: str) -> None:
    (small_folder / path).write_text("a: [1, 2\nb: {", encoding="utf-8")
    problems = [p for p in check(small_folder, TODAY) if p.path == path]
    assert [p.severity for p in problems] == ["error"]
    assert "\n" not in problems[0].message
    assert str(small_folder) not in problems[0].message


@pytest.mark.parametrize(
    "path",
    [
        "sources.yml",
        "regions.yml",
        "life_events.yml",
        "glossary.yml",
        "guards.yml",
        "answering.yml",
        RATE,
        ZH,
    ],
)
def test_a_file_of_another_shape_is_told_and_ends_nothing(small_folder: Path, path: str) -> None:
    (small_folder / path).write_text("- 1\n- 2\n", encoding="utf-8")
    assert path in {p.path for p in check(small_folder, TODAY) if p.severity == "error"}


def test_articles_of_one_title_may_follow_each_other(small_folder: Path) -> None:
    newer = article(small_folder, OLD).read_text(encoding="utf-8")
    for old, new in (
        (OLD, "pension/new-rule"),
        ("applies_from: 2019-01-01\napplies_until: 2024-03-01", "applies_from: 2024-03-01"),
        ("上海", "申城"),
        ("Shanghai r", "Shanghai city r"),
    ):
        newer = newer.replace(old, new)
    article(small_folder, "pension/new-rule").write_text(newer, encoding="utf-8")
    assert not [p for p in check(small_folder, TODAY) if "same title" in p.message]


def test_every_outcome_but_deletion_has_words(small_folder: Path) -> None:
    texts = yaml.safe_load((small_folder / "texts.yml").read_text(encoding="utf-8"))
    assert set(texts["outcomes"]) == {outcome.value for outcome in Outcome} - {"data_deleted"}
