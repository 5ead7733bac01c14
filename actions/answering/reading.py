"""Reads a knowledge folder file by file, so that one broken file does not hide the others: what the lint looks at."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from actions.answering.articles import Article, InvalidArticle, article_files, read_article
from actions.answering.evaluation import QuestionSet, read_questions
from actions.answering.folder import (
    AnsweringRules,
    Guard,
    InvalidKnowledge,
    LifeEvents,
    OutOfScope,
    Source,
    read_as,
)
from actions.answering.glossary import Entry
from actions.answering.regions import Regions
from actions.parameters import InvalidParameter, Parameter, parameter_files, read_parameter


@dataclass(frozen=True)
class Problem:
    """One finding. `path` is relative to the knowledge folder."""

    severity: Literal["error", "warning"]
    path: str
    message: str


class _UniqueKeys(yaml.CSafeLoader):
    """A loader that refuses a key given twice, which YAML would silently let win."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[object, object]:
    seen: set[object] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.YAMLError(
                f"line {key_node.start_mark.line + 1}: {key_node.value!r} stands twice; one is accepted"
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@lru_cache(maxsize=1024)
def _refuse_keys_given_twice(text: str) -> None:
    yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader


class Folder(BaseModel):
    """What could be read of a folder; what could not is in the problems."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    articles: dict[str, Article] = {}
    parameters: dict[str, Parameter] = {}
    sources: dict[str, Source] = {}
    events: LifeEvents | None = None
    regions: Regions | None = None
    guards: tuple[Guard, ...] = ()
    sets: list[QuestionSet] = []


class _Reader:
    """Tries one file at a time; what goes wrong becomes a problem, and the next file is tried."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self.folder, self.problems, self.read = folder, problems, Folder()

    def attempt(self, path: Path, use: Callable[[Path], object]) -> None:
        """Reads `path` by `use`."""
        try:
            if path.suffix == ".yml" and path.is_file():
                _refuse_keys_given_twice(path.read_text(encoding="utf-8"))
            use(path)
        except (InvalidArticle, InvalidParameter, InvalidKnowledge, OSError, ValueError, yaml.YAMLError) as error:
            message = " ".join(str(error).replace(f"{path}: ", "").split())
            self.problems.append(Problem("error", path.relative_to(self.folder).as_posix(), message))

    def article(self, path: Path) -> None:
        """Keeps an article."""
        article = read_article(path, self.folder / "articles")
        self.read.articles[article.id] = article

    def sources(self, path: Path) -> None:
        """Keeps the sources."""
        self.read.sources = read_as(dict[str, Source], path)

    def events(self, path: Path) -> None:
        """Keeps the life events."""
        self.read.events = read_as(LifeEvents, path)

    def regions(self, path: Path) -> None:
        """Keeps the regions."""
        self.read.regions = Regions.load(path)

    def guards(self, path: Path) -> None:
        """Keeps the guards whose patterns can be used."""
        self.read.guards = _guards(path)

    def questions(self, path: Path) -> None:
        """Keeps a set of evaluation questions."""
        self.read.sets.extend(read_questions(path))

    def parameter(self, path: Path) -> None:
        """Keeps a parameter under its name."""
        name = ".".join(path.relative_to(self.folder / "parameters").with_suffix("").parts)
        self.read.parameters[name] = read_parameter(path)


def read_folder(folder: Path, problems: list[Problem]) -> Folder:
    """Everything that can be read; the rest is added to `problems`."""
    reader = _Reader(folder, problems)
    for path in article_files(folder / "articles"):
        reader.attempt(path, reader.article)
    for path in parameter_files(folder / "parameters").values():
        reader.attempt(path, reader.parameter)
    for path in sorted((folder / "evaluation").glob("*.yml")):
        reader.attempt(path, reader.questions)
    reader.attempt(folder / "sources.yml", reader.sources)
    reader.attempt(folder / "life_events.yml", reader.events)
    reader.attempt(folder / "regions.yml", reader.regions)
    reader.attempt(folder / "glossary.yml", _glossary)
    reader.attempt(folder / "guards.yml", reader.guards)
    reader.attempt(folder / "out_of_scope.yml", lambda path: read_as(tuple[OutOfScope, ...], path))
    reader.attempt(folder / "answering.yml", lambda path: read_as(AnsweringRules, path))
    return reader.read


def _glossary(path: Path) -> None:
    names = [entry.concept for entry in read_as(tuple[Entry, ...], path)]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"concept {sorted(twice)[0]!r} stands twice; one is accepted")


def _guards(path: Path) -> tuple[Guard, ...]:
    guards = read_as(tuple[Guard, ...], path)
    for guard in guards:
        for patterns in (*guard.patterns.values(), *guard.unless.values()):
            for pattern in patterns:
                try:
                    re.compile(pattern)
                except re.error as error:
                    raise ValueError(f"{guard.outcome.value}: {pattern!r} is no regular expression: {error}") from None
    return guards
