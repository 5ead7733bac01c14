"""Drafts on their way through the steps, for tests."""

from datetime import date

from actions.answering import pipeline
from actions.answering.answer import Answer, Question
from actions.answering.pipeline import STEPS, Draft, Tools, run
from tests.folders import TODAY


def draft(text: str, **question: object) -> Draft:
    return Draft(Question(text, question.pop("on", TODAY), **question), text)  # type: ignore[arg-type]


def ask(tools: Tools, text: str, on: date = TODAY, region: str | None = None) -> Answer:
    return pipeline.answer(Question(text, on, None, region), tools)


def through(tools: Tools, text: str, last: str, **question: object) -> Draft:
    names = [step.__name__ for step in STEPS]
    return run(draft(text, **question), tools, STEPS[: names.index(last) + 1])
