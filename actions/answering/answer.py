"""Question, answer and the closed list of outcomes: the nouns of the answering pipeline."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]


class Outcome(StrEnum):
    """How a question ended. Reports group by the first word."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    UNANSWERABLE_NO_SOURCE = "unanswerable_no_source"
    UNANSWERABLE_OUTDATED = "unanswerable_outdated"
    UNANSWERABLE_REGION = "unanswerable_region"
    REFUSED_OUT_OF_SCOPE = "refused_out_of_scope"
    REFUSED_OTHER_PERSON = "refused_other_person"
    REFUSED_EVASION = "refused_evasion"
    HANDOFF_REQUESTED = "handoff_requested"
    HANDOFF_DISTRESS = "handoff_distress"
    HANDOFF_EMERGENCY = "handoff_emergency"
    DATA_DELETED = "data_deleted"
    ERROR_TIMEOUT = "error_timeout"
    ERROR_INTERNAL = "error_internal"

    @property
    def is_miss(self) -> bool:
        """Whether the worker left with nothing: two in a row offer the menu and a person."""
        return self.value.startswith(("unanswerable", "error")) or self is Outcome.REFUSED_OUT_OF_SCOPE


@dataclass(frozen=True)
class Question:
    """What a worker asks: their words, the day it is asked for, and what is known of where they pay.

    `language` forces the language of the answer; None lets the words decide. `region` is ISO 3166-2 or None.
    """

    text: str
    on: date
    language: Language | None = None
    region: str | None = None


@dataclass(frozen=True)
class Citation:
    """Where a sentence or figure comes from. `as_of`: the day from which the rule or value holds."""

    title: str
    source: str
    as_of: date | None = None
    url: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """An article the worker may want next; shown as a button."""

    article_id: str
    title: str


@dataclass(frozen=True)
class Candidate:
    """An article that retrieval considered, with every score it got; rejected ones say why."""

    article_id: str
    score: float
    dense: float = 0.0
    lexical: float = 0.0
    topical: float = 0.0
    matched: str = ""
    rejected: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the worker reads. `score` is the judge's calibrated probability (0 to 1) that the article is right."""

    outcome: Outcome
    text: str
    language: Language
    article_id: str | None = None
    title: str | None = None
    score: float = 0.0
    citations: tuple[Citation, ...] = ()
    next_steps: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    reviewed_on: date | None = None
    has_more: bool = False
    asks_region: bool = False
    region: str | None = None
    candidates: tuple[Candidate, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
