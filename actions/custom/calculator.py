"""What the calculator's actions share: its texts, the interview kept in the conversation, and the estimate in words."""

import logging
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rasa_sdk import Tracker

from actions.answering.answer import Answer, Citation, Language, Outcome
from actions.answering.figures import day_in_words
from actions.answering.library import Library
from actions.custom.desk import Button, Desk, Turn, button
from actions.parameters import Unit
from actions.simulator.charts import Chart, chart_of
from actions.simulator.estimate import CannotEstimate, Estimate, ImpossibleCase
from actions.simulator.heard import Heard
from actions.simulator.interview import Interview, facts_told, lasting_facts
from actions.simulator.interview_case import case_of
from actions.simulator.interview_texts import InterviewTexts, read_interview_texts
from actions.simulator.kinds import KINDS
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.reading import PLACES, RATIO_BELOW, is_fact
from actions.simulator.reading import kind_in as kind_by_words
from actions.simulator.rules import Rules
from actions.simulator.spelling import in_words
from actions.simulator.texts import EstimateTexts, InvalidTexts
from actions.simulator.wording import PLAN_SEPARATOR, Row, Wording, Wordsmith

log = logging.getLogger(__name__)
SLOT = "estimate"
ROWS, REMARKS = 6, 3  # lines of each sort that a chat shows
_HOME = re.compile(r"(?:户口|户籍|老家|hukou|household|registered)[^,，。;；]{0,6}$", re.IGNORECASE)
_PAIR = re.compile(r"([a-z_]+)=(.+)")


@dataclass(frozen=True)
class Materials:
    """The texts that go with one library."""

    library: Library
    interview: InterviewTexts
    words: Wordsmith


@dataclass(frozen=True)
class Told:
    """One sentence, a small table and what to mind; the buttons below; the sources; the chart, where there is one."""

    text: str
    buttons: list[Button]
    about: Answer
    chart: Chart | None


