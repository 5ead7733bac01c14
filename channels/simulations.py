"""Simulations for whoever asks, by command or by API: the figures as they lie in the folder, and bodies for JSON."""

import datetime
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from actions.answering.folder import InvalidKnowledge, Source, read_as
from actions.answering.regions import Regions
from actions.parameters import Figure, InvalidParameter, Parameters
from actions.simulator.case import CaseModel
from actions.simulator.charts import Chart, chart_of
from actions.simulator.estimate import Amount, Estimate, Remark, Step, Value
from actions.simulator.faults import Fault, unknown_places
from actions.simulator.kinds import KINDS
from actions.simulator.rules import Rules
from actions.simulator.spelling import Language
from actions.simulator.texts import EstimateTexts, InvalidTexts
from actions.simulator.wording import Wording, Wordsmith

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0
Plain = int | float | str


class CitationBody(BaseModel):
    """A figure that a step used, and where it stands. `as_of`: the day from which it holds."""

    figure: str
    name: str
    place: str
    as_of: datetime.date
    confidence: str
    stale: bool
    source: str
    title: str
    url: str | None


class AmountBody(BaseModel):
    """One result: `value` and `unit` for a program, `label` and `words` for a person. `money_of`: whose prices."""

    key: str
    label: str
    value: Plain
    unit: str | None
    money_of: str | None
    words: str


class StepBody(BaseModel):
    """How a number came about; `article` explains the rule."""

    key: str
    text: str
    formula: str
    value: Plain
    unit: str | None
    article: str | None
    citations: list[CitationBody]


class RemarkBody(BaseModel):
    """A sentence with the numbers in it."""

    key: str
    text: str
    values: dict[str, Plain]


class SimulationBody(BaseModel):
    """An estimate: first the sentence and the table, then how it came about and what to mind."""

    kind: str
    on: datetime.date
    region: str | None
    language: Language
    headline: str
    amounts: list[AmountBody]
    steps: list[StepBody]
    assumptions: list[RemarkBody]
    warnings: list[RemarkBody]
    alternatives: list[RemarkBody]
    rule_set: Annotated[str, Field(description="Same version, same rules and figures.")]
    chart: Annotated[Chart | None, Field(description="Figures to compare at a glance, as numbers and as text.")] = None


class UnknownPlaces(Exception):
    """A case that names places that do not exist."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Desk:
    """What a simulation needs of the knowledge folder, as it was read at one moment."""

    parameters: Parameters
    words: Wordsmith
    regions: Regions
    sources: Mapping[str, Source]

    @classmethod
    def read(cls, folder: Path) -> "Desk":
        """Reads the folder; raises InvalidParameter, InvalidTexts or InvalidKnowledge."""
        parameters, regions = Parameters.load(folder / "parameters"), Regions.load(folder / "regions.yml")
        words = Wordsmith(EstimateTexts.load(folder), parameters, regions.name)
        return cls(parameters, words, regions, read_as(dict[str, Source], folder / "sources.yml"))

    def estimate(self, kind: str, case: CaseModel, on: datetime.date) -> Estimate:
        """The estimate of a case; raises UnknownPlaces, ImpossibleCase or CannotEstimate."""
        if faults := unknown_places(case, self.regions.all):
            raise UnknownPlaces(faults)
        return KINDS[kind].estimate(case, Rules(self.parameters, on))

    def body(self, estimate: Estimate, language: Language) -> SimulationBody:
        """The estimate for JSON, with its words in one language."""
        said = self.words.words_for(estimate, language)
        return SimulationBody(
            kind=estimate.kind, on=estimate.on, region=estimate.region, language=language, headline=said.headline,
            amounts=_amounts(estimate.amounts, said),
            steps=[self._step(step, text, language) for step, text in zip(estimate.steps, said.steps, strict=True)],
            assumptions=_remarks(estimate.assumptions, said.assumptions),
            warnings=_remarks(estimate.warnings, said.warnings),
            alternatives=_remarks(estimate.alternatives, said.alternatives),
            rule_set=estimate.rule_set, chart=self.chart(estimate, language),
        )  # fmt: skip

    def chart(self, estimate: Estimate, language: Language) -> Chart | None:
        """The figures to draw; None where the kind has no chart, or nothing to compare."""
        return chart_of(estimate, self.words.texts, language)

    def _step(self, step: Step, text: str, language: Language) -> StepBody:
        cited = [self._citation(figure, source, language) for figure in step.figures for source in figure.sources]
        return StepBody(
            key=step.key, text=text, formula=step.formula, value=plain(step.value), article=step.article,
            unit=step.unit and step.unit.value, citations=cited,
        )  # fmt: skip

    def _citation(self, figure: Figure, source: str, language: Language) -> CitationBody:
        known, named = self.sources.get(source), self.parameters.all.get(figure.name)
        return CitationBody(
            figure=figure.name, name=named.description.in_language(language) if named else figure.name,
            place=figure.region, as_of=figure.since, confidence=figure.confidence.value, stale=figure.stale,
            title=known.title.in_language(language) if known else source,
            source=source, url=known.url if known else None,
        )  # fmt: skip


def _amounts(amounts: tuple[Amount, ...], said: Wording) -> list[AmountBody]:
    return [
        AmountBody(
            key=amount.key, label=row.label, value=plain(amount.value), words=row.value,
            unit=amount.unit and amount.unit.value, money_of=str(amount.money_of) if amount.money_of else None,
        )
        for amount, row in zip(amounts, said.rows, strict=True)
    ]  # fmt: skip


def _remarks(remarks: tuple[Remark, ...], said: tuple[str, ...]) -> list[RemarkBody]:
    return [
        RemarkBody(key=remark.key, text=text, values={name: plain(value) for name, value in remark.values.items()})
        for remark, text in zip(remarks, said, strict=True)
    ]


def plain(value: Value) -> Plain:
    """A value as JSON writes it: money as a number, a month as `2039-09`."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, int | str) else str(value)


class Simulations:
    """The desk in force. It is read again when a file of the folder changed, looked at most once a second.

    A file that cannot be used changes nothing: the last good state goes on, and the log says so.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder, self._clock = folder, clock
        self._lock = threading.Lock()
        self._desk: Desk | None = None
        self._seen: object = None
        self._looked = 0.0

    def desk(self) -> Desk:
        """The desk as of now; raises where the folder cannot be read at the first time."""
        with self._lock:
            if self._desk is None or self._clock() - self._looked >= LOOK_AGAIN_SECONDS:
                self._looked = self._clock()
                stamp = _stamp(self._folder)
                if stamp != self._seen:
                    self._desk = self._read()
                    self._seen = stamp
            assert self._desk is not None
            return self._desk

    def _read(self) -> Desk:
        try:
            return Desk.read(self._folder)
        except (InvalidParameter, InvalidTexts, InvalidKnowledge, OSError) as error:
            if self._desk is None:
                raise
            log.error("the figures cannot be read again, so the last good ones stay in force: %s", error)
            return self._desk


def _stamp(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Changes when a file that simulations read is written, added or taken away."""
    single = (folder / "estimates.yml", folder / "sources.yml", folder / "regions.yml")
    files = (*single, *(folder / "estimates").glob("*.yml"), *(folder / "parameters").rglob("*.yml"))
    found = set()
    for path in files:
        try:
            state = path.stat()
        except OSError:
            continue
        found.add((str(path), state.st_mtime_ns, state.st_size))
    return frozenset(found)
