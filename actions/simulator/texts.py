"""The sentences of estimates: `knowledge/estimates.yml` for all kinds and `knowledge/estimates/<kind>.yml` for each.

Every text is there in both languages with the same {placeholders}; unknown keys are errors.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from actions.parameters import Bilingual

Section = Literal["headlines", "amounts", "steps", "remarks", "reasons", "values"]
SECTIONS: tuple[Section, ...] = ("headlines", "amounts", "steps", "remarks", "reasons", "values")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
Model = TypeVar("Model", bound=BaseModel)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class InvalidTexts(Exception):
    """A file of texts that cannot be used; the message names the file, the key and the reason."""


def placeholders(text: str) -> frozenset[str]:
    """The names between braces."""
    return frozenset(_PLACEHOLDER.findall(text))


def _fillable(text: Bilingual) -> Bilingual:
    zh, en = placeholders(text.zh), placeholders(text.en)
    if zh != en:
        raise ValueError(f"the placeholders differ: zh has {sorted(zh)}, en has {sorted(en)}")
    if wrong := sorted(name for name in zh if not _NAME.fullmatch(name)):
        raise ValueError(f"{wrong[0]!r} is no placeholder; a name such as {{months}} is accepted")
    if any("{" in part or "}" in part for part in (_PLACEHOLDER.sub("", text.zh), _PLACEHOLDER.sub("", text.en))):
        raise ValueError("a brace stands alone; placeholders are written {months}")
    return text


Text = Annotated[Bilingual, AfterValidator(_fillable)]
Texts = dict[str, Text]


class ChartText(BaseModel):
    """One chart: the amounts that it shows and the words below each bar (`per_plan`: the words of each series).

    `at_least`: it is drawn where so many bars, or plans, are there; `needs`: an amount that must be there besides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    unit: Text
    bars: Annotated[Texts, Field(min_length=1)]
    per_plan: bool = False
    at_least: Annotated[int, Field(ge=1)] = 2
    needs: str | None = None


class KindTexts(BaseModel):
    """One file. `headlines`: said is the first whose key is an amount of the estimate, or `default`; it holds amounts.

    `values`: words for amounts that are no numbers. `charts`: the first that fits is shown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    headlines: Texts = {}
    amounts: Texts = {}
    steps: Texts = {}
    remarks: Texts = {}
    reasons: Texts = {}
    values: Annotated[Texts, Field(description="such as fund: {zh: 工伤保险基金, en: the fund}")] = {}
    charts: tuple[ChartText, ...] = ()

    def section(self, name: Section) -> Texts:
        """One of the sections by its name."""
        section: Texts = getattr(self, name)
        return section


@dataclass(frozen=True)
class EstimateTexts:
    """All texts: those of a kind go before the shared ones."""

    shared: KindTexts
    kinds: dict[str, KindTexts]

    @classmethod
    def load(cls, knowledge: Path) -> "EstimateTexts":
        """Reads the knowledge folder's files; raises InvalidTexts at the first that cannot be used."""
        kinds = {path.stem: read_texts(path) for path in sorted((knowledge / "estimates").glob("*.yml"))}
        return cls(read_texts(knowledge / "estimates.yml"), kinds)

    def find(self, kind: str, section: Section, key: str) -> Bilingual | None:
        """The text under a key, or None."""
        own = self.kinds[kind].section(section).get(key) if kind in self.kinds else None
        return own or self.shared.section(section).get(key)

    def headlines(self, kind: str) -> Texts:
        """The headlines of a kind, in their order."""
        return self.kinds[kind].headlines if kind in self.kinds else {}


def read_texts(path: Path) -> KindTexts:
    """One file of a kind; raises InvalidTexts."""
    return read_strictly(KindTexts, path)


def read_strictly(model: type[Model], path: Path) -> Model:
    """A YAML file as a model; raises InvalidTexts naming the file, the key and the reason."""
    try:
        return model.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except OSError:
        raise InvalidTexts(f"{path}: this file is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidTexts(f"{path}: not readable YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise InvalidTexts(f"{path}: {where}: {first['msg']}") from None


def problems_of_texts(knowledge: Path, kinds: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Every file that cannot be used, and every kind without one: (path below the folder, reason)."""
    for path in (knowledge / "estimates.yml", *sorted((knowledge / "estimates").glob("*.yml"))):
        try:
            read_texts(path)
        except InvalidTexts as error:
            yield path.relative_to(knowledge).as_posix(), str(error).removeprefix(f"{path}: ")
    present = {path.stem for path in (knowledge / "estimates").glob("*.yml")}
    yield from ((f"estimates/{kind}.yml", "this file is missing") for kind in sorted(kinds - present))
    yield from ((f"estimates/{kind}.yml", "there is no such simulation") for kind in sorted(present - kinds))
