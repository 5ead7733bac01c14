"""Opens a knowledge folder for answering: reads it, builds index and judge where they changed, and keeps them.

`Library` is the door for everybody else: `answer`, `read` (an article by id) and what menus need.
"""

import hashlib
import logging
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from actions.answering import judge as judging
from actions.answering.answer import Answer, Language, Outcome, Question
from actions.answering.compose import compose_by_id, compose_life_event, compose_refusal
from actions.answering.documents import Documents
from actions.answering.embedder import Embedder, RememberingEmbedder, Vectors
from actions.answering.evaluation import QuestionSet, read_questions
from actions.answering.folder import InvalidKnowledge, Knowledge, read_knowledge
from actions.answering.guards import tripped
from actions.answering.index import Index, IndexUnusable, digest_of
from actions.answering.judge import Evidence, Judge
from actions.answering.passages import LANGUAGES, OUTSIDE, Passage, passages
from actions.answering.pipeline import (
    STEPS,
    Draft,
    Tools,
    answer,
    detect_language,
    evidence_of,
    expand_terms,
    fuse,
    guard,
    normalise,
    retrieve,
    run,
)
from actions.answering.places import Places
from actions.answering.rendering import Renderer
from actions.answering.tokens import Tokeniser, plain

log = logging.getLogger(__name__)
JUDGED_BY_SCOPE = ("out_of_scope", "no_source", "other_person", "evasion")
STAMP = "judged_by.digest"  # written last, so its presence means that the build was complete


class Library:
    """A knowledge folder, ready to answer. Read-only; safe to share between threads."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.knowledge = tools.knowledge

    def answer(self, question: Question, last_language: Language = "zh") -> Answer:
        """The answer to a worker's words."""
        return answer(question, self.tools, last_language)

    def rank(self, text: str, on: date) -> list[str]:
        """Article ids for a text, best first, before any threshold: what the evaluation measures."""
        return [article_id for article_id, _ in self.candidates(text, on)]

    def candidates(self, text: str, on: date) -> list[tuple[str, float]]:
        """Article ids with their chance (0 to 1, given that one of all articles is right), best first."""
        draft = run(Draft(Question(text, on), text), self.tools, STEPS[1 : STEPS.index(fuse) + 1])
        return [(candidate.article_id, candidate.score) for candidate in draft.candidates]

    def entries(self) -> list[Passage]:
        """Every indexed text that leads to an article."""
        return [entry for entry in self.tools.index.entries if not entry.article_id.startswith(OUTSIDE)]

    def vectors(self) -> Vectors:
        """The vectors of `entries`, in their order."""
        inside = [not entry.article_id.startswith(OUTSIDE) for entry in self.tools.index.entries]
        rows: Vectors = self.tools.index.vectors[inside]
        return rows

    def read(self, article_id: str, language: Language, region: str | None, on: date, more: bool = False) -> Answer:
        """One article by its id, as a button asks for it; an id that is gone ends as `unanswerable_no_source`."""
        return compose_by_id(article_id, language, region, on, self.knowledge, self.tools.renderer, more)

    def read_again(self, article_id: str, language: Language, region: str, on: date) -> Answer:
        """The article for another place, where that changes what it says; else an answer without an article."""
        here = self.read(article_id, language, region, on)
        if here.text == self.read(article_id, language, None, on).text:
            return compose_refusal(Outcome.UNANSWERABLE_REGION, language, self.knowledge)
        return here

    def life_event(self, event_id: str, language: Language, question: Question | None) -> Answer:
        """Where to read on after something happened. Words that ask something definite are answered instead."""
        event = self.knowledge.life_events.get(event_id)
        if question is not None:
            answered = self.answer(question, language)
            urgent = answered.outcome.value.startswith(("handoff", "refused_evasion", "refused_other"))
            definite = answered.outcome is Outcome.ANSWERED and self._asks_something(question.text)
            if event is None or urgent or definite:
                return answered
            language = answered.language
        if event is None:
            return compose_refusal(Outcome.UNANSWERABLE_NO_SOURCE, language, self.knowledge)
        return compose_life_event(event, language)

    def urgent(self, text: str, language: Language) -> Answer | None:
        """The answer to an emergency or distress in a text, if there is one."""
        found = guard(Draft(Question(text, date.min), text, language=language), self.tools).answer
        return found if found and found.outcome in (Outcome.HANDOFF_EMERGENCY, Outcome.HANDOFF_DISTRESS) else None

    def _asks_something(self, text: str) -> bool:
        patterns = self.knowledge.asks_something.values()
        return any(re.search(pattern, plain(text)) for some in patterns for pattern in some)


