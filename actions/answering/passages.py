"""What is indexed of an article: each question variant, each title, each passage of the body, one entry each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from actions.answering.answer import Language
from actions.answering.articles import Article
from actions.answering.rendering import Renderer

LANGUAGES: tuple[Language, ...] = ("zh", "en")
Kind = Literal["question", "title", "passage"]


@dataclass(frozen=True)
class Passage:
    """One indexed text and the article it leads to."""

    article_id: str
    language: Language
    kind: Kind
    text: str


def passages_of(article: Article, renderer: Renderer, on: date) -> Iterator[Passage]:
    """The entries of one article; bodies are rendered for the nation, so figures of one place do not weigh."""
    for language in LANGUAGES:
        for question in article.questions.in_language(language):
            yield Passage(article.id, language, "question", question)
        yield Passage(article.id, language, "title", article.title.in_language(language))
        body = article.bodies[language]
        for part in (body.short, body.more):
            text = renderer.render(part, language, None, on).text if part else ""
            if text:
                yield Passage(article.id, language, "passage", text)


def passages(articles: Iterable[Article], renderer: Renderer, on: date) -> list[Passage]:
    """The entries of all articles that may answer (unverified ones never do)."""
    told = (article for article in articles if article.confidence != "unverified")
    return [entry for article in told for entry in passages_of(article, renderer, on)]
