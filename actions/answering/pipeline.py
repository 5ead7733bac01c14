"""Answering, as a list of named steps over one immutable draft.

A step takes the draft and what it may use and returns a new draft. There is one way to stop: a draft that has an
answer. The runner times every step; no step measures itself.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from actions.answering.answer import Answer, Candidate, Language, Outcome, Question
from actions.answering.compose import compose_answer, compose_choice, compose_refusal
from actions.answering.documents import Documents
from actions.answering.embedder import Embedder, Vectors
from actions.answering.folder import Knowledge
from actions.answering.guards import tripped
from actions.answering.index import Hits, Index
from actions.answering.judge import Evidence, Judge
from actions.answering.language import language_of
from actions.answering.passages import OUTSIDE
from actions.answering.places import SIGNS, Places, named_in
from actions.answering.rendering import Renderer
from actions.answering.tokens import Tokeniser, plain
from actions.parameters import NATION, region_chain
from actions.privacy import mask

CONSIDERED = 10  # candidates kept for the judge and for "why not that article?"


@dataclass(frozen=True)
class Tools:
    """What the steps may use: all read-only, so one value serves many questions at a time."""

    knowledge: Knowledge
    index: Index
    embedder: Embedder
    tokeniser: Tokeniser
    judges: dict[str, Judge]
    renderer: Renderer
    documents: Documents
    places: Places


@dataclass(frozen=True)
class Draft:
    """A question on its way. `evidence` and `scope` exist after `fuse`; `answer` ends the way."""

    question: Question
    text: str
    language: Language = "zh"
    region: str | None = None
    tokens: tuple[str, ...] = ()
    hits: Hits | None = None
    evidence: Evidence | None = None
    scope: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    answer: Answer | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)


Step = Callable[[Draft, Tools], Draft]


def guard(draft: Draft, tools: Tools) -> Draft:
    """Masks personal numbers; ends emergencies, distress, other people's data and evasion by name."""
    text = mask(draft.text).text
    rule = tripped(tools.knowledge.guards, text)
    draft = replace(draft, text=text)
    if rule is None:
        return draft
    language = draft.question.language or language_of(text, draft.language)
    return replace(draft, answer=compose_refusal(rule.outcome, language, tools.knowledge))


def detect_language(draft: Draft, tools: Tools) -> Draft:
    """The language of the answer: the asker's wish, else the words' own script."""
    return replace(draft, language=draft.question.language or language_of(draft.text, draft.language))


def normalise(draft: Draft, tools: Tools) -> Draft:
    """One spelling of the text, and the place it is about: the one named, else where the worker pays."""
    text = plain(draft.text)
    named = tools.knowledge.regions.the_one_in(text)
    start, pieces = 0, []
    for mention in tools.knowledge.regions.mentions(text):
        pieces += [tools.index.spelling.mended(text[start : mention.start]), text[mention.start : mention.end]]
        start = mention.end
    text = "".join([*pieces, tools.index.spelling.mended(text[start:])])
    return replace(draft, text=text, region=named or draft.question.region)


def look_up_document(draft: Draft, tools: Tools) -> Draft:
    """A document that is named by its number is found by its number, or said not to be in the folder."""
    found = tools.documents.about(draft.text)
    if found == ():
        no_source = compose_refusal(Outcome.UNANSWERABLE_NO_SOURCE, draft.language, tools.knowledge)
        return replace(draft, answer=no_source)
    if found is None or len(found) > 1:
        return draft
    chosen = replace(draft, candidates=(Candidate(found[0], 1.0, matched=draft.text),))
    chosen = apply_region_and_date(chosen, tools)
    if chosen.candidates[0].rejected:
        return draft
    return compose(chosen, tools)


def expand_terms(draft: Draft, tools: Tools) -> Draft:
    """Tokens of the text with the glossary's concepts; place names are dropped: any article may be about any."""
    text = draft.text
    for mention in reversed(tools.knowledge.regions.mentions(text)):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return replace(draft, tokens=tuple(tools.tokeniser.tokens(text)))


def retrieve(draft: Draft, tools: Tools) -> Draft:
    """What each leg says of each article."""
    vector: Vectors = tools.embedder.embed([draft.text])[0]
    return replace(draft, hits=tools.index.search(vector, list(draft.tokens), draft.language))


def fuse(draft: Draft, tools: Tools) -> Draft:
    """One order of the articles from all legs, and the chance that any of them answers."""
    assert draft.hits is not None
    judge = tools.judges[draft.language]
    evidence = evidence_of(draft, tools)
    posterior = judge.posterior(evidence.legs)
    best = np.argsort(-posterior)[:CONSIDERED]
    rows = tools.index.article_rows[best]
    candidates = tuple(
        Candidate(
            article_id=tools.index.article_ids[row],
            score=float(posterior[place]),
            dense=float(draft.hits.dense[row]),
            lexical=float(draft.hits.lexical[row]),
            topical=float(draft.hits.topical[row]),
            matched=tools.index.entries[draft.hits.nearest[row]].text if draft.hits.nearest[row] >= 0 else "",
        )
        for place, row in zip(best, rows, strict=True)
    )
    return replace(draft, evidence=evidence, scope=judge.scope(evidence), candidates=candidates)


