"""What a change of the folder does: questions that end differently, answers that read differently, and where."""

# ruff: noqa: E501 - one row of a table is one line

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from actions.answering.answer import Answer, Language, Outcome, Question
from actions.answering.difference import Changed, Flip, changed_answers, flips
from actions.answering.embedder import RememberingEmbedder
from actions.answering.evaluation import Asked
from actions.answering.folder import read_knowledge
from actions.answering.library import Library, assemble
from tests.fakes import WordCountEmbedder
from tests.folders import TODAY, article, change, copy_small_folder

TRANSFER, AMOUNT, YEARS = "transfer/between-provinces", "contribution/monthly-amount", "pension/minimum-years"
BASE = "parameters/contribution/base_lower.yml"


class TableLibrary(Library):
    """Answers from a table: what ends where is written out in the test."""

    def __init__(self, table: dict[str, Answer]) -> None:
        self.table = table
        self.asked: list[Question] = []

    def answer(self, question: Question, last_language: Language = "zh") -> Answer:
        """The row of the question."""
        self.asked.append(question)
        return self.table[question.text]


def ends(outcome: Outcome, article_id: str | None = None) -> Answer:
    return Answer(outcome, "text", "zh", article_id)


RIGHT, WRONG = ends(Outcome.ANSWERED, "a/right"), ends(Outcome.ANSWERED, "a/wrong")
OTHER, LOST, WHICH = ends(Outcome.ANSWERED, "a/other"), ends(Outcome.UNANSWERABLE_NO_SOURCE), ends(Outcome.CLARIFY)
EXPECTS = Asked(q="q", expect=("a/right", "a/too"))
DECLINES = Asked(q="q", decline="out_of_scope")

FLIPS: list[tuple[str, Asked, Answer, Answer, bool | None]] = [
    ("lost, then found", EXPECTS, LOST, RIGHT, True),
    ("wrong, then right", EXPECTS, WRONG, RIGHT, True),
    ("right, then wrong", EXPECTS, RIGHT, WRONG, False),
    ("right, then asked back", EXPECTS, RIGHT, WHICH, False),
    ("wrong, then wrong in another way", EXPECTS, WRONG, OTHER, None),
    ("right, then the other right one", EXPECTS, RIGHT, ends(Outcome.ANSWERED, "a/too"), None),
    ("declined, then answered", DECLINES, LOST, WRONG, False),
    ("answered, then declined", DECLINES, WRONG, LOST, True),
    ("declined, then declined by another name", DECLINES, LOST, ends(Outcome.REFUSED_OUT_OF_SCOPE), None),
]


@pytest.mark.parametrize(("asked", "was", "now", "better"), [f[1:] for f in FLIPS], ids=[f[0] for f in FLIPS])
def test_a_question_that_ends_differently_is_better_worse_or_neither(
    asked: Asked, was: Answer, now: Answer, better: bool | None
) -> None:
    (flip,) = flips([("zh", asked)], TableLibrary({"q": was}), TableLibrary({"q": now}), TODAY)
    assert flip.better is better


def test_a_flip_tells_how_it_ended_before_and_after() -> None:
    before, after = TableLibrary({"q": LOST}), TableLibrary({"q": RIGHT})
    assert list(flips([("zh", EXPECTS)], before, after, TODAY)) == [
        Flip("q", "zh", "unanswerable_no_source", "answered a/right", True)
    ]


@pytest.mark.parametrize("end", [RIGHT, WRONG, LOST, WHICH])
def test_a_question_that_ends_alike_is_no_flip(end: Answer) -> None:
    assert list(flips([("zh", EXPECTS)], TableLibrary({"q": end}), TableLibrary({"q": end}), TODAY)) == []


def test_both_are_asked_on_that_day_and_for_the_place_of_the_question() -> None:
    before, after = TableLibrary({"q": LOST}), TableLibrary({"q": LOST})
    list(flips([("zh", EXPECTS.model_copy(update={"region": "CN-ZJ"}))], before, after, TODAY))
    assert before.asked == after.asked == [Question("q", TODAY, None, "CN-ZJ")]


def test_a_folder_without_an_article_answers_its_questions_no_more(small_library: Library, small_folder: Path) -> None:
    article(small_folder, YEARS).unlink()
    tools = small_library.tools
    after = assemble(read_knowledge(small_folder), tools.embedder, TODAY, tools.index, tools.judges)
    asked: list[tuple[Language, Asked]] = [
        ("zh", Asked(q="养老保险最少交几年", expect=(YEARS,))),
        ("zh", Asked(q="跨省转移怎么转", expect=(TRANSFER,))),
    ]
    (flip,) = flips(asked, small_library, after, TODAY)
    assert (flip.question, flip.before, flip.better) == ("养老保险最少交几年", f"answered {YEARS}", False)


