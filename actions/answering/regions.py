"""Places: their names in both languages, and which ones a text mentions."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from actions.answering.answer import Language
from actions.parameters import NATION, Bilingual


class _Forms(BaseModel):
    model_config = ConfigDict(extra="forbid")
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class Region(BaseModel):
    """One entry of `knowledge/regions.yml`."""

    model_config = ConfigDict(extra="forbid")
    name: Bilingual
    also: _Forms = _Forms()
    short: _Forms = _Forms()


_GOING_THERE = re.compile(
    r"(?:到了?|来了?|去了?|回了?|转[往入]|现在在|\b(?:to|now in|back in|here in)\s)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Mention:
    """A place named in a text, and where."""

    code: str
    start: int
    end: int


class Regions:
    """The gazetteer of a knowledge folder."""

    def __init__(self, regions: dict[str, Region]) -> None:
        self.all = regions
        self._codes: dict[str, str] = {}
        for code, region in regions.items():
            for form in (region.name.zh, region.name.en, *region.also.zh, *region.also.en):
                self._codes.setdefault(form.lower(), code)
        chinese = sorted((f for f in self._codes if not f.isascii()), key=len, reverse=True)
        latin = sorted((f for f in self._codes if f.isascii()), key=len, reverse=True)
        zh, en = ("|".join(map(re.escape, forms)) or "(?!)" for forms in (chinese, latin))
        self._pattern = re.compile(rf"(?:{zh})|(?<![a-z])(?:{en})(?![a-z])", re.IGNORECASE)

    @classmethod
    def load(cls, path: Path) -> "Regions":
        """Reads `knowledge/regions.yml`."""
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return cls(TypeAdapter(dict[str, Region]).validate_python(raw))

    def mentions(self, text: str) -> list[Mention]:
        """Every place the text names, longest form first at each position."""
        return [Mention(self._codes[m.group().lower()], m.start(), m.end()) for m in self._pattern.finditer(text)]

    def the_one_in(self, text: str) -> str | None:
        """The place a text is about: the only one named, else the only one that somebody goes to.

        A city counts before its province.
        """
        mentions = self.mentions(text)
        there = [m for m in mentions if _GOING_THERE.search(text[: m.start])]
        return self._only(mentions) or self._only(there)

    def _only(self, mentions: list[Mention]) -> str | None:
        codes = list(dict.fromkeys(mention.code for mention in mentions))
        nearest = [c for c in codes if not any(other.startswith(f"{c}.") for other in codes)]
        return nearest[0] if len(nearest) == 1 else None

    def name(self, code: str, language: Language) -> str:
        """The place as a worker calls it; the nation for an unknown code's province."""
        if code == NATION or code not in self.all:
            return "China" if language == "en" else "全国"
        return self.all[code].name.in_language(language)

    def __contains__(self, code: object) -> bool:
        return code == NATION or code in self.all
