"""Where each part of the report is told: the page that is made, and every mistake that is found."""

from pathlib import Path

import pytest
import yaml

from actions.answering.coverage import FILE, PAGE, page, problems_of_coverage, read_coverage
from actions.answering.folder import InvalidKnowledge
from actions.answering.lint import check
from actions.answering.reading import Problem
from tests.folders import TODAY, change

ARTICLES = {"transfer/between-provinces", "pension/minimum-years"}
CHAPTERS = [
    {
        "chapter": "1 Introduction",
        "parts": [
            {"part": "1", "heading": "Why", "reason": "It states no rule."},
            {"part": "1.1 | a", "heading": "Years  and\nprovinces", "articles": sorted(ARTICLES)},
        ],
    },
    {"chapter": "2 Methods", "parts": [{"part": "2", "heading": "Survey", "reason": "No | rule\n either."}]},
]
OLDER = "is older than coverage.yml; run `shebao knowledge coverage`"


@pytest.fixture
def covered(small_folder: Path) -> Path:
    """The small folder with a coverage and the page made of it."""
    (small_folder / FILE).write_text(yaml.safe_dump(CHAPTERS, allow_unicode=True), encoding="utf-8")
    (small_folder / PAGE).write_text(page(read_coverage(small_folder)), encoding="utf-8")
    return small_folder


def write(folder: Path, **part: object) -> None:
    """A coverage of one part, with its page where that can be made."""
    chapters = [{"chapter": "1", "parts": [{"part": "1.1", "heading": "x", **part}]}]
    (folder / FILE).write_text(yaml.safe_dump(chapters, allow_unicode=True), encoding="utf-8")


def test_the_page_has_a_row_for_each_part_with_links_or_the_reason(covered: Path) -> None:
    written = (covered / PAGE).read_text(encoding="utf-8")
    assert written.split("\n\n", 3)[-1] == (
        "## 1 Introduction\n\n"
        "| part | heading | articles, or why none |\n"
        "| --- | --- | --- |\n"
        "| 1 | Why | It states no rule. |\n"
        "| 1.1 \\| a | Years and provinces | [pension/minimum-years](articles/pension/minimum-years.md), "
        "[transfer/between-provinces](articles/transfer/between-provinces.md) |\n\n"
        "## 2 Methods\n\n"
        "| part | heading | articles, or why none |\n"
        "| --- | --- | --- |\n"
        "| 2 | Survey | No \\| rule either. |\n"
    )


def test_the_page_counts_its_parts_and_says_how_it_is_made(covered: Path) -> None:
    written = (covered / PAGE).read_text(encoding="utf-8")
    assert "3 parts: 1 in articles, 2 with a reason for having none." in written
    assert "do not edit it by hand" in written


def test_a_coverage_in_order_has_no_problem(covered: Path) -> None:
    assert list(problems_of_coverage(covered, ARTICLES)) == []


def test_a_folder_without_a_coverage_has_no_problem(small_folder: Path) -> None:
    assert read_coverage(small_folder) == ()
    assert list(problems_of_coverage(small_folder, ARTICLES)) == []


def test_an_article_that_does_not_exist_is_named_with_its_part(covered: Path) -> None:
    assert list(problems_of_coverage(covered, ARTICLES - {"pension/minimum-years"})) == [
        (FILE, "1.1 | a: article 'pension/minimum-years' does not exist")
    ]


def test_a_page_older_than_its_file_is_told(covered: Path) -> None:
    change(covered / FILE, "Survey", "Interviews")
    assert list(problems_of_coverage(covered, ARTICLES)) == [(PAGE, OLDER)]


def test_a_missing_page_is_told(covered: Path) -> None:
    (covered / PAGE).unlink()
    assert list(problems_of_coverage(covered, ARTICLES)) == [(PAGE, OLDER)]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({}, "either `articles` or a `reason`"),
        ({"articles": ["a/b"], "reason": "x"}, "either `articles` or a `reason`"),
        ({"articles": [], "reason": ""}, "either `articles` or a `reason`"),
        ({"reason": "x", "page": 3}, "page: Extra inputs are not permitted"),
        ({"heading": "", "reason": "x"}, "heading: String should have at least 1 character"),
    ],
)
def test_a_part_has_either_articles_or_a_reason(small_folder: Path, part: dict[str, object], message: str) -> None:
    write(small_folder, **part)
    ((path, told),) = problems_of_coverage(small_folder, ARTICLES)
    assert path == FILE
    assert message in told
    assert str(small_folder) not in told
    with pytest.raises(InvalidKnowledge, match=r"coverage\.yml"):
        read_coverage(small_folder)


def test_a_coverage_that_is_no_yaml_is_one_problem(covered: Path) -> None:
    (covered / FILE).write_text("a: [1, 2\nb: {", encoding="utf-8")
    assert [path for path, _ in problems_of_coverage(covered, ARTICLES)] == [FILE]


def test_the_check_tells_it_as_an_error(covered: Path) -> None:
    before = set(check(covered, TODAY))
    write(covered, articles=["no/such"])
    assert set(check(covered, TODAY)) - before == {
        Problem("error", FILE, "1.1: article 'no/such' does not exist"),
        Problem("error", PAGE, OLDER),
    }