class Calculator:
    """Reads the folder's texts again when the library has changed; a broken file keeps the last good ones."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self._folder = desk, folder
        self._held: Materials | None = None

    def materials(self) -> Materials:
        """The texts in force; raises InvalidTexts only where there never were good ones."""
        library = self.desk.library()
        if self._held is not None and self._held.library is library:
            return self._held
        try:
            knowledge = library.knowledge
            texts = EstimateTexts.load(self._folder)
            words = Wordsmith(texts, knowledge.parameters, knowledge.regions.name)
            self._held = Materials(library, read_interview_texts(self._folder), words)
        except InvalidTexts as error:
            if self._held is None:
                raise
            log.error("the calculator's texts have a problem, so the last good ones stay in force: %s", error)
            self._held = replace(self._held, library=library)
        return self._held

    def rules(self) -> Rules:
        """The figures of today."""
        return Rules(self.desk.library().knowledge.parameters, self.desk.today())

    def sentence(self, name: str, language: Language, **words: object) -> str:
        """One of the interview's phrases, filled in."""
        return self.materials().interview.phrases[name].in_language(language).format(**words)

    def estimate(self, interview: Interview) -> Estimate:
        """The estimate of a finished interview; raises ImpossibleCase, CannotEstimate or pydantic's error."""
        rules = self.rules()
        kind = KINDS[interview.kind]
        return kind.estimate(kind.case.model_validate(case_of(interview, rules)), rules)

    def question(self, interview: Interview | None, language: Language) -> tuple[str, list[Button]]:
        """What is asked next, with its buttons: the kind of estimate first, then the missing fact."""
        texts = self.materials().interview
        if interview is None or interview.missing is None:
            kinds = [button(k.in_language(language), simulate_payload(k.kind)) for k in texts.menu.kinds]
            return texts.menu.text.in_language(language), kinds
        asked = texts.questions[interview.missing]
        choices = [button(c.in_language(language), choice_payload(interview.missing, c.value)) for c in asked.buttons]
        return asked.text.in_language(language), choices

    def recap(self, interview: Interview, language: Language) -> str:
        """What was understood, in one sentence."""
        return self.sentence("recap", language, facts=self.facts_in_words(interview, language))

    def facts_in_words(self, interview: Interview, language: Language, only: Container[str] | None = None) -> str:
        """The facts that the interview holds (`only`: those of them), and which of them are assumed."""
        texts = self.materials().interview
        told = []
        for fact, value in facts_told(interview):
            if only is not None and fact not in only:
                continue
            said = texts.facts[fact].in_language(language).format(value=self.fact_in_words(fact, value, language))
            assumed = texts.words["assumed"].in_language(language) if fact in interview.assumed else ""
            told.append(said + assumed)
        return ("，" if language == "zh" else ", ").join(told)

    def fact_in_words(self, fact: str, value: str, language: Language) -> str:
        """One fact as a worker says it."""
        texts = self.materials().interview
        if value in texts.words:
            return texts.words[value].in_language(language)
        if fact == "birth":
            return in_words(Month.parse(value), None, language)
        if fact in PLACES:
            return self.desk.library().knowledge.regions.name(value, language)
        if fact.endswith("_months") or fact == "months_paid":
            years, months = divmod(int(value), MONTHS_A_YEAR)
            parts = [in_words(n, u, language) for n, u in ((years, Unit.YEARS), (months, Unit.MONTHS)) if n]
            return (" " if language == "en" else "零").join(parts) or in_words(0, Unit.MONTHS, language)
        if fact == "resident_years":
            return in_words(int(value), Unit.YEARS, language)
        if fact in ("base", "own_wage", "tier"):
            number = float(value)
            is_share = fact == "base" and number < RATIO_BELOW
            return f"{number * 100:g}%" if is_share else in_words(round(number), Unit.YUAN, language)
        return value

    def refusal(self, interview: Interview, problem: ImpossibleCase | CannotEstimate, language: Language) -> str:
        """Why a value cannot be, or which figure is not published."""
        words = self.materials().words
        if isinstance(problem, CannotEstimate):
            return words.not_published(interview.kind, problem, language)
        return words.impossible(interview.kind, problem, language)

    def told(self, interview: Interview, language: Language) -> "Told":
        """The estimate as the chat shows it."""
        estimate = self.estimate(interview)
        words = self.materials().words
        said = words.words_for(estimate, language)
        answer = Answer(Outcome.ANSWERED, said.headline, language, citations=tuple(self._citations(estimate, language)))
        text = "\n".join(self._lines(estimate, said, language))
        return Told(text, self._buttons(interview, language), answer, chart_of(estimate, words.texts, language))

    def steps(self, interview: Interview, language: Language) -> str:
        """How the estimate came about, a line a step."""
        said = self.materials().words.words_for(self.estimate(interview), language)
        title = self.sentence("steps_title", language)
        lines = [f"{number}. {step}" for number, step in enumerate(said.steps, 1)]
        return "\n".join(
            [title, *lines, *self._section("assumptions", said.assumptions, language, len(said.assumptions))]
        )

    def _lines(self, estimate: Estimate, said: Wording, language: Language) -> Iterator[str]:
        mark = "：" if language == "zh" else ": "
        yield said.headline
        yield from (f"• {row.label}{mark}{row.value}" for row in self._rows(estimate.kind, said))
        yield from self._section("warnings", said.warnings, language, REMARKS)
        yield from self._section("alternatives", said.alternatives, language, REMARKS)
        day = day_in_words(estimate.on, language)
        yield self.sentence("estimate_only", language, day=day, version=estimate.rule_set)

    def _rows(self, kind: str, said: Wording) -> Iterable[Row]:
        """The amounts that the chat shows: those named for the kind, of each plan where there are several, or a few."""
        wanted = self.materials().interview.rows.get(kind)
        if wanted is None:
            return said.rows[:ROWS]
        return [row for row in said.rows if row.key.rpartition(PLAN_SEPARATOR)[2] in wanted]

    def _section(self, name: str, lines: tuple[str, ...], language: Language, most: int) -> list[str]:
        if not lines:
            return []
        mark = "：" if language == "zh" else ":"
        return [f"{self.sentence(name, language)}{mark}", *(f"• {line}" for line in lines[:most])]

    def _buttons(self, interview: Interview, language: Language) -> list[Button]:
        texts = self.materials().interview
        what_if = [
            button(w.in_language(language), simulate_payload(interview.kind, f"{w.fact}={w.value}"))
            for w in texts.what_if
            if interview.kind in w.kinds and interview.facts.get(w.fact) != w.value
        ]
        titles = {k.kind: k.in_language(language) for k in texts.menu.kinds}
        others = [button(titles[k], simulate_payload(k)) for k in texts.next_kinds.get(interview.kind, ())]
        steps = button(self.sentence("steps_title", language), "/explain_estimate")
        remember = [button(self.sentence("button_remember", language), "/remember_facts")]
        return [steps, *what_if, *others, *(remember if lasting_facts(interview) else ())]

    def _citations(self, estimate: Estimate, language: Language) -> Iterator[Citation]:
        sources = self.desk.library().knowledge.sources
        seen: set[str] = set()
        for step in estimate.steps:
            for figure in step.figures:
                for source in figure.sources:
                    if source in sources and source not in seen:
                        seen.add(source)
                        known = sources[source]
                        yield Citation(known.title.in_language(language), source, figure.since, known.url)