def open_library(folder: Path, index_folder: Path, embedder: Embedder, on: date) -> Library:
    """The folder with its index, brought up to date where anything changed; raises InvalidKnowledge.

    `on` renders the passages that are indexed, nothing else: answers take the day of their question.
    """
    knowledge = read_knowledge(folder)
    stamp = _judged_by(folder, embedder)
    judges = _judges_on_disk(index_folder) if _stamp(index_folder) == stamp else {}
    known = _index_on_disk(index_folder)
    library = assemble(knowledge, embedder, on, known, judges)
    index = library.tools.index
    if index is known and judges:
        return library
    trained_whole = not index.manifest.patched and (known is None or index.topics is not known.topics)
    if not judges or trained_whole:
        sets = read_questions(folder / "evaluation", "calibration")
        library = Library(replace(library.tools, judges=calibrate(library.tools, sets, on)))
    keep(library, index_folder)
    (index_folder / STAMP).write_text(stamp, encoding="utf-8")
    return library


def assemble(
    knowledge: Knowledge, embedder: Embedder, on: date, known: Index | None, judges: dict[str, Judge]
) -> Library:
    """A library of what was read; the index is `known` itself where that still fits, else one made from it."""
    renderer, tokeniser = Renderer(knowledge.parameters), Tokeniser(knowledge.glossary)
    entries = passages(knowledge, renderer, on)
    fits = known is not None and known.digest == digest_of(entries, embedder)
    if known is None or not fits or known.manifest.tokeniser != tokeniser.name:
        known = Index.build(entries, embedder, tokeniser, known)
        log.info("index of %d entries, %d of its articles changed", len(entries), len(known.manifest.patched))
    documents = Documents(knowledge.articles.values())
    places = Places(knowledge.articles, [known.article_ids[row] for row in known.article_rows], knowledge.regions)
    return Library(Tools(knowledge, known, embedder, tokeniser, judges, renderer, documents, places))


def keep(library: Library, index_folder: Path) -> None:
    """Writes index and judges, so that the next start is quick. A killed write leaves the old ones, or none."""
    library.tools.index.save(index_folder)
    judging.save(library.tools.judges, index_folder)


def calibrate(tools: Tools, sets: list[QuestionSet], on: date) -> dict[str, Judge]:
    """A judge a language, fitted on the calibration questions; raises InvalidKnowledge where there are none."""
    embedder = RememberingEmbedder(tools.embedder)
    embedder.embed([plain(question.q) for one in sets for question in one.questions])
    tools = replace(tools, embedder=embedder)
    row = {tools.index.article_ids[entry]: i for i, entry in enumerate(tools.index.article_rows)}
    asked: dict[str, list[judging.Asked]] = {language: [] for language in LANGUAGES}
    for one in sets:
        for question in one.questions:
            if question.decline not in (None, *JUDGED_BY_SCOPE) or tripped(tools.knowledge.guards, question.q):
                continue  # the guards' business
            evidence = gather(question.q, tools, on)
            asked[one.language].append((evidence, tuple(row[a] for a in question.expect if a in row)))
    rules = tools.knowledge.rules
    try:
        return judging.fit(asked, rules.false_answers_at_most, rules.false_choices_at_most)
    except ValueError as error:
        raise InvalidKnowledge(f"evaluation: no judge can be fitted: {error}") from None


def gather(text: str, tools: Tools, on: date) -> Evidence:
    """The evidence of one question, without the guards: the judge must see every sort of question."""
    before_judging = (detect_language, normalise, expand_terms, retrieve)
    draft = run(Draft(Question(text, on), text), tools, before_judging)
    return evidence_of(draft, tools)


def _judges_on_disk(folder: Path) -> dict[str, Judge]:
    try:
        return judging.load(folder)
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _index_on_disk(folder: Path) -> Index | None:
    try:
        return Index.load(folder)
    except IndexUnusable:
        return None


def _judged_by(folder: Path, embedder: Embedder) -> str:
    """Changes when the judge must be fitted anew although the articles did not change."""
    digest = hashlib.sha256(f"{judging.FORMAT} {embedder.name}".encode())
    for path in (*sorted((folder / "evaluation").glob("calibration*.yml")), folder / "answering.yml"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _stamp(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text(encoding="utf-8")
    except OSError:
        return ""
