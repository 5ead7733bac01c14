"""What `shebao knowledge eval` measures and prints."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from actions.answering import baselines as rivals
from actions.answering.answer import Language, Question
from actions.answering.evaluation import (
    AnswerFigures,
    Asked,
    Miss,
    RetrievalFigures,
    answer_figures,
    misses,
    rank_figures,
    read_questions,
)
from actions.answering.library import Library
from actions.settings import PROJECT

OURS = "shebao"


@dataclass
class Report:
    """Figures by language; `topics` and `retrieval` by language and name."""

    answers: dict[Language, AnswerFigures] = field(default_factory=dict)
    retrieval: dict[tuple[Language, str], RetrievalFigures] = field(default_factory=dict)
    topics: dict[tuple[Language, str], RetrievalFigures] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report with plain keys."""
        return {
            "answers": {language: asdict(figures) for language, figures in self.answers.items()},
            "retrieval": {f"{one}/{name}": asdict(figures) for (one, name), figures in self.retrieval.items()},
            "topics": {f"{one}/{name}": asdict(figures) for (one, name), figures in self.topics.items()},
            "misses": [asdict(miss) for miss in self.misses],
            "notes": self.notes,
        }


def measure(library: Library, source: Path, split: str | None, on: date, with_baselines: bool) -> Report:
    """All figures over the question files of `source`; raises InvalidKnowledge."""
    report = Report()
    asked: dict[Language, list[Asked]] = {}
    for one in read_questions(source, split):
        asked.setdefault(one.language, []).extend(one.questions)
    for language, questions in asked.items():
        answers = {one.q: library.answer(Question(one.q, on, None, one.region)) for one in questions}
        ranked = {one.q: library.rank(one.q, on) for one in questions}
        _add(report, language, OURS, questions, ranked)
        report.answers[language] = answer_figures([(one, answers[one.q]) for one in questions])
        report.misses += misses([(one, answers[one.q]) for one in questions])
        for topic in sorted({one.expect[0].split("/")[0] for one in questions if one.expect}):
            of_topic = [one for one in questions if one.expect and one.expect[0].startswith(f"{topic}/")]
            report.topics[language, topic] = rank_figures(of_topic, language, lambda q, _, r=ranked: r[q])  # type: ignore[misc]
    if with_baselines:
        _add_baselines(report, library, asked)
    return report


def _add_baselines(report: Report, library: Library, asked: dict[Language, list[Asked]]) -> None:
    entries = library.entries()
    texts = [one.q for questions in asked.values() for one in questions if one.expect]
    found = {
        "BM25": rivals.bm25(entries, texts),
        "dense": rivals.dense(entries, library.vectors(), texts, library.tools.embedder),
    }
    try:
        found["ResponseSelector"] = rivals.response_selector(entries, texts, PROJECT / "bot")
    except rivals.BaselineUnavailable as error:
        report.notes.append(str(error))
    for name, rankings in found.items():
        ranked = dict(zip(texts, rankings, strict=True))
        for language, questions in asked.items():
            _add(report, language, name, questions, ranked)


def _add(
    report: Report, language: Language, name: str, questions: Sequence[Asked], ranked: dict[str, list[str]]
) -> None:
    report.retrieval[language, name] = rank_figures(questions, language, lambda q, _: ranked[q])


def print_report(report: Report, out: Console, with_misses: bool) -> None:
    """Tables for a person."""
    _print_ranking("Retrieval", report.retrieval, out)
    _print_ranking("By topic", report.topics, out)
    table = Table("language", "in scope", "to decline", "answered", "asked which", "wrong of answered", "false answers")
    for language, figures in report.answers.items():
        shares = (
            figures.answered_in_scope,
            figures.clarified_in_scope,
            figures.wrong_among_answered,
            figures.false_answers,
        )
        table.add_row(language, str(figures.in_scope), str(figures.declined), *(f"{share:.1%}" for share in shares))
    out.print(table)
    for note in report.notes:
        out.print(note, style="yellow", markup=False)
    for miss in report.misses if with_misses else ():
        line = f"{miss.language} {miss.outcome.value:26} {miss.question} → {miss.got} (expected {miss.expected})"
        out.print(line, markup=False, soft_wrap=True)


def _print_ranking(title: str, rows: dict[tuple[Language, str], RetrievalFigures], out: Console) -> None:
    table = Table("language", title, "questions", "hit@1", "hit@3", "MRR@10")
    for (language, name), figures in rows.items():
        shares = (figures.hit_at_1, figures.hit_at_3, figures.mrr_at_10)
        table.add_row(language, name, str(figures.questions), *(f"{share:.3f}" for share in shares))
    out.print(table)
