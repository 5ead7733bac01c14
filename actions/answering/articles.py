"""Reads and validates the articles that staff write. The format is described in `knowledge/README.md`.

InvalidArticle says which file, which key, what was wrong and what is accepted.
"""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import frontmatter
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from actions.answering.answer import Language
from actions.parameters import Bilingual

MORE_MARK = "<!-- more -->"
ID_PATTERN = r"^[a-z0-9-]+/[a-z0-9-]+$"
LONGEST_ID = 40  # button payloads hold 64 bytes (Telegram Bot API), `/read_more{"article":"…"}` takes the rest
REGION_PATTERN = r"^CN(-[A-Z]{2}(\.[a-z]+)?)?$"
_SECTION = re.compile(r"^# (zh|en)[ \t]*$", re.MULTILINE)


class InvalidArticle(Exception):
    """An article that breaks the format; the message names the file and the mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class BilingualTexts(_Strict):
    """One list of texts per language; neither may be empty."""

    zh: Texts
    en: Texts

    def in_language(self, language: Language) -> tuple[str, ...]:
        """The texts in `zh` or `en`."""
        return self.en if language == "en" else self.zh


class Body(_Strict):
    """The template of an answer: `short` is read first, `more` on a button."""

    short: str
    more: str = ""


class Article(_Strict):
    """One Markdown file of `knowledge/articles`: its front matter and its body in both languages."""

    id: Annotated[str, Field(pattern=ID_PATTERN, max_length=LONGEST_ID)]
    title: Bilingual
    topic: str
    life_events: tuple[str, ...] = ()
    regions: Annotated[tuple[Annotated[str, Field(pattern=REGION_PATTERN)], ...], Field(min_length=1)]
    applies_from: date
    applies_until: date | None = None
    reviewed_on: date
    review_by: date
    confidence: Literal["verified", "consistent", "unverified"]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    questions: BilingualTexts
    next_steps: BilingualTexts
    related: tuple[str, ...] = ()
    bodies: dict[Language, Body]

    @model_validator(mode="after")
    def _dates_in_order(self) -> "Article":
        if self.applies_until is not None and self.applies_until <= self.applies_from:
            raise ValueError(f"applies_until {self.applies_until} must lie after applies_from {self.applies_from}")
        if self.review_by <= self.reviewed_on:
            raise ValueError(f"review_by {self.review_by} must lie after reviewed_on {self.reviewed_on}")
        return self

    def applies_on(self, on: date) -> bool:
        """Whether the article may answer on that day."""
        return self.applies_from <= on and (self.applies_until is None or on < self.applies_until)


def article_files(folder: Path) -> list[Path]:
    """Every article below `knowledge/articles`, in a fixed order."""
    return sorted(folder.rglob("*.md"))


def read_article(path: Path, folder: Path) -> Article:
    """One article; raises InvalidArticle. `folder` is `knowledge/articles`, which the id is relative to."""
    try:
        article = _parsed(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InvalidArticle(f"{path}: front matter is not YAML: {' '.join(str(error).split())}") from None
    except UnicodeDecodeError:
        raise InvalidArticle(f"{path}: not UTF-8 text; save the file as UTF-8") from None
    except ValidationError as error:
        raise InvalidArticle(f"{path}: {_first_problem(error)}") from None
    except ValueError as error:
        raise InvalidArticle(f"{path}: {error}") from None
    expected = path.relative_to(folder).with_suffix("").as_posix()
    if article.id != expected:
        raise InvalidArticle(f"{path}: id is {article.id!r}; it must be {expected!r}, like the file's path")
    return article


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Article:
    """Parsing is what costs time when a folder is read again; an article is frozen, so the same text gives the same."""
    document = frontmatter.loads(text)
    return Article.model_validate({**document.metadata, "bodies": _bodies(document.content)})


def _bodies(content: str) -> dict[str, dict[str, str]]:
    parts = _SECTION.split(content)
    if parts[0].strip():
        raise ValueError("text before the first '# zh' or '# en' line; put it below one of them")
    bodies: dict[str, dict[str, str]] = {}
    for language, text in zip(parts[1::2], parts[2::2], strict=True):
        if language in bodies:
            raise ValueError(f"two '# {language}' sections; one is accepted")
        short, _, more = text.partition(MORE_MARK)
        if not short.strip():
            raise ValueError(f"the '# {language}' section is empty")
        bodies[language] = {"short": short.strip(), "more": more.strip()}
    for language in ("zh", "en"):
        if language not in bodies:
            raise ValueError(f"missing language: there is no '# {language}' section")
    return bodies


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "front matter"
    if first["type"] == "missing":
        return f"missing key {where!r}"
    if first["type"] == "extra_forbidden":
        return f"unknown key {where!r}; see knowledge/README.md for the keys that exist"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"
