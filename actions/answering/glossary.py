"""What workers say → the concept they mean. Gives both languages the same words for the same thing."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from actions.parameters import Bilingual


class _Sayings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class Entry(BaseModel):
    """One concept of `knowledge/glossary.yml`: its proper term, its meaning and what people call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    concept: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    term: Bilingual
    meaning: Bilingual
    says: _Sayings


@dataclass(frozen=True)
class Glossary:
    """All entries, and one pattern a language that finds them in a text."""

    entries: tuple[Entry, ...]
    _chinese: re.Pattern[str]
    _english: re.Pattern[str]
    _concepts: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path) -> "Glossary":
        """Reads `knowledge/glossary.yml`."""
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return cls.of(TypeAdapter(tuple[Entry, ...]).validate_python(raw))

    @classmethod
    def of(cls, entries: tuple[Entry, ...]) -> "Glossary":
        """A glossary of these entries."""
        concepts: dict[str, tuple[str, ...]] = {}
        for entry in entries:
            for form in (entry.term.zh, entry.term.en, *entry.says.zh, *entry.says.en):
                key = form.lower()
                concepts[key] = (*concepts.get(key, ()), entry.concept)
        forms = sorted(concepts, key=len, reverse=True)
        chinese = "|".join(re.escape(form) for form in forms if not form.isascii()) or "(?!)"
        english = "|".join(re.escape(form) for form in forms if form.isascii()) or "(?!)"
        return cls(
            entries,
            re.compile(f"(?=({chinese}))"),
            re.compile(rf"(?<![a-z])(?=({english})(?:e?s|ing|ed)?(?![a-z]))"),
            concepts,
        )

    def concepts_in(self, text: str) -> tuple[str, ...]:
        """The concepts a text speaks of, each once, in order of appearance; overlapping forms all count."""
        lowered = text.lower()
        found = [m.group(1) for pattern in (self._chinese, self._english) for m in pattern.finditer(lowered)]
        return tuple(dict.fromkeys(concept for form in found for concept in self._concepts[form]))

    def chinese_words(self) -> list[str]:
        """Words that the Chinese tokeniser must not cut."""
        return sorted(form for form in self._concepts if not form.isascii() and 2 <= len(form) <= 8)
