"""Every problem of a knowledge folder at once, each with its file and the mend: `shebao knowledge check`.

An error keeps the folder from being published; a warning is for staff to look at.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
from rapidfuzz import fuzz, process

from actions.answering.answer import Language, Outcome
from actions.answering.articles import Article
from actions.answering.coverage import problems_of_coverage
from actions.answering.folder import (
    InvalidKnowledge,
    Texts,
    read_as,
)
from actions.answering.guards import tripped
from actions.answering.passages import LANGUAGES
from actions.answering.prose import problems_of_prose
from actions.answering.reading import Folder, Problem, read_folder
from actions.answering.rendering import BrokenTemplate, Renderer, names_in
from actions.answering.tokens import plain
from actions.parameters import (
    NATION,
    YEARLY_FIGURE_IS_STALE_AFTER,
    Confidence,
    Parameters,
)

ALIKE = 92.0  # of 100, edit similarity: one question in two articles
COPIED = 88.0  # an evaluation question this close to a variant measures memory, not understanding
BLOCK = 256  # texts compared with their likes at a time
FEWEST_VARIANTS = 6


def check(folder: Path, on: date, thorough: bool = True, only: Collection[str] | None = None) -> list[Problem]:
    """All problems of the folder as of `on`, errors first, then by file.

    Not `thorough` leaves out what serving does not depend on, first of all comparing every question with every other.
    `only`: ids of the articles to look at, where the others are known to be well.
    """
    problems: list[Problem] = []
    read = read_folder(folder, problems)
    compared = (_duplicates(read), _evaluation(read), _coverage(folder, read)) if thorough else ()
    for found in (_articles(read, on, only), _parameters(read, on), _life_events(read), _texts(folder), *compared):
        problems.extend(found)
    return sorted(set(problems), key=lambda p: (p.severity, p.path, p.message))


def _articles(read: Folder, on: date, only: Collection[str] | None) -> Iterator[Problem]:
    renderer = Renderer(Parameters(read.parameters))
    for article in read.articles.values():
        if only is not None and article.id not in only:
            continue
        path = f"articles/{article.id}.md"
        for source in article.sources:
            if source not in read.sources:
                yield Problem("error", path, f"source {source!r} is not in sources.yml")
        for related in article.related:
            if related not in read.articles:
                yield Problem("error", path, f"related article {related!r} does not exist")
        for event in article.life_events:
            if read.events and event not in {e.id for e in read.events.life_events}:
                yield Problem("error", path, f"life event {event!r} is not in life_events.yml")
        for code in article.regions:
            if read.regions and code not in read.regions:
                yield Problem("error", path, f"region {code!r} is not in regions.yml")
        if article.review_by <= on:
            yield Problem("warning", path, f"review was due by {article.review_by}; check it and set the dates anew")
        if article.confidence == "unverified":
            yield Problem("warning", path, "confidence is unverified, so this article never answers")
        for language in LANGUAGES:
            yield from (Problem(s, path, m) for s, m in _article_texts(article, language, read, renderer, on))


def _article_texts(
    article: Article, language: Language, read: Folder, renderer: Renderer, on: date
) -> Iterator[tuple[Literal["error", "warning"], str]]:
    variants = article.questions.in_language(language)
    if len(variants) < FEWEST_VARIANTS:
        yield (
            "error",
            f"questions.{language}: {len(variants)} variants; at least {FEWEST_VARIANTS} are needed",
        )
    for variant in variants:
        guard = tripped(read.guards, variant)
        if guard and guard.outcome is not Outcome.HANDOFF_REQUESTED:
            yield (
                "error",
                f"{variant!r} is stopped by the guard {guard.outcome.value}; reword the one or the other",
            )
    body = article.bodies[language]
    for template in (body.short, body.more, *article.next_steps.in_language(language)):
        for name in names_in(template):
            if name not in read.parameters:
                yield "error", f"# {language}: figure {name!r} has no file in parameters/"
        for message in problems_of_prose(template, language):
            yield "error", f"# {language}: {message}"
    try:
        shown = renderer.render(body.short, language, None, on)
        renderer.render(body.more, language, None, on)
    except BrokenTemplate as error:
        yield "error", f"# {language}: the template is broken: {error}"
        return
    if not shown.text and article.regions == (NATION,):
        yield "warning", f"# {language}: nothing is left of the answer where the place is unknown"


def _parameters(read: Folder, on: date) -> Iterator[Problem]:
    for name, parameter in read.parameters.items():
        path = f"parameters/{name.replace('.', '/')}.yml"
        for region, values in parameter.values.items():
            if read.regions and region not in read.regions:
                yield Problem("error", path, f"region {region!r} is not in regions.yml")
            if list(values) != sorted(values):
                yield Problem("error", path, f"{region}: dates are reversed; write the oldest first")
            for since, dated in values.items():
                if dated.source not in read.sources:
                    yield Problem("error", path, f"{region} {since}: source {dated.source!r} is not in sources.yml")
            newest = max(values)
            stale = parameter.yearly and on - newest > YEARLY_FIGURE_IS_STALE_AFTER
            if stale and values[newest].confidence is not Confidence.UNVERIFIED:
                yield Problem("warning", path, f"{region}: the newest value is of {newest}, older than 13 months")


def _life_events(read: Folder) -> Iterator[Problem]:
    for event in read.events.life_events if read.events else ():
        for button in event.buttons:
            if button.article not in read.articles:
                yield Problem("error", "life_events.yml", f"{event.id}: article {button.article!r} does not exist")


def _duplicates(read: Folder) -> Iterator[Problem]:
    """The same question in two articles, and two articles for the same thing at the same time and place."""
    for language in LANGUAGES:
        owned = [(a.id, q) for a in read.articles.values() for q in a.questions.in_language(language)]
        for left, right, alike in _alike([q for _, q in owned], ALIKE):
            if owned[left][0] != owned[right][0] or alike >= 100:
                other = f"{owned[right][0]}: {owned[right][1]!r}"
                message = f"{owned[left][1]!r} is nearly the same question as in {other}"
                yield Problem("error", f"articles/{owned[left][0]}.md", message)
    for one, two in combinations(read.articles.values(), 2):
        same = one.title.zh == two.title.zh or one.title.en == two.title.en
        if same and set(one.regions) & set(two.regions) and _overlap(one, two):
            message = f"same title and place as {two.id}, and the dates overlap; end one where the other begins"
            yield Problem("error", f"articles/{one.id}.md", message)


def _overlap(one: Article, two: Article) -> bool:
    return one.applies_from < (two.applies_until or date.max) and two.applies_from < (one.applies_until or date.max)


def _alike(texts: Sequence[str], floor: float) -> Iterator[tuple[int, int, float]]:
    """Pairs at least `floor` alike. Only texts whose lengths allow it are compared: sorted, they lie close together."""
    plain_texts = [plain(text) for text in texts]
    order = sorted(range(len(texts)), key=lambda i: len(plain_texts[i]))
    lengths = np.array([len(plain_texts[i]) for i in order])
    reach = (200 - floor) / floor  # the longest text that can still be so much alike, as a multiple
    for first in range(0, len(order), BLOCK):
        last = int(np.searchsorted(lengths, lengths[min(first + BLOCK, len(order)) - 1] * reach, side="right"))
        rows, columns = order[first : first + BLOCK], order[first:last]
        table = process.cdist(
            [plain_texts[i] for i in rows],
            [plain_texts[i] for i in columns],
            scorer=fuzz.ratio,
            score_cutoff=floor,
            dtype=np.uint8,
            workers=-1,
        )
        for row, column in zip(*np.nonzero(np.triu(table, 1)), strict=True):
            left, right = sorted((rows[row], columns[column]))
            yield left, right, float(table[row, column])


def _evaluation(read: Folder) -> Iterator[Problem]:
    """Evaluation questions that a variant already holds, that name no article, or that stand twice."""
    for one in read.sets:
        path = f"evaluation/{one.split}-{one.language}.yml"
        owned = [(a.id, plain(q)) for a in read.articles.values() for q in a.questions.in_language(one.language)]
        texts = [q for _, q in owned]
        seen: set[str] = set()
        for asked in one.questions:
            for article_id in asked.expect:
                if article_id not in read.articles:
                    yield Problem("error", path, f"{asked.q!r} expects {article_id!r}, which does not exist")
            if plain(asked.q) in seen:
                yield Problem("error", path, f"{asked.q!r} stands twice")
            seen.add(plain(asked.q))
        for place, owner in _repeated([asked.q for asked in one.questions], texts):
            message = f"{one.questions[place].q!r} repeats a variant of {owned[owner][0]}; reword one of them"
            yield Problem("error", path, message)


def _repeated(questions: Sequence[str], variants: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Questions too close to a variant, each with the closest one; `variants` are plain."""
    if not questions or not variants:
        return
    table = process.cdist(
        [plain(question) for question in questions],
        variants,
        scorer=fuzz.ratio,
        score_cutoff=COPIED,
        dtype=np.uint8,
        workers=-1,
    )
    for question in np.flatnonzero(table.any(axis=1)):
        yield int(question), int(table[question].argmax())


def _coverage(folder: Path, read: Folder) -> Iterator[Problem]:
    for path, message in problems_of_coverage(folder, set(read.articles)):
        yield Problem("error", path, message)


def _texts(folder: Path) -> Iterator[Problem]:
    try:
        texts = read_as(Texts, folder / "texts.yml")
    except InvalidKnowledge as error:
        yield Problem("error", "texts.yml", str(error).split(": ", 1)[-1])
        return
    for outcome in Outcome:
        if outcome not in texts.outcomes and outcome is not Outcome.DATA_DELETED:
            yield Problem("error", "texts.yml", f"outcomes.{outcome.value} is missing")