def simulate_payload(kind: str, choice: str | None = None) -> str:
    """What a button sends that starts an estimate, with one fact changed where `choice` is `fact=value`."""
    return f'/simulate{{"kind":"{kind}"' + (f',"choice":"{choice}"' if choice else "") + "}"


def choice_payload(fact: str, value: str) -> str:
    """What a button below a question sends."""
    return f'/choose{{"choice":"{fact}={value}"}}'


def heard_in(turn: Turn, asked: str | None) -> Heard:
    """One message for the interview; a button's payload has no words."""
    entities = [(str(e["entity"]), str(e["value"])) for e in turn.entities if e.get("value") is not None]
    parts = [(f"region:{part}", str(e["value"])) for e in turn.entities if (part := _part_of(e, turn.text))]
    return Heard("" if turn.is_tap else turn.text, (*entities, *parts), asked)


def _part_of(entity: dict[str, Any], text: str) -> str | None:
    """What a place is in its sentence: home, origin, destination, or nothing that the words say."""
    if entity.get("entity") != "region":
        return None
    start = entity.get("start")
    if isinstance(start, int) and _HOME.search(text[:start]):
        return "home"
    role = entity.get("role")
    return str(role) if role else None


def chosen_in(turn: Turn, regions: Container[str]) -> dict[str, str]:
    """The fact that a button stands for; `unknown`, a place that does not exist, or nonsense is no fact."""
    pairs = [_PAIR.fullmatch(value) for value in turn.values("choice")]
    facts = {pair[1]: pair[2] for pair in pairs if pair and is_fact(pair[1], pair[2])}
    return {fact: value for fact, value in facts.items() if fact not in PLACES or value in regions}


def kind_in(turn: Turn) -> str | None:
    """The kind of estimate that a message asks for: the button's, or by its words."""
    named = [kind for kind in turn.values("kind") if kind in KINDS]
    if named or turn.is_tap:
        return named[0] if named else None
    return kind_by_words(turn.text)


def interview_of(tracker: Tracker) -> Interview | None:
    """The interview that the conversation holds."""
    return Interview.restored(tracker.get_slot(SLOT))


def kept(interview: Interview | None) -> dict[str, Any] | None:
    """What the slot holds of it."""
    return interview.as_slot() if interview else None
