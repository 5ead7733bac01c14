"""Each way in which an article can break its format, and what the writer is told."""

from datetime import date
from pathlib import Path

import pytest

from actions.answering.articles import Article, InvalidArticle, article_files, read_article
from tests.folders import article, change

ID = "transfer/between-provinces"


def read(folder: Path) -> Article:
    return read_article(article(folder, ID), folder / "articles")


def test_an_article_is_read_whole(small_folder: Path) -> None:
    found = read(small_folder)
    assert found.id == ID
    assert found.title.zh == "跨省转移养老保险"
    assert found.bodies["zh"].short.startswith("不会丢")
    assert found.bodies["zh"].more == "先在新地方交上，再申请转移。"
    assert found.bodies["en"].more == "Pay in the new place first, then apply."
    assert len(found.questions.in_language("en")) == 6


def test_an_article_without_a_longer_part_has_none(small_folder: Path) -> None:
    found = read_article(article(small_folder, "pension/minimum-years"), small_folder / "articles")
    assert found.bodies["zh"].more == ""


def test_articles_are_listed_in_a_fixed_order(small_folder: Path) -> None:
    names = [path.stem for path in article_files(small_folder / "articles")]
    assert names == ["monthly-amount", "minimum-years", "old-rule", "between-provinces"]


BROKEN = [
    ("a missing key", "topic: transfer\n", "", "missing key 'topic'"),
    (
        "an unknown key",
        "topic: transfer",
        "topic: transfer\ntopick: x",
        "unknown key 'topick'; see knowledge/README.md",
    ),
    (
        "an id unlike the path",
        f"id: {ID}",
        "id: transfer/elsewhere",
        f"it must be '{ID}', like the file's path",
    ),
    ("an id with capitals", f"id: {ID}", "id: Transfer/X", "id: String should match pattern"),
    (
        "an id too long for a button",
        f"id: {ID}",
        f"id: transfer/{'x' * 40}",
        "id: String should have at most 40",
    ),
    (
        "a title in one language",
        "title: {zh: 跨省转移养老保险, en: Moving your pension record}",
        "title: {zh: 跨省}",
        "missing key 'title.en'",
    ),
    (
        "an empty title",
        "en: Moving your pension record}",
        "en: ''}",
        "title.en: String should have at least 1",
    ),
    ("no region", "regions: [CN]", "regions: []", "regions: Tuple should have at least 1"),
    ("a misspelt region", "regions: [CN]", "regions: [ZJ]", "regions.0: String should match pattern"),
    (
        "a day that is none",
        "applies_from: 2010-01-01",
        "applies_from: soon",
        "applies_from: Input should be a valid date",
    ),
    (
        "an end before the beginning",
        "applies_from: 2010-01-01",
        "applies_from: 2010-01-01\napplies_until: 2009-01-01",
        "applies_until 2009-01-01 must lie after applies_from 2010-01-01",
    ),
    (
        "an end on the beginning",
        "applies_from: 2010-01-01",
        "applies_from: 2010-01-01\napplies_until: 2010-01-01",
        "must lie after applies_from",
    ),
    (
        "a review due before it was made",
        "review_by: 2027-05-23",
        "review_by: 2026-11-23",
        "review_by 2026-11-23 must lie after reviewed_on 2026-11-23",
    ),
    (
        "an unknown confidence",
        "confidence: verified",
        "confidence: certain",
        "confidence: Input should be 'verified', 'consistent' or 'unverified'",
    ),
    ("no source", "sources: [example-law]", "sources: []", "sources: Tuple should have at least 1"),
    ("no question in a language", "questions:\n  zh:", "questions:\n  de:", "missing key 'questions.zh'"),
    (
        "an empty question",
        "    - 社保能跟着人走吗",
        "    - ''",
        "questions.zh.2: String should have at least 1",
    ),
    ("no next step", "  en: [Call 12333 and ask]", "  en: []", "next_steps.en: Tuple should have at least 1"),
    ("front matter that is no YAML", "topic: transfer", "topic: [transfer", "front matter is not YAML"),
    ("no front matter", f"---\nid: {ID}", f"id: {ID}", "text before the first '# zh' or '# en' line"),
    ("a missing language", "# en\nNothing", "Nothing", "missing language: there is no '# en' section"),
    ("an empty section", "# zh\n不会丢", "# zh\n<!-- more -->\n不会丢", "the '# zh' section is empty"),
    ("a section twice", "# en\nNothing", "# zh\nNothing", "two '# zh' sections; one is accepted"),
    (
        "text above the sections",
        "# zh\n不会丢",
        "先说一句\n\n# zh\n不会丢",
        "text before the first '# zh' or '# en' line",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_a_broken_article_is_told_where_and_how_to_mend_it(
    small_folder: Path, old: str, new: str, message: str
) -> None:
    change(article(small_folder, ID), old, new)
    with pytest.raises(InvalidArticle) as error:
        read(small_folder)
    assert message in str(error.value)
    assert "between-provinces.md" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_in_another_encoding_is_told_so(small_folder: Path) -> None:
    path = article(small_folder, ID)
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(InvalidArticle, match="not UTF-8 text; save the file as UTF-8"):
        read(small_folder)


@pytest.mark.parametrize(
    ("on", "applies"),
    [
        (date(2018, 12, 31), False),
        (date(2019, 1, 1), True),
        (date(2024, 2, 29), True),
        (date(2024, 3, 1), False),
    ],
)
def test_an_article_applies_from_its_first_day_until_before_its_last(
    small_folder: Path, on: date, applies: bool
) -> None:
    old = read_article(article(small_folder, "pension/old-rule"), small_folder / "articles")
    assert old.applies_on(on) is applies


def test_windows_line_ends_are_accepted(small_folder: Path) -> None:
    path = article(small_folder, ID)
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", "\r\n").encode())
    assert read(small_folder).bodies["en"].short.startswith("Nothing is lost")
