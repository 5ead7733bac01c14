"""Measures retrieval and abstention on questions that staff wrote: per language and topic, beside baselines.

The questions live in `knowledge/evaluation`: the `calibration` split fits the judge, the `test` split is only
measured. Neither may repeat an article's own variants (lint.py enforces it).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.answering.answer import Answer, Language, Outcome
from actions.answering.folder import read_as

RANKS = 10
Ranking = Callable[[str, Language], Sequence[str]]


class Asked(BaseModel):
    """One evaluation question: the articles that answer it (best first), or why it must be declined."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    q: Annotated[str, Field(min_length=1)]
    expect: tuple[str, ...] = ()
    decline: (
        Literal["out_of_scope", "other_person", "evasion", "no_source", "emergency", "distress", "handoff"] | None
    ) = None
    region: str | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Asked":
        if bool(self.expect) == bool(self.decline):
            raise ValueError("a question has either `expect` (article ids) or `decline` (a reason)")
        return self


class QuestionSet(BaseModel):
    """One file of `knowledge/evaluation`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    split: Literal["test", "calibration"]
    language: Language
    questions: tuple[Asked, ...]


def read_questions(folder: Path, split: str | None = None) -> list[QuestionSet]:
    """The question sets of a folder (or of one file), all or those of a split; raises InvalidKnowledge."""
    paths = sorted(folder.glob("*.yml")) if folder.is_dir() else [folder]
    sets = [read_as(QuestionSet, path) for path in paths]
    return [one for one in sets if split in (None, one.split)]


@dataclass(frozen=True)
class RetrievalFigures:
    """Ranking quality over the questions that have an article. Shares are 0 to 1."""

    questions: int
    hit_at_1: float
    hit_at_3: float
    mrr_at_10: float


@dataclass(frozen=True)
class AnswerFigures:
    """What the worker gets: of those in scope, of those answered, of those that must be declined."""

    in_scope: int
    declined: int
    answered_in_scope: float
    clarified_in_scope: float
    wrong_among_answered: float
    false_answers: float


@dataclass(frozen=True)
class Miss:
    """A question that went wrong, for reading."""

    language: Language
    question: str
    expected: str
    got: str
    outcome: Outcome
    score: float


def rank_figures(asked: Iterable[Asked], language: Language, ranking: Ranking) -> RetrievalFigures:
    """hit@1, hit@3 and MRR@10 of a ranking over the questions that expect an article."""
    places = [_place(ranking(question.q, language), question.expect) for question in asked if question.expect]
    total = len(places) or 1
    return RetrievalFigures(
        questions=len(places),
        hit_at_1=sum(place == 1 for place in places) / total,
        hit_at_3=sum(0 < place <= 3 for place in places) / total,
        mrr_at_10=sum(1 / place for place in places if 0 < place <= RANKS) / total,
    )


def _place(ranking: Sequence[str], expected: Sequence[str]) -> int:
    """1 for the first; 0 where none of the expected articles is among the ten best."""
    return next((i for i, article_id in enumerate(ranking[:RANKS], 1) if article_id in expected), 0)


def answer_figures(pairs: Sequence[tuple[Asked, Answer]]) -> AnswerFigures:
    """Abstention figures from questions and what was answered."""
    scope = [(asked, answer) for asked, answer in pairs if asked.expect]
    outside = [answer for asked, answer in pairs if asked.decline]
    answered = [(asked, answer) for asked, answer in scope if answer.outcome is Outcome.ANSWERED]
    wrong = [answer for asked, answer in answered if answer.article_id not in asked.expect]
    return AnswerFigures(
        in_scope=len(scope),
        declined=len(outside),
        answered_in_scope=len(answered) / (len(scope) or 1),
        clarified_in_scope=sum(a.outcome is Outcome.CLARIFY for _, a in scope) / (len(scope) or 1),
        wrong_among_answered=len(wrong) / (len(answered) or 1),
        false_answers=sum(answer.outcome is Outcome.ANSWERED for answer in outside) / (len(outside) or 1),
    )


def misses(pairs: Sequence[tuple[Asked, Answer]]) -> list[Miss]:
    """Every question in scope without its article, and every one answered that should have been declined."""
    found = []
    for asked, answer in pairs:
        right = answer.article_id in asked.expect if asked.expect else answer.outcome is not Outcome.ANSWERED
        if not right:
            expected = " | ".join(asked.expect) or f"decline ({asked.decline})"
            got = answer.article_id or " | ".join(s.article_id for s in answer.suggestions)
            found.append(Miss(answer.language, asked.q, expected, got, answer.outcome, answer.score))
    return found
