"""`knowledge/interview.yml`: what the calculator asks and repeats in the chat, in both languages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.parameters import Bilingual
from actions.simulator.interview import WANTED
from actions.simulator.reading import READERS
from actions.simulator.reading_injury import DEATH
from actions.simulator.texts import Text, read_strictly

FILE = "interview.yml"
UNKNOWN = "unknown"  # what the button "I don't know" stands for


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Choice(Bilingual):
    """A button below a question: its title, and the value of the fact it stands for."""

    value: Annotated[str, Field(alias="is", min_length=1)]


class QuestionText(_Strict):
    """One question, with the buttons that answer it."""

    text: Bilingual
    buttons: tuple[Choice, ...] = ()


class KindChoice(Bilingual):
    """A kind of estimate as a button."""

    kind: str


class Menu(_Strict):
    """The choice of what to work out."""

    text: Bilingual
    kinds: tuple[KindChoice, ...]


class WhatIf(Bilingual):
    """A button that changes one fact of the estimate it stands below."""

    kinds: tuple[str, ...]
    fact: str
    value: Annotated[str, Field(alias="is", min_length=1)]


class InterviewTexts(_Strict):
    """The whole file; every fact has its question and every kind is known. `rows`: the amounts that the chat shows."""

    questions: Mapping[str, QuestionText]
    facts: Mapping[str, Text]
    words: Mapping[str, Bilingual]
    phrases: Mapping[str, Text]
    menu: Menu
    rows: Mapping[str, tuple[str, ...]] = {}
    what_if: tuple[WhatIf, ...] = ()
    next_kinds: Mapping[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _complete(self) -> "InterviewTexts":
        told = READERS.keys() | {DEATH}  # a death is repeated in other words than a grade
        for name, held, facts in (("questions", self.questions, READERS.keys()), ("facts", self.facts, told)):
            if differ := facts ^ held.keys():
                raise ValueError(f"{name}: {sorted(differ)[0]!r} is missing or unknown")
        named = (
            {c.kind for c in self.menu.kinds}
            | set(self.next_kinds)
            | set(self.rows)
            | {k for w in self.what_if for k in w.kinds}
        )
        if unknown := named - WANTED.keys():
            raise ValueError(f"there is no estimate {sorted(unknown)[0]!r}; {', '.join(WANTED)} are accepted")
        return self


def read_interview_texts(knowledge: Path) -> InterviewTexts:
    """The file of a knowledge folder; raises InvalidTexts naming the key."""
    return read_strictly(InterviewTexts, knowledge / FILE)
