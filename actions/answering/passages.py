"""What is indexed of an article: each question variant, each title, each passage of the body, one entry each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from actions.answering.answer import Language
from actions.answering.articles import Article
from actions.answering.folder import Knowledge
from actions.answering.rendering import Renderer

LANGUAGES: tuple[Language, ...] = ("zh", "en")
OUTSIDE = "out_of_scope/"  # marks entries of topics that the folder does not cover
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


def passages(knowledge: Knowledge, renderer: Renderer, on: date) -> list[Passage]:
    """The entries of all articles that may answer (unverified ones never do), then of what is out of scope."""
    told = [article for article in knowledge.articles.values() if article.confidence != "unverified"]
    entries = [entry for article in told for entry in passages_of(article, renderer, on)]
    for topic in knowledge.out_of_scope.values():
        for language in LANGUAGES:
            for question in topic.questions.in_language(language):
                entries.append(Passage(f"{OUTSIDE}{topic.id}", language, "question", question))
    return entries
