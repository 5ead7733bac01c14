"""What a change of the folder does to workers: which questions end differently, which answers read differently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from actions.answering.answer import Language, Outcome, Question
from actions.answering.compose import compose_by_id
from actions.answering.evaluation import Asked
from actions.answering.folder import Knowledge
from actions.answering.library import Library
from actions.answering.passages import LANGUAGES
from actions.answering.rendering import Renderer, names_in


@dataclass(frozen=True)
class Flip:
    """An evaluation question that ends differently. `better`: right now and not before; None: neither is right."""

    question: str
    language: Language
    before: str
    after: str
    better: bool | None


@dataclass(frozen=True)
class Changed:
    """An article that workers read differently: in which language, and in how many of the places looked at."""

    article_id: str
    language: Language
    places: tuple[str, ...]
    before: str
    after: str


def flips(asked: Sequence[tuple[Language, Asked]], before: Library, after: Library, on: date) -> Iterator[Flip]:
    """Every question whose outcome or article is not the same in both."""
    for language, one in asked:
        ends = [library.answer(Question(one.q, on, None, one.region)) for library in (before, after)]
        was, now = (f"{end.outcome.value} {end.article_id or ''}".strip() for end in ends)
        if was != now:
            right = [
                end.article_id in one.expect if one.expect else end.outcome is not Outcome.ANSWERED for end in ends
            ]
            yield Flip(one.q, language, was, now, None if right[0] == right[1] else right[1])


def changed_answers(before: Knowledge, after: Knowledge, on: date) -> Iterator[Changed]:
    """Articles whose short part, rest or next steps read differently anywhere; new and gone ones too."""
    renderers = Renderer(before.parameters), Renderer(after.parameters)
    for article_id in sorted({*before.articles, *after.articles}):
        places: list[str | None] = [None, *sorted(_places(article_id, before) | _places(article_id, after))]
        for language in LANGUAGES:
            texts = [
                tuple(
                    _shown(article_id, language, place, on, knowledge, renderer)
                    for knowledge, renderer in zip((before, after), renderers, strict=True)
                )
                for place in places
            ]
            differ = [(place or "-", pair) for place, pair in zip(places, texts, strict=True) if pair[0] != pair[1]]
            if differ:
                names = tuple(place for place, _ in differ)
                yield Changed(article_id, language, names, *differ[0][1])


def _places(article_id: str, knowledge: Knowledge) -> set[str]:
    """Where the article may read differently: its own places, and those that its figures have values for."""
    article = knowledge.articles.get(article_id)
    if article is None:
        return set()
    figures = {name for body in article.bodies.values() for name in names_in(f"{body.short} {body.more}")}
    return {*article.regions, *(place for name in figures for place in knowledge.parameters.places(name))}


def _shown(
    article_id: str, language: Language, place: str | None, on: date, knowledge: Knowledge, renderer: Renderer
) -> str:
    if article_id not in knowledge.articles:
        return ""
    short = compose_by_id(article_id, language, place, on, knowledge, renderer)
    parts = [short.text, *short.next_steps]
    if knowledge.articles[article_id].bodies[language].more:
        parts.append(compose_by_id(article_id, language, place, on, knowledge, renderer, more=True).text)
    return "\n".join(parts)
