"""The value of a figure on a date in a region, with its source: the one reader of `knowledge/parameters`.

A figure's name is its path (`contribution/flexible/rate.yml` is `contribution.flexible.rate`). History is
never overwritten: a new value is a new date, an abolished rule is a date with `null`. Unknown keys are errors.

ParameterError
├── InvalidParameter     the file breaks the format; the message says where and what is accepted
└── MissingFigure        no value that may be told for this name, region and date
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

NATION = "CN"
YEARLY_FIGURE_IS_STALE_AFTER = timedelta(days=396)  # 13 months (DESIGN.md, section 3)
_DATE_KEY = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")  # how pydantic names a date that is a key


class ParameterError(Exception):
    """Base of what this module raises."""


class InvalidParameter(ParameterError):
    """A parameter file that breaks the format."""


class MissingFigure(ParameterError):
    """No value that may be told to a worker exists for this figure, region and date."""


class Unit(StrEnum):
    """Closed list: a figure without one of these units cannot be printed unambiguously."""

    PERCENT = "percent"
    FRACTION = "fraction"
    YUAN = "CNY"
    YUAN_PER_MONTH = "CNY/month"
    YUAN_PER_YEAR = "CNY/year"
    YEARS = "years"
    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    AGE = "age"
    COUNT = "count"


class Confidence(StrEnum):
    """How well a value is known; `unverified` is kept for history and never told."""

    VERIFIED = "verified"
    VERIFIED_QUOTE = "verified_quote"
    CONSISTENT = "consistent"
    COMPUTED = "computed"
    UNVERIFIED = "unverified"


Number = Decimal | Fraction


def _number(raw: object) -> Number:
    try:
        if isinstance(raw, str) and "/" in raw:
            return Fraction(raw)
        return Decimal(str(raw))
    except (InvalidOperation, ValueError, ZeroDivisionError):
        raise ValueError(f"{raw!r} is no number; a number or a fraction such as '2/3' is accepted") from None


def _value(raw: object) -> Number | dict[str, Number] | None:
    if raw is None:
        return None
    if isinstance(raw, dict):
        return {str(key): _number(value) for key, value in raw.items()}
    return _number(raw)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Bilingual(_Strict):
    """A text in both languages; neither may be empty."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def in_language(self, language: str) -> str:
        """The text in `zh` or `en`."""
        return self.en if language == "en" else self.zh


class DatedValue(_Strict):
    """What held from a date on; `value` is None where the rule was abolished."""

    value: Annotated[Any, BeforeValidator(_value)]
    source: str
    confidence: Confidence
    note: str | None = None


class Parameter(_Strict):
    """One file of `knowledge/parameters`."""

    description: Bilingual
    unit: Unit
    yearly: bool = False
    values: dict[str, dict[date, DatedValue]]


@dataclass(frozen=True)
class Figure:
    """A number with its unit, place, start date and sources. `sources` are ids of `sources.yml`.

    Products and sums of figures are figures: they keep every source, the weakest confidence and, where one of them is
    stale, its date.
    """

    value: Number
    unit: Unit
    name: str
    region: str
    since: date
    sources: tuple[str, ...]
    confidence: Confidence
    stale: bool = False

    def __mul__(self, other: "Figure | int") -> "Figure":
        if isinstance(other, int):
            return replace(self, value=self.value * other)
        product, unit = _plain(self) * _plain(other), _unit_of_product(self, other)
        return _joined(self, other, _exact(product * 100 if unit is Unit.PERCENT else product), unit)

    __rmul__ = __mul__

    def __add__(self, other: "Figure") -> "Figure":
        return _joined(self, other, _exact(Fraction(self.value) + Fraction(other.value)), self.unit)

    def __sub__(self, other: "Figure") -> "Figure":
        return _joined(self, other, _exact(Fraction(self.value) - Fraction(other.value)), self.unit)


def _plain(figure: Figure) -> Fraction:
    value = Fraction(figure.value)
    return value / 100 if figure.unit is Unit.PERCENT else value


def _unit_of_product(*figures: Figure) -> Unit:
    """A share, or some months, of money is money; a share of months is months; a share of a share is a percentage."""
    units = [figure.unit for figure in figures if figure.unit not in (Unit.PERCENT, Unit.FRACTION)]
    return next(
        (u for u in units if u not in (Unit.COUNT, Unit.MONTHS, Unit.YEARS)),
        units[0] if units else Unit.PERCENT,
    )


