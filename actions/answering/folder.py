"""The knowledge folder as one read-only value: what every step of answering may look at.

`read_knowledge` reads strictly: the first broken file raises InvalidKnowledge with its reason. `shebao knowledge
check` lists all problems at once (lint.py).
"""

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from actions.answering.answer import Language, Outcome
from actions.answering.articles import Article, BilingualTexts, InvalidArticle, article_files, read_article
from actions.answering.glossary import Glossary
from actions.answering.regions import Regions
from actions.parameters import Bilingual, InvalidParameter, Parameters

T = TypeVar("T")


class InvalidKnowledge(Exception):
    """A file of the knowledge folder that cannot be used; the message names it and the reason."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """One cited instrument of `sources.yml`. `read_as` says how the writer of the folder saw it."""

    title: Bilingual
    issuer: Bilingual
    number: str | None = None
    date: datetime.date | None = None
    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    kind: Literal["law", "notice", "page", "press", "report"]
    read_as: Literal["page", "quoted", "press", "secondary"]


class LifeEventButton(_Strict):
    """A way from a life event to an article."""

    title: Bilingual
    article: str


class LifeEvent(_Strict):
    """One entry of the guided menu. `id` is also the intent by which the dialogue engine knows it."""

    id: str
    title: Bilingual
    opening: Bilingual
    buttons: Annotated[tuple[LifeEventButton, ...], Field(min_length=1, max_length=3)]


class LifeEvents(_Strict):
    """`life_events.yml`: the menu, and how to tell a question from the mere news that something happened."""

    asks_something: dict[Literal["zh", "en"], tuple[str, ...]]
    life_events: tuple[LifeEvent, ...]


class Guard(_Strict):
    """A rule that ends a question before anything is looked up; `patterns` are regular expressions."""

    outcome: Outcome
    patterns: dict[Literal["zh", "en"], tuple[str, ...]]
    unless: dict[Literal["zh", "en"], tuple[str, ...]] = {}


class OutOfScope(_Strict):
    """A topic that people ask about and that the folder does not cover; `refer` says who does.

    `outcome` names a refusal of another kind, for what the patterns of a guard cannot list.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: Bilingual
    refer: Bilingual | None = None
    outcome: Literal[Outcome.REFUSED_OUT_OF_SCOPE, Outcome.REFUSED_OTHER_PERSON, Outcome.REFUSED_EVASION] = (
        Outcome.REFUSED_OUT_OF_SCOPE
    )
    questions: BilingualTexts


class Texts(_Strict):
    """`texts.yml`: what is said for each outcome that is no article, and the words around an answer."""

    outcomes: dict[Outcome, Bilingual]
    phrases: dict[str, Bilingual]


class AnsweringRules(_Strict):
    """`answering.yml`: what the judge aims at, and how much is shown."""

    false_answers_at_most: Annotated[float, Field(gt=0, lt=1)]
    false_choices_at_most: Annotated[float, Field(gt=0, lt=1)]
    answer_at_posterior: dict[Language, Annotated[float, Field(gt=0, lt=1)]]
    clarify_at_posterior: Annotated[float, Field(gt=0, lt=1)]
    choices_at_most: Annotated[int, Field(ge=2, le=3)]
    suggestions_at_most: Annotated[int, Field(ge=0, le=3)]


@dataclass(frozen=True)
class Knowledge:
    """Everything in the folder that answering reads."""

    articles: dict[str, Article]
    parameters: Parameters
    regions: Regions
    glossary: Glossary
    sources: dict[str, Source]
    life_events: dict[str, LifeEvent]
    asks_something: dict[Literal["zh", "en"], tuple[str, ...]]
    guards: tuple[Guard, ...]
    out_of_scope: dict[str, OutOfScope]
    texts: Texts
    rules: AnsweringRules


def read_yaml(path: Path) -> Any:
    """The content of one YAML file; raises InvalidKnowledge."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise InvalidKnowledge(f"{path}: this file is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidKnowledge(f"{path}: not readable YAML: {' '.join(str(error).split())}") from None


def read_as(kind: type[T], path: Path) -> T:
    """One YAML file as a typed value; raises InvalidKnowledge."""
    try:
        return TypeAdapter(kind).validate_python(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidKnowledge(f"{path}: {where}: {first['msg']}") from None


def read_knowledge(folder: Path) -> Knowledge:
    """The whole folder; raises InvalidKnowledge at the first file that cannot be used."""
    try:
        articles = [read_article(path, folder / "articles") for path in article_files(folder / "articles")]
        parameters = Parameters.load(folder / "parameters")
        glossary = Glossary.load(folder / "glossary.yml")
        regions = Regions.load(folder / "regions.yml")
    except (InvalidArticle, InvalidParameter) as error:
        raise InvalidKnowledge(str(error)) from None
    except (ValidationError, OSError, yaml.YAMLError) as error:
        raise InvalidKnowledge(f"{folder}: {' '.join(str(error).split())}") from None
    events = read_as(LifeEvents, folder / "life_events.yml")
    return Knowledge(
        articles={article.id: article for article in articles},
        parameters=parameters,
        regions=regions,
        glossary=glossary,
        sources=read_as(dict[str, Source], folder / "sources.yml"),
        life_events={event.id: event for event in events.life_events},
        asks_something=events.asks_something,
        guards=read_as(tuple[Guard, ...], folder / "guards.yml"),
        out_of_scope={topic.id: topic for topic in read_as(tuple[OutOfScope, ...], folder / "out_of_scope.yml")},
        texts=read_as(Texts, folder / "texts.yml"),
        rules=read_as(AnsweringRules, folder / "answering.yml"),
    )


def folder_digest(folder: Path) -> str:
    """Changes when any file of the folder does."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".md", ".yml"}):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
