"""Turns an article's template into sentences for one worker: figures of their place and day, or no sentence.

Templates run in Jinja2's sandbox. A sentence that needs a figure which does not exist for the worker's place
is left out; nothing else ever fills the hole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from actions.answering.answer import Language
from actions.answering.figures import as_words, number
from actions.parameters import NATION, Figure, MissingFigure, Parameters, Unit, region_chain

_HOLE = "\ue000"  # private use: stands where a figure is missing until its sentence is dropped
_SENTENCES = re.compile(r"(?<=[。！？])|(?<=[.!?])(?=\s)|(?<=\n)")


class BrokenTemplate(Exception):
    """The body cannot be rendered; the message says what Jinja2 objected to."""


@dataclass(frozen=True)
class Rendered:
    """Text for the worker, the figures it used, and the names of those that had no value for the place."""

    text: str
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]
    dropped: int = 0


class _Missing:
    """A figure without a value: whatever is done with it, its sentence disappears."""

    def __mul__(self, _: object) -> "_Missing":
        return self

    __rmul__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__

    def __str__(self) -> str:
        return _HOLE


class _Printed:
    """A figure in a template: prints itself with its unit; arithmetic keeps the sources."""

    def __init__(self, figure: Figure, language: Language, use: Callable[[Figure], None]) -> None:
        self.figure, self._language, self._use = figure, language, use

    def _with(self, figure: Figure) -> "_Printed":
        return _Printed(figure, self._language, self._use)

    def __mul__(self, other: "_Printed | _Missing | int") -> "_Printed | _Missing":
        if isinstance(other, _Missing):
            return other
        return self._with(self.figure * (other.figure if isinstance(other, _Printed) else other))

    __rmul__ = __mul__

    def __add__(self, other: "_Printed | _Missing") -> "_Printed | _Missing":
        return self._with(self.figure + other.figure) if isinstance(other, _Printed) else other

    def __sub__(self, other: "_Printed | _Missing") -> "_Printed | _Missing":
        return self._with(self.figure - other.figure) if isinstance(other, _Printed) else other

    def as_unit(self, unit: Unit) -> str:
        self._use(self.figure)
        return as_words(Figure(**{**self.figure.__dict__, "unit": unit}), self._language)

    def bare(self) -> str:
        self._use(self.figure)
        return number(self.figure.value)

    def __str__(self) -> str:
        self._use(self.figure)
        return as_words(self.figure, self._language)


def _filter(print_it: Callable[[_Printed], str]) -> Callable[[Any], str]:
    def apply(value: _Printed | _Missing) -> str:
        if not isinstance(value, _Printed | _Missing):
            raise TemplateError("this filter takes a figure: {{ figure('area.name') | percent }}")
        return print_it(value) if isinstance(value, _Printed) else str(value)

    return apply


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, cache_size=2000)
    environment.filters = {
        "number": _filter(_Printed.bare),
        "percent": _filter(lambda printed: printed.as_unit(Unit.PERCENT)),
        "yuan": _filter(lambda printed: printed.as_unit(Unit.YUAN)),
    }
    environment.globals = {}
    return environment


_ENVIRONMENT = _environment()
_NAMED = re.compile(r"""figure\(\s*['"]([a-z0-9_.]+)['"]""")


def names_in(template: str) -> list[str]:
    """The figures that a template asks for by name."""
    return _NAMED.findall(template)


@lru_cache(maxsize=20_000)
def _template(text: str) -> Template:
    """Each text is compiled once, however often the folder is read again: what it may use comes with each rendering."""
    return _ENVIRONMENT.from_string(text)


class Renderer:
    """Renders templates with the figures of one knowledge folder."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def render(self, template: str, language: Language, region: str | None, on: date) -> Rendered:
        """The template for one worker; raises BrokenTemplate. `region` None means that the place is unknown."""
        used: list[Figure] = []
        missing: list[str] = []
        place = region or NATION

        def figure(name: str, *, region: str = place, key: object = None, on: str | date = on) -> _Printed | _Missing:
            day = date.fromisoformat(on) if isinstance(on, str) else on
            try:
                found = self._parameters.figure(name, region, day, None if key is None else str(key))
            except MissingFigure:
                missing.append(name)
                return _Missing()
            return _Printed(found, language, used.append)

        def region_is(*codes: str) -> bool:
            return any(code in region_chain(place) for code in codes)

        try:
            text = _template(template).render(figure=figure, region_is=region_is)
        except (TemplateError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
            raise BrokenTemplate(str(error)) from None
        kept, dropped = _without_holes(text)
        return Rendered(kept, tuple(dict.fromkeys(used)), tuple(dict.fromkeys(missing)), dropped)


def _without_holes(text: str) -> tuple[str, int]:
    sentences = _SENTENCES.split(text)
    kept = [sentence for sentence in sentences if _HOLE not in sentence]
    tidy = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(kept)).strip()
    tidy = re.sub(r"\n{3,}", "\n\n", tidy)
    return re.sub(r"[ \t]{2,}", " ", tidy), len(sentences) - len(kept)
