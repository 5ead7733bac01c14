"""An estimate in words: one sentence, a table, the steps, what was assumed, what to mind, what else could be done.

Placeholders `{place}`, `{months}` of a text are filled from the remark's values; in a headline also from amounts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from actions.parameters import Bilingual, Parameters
from actions.simulator.estimate import Amount, CannotEstimate, Estimate, ImpossibleCase, Remark, Step, Value
from actions.simulator.month import Month
from actions.simulator.spelling import Language, day_in_words, in_words, money_of, plain_words
from actions.simulator.texts import EstimateTexts, Section, placeholders

_REGION = re.compile(r"\bCN(?:-[A-Z]{2}(?:\.[a-z_]+)?)?\b")
_COMPARED = re.compile(r"[=<>≤≥]")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
PLAN_SEPARATOR = "."

YUAN = Decimal(1)

PlaceName = Callable[[str, Language], str]


class MissingText(KeyError):
    """No text for a key that an estimate carries."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `key` names the amount."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Wording:
    """An estimate in one language. `sources` are ids of `sources.yml`."""

    language: Language
    headline: str
    rows: tuple[Row, ...]
    steps: tuple[str, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    alternatives: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Wordsmith:
    """Puts estimates and refusals into words. `place_name` knows places; `parameters` the names of figures."""

    texts: EstimateTexts
    parameters: Parameters
    place_name: PlaceName

    def words_for(self, estimate: Estimate, language: Language) -> Wording:
        """The whole estimate; raises MissingText, which names the key."""
        told = Month.of(estimate.on)
        return Wording(
            language=language,
            headline=self._headline(estimate, language, told),
            rows=tuple(self._row(estimate, amount, language, told) for amount in estimate.amounts),
            steps=tuple(self._step(estimate.kind, step, language) for step in estimate.steps),
            assumptions=self._remarks(estimate.kind, estimate.assumptions, language),
            warnings=self._remarks(estimate.kind, estimate.warnings, language),
            alternatives=self._remarks(estimate.kind, estimate.alternatives, language),
            sources=estimate.sources,
        )

    def impossible(self, kind: str, refusal: ImpossibleCase, language: Language) -> str:
        """Why a value cannot be, and what is accepted."""
        return self._filled(self._text(kind, "reasons", refusal.reason), refusal.values, language, kind)

    def not_published(self, kind: str, refusal: CannotEstimate, language: Language) -> str:
        """Which figure is missing, for which place and day."""
        values = {"figure": refusal.figure, "place": refusal.region, "on": refusal.on.isoformat()}
        return self._filled(self._text(kind, "reasons", "figure_not_published"), values, language, kind)

    def _headline(self, estimate: Estimate, language: Language, told: Month) -> str:
        amounts = {amount.key: self._value(estimate, amount, language, told) for amount in estimate.amounts}
        place = self.place_name(estimate.region, language) if estimate.region else ""
        known = {**amounts, "place": place}
        for key, text in self.texts.headlines(estimate.kind).items():
            if (key in amounts or key == "default") and placeholders(text.zh) <= known.keys():
                return text.in_language(language).format(**known)
        raise MissingText(f"{estimate.kind}: headlines: none fits the amounts {sorted(amounts)}")

    def _row(self, estimate: Estimate, amount: Amount, language: Language, told: Month) -> Row:
        value = self._value(estimate, amount, language, told)
        return Row(amount.key, self._label(estimate.kind, amount.key, language), value)

    def _label(self, kind: str, key: str, language: Language) -> str:
        """A key `plan.amount` belongs to one of several plans: its label begins with the plan's name."""
        plan, separator, own = key.rpartition(PLAN_SEPARATOR)
        label = self._text(kind, "amounts", own).in_language(language)
        if not separator:
            return label
        named = self.texts.find(kind, "values", plan)
        return f"{named.in_language(language) if named else plan}{'：' if language == 'zh' else ': '}{label}"

    def _value(self, estimate: Estimate, amount: Amount, language: Language, told: Month) -> str:
        if isinstance(amount.value, str):
            return self._word(estimate.kind, amount.value, language)
        value = amount.value
        if isinstance(value, Decimal) and amount.money_of and _lies_ahead(estimate, told):
            value = value.quantize(YUAN, ROUND_HALF_UP)  # nobody knows the cents of a far year
        said = in_words(value, amount.unit, language)
        return money_of(said, amount.money_of, told, language) if amount.money_of else said

    def _step(self, kind: str, step: Step, language: Language) -> str:
        text = self._text(kind, "steps", step.key).in_language(language)
        if isinstance(step.value, str):
            value = self._word(kind, step.value, language)
        else:
            value = in_words(step.value, step.unit, language)
        formula = self._places(step.formula, language)
        mark = "：" if language == "zh" else ": "
        equals = " → " if isinstance(step.value, str) or _COMPARED.search(formula) else " = "
        return f"{text}{mark}{formula}{equals if formula else ''}{value}"

    def _remarks(self, kind: str, remarks: tuple[Remark, ...], language: Language) -> tuple[str, ...]:
        return tuple(self._filled(self._text(kind, "remarks", r.key), r.values, language, kind) for r in remarks)

    def _text(self, kind: str, section: Section, key: str) -> Bilingual:
        found = self.texts.find(kind, section, key)
        if found is None:
            raise MissingText(f"{kind}: {section}: {key}")
        return found

    def _filled(self, text: Bilingual, values: Mapping[str, Value], language: Language, kind: str) -> str:
        words = {name: self._plain(kind, value, language) for name, value in values.items()}
        try:
            return text.in_language(language).format(**words)
        except KeyError as missing:
            raise MissingText(f"{kind}: {text.en!r} wants {missing}, the estimate gives {sorted(words)}") from None

    def _plain(self, kind: str, value: Value, language: Language) -> str:
        return self._word(kind, value, language) if isinstance(value, str) else plain_words(value, language)

    def _word(self, kind: str, value: str, language: Language) -> str:
        """A place, the name of a figure, a day, or a word of the `values` section; anything else stays as it is."""
        if _REGION.fullmatch(value):
            return self.place_name(value, language)
        if value in self.parameters.all:
            return self.parameters.all[value].description.in_language(language)
        if _ISO_DAY.fullmatch(value):
            return day_in_words(date.fromisoformat(value), language)
        named = self.texts.find(kind, "values", value)
        return named.in_language(language) if named else value

    def _places(self, formula: str, language: Language) -> str:
        return _REGION.sub(lambda found: self.place_name(found[0], language), formula)


def _lies_ahead(estimate: Estimate, told: Month) -> bool:
    """Whether the estimate looks forward; a pension that is being drawn is told to the cent."""
    months = (value for amount in estimate.amounts for value in (amount.value, amount.money_of))
    ahead = any(isinstance(month, Month) and month > told for month in months)
    return ahead or any(amount.key == "months_left" for amount in estimate.amounts)
