"""The figures of an estimate as a chart: which amounts, under which words, is said in `knowledge/estimates/<kind>.yml`.

A chart is numbers and words. The web chat draws it and shows the same rows as a table; `pictures.py` draws it for
messaging apps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from actions.simulator.estimate import Estimate
from actions.simulator.spelling import Language
from actions.simulator.texts import ChartText, EstimateTexts

PLAN_SEPARATOR = "."


@dataclass(frozen=True)
class ChartRow:
    """One bar, or one group of bars: a number for each series (yuan), and the same numbers as they are written."""

    label: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """`series` are the words of the key, empty where there is one only; `unit` is in words."""

    title: str
    unit: str
    series: tuple[str, ...]
    rows: tuple[ChartRow, ...]


def chart_of(estimate: Estimate, texts: EstimateTexts, language: Language) -> Chart | None:
    """The first chart of the kind whose amounts the estimate has; None where no two bars could be drawn."""
    kind = texts.kinds.get(estimate.kind)
    for wanted in kind.charts if kind else ():
        chart = _drawn(wanted, estimate, texts, language)
        if wanted.needs and wanted.needs not in _numbers(estimate):
            continue
        if len(chart.rows) >= wanted.at_least:
            return chart
    return None


def _drawn(wanted: ChartText, estimate: Estimate, texts: EstimateTexts, language: Language) -> Chart:
    labels = {key: text.in_language(language) for key, text in wanted.bars.items()}
    rows = _plans(labels, estimate, texts, language) if wanted.per_plan else _amounts(labels, estimate)
    series = tuple(labels.values()) if wanted.per_plan else ()
    return Chart(wanted.title.in_language(language), wanted.unit.in_language(language), series, tuple(rows))


def _amounts(labels: dict[str, str], estimate: Estimate) -> Iterator[ChartRow]:
    numbers = _numbers(estimate)
    yield from (_row(label, numbers[key]) for key, label in labels.items() if key in numbers)


def _plans(labels: dict[str, str], estimate: Estimate, texts: EstimateTexts, language: Language) -> Iterator[ChartRow]:
    numbers = _numbers(estimate)
    plans = dict.fromkeys(key.rpartition(PLAN_SEPARATOR)[0] for key in numbers)
    for plan in plans:
        keys = [f"{plan}{PLAN_SEPARATOR}{amount}" for amount in labels]
        if plan and all(key in numbers for key in keys):
            named = texts.find(estimate.kind, "values", plan)
            yield _row(named.in_language(language) if named else plan, *(numbers[key] for key in keys))


def _numbers(estimate: Estimate) -> dict[str, Decimal]:
    found = {amount.key: amount.value for amount in estimate.amounts if isinstance(amount.value, Decimal)}
    return {key: value for key, value in found.items() if value >= 0}


def _row(label: str, *values: Decimal) -> ChartRow:
    return ChartRow(label, tuple(float(value) for value in values), tuple(f"{value:,.0f}" for value in values))
