"""What the texts of reminders are told with: figures, names of places and sources, and the shared words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from actions.parameters import Bilingual, Figure, Parameters
from actions.reminders.model import Language, Source

WORDS = Path(__file__).parent / "words.yml"
NameOf = Callable[[str, Language], str]


class NamedSource(NamedTuple):
    """An instrument as people name it, and where it can be read."""

    title: str
    url: str | None


SourceOf = Callable[[str, Language], NamedSource]


class InvalidWords(ValueError):
    """A file of words that cannot be used; says where and why."""


class FactWords(BaseModel):
    """How a fact is named to the worker, and its values where they are no numbers, days or places."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Bilingual
    values: dict[str, Bilingual] = {}


class Words(BaseModel):
    """`words.yml`: what all rules share."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stale: Bilingual
    why: Bilingual
    why_asked: Bilingual
    why_campaign: Bilingual
    why_gone: Bilingual
    known: Bilingual
    stop_by_sms: Bilingual
    between: Bilingual
    facts: Annotated[dict[str, FactWords], Field(min_length=1)]

    @classmethod
    def load(cls, path: Path) -> "Words":
        """Reads the file; raises InvalidWords naming the key."""
        try:
            return cls.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidWords(f"{path}: not readable YAML: {' '.join(str(error).split())}") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise InvalidWords(f"{path}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None


@lru_cache(maxsize=1)
def shared_words() -> Words:
    """The words of this folder."""
    return Words.load(WORDS)


def _code(region: str, language: Language) -> str:
    return region


def _id(source: str, language: Language) -> NamedSource:
    return NamedSource(source, None)


@dataclass(frozen=True)
class Telling:
    """Left out, places and sources are told by their codes, and there is no figure to tell."""

    parameters: Parameters = field(default_factory=lambda: Parameters({}))
    name_of: NameOf = _code
    source_of: SourceOf = _id

    def sources(self, figures: Iterable[Figure], language: Language) -> tuple[Source, ...]:
        """Where the figures come from, each instrument once with its newest day."""
        newest: dict[str, Figure] = {}
        for figure in figures:
            for source in figure.sources:
                if source not in newest or newest[source].since < figure.since:
                    newest[source] = figure
        return tuple(
            Source(named.title, source, figure.since, named.url)
            for source, figure in newest.items()
            if (named := self.source_of(source, language))
        )
