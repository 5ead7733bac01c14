"""The figures of an evaluation, worked out by hand on tiny tables."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from actions.answering.answer import Answer, Outcome
from actions.answering.evaluation import Asked, answer_figures, misses, rank_figures, read_questions
from actions.answering.folder import InvalidKnowledge
from tests.folders import change

RANKED = {
    "first": ["a", "b", "c"],
    "third": ["b", "c", "a"],
    "fifth": ["b", "c", "d", "e", "a"],
    "never": ["b", "c"],
    "eleventh": [*"bcdefghijk", "a"],
}


def asks(q: str, *expect: str, decline: str | None = None) -> Asked:
    return Asked.model_validate({"q": q, "expect": expect, "decline": decline})


def test_ranking_figures_over_four_questions() -> None:
    asked = [asks(q, "a") for q in ("first", "third", "fifth", "never")]
    figures = rank_figures([*asked, asks("joke", decline="out_of_scope")], "en", lambda q, _: RANKED[q])
    assert figures.questions == 4
    assert (figures.hit_at_1, figures.hit_at_3) == (0.25, 0.5)
    assert figures.mrr_at_10 == pytest.approx((1 + 1 / 3 + 1 / 5) / 4)


def test_the_best_placed_of_several_expected_articles_counts() -> None:
    assert rank_figures([asks("third", "a", "c")], "en", lambda q, _: RANKED[q]).mrr_at_10 == 0.5


def test_an_article_below_the_tenth_place_is_not_found() -> None:
    assert rank_figures([asks("eleventh", "a")], "en", lambda q, _: RANKED[q]).mrr_at_10 == 0


def test_no_questions_give_no_shares() -> None:
    figures = rank_figures([], "zh", lambda q, _: [])
    assert (figures.questions, figures.hit_at_1) == (0, 0)


def given(outcome: Outcome, article_id: str | None = None) -> Answer:
    return Answer(outcome, "text", "en", article_id)


PAIRS = [
    (asks("right", "a"), given(Outcome.ANSWERED, "a")),
    (asks("wrong", "a"), given(Outcome.ANSWERED, "b")),
    (asks("which", "a"), given(Outcome.CLARIFY)),
    (asks("lost", "a"), given(Outcome.UNANSWERABLE_NO_SOURCE)),
    (asks("joke", decline="out_of_scope"), given(Outcome.REFUSED_OUT_OF_SCOPE)),
    (asks("trick", decline="evasion"), given(Outcome.ANSWERED, "b")),
]


def test_answer_figures_over_six_questions() -> None:
    figures = answer_figures(PAIRS)
    assert (figures.in_scope, figures.declined) == (4, 2)
    assert (figures.answered_in_scope, figures.clarified_in_scope) == (0.5, 0.25)
    assert (figures.wrong_among_answered, figures.false_answers) == (0.5, 0.5)


def test_answer_figures_of_nothing_are_zero() -> None:
    assert answer_figures([]).false_answers == 0


def test_misses_are_what_went_wrong() -> None:
    assert [(m.question, m.expected, m.got) for m in misses(PAIRS)] == [
        ("wrong", "a", "b"),
        ("which", "a", ""),
        ("lost", "a", ""),
        ("trick", "decline (evasion)", "b"),
    ]


@pytest.mark.parametrize(
    "question",
    [
        {"q": "both", "expect": ["a"], "decline": "evasion"},
        {"q": "neither"},
        {"q": "", "expect": ["a"]},
        {"q": "odd reason", "decline": "mood"},
        {"q": "odd key", "expect": ["a"], "why": "x"},
    ],
)
def test_a_question_expects_an_article_or_is_declined_for_a_known_reason(question: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate(question)


@pytest.mark.parametrize(("split", "languages"), [(None, ["en", "zh"]), ("calibration", ["en", "zh"]), ("test", [])])
def test_question_sets_are_read_by_split(small_folder: Path, split: str | None, languages: list[str]) -> None:
    assert [one.language for one in read_questions(small_folder / "evaluation", split)] == languages


def test_one_file_is_read_alone(small_folder: Path) -> None:
    (one,) = read_questions(small_folder / "evaluation" / "calibration-zh.yml")
    assert len(one.questions) == 12


def test_a_broken_question_set_is_named(small_folder: Path) -> None:
    path = small_folder / "evaluation" / "calibration-zh.yml"
    change(path, "language: zh", "language: de")
    with pytest.raises(InvalidKnowledge, match=r"calibration-zh\.yml: language"):
        read_questions(path)