def apply_region_and_date(draft: Draft, tools: Tools) -> Draft:
    """Rejects articles of other places and other times; keeps them with the reason."""
    chain = region_chain(draft.region or NATION)
    kept = []
    for candidate in draft.candidates:
        article = tools.knowledge.articles[candidate.article_id]
        if not article.applies_on(draft.question.on):
            kept.append(replace(candidate, rejected="outdated"))
        elif not set(article.regions) & set(chain):
            kept.append(replace(candidate, rejected="region"))
        else:
            kept.append(candidate)
    return replace(draft, candidates=tuple(kept))


def judge(draft: Draft, tools: Tools) -> Draft:
    """Compares the article actually chosen with the floor: go on, ask which was meant, or stop by name."""
    rules = tools.knowledge.rules
    language = draft.language
    judge = tools.judges[language]
    if draft.scope < judge.choice_floor or (draft.scope < judge.floor and _outside_leads(draft, judge)):
        return replace(draft, answer=_refuse(draft, tools))
    usable = [candidate for candidate in draft.candidates if candidate.rejected is None]
    best = draft.candidates[0]
    if best.rejected and (not usable or usable[0].score < rules.clarify_at_posterior):
        old = best.rejected == "outdated"
        outcome = Outcome.UNANSWERABLE_OUTDATED if old else Outcome.UNANSWERABLE_REGION
        return replace(draft, answer=compose_refusal(outcome, language, tools.knowledge))
    if draft.scope < judge.floor or usable[0].score < rules.answer_at_posterior[language]:
        likely = [c for c in usable if c.score >= rules.clarify_at_posterior][: rules.choices_at_most]
        if len(likely) < 2:
            likely = usable[: rules.choices_at_most]
        return replace(draft, answer=compose_choice(likely, language, tools.knowledge))
    return draft


def _outside_leads(draft: Draft, judge: Judge) -> bool:
    """Whether a topic known to be out of scope fits better than every article."""
    assert draft.evidence is not None
    outside = judge.fused(draft.evidence.outside)
    return bool(outside.size and outside.max() > judge.fused(draft.evidence.legs).max())


def _refuse(draft: Draft, tools: Tools) -> Answer:
    """A topic known to be out of scope is refused by name; what merely has no article says so."""
    assert draft.evidence is not None
    judge = tools.judges[draft.language]
    if _outside_leads(draft, judge):
        outside = judge.fused(draft.evidence.outside)
        row = tools.index.outside_rows[int(outside.argmax())]
        topic = tools.knowledge.out_of_scope[tools.index.article_ids[row].removeprefix(OUTSIDE)]
        return compose_refusal(topic.outcome, draft.language, tools.knowledge, topic.refer)
    about_it = any(token.startswith("c:") for token in draft.tokens)
    outcome = Outcome.UNANSWERABLE_NO_SOURCE if about_it else Outcome.REFUSED_OUT_OF_SCOPE
    return compose_refusal(outcome, draft.language, tools.knowledge)


def compose(draft: Draft, tools: Tools) -> Draft:
    """The chosen article in the worker's language, with the figures of their place and day."""
    chosen = next(candidate for candidate in draft.candidates if candidate.rejected is None)
    article = tools.knowledge.articles[chosen.article_id]
    answer = compose_answer(article, draft.language, draft.region, draft.question.on, tools.knowledge, tools.renderer)
    certainty = chosen.score * (draft.scope if draft.evidence else 1.0)
    return replace(draft, answer=replace(answer, score=round(certainty, 4)))


STEPS: tuple[Step, ...] = (
    guard,
    detect_language,
    normalise,
    look_up_document,
    expand_terms,
    retrieve,
    fuse,
    apply_region_and_date,
    judge,
    compose,
)


def run(draft: Draft, tools: Tools, steps: Sequence[Step] = STEPS) -> Draft:
    """Takes the steps in order until one of them gives an answer; every step taken is timed in milliseconds."""
    timings: dict[str, float] = {}
    for step in steps:
        started = time.perf_counter()
        draft = step(draft, tools)
        timings[step.__name__] = round((time.perf_counter() - started) * 1000, 2)
        if draft.answer is not None:
            break
    return replace(draft, timings_ms=timings)


def answer(question: Question, tools: Tools, last_language: Language = "zh") -> Answer:
    """The whole way from words to an answer. Never raises for what a worker may type."""
    draft = run(Draft(question, question.text, language=last_language), tools)
    assert draft.answer is not None  # the last step always gives one
    return replace(draft.answer, candidates=draft.candidates, timings_ms=draft.timings_ms)


def evidence_of(draft: Draft, tools: Tools) -> Evidence:
    """The legs on comparable scales, beside them how places agree, and signs of the question itself."""
    assert draft.hits is not None
    hits, topics = draft.hits, tools.index.topics
    mass = topics.mass(draft.tokens) or 1.0
    legs = np.column_stack([hits.dense, hits.lexical / mass, hits.topical]).astype(np.float64)
    places = tools.places.signs(named_in(draft.text, tools.knowledge.regions))
    inside = np.hstack([legs[tools.index.article_rows], places])
    outside = np.hstack([legs[tools.index.outside_rows], np.zeros((len(tools.index.outside_rows), SIGNS))])
    concepts = len({token for token in draft.tokens if token.startswith("c:")})
    signs = (topics.known_share(draft.tokens), float(min(concepts, 4)), float(np.log1p(len(draft.tokens))))
    return Evidence(inside, outside, signs)