# Answers


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: change(folder / path, old, new)


def changed(folder: Path, tmp_path: Path, edit_it: Callable[[Path], None]) -> list[Changed]:
    """What reads differently after an edit of a copy."""
    copy = tmp_path / "edited"
    shutil.copytree(folder, copy)
    edit_it(copy)
    return list(changed_answers(read_knowledge(folder), read_knowledge(copy), TODAY))


EVERYWHERE = ("-", "CN")
WITH_FIGURES = ("-", "CN", "CN-JS", "CN-SH", "CN-ZJ")
EDITS: list[tuple[str, Callable[[Path], None], list[tuple[str, Language, tuple[str, ...]]]]] = [
    ("a sentence", edit(f"articles/{TRANSFER}.md", "不会丢，", "丢不了，"), [(TRANSFER, "zh", EVERYWHERE)]),
    ("the longer part", edit(f"articles/{TRANSFER}.md", "Pay in the new", "Pay first in the new"), [(TRANSFER, "en", EVERYWHERE)]),
    ("a next step", edit(f"articles/{TRANSFER}.md", "[Call 12333 and ask]", "[Ask 12333]"), [(TRANSFER, "en", EVERYWHERE)]),
    ("a sentence with figures", edit(f"articles/{AMOUNT}.md", "按你选的", "照你选的"), [(AMOUNT, "zh", WITH_FIGURES)]),
    ("the figure of one place", edit(BASE, "value: 4986", "value: 5000"), [(AMOUNT, "zh", ("CN-ZJ",)), (AMOUNT, "en", ("CN-ZJ",))]),
    ("the figure of a new place", edit(BASE, "values:", "values:\n  CN-BJ:\n    2026-07-01: {value: 7000, source: example-notice, confidence: consistent}"), [(AMOUNT, "zh", ("CN-BJ",)), (AMOUNT, "en", ("CN-BJ",))]),
    ("a figure that held before", edit(BASE, "value: 4812", "value: 4800"), []),
    ("a figure that is not told", edit(BASE, "value: 9999", "value: 8888"), []),
    ("a variant", edit(f"articles/{TRANSFER}.md", "社保能跟着人走吗", "社保跟不跟人走"), []),
    ("nothing", lambda _: None, []),
]  # fmt: skip


@pytest.mark.parametrize(("edit_it", "expected"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
def test_an_edit_is_shown_by_article_language_and_place(
    small_folder: Path,
    tmp_path: Path,
    edit_it: Callable[[Path], None],
    expected: list[tuple[str, Language, tuple[str, ...]]],
) -> None:
    assert [(c.article_id, c.language, c.places) for c in changed(small_folder, tmp_path, edit_it)] == expected


def test_the_words_of_the_first_such_place_are_shown(small_folder: Path, tmp_path: Path) -> None:
    zh, _ = changed(small_folder, tmp_path, edit(BASE, "value: 4986", "value: 5000"))
    assert "997.2元" in zh.before
    assert "1000元" in zh.after


def test_an_article_that_went_away_has_no_words_now(small_folder: Path, tmp_path: Path) -> None:
    gone = changed(small_folder, tmp_path, lambda folder: article(folder, YEARS).unlink())
    assert [(c.article_id, c.language, c.after) for c in gone] == [(YEARS, "zh", ""), (YEARS, "en", "")]


def test_a_new_article_had_no_words_before(small_folder: Path, tmp_path: Path) -> None:
    older = copy_small_folder(tmp_path / "older")
    article(older, YEARS).unlink()
    new = list(changed_answers(read_knowledge(older), read_knowledge(small_folder), TODAY))
    assert [(c.article_id, c.before) for c in new] == [(YEARS, ""), (YEARS, "")]
    assert new[0].after.startswith("现在最少要交15年。")


# The embedder of two folders


def test_a_text_is_embedded_once() -> None:
    behind = WordCountEmbedder()
    embedder = RememberingEmbedder(behind)
    first = embedder.embed(["一", "二", "一"])
    second = embedder.embed(["二", "三"])
    assert behind.embedded == ["一", "二", "三"]
    np.testing.assert_array_equal(first, WordCountEmbedder().embed(["一", "二", "一"]))
    np.testing.assert_array_equal(second, WordCountEmbedder().embed(["二", "三"]))
    assert embedder.name == behind.name
