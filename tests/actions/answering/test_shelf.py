"""Live reload: a saved file is in force at the next looks, a broken one changes nothing and is named."""

import logging
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from actions.answering.answer import Outcome, Question
from actions.answering.shelf import Shelf
from tests.fakes import WordCountEmbedder
from tests.folders import TODAY, article, change, copy_small_folder

NOW = datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=8)))
TRANSFER = "transfer/between-provinces"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    copy_small_folder(tmp_path)
    return tmp_path


@pytest.fixture
def shelf(place: Path) -> Shelf:
    return Shelf(place / "knowledge", place / "index", WordCountEmbedder(), lambda: NOW)


def look_twice(shelf: Shelf) -> bool:
    """The first look sees that something changes, the second that it lies still."""
    return [shelf.refresh(), shelf.refresh()][1]


def text(shelf: Shelf) -> str:
    return shelf.library.read(TRANSFER, "zh", None, TODAY).text


def test_a_saved_sentence_is_what_workers_read(shelf: Shelf, place: Path) -> None:
    change(article(place / "knowledge", TRANSFER), "# zh\n", "# zh\n放心，钱不会丢。")
    assert look_twice(shelf)
    assert "放心，钱不会丢。" in text(shelf)
    assert shelf.problem == ""
    assert shelf.loads == 2


def test_a_folder_at_rest_is_not_read_again(shelf: Shelf) -> None:
    before = shelf.library
    assert not look_twice(shelf)
    assert shelf.library is before


def test_a_file_still_being_written_is_waited_for(shelf: Shelf, place: Path) -> None:
    path = article(place / "knowledge", TRANSFER)
    change(path, "# zh\n", "# zh\n一。")
    assert not shelf.refresh()
    change(path, "# zh\n", "# zh\n二。")
    assert not shelf.refresh()
    assert shelf.refresh()
    assert "二。一。" in text(shelf)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: transfer", "id transfer"),
        ("# en", "# fr"),
        ("figure(", "figur("),
        ("sources: [", "sources: [no-such-source, "),
    ],
    ids=["yaml", "language", "template", "source"],
)
def test_a_broken_file_keeps_the_last_good_version_and_is_named(
    shelf: Shelf, place: Path, old: str, new: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = text(shelf)
    path = article(place / "knowledge", TRANSFER)
    content = path.read_text("utf-8")
    change(path, old, new)
    with caplog.at_level(logging.ERROR):
        assert not look_twice(shelf)
    assert text(shelf) == good
    assert TRANSFER in shelf.problem
    assert "last good version" in caplog.text
    assert shelf.refusals == 1
    path.write_text(content, "utf-8")
    assert look_twice(shelf)
    assert shelf.problem == ""


def test_a_broken_folder_is_complained_of_once(shelf: Shelf, place: Path) -> None:
    change(article(place / "knowledge", TRANSFER), "# en", "# fr")
    look_twice(shelf)
    look_twice(shelf)
    assert shelf.refusals == 1


def test_a_new_article_answers(shelf: Shelf, place: Path) -> None:
    old = article(place / "knowledge", TRANSFER)
    new = old.with_name("second.md")
    content = old.read_text("utf-8").replace(f"id: {TRANSFER}", "id: transfer/second").replace("title:", "title:", 1)
    lines = [line if not line.startswith("    - ") else f"{line} 再来一次 once more" for line in content.splitlines()]
    new.write_text("\n".join(lines).replace("zh: ", "zh: 又", 1).replace("en: ", "en: Also ", 1), "utf-8")
    assert look_twice(shelf), shelf.problem
    assert shelf.library.read("transfer/second", "zh", None, TODAY).outcome is Outcome.ANSWERED


def test_an_article_taken_away_answers_no_more(shelf: Shelf, place: Path) -> None:
    article(place / "knowledge", "pension/old-rule").unlink()
    assert look_twice(shelf), shelf.problem
    gone = shelf.library.read("pension/old-rule", "zh", None, TODAY)
    assert gone.outcome is Outcome.UNANSWERABLE_NO_SOURCE


def test_the_next_start_finds_the_index_ready(shelf: Shelf, place: Path) -> None:
    change(article(place / "knowledge", "pension/minimum-years"), "交满多少年能领", "攒够几年才发钱")
    assert look_twice(shelf), shelf.problem
    embedder = WordCountEmbedder()
    again = Shelf(place / "knowledge", place / "index", embedder, lambda: NOW)
    assert "攒够几年才发钱" not in embedder.embedded
    assert again.library.answer(Question("攒够几年才发钱", TODAY)).article_id == "pension/minimum-years"
