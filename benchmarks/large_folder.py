"""A search index of many generated articles, made from a real one: for timing, not for judging answers.

Each article gets the fewest variants that the lint accepts, in both languages, and two titles. A variant has the
length and half of the tokens of a real one; the other tokens come from a vocabulary that grows with the folder, as
real vocabularies do. Its vector is a real one turned towards a direction of its article's own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actions.answering.index import Index, Manifest
from actions.answering.lint import FEWEST_VARIANTS
from actions.answering.passages import LANGUAGES, Passage
from actions.answering.tokens import TokenTable
from actions.answering.topics import TopicClassifier, weighted

TEXTS_A_LANGUAGE = FEWEST_VARIANTS + 1
WORDS_A_ARTICLE = 3
BATCH = 50_000


@dataclass(frozen=True)
class Generated:
    """The index, and where its parts come from."""

    index: Index
    entries: int


def generate(real: Index, articles: int, seed: int = 0) -> Generated:
    """An index of `articles` articles over the vocabulary, lengths and vectors of `real`."""
    random = np.random.default_rng(seed)
    templates = {
        language: [i for i, e in enumerate(real.entries) if e.language == language and e.kind == "question"]
        for language in LANGUAGES
    }
    entries, rows = _entries(articles, templates, random)
    vectors = _vectors(real.vectors, rows, random)
    tokens = _tokens(real.tokens, rows, articles, random)
    topics = TopicClassifier.train(
        tokens.lists, weighted(vectors, [e.language for e in entries]), [e.article_id for e in entries]
    )
    return Generated(Index(entries, vectors, tokens, topics, Manifest("generated", "", "")), len(entries))


def _entries(
    articles: int, templates: dict[str, list[int]], random: np.random.Generator
) -> tuple[list[Passage], NDArray[np.int64]]:
    width = len(str(articles))
    entries: list[Passage] = []
    rows = []
    for number in range(articles):
        for language in LANGUAGES:
            chosen = random.choice(templates[language], TEXTS_A_LANGUAGE)
            rows.extend(chosen)
            article_id = f"generated/{number:0{width}d}"
            entries.extend(Passage(article_id, language, "question", f"{article_id} {i}") for i in chosen)
    return entries, np.array(rows, dtype=np.int64)


def _vectors(real: NDArray[np.float32], rows: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.float32]:
    a_article = TEXTS_A_LANGUAGE * len(LANGUAGES)
    vectors = np.empty((len(rows), real.shape[1]), dtype=np.float32)
    for first in range(0, len(rows), BATCH - BATCH % a_article):
        part = rows[first : first + BATCH - BATCH % a_article]
        own = random.normal(size=(len(part) // a_article, real.shape[1])).astype(np.float32)
        mixed = real[part] + 0.04 * np.repeat(own, a_article, axis=0)
        vectors[first : first + len(part)] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return vectors


def _tokens(real: TokenTable, rows: NDArray[np.int64], articles: int, random: np.random.Generator) -> TokenTable:
    lengths = np.diff(real.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    taken = np.repeat(real.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
    ids = real.ids[taken].copy()
    foreign = random.random(len(ids)) < 0.5
    growth = articles * WORDS_A_ARTICLE
    rank = random.zipf(1.3, int(foreign.sum())) % (len(real.vocabulary) + growth)
    ids[foreign] = (rank + len(real.vocabulary) // 50) % (len(real.vocabulary) + growth)
    vocabulary = [*real.vocabulary, *(f"w{i}" for i in range(growth))]
    return TokenTable(vocabulary, ids.astype(np.int32), starts)