def _exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _joined(left: Figure, right: Figure, value: Number, unit: Unit) -> Figure:
    order = list(Confidence)
    nearer = left if len(left.region) >= len(right.region) else right
    return Figure(
        value=value,
        unit=unit,
        name=f"{left.name}, {right.name}",
        region=nearer.region,
        since=min(old) if (old := [f.since for f in (left, right) if f.stale]) else max(left.since, right.since),
        sources=tuple(dict.fromkeys(left.sources + right.sources)),
        confidence=max(left.confidence, right.confidence, key=order.index),
        stale=left.stale or right.stale,
    )


def region_chain(region: str) -> tuple[str, ...]:
    """The region and what it lies in, nearest first: city, province, nation."""
    province = region.split(".")[0]
    return tuple(dict.fromkeys((region, province, NATION)))


FIGURES_KEPT = 8192  # one estimate asks for the same few figures a hundred times


class Parameters:
    """All figures of a knowledge folder. Read-only; safe to share between tasks."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self.all = dict(parameters)
        self._figures: dict[tuple[str, str, date, str | None], Figure] = {}

    @classmethod
    def load(cls, folder: Path) -> "Parameters":
        """Reads every `.yml` below `folder`; raises InvalidParameter naming the file and the key."""
        return cls({name: read_parameter(path) for name, path in parameter_files(folder).items()})

    def figure(self, name: str, region: str, on: date, key: str | None = None) -> Figure:
        """The value in force for the nearest place that has one; raises MissingFigure, which names itself.

        `region`: ISO 3166-2, a city as CN-GD.shenzhen. `key`: the row of a table-valued figure.
        """
        asked = (name, region, on, key)
        known = self._figures.get(asked)
        if known is None:
            if len(self._figures) >= FIGURES_KEPT:
                self._figures.clear()
            known = self._figures[asked] = self._looked_up(name, region, on, key)
        return known

    def _looked_up(self, name: str, region: str, on: date, key: str | None) -> Figure:
        parameter = self.all.get(name)
        if parameter is None:
            raise MissingFigure(f"there is no figure named {name!r}")
        for place in region_chain(region):
            found = _in_force(parameter.values.get(place, {}), on)
            if found is None:
                continue
            since, dated = found
            value = dated.value.get(str(key)) if isinstance(dated.value, dict) else dated.value
            if value is None:
                break
            newer_rumour = any(since < later <= on for later in parameter.values[place])
            stale = newer_rumour or (parameter.yearly and on - since > YEARLY_FIGURE_IS_STALE_AFTER)
            return Figure(value, parameter.unit, name, place, since, (dated.source,), dated.confidence, stale)
        raise MissingFigure(f"{name!r} has no value for {region} on {on}" + (f", row {key!r}" if key else ""))

    def places(self, name: str) -> frozenset[str]:
        """The places that have values of their own; none for an unknown name."""
        parameter = self.all.get(name)
        return frozenset(parameter.values) - {NATION} if parameter else frozenset()

    def varies_by_place(self, name: str) -> bool:
        """Whether some place below the nation has its own value."""
        parameter = self.all.get(name)
        return parameter is not None and any(place != NATION for place in parameter.values)


def _in_force(values: Mapping[date, DatedValue], on: date) -> tuple[date, DatedValue] | None:
    """The newest value that had started on `on`; an unverified one is passed over for the one before (then stale)."""
    told = [since for since, v in values.items() if since <= on and v.confidence is not Confidence.UNVERIFIED]
    if not told:
        return None
    return max(told), values[max(told)]


def parameter_files(folder: Path) -> dict[str, Path]:
    """Name of the figure → its file."""
    return {".".join(path.relative_to(folder).with_suffix("").parts): path for path in sorted(folder.rglob("*.yml"))}


def read_parameter(path: Path) -> Parameter:
    """One parameter file; raises InvalidParameter with the reason in one line."""
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        first = error.errors()[0]
        where = _DATE_KEY.sub(_iso, ".".join(str(part) for part in first["loc"])) or "file"
        raise InvalidParameter(f"{path}: {where}: {first['msg']}") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2026-02-30
        raise InvalidParameter(f"{path}: not YAML: {' '.join(str(error).split())}") from None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Parameter:
    """Parsing is what costs time when a folder is read again; a parameter is frozen."""
    return Parameter.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def _iso(key: re.Match[str]) -> str:
    return date(*map(int, key.groups())).isoformat()
