"""The searchable form of the articles: vectors in faiss, tokens in bm25s, and a classifier trained on the variants.

Kept on disk with a manifest of digests. A build that would give the same index is skipped; where a few articles
changed, only their texts are embedded and only their classifiers are trained anew.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from actions.answering.answer import Language
from actions.answering.embedder import Embedder, Vectors
from actions.answering.passages import OUTSIDE, Passage
from actions.answering.spelling import Spelling
from actions.answering.tokens import Tokeniser, TokenTable
from actions.answering.topics import TopicClassifier, weighted

FORMAT = 8  # raise when the files below change their meaning
NEIGHBOURS = 64  # entries that the dense leg looks at; several of them lead to one article
LARGE = 100_000  # entries; from here on the dense leg searches cells, the lexical leg skips very common tokens
CELLS_LOOKED_AT = 24
COMMON_SHARE = 0.01  # of the entries of a large index: a token this common tells them apart no more
PATCHED_AT_MOST = 0.1  # of the labels; when more have changed since the last whole training, all are trained

Scores = NDArray[np.float32]


class IndexUnusable(Exception):
    """The index on disk is missing or broken; `shebao knowledge index` builds it anew."""


@dataclass(frozen=True)
class Hits:
    """What each leg says of each article (rows in the order of `Index.article_ids`); `nearest` is the entry matched."""

    dense: Scores
    lexical: Scores
    topical: Scores
    nearest: NDArray[np.int64]


@dataclass(frozen=True)
class Manifest:
    """What an index was made of. `patched`: labels trained since all were trained together."""

    digest: str
    embedder: str
    tokeniser: str
    patched: tuple[str, ...] = ()
    format: int = FORMAT


class Index:
    """Search over the entries of all articles. Read-only after building; safe to share between threads."""

    def __init__(
        self,
        entries: list[Passage],
        vectors: Vectors,
        tokens: TokenTable,
        topics: TopicClassifier,
        manifest: Manifest,
    ) -> None:
        self.entries, self.vectors, self.tokens, self.topics, self.manifest = entries, vectors, tokens, topics, manifest
        if not len(entries) == len(vectors) == len(tokens.starts) - 1:
            raise IndexUnusable("the parts of the index do not fit together; run `shebao knowledge index`")
        self.article_ids = tuple(dict.fromkeys(entry.article_id for entry in entries))
        row = {article_id: i for i, article_id in enumerate(self.article_ids)}
        self._article_of = np.array([row[entry.article_id] for entry in entries], dtype=np.int64)
        if np.any(np.diff(self._article_of) < 0):
            raise IndexUnusable("the entries of an article do not stand together")
        self._starts = np.searchsorted(self._article_of, np.arange(len(self.article_ids)))
        outside = np.array([article_id.startswith(OUTSIDE) for article_id in self.article_ids])
        self.article_rows, self.outside_rows = np.flatnonzero(~outside), np.flatnonzero(outside)
        self._topic_rows = np.array([row[label] for label in topics.labels], dtype=np.int64)
        self._cells = _searchable(vectors)
        self.lexical = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        self.lexical.index(tokens.lists, show_progress=False)
        spread = np.diff(self.lexical.scores["indptr"])
        common = np.flatnonzero(spread > COMMON_SHARE * len(entries)) if len(entries) >= LARGE else np.empty(0)
        self._too_common = frozenset(int(token) for token in common)

    @property
    def digest(self) -> str:
        """Changes exactly when a build would give another index."""
        return self.manifest.digest

    @cached_property
    def spelling(self) -> Spelling:
        """Mends slips in words that the entries use."""
        counts = np.bincount(self.tokens.ids, minlength=len(self.tokens.vocabulary))
        return Spelling({token: int(n) for token, n in zip(self.tokens.vocabulary, counts, strict=True)})

    @classmethod
    def build(cls, entries: list[Passage], embedder: Embedder, tokeniser: Tokeniser, known: "Index | None") -> "Index":
        """A new index; what `known` holds of the same texts, embedder and glossary is taken over."""
        held = known if known is not None and known.manifest.embedder == embedder.name else None
        vectors = _embed_new(entries, embedder, held)
        held = held if held is not None and held.manifest.tokeniser == tokeniser.name else None
        tokens = _tokenise_new(entries, tokeniser, held)
        asked = [i for i, entry in enumerate(entries) if entry.kind != "passage"]
        lists = tokens.lists
        sample = (
            [lists[i] for i in asked],
            weighted(vectors[asked], [entries[i].language for i in asked]),
            [entries[i].article_id for i in asked],
        )
        changed = _changed(held.entries, entries) if held else None
        patched = sorted({*held.manifest.patched, *changed}) if held and changed is not None else []
        digest = digest_of(entries, embedder)
        if held and changed is not None and len(patched) <= PATCHED_AT_MOST * len(set(sample[2])):
            topics = held.topics.updated(*sample, changed=changed) if changed else held.topics
        else:
            topics, patched = TopicClassifier.train(*sample), []
        return cls(entries, vectors, tokens, topics, Manifest(digest, embedder.name, tokeniser.name, tuple(patched)))

    def search(self, vector: Vectors, tokens: list[str], language: Language) -> Hits:
        """Scores of every article for one question: `vector` has shape (dimensions,) and length 1."""
        count = len(self.article_ids)
        similar, rows = self._cells.search(vector[None, :], min(NEIGHBOURS, len(self.entries)))
        found = rows[0] >= 0
        similar, rows = similar[0][found][::-1], rows[0][found][::-1]
        dense = np.full(count, max(float(similar[0]), 0.0) if len(similar) else 0.0, dtype=np.float32)
        nearest = np.full(count, -1, dtype=np.int64)
        dense[self._article_of[rows]] = similar  # the best comes last and stays
        nearest[self._article_of[rows]] = rows
        topical = np.zeros(count, dtype=np.float32)
        topical[self._topic_rows] = self.topics.scores(tokens, weighted(vector[None, :], [language])[0])
        return Hits(dense, self._lexical(tokens), topical, nearest)

    def _lexical(self, tokens: list[str]) -> Scores:
        """The best BM25 score among each article's entries."""
        known = [token for token in tokens if self.lexical.vocab_dict.get(token) is not None]
        telling = [token for token in known if self.lexical.vocab_dict[token] not in self._too_common]
        if not telling:
            return np.zeros(len(self.article_ids), dtype=np.float32)
        best: Scores = np.maximum.reduceat(self.lexical.get_scores(telling), self._starts).astype(np.float32)
        return best

    def save(self, folder: Path) -> None:
        """Writes the index beside the old one and swaps them, so that a killed build leaves the old one whole."""
        fresh = folder.with_name(f"{folder.name}.new-{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        np.save(fresh / "vectors.npy", self.vectors)
        np.savez(fresh / "tokens.npz", ids=self.tokens.ids, starts=self.tokens.starts)
        self.topics.save(fresh)
        for name, content in (
            ("tokens.json", self.tokens.vocabulary),
            ("entries.json", [vars(entry) for entry in self.entries]),
            ("manifest.json", asdict(self.manifest)),
        ):
            (fresh / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> "Index":
        """The index in `folder`; raises IndexUnusable."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT:
                raise IndexUnusable(f"the index in {folder} has an older format; run `shebao knowledge index`")
            entries = [Passage(**row) for row in json.loads((folder / "entries.json").read_text(encoding="utf-8"))]
            vocabulary = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))
            arrays = np.load(folder / "tokens.npz")
            tokens = TokenTable(vocabulary, arrays["ids"], arrays["starts"])
            vectors = np.load(folder / "vectors.npy")
            patched = tuple(manifest.pop("patched"))
            return cls(entries, vectors, tokens, TopicClassifier.load(folder), Manifest(**manifest, patched=patched))
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile, AttributeError) as error:
            raise IndexUnusable(f"no usable index in {folder} ({error}); run `shebao knowledge index`") from None


def digest_of(entries: list[Passage], embedder: Embedder) -> str:
    """Changes exactly when a build would give another index."""
    rows = [FORMAT, embedder.name, *((e.article_id, e.language, e.kind, e.text) for e in entries)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _searchable(vectors: Vectors) -> "faiss.Index":
    """Exact search, or in a large index a search of the nearest cells over vectors of one byte a dimension."""
    count, dimensions = vectors.shape
    if count < LARGE:
        exact = faiss.IndexFlatIP(dimensions)
        exact.add(vectors)
        return exact
    cells = int(4 * np.sqrt(count))
    centres = faiss.IndexFlatIP(dimensions)
    index = faiss.IndexIVFScalarQuantizer(
        centres, dimensions, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    sample = np.random.default_rng(0).choice(count, min(count, 40 * cells), replace=False)
    index.cp.niter = 6
    index.train(vectors[np.sort(sample)])
    index.add(vectors)
    index.nprobe = CELLS_LOOKED_AT
    return index


def _embed_new(entries: list[Passage], embedder: Embedder, known: "Index | None") -> Vectors:
    held = {entry.text: known.vectors[i] for i, entry in enumerate(known.entries)} if known else {}
    new = list(dict.fromkeys(entry.text for entry in entries if entry.text not in held))
    if new:
        held.update(zip(new, embedder.embed(new), strict=True))
    return np.stack([held[entry.text] for entry in entries]).astype(np.float32)


def _tokenise_new(entries: list[Passage], tokeniser: Tokeniser, known: "Index | None") -> TokenTable:
    if known is None:
        return TokenTable.of(tokeniser.tokens(entry.text) for entry in entries)
    row = {entry.text: i for i, entry in enumerate(known.entries)}
    return known.tokens.rearranged(
        row[entry.text] if entry.text in row else tokeniser.tokens(entry.text) for entry in entries
    )


def _changed(before: list[Passage], now: list[Passage]) -> Collection[str]:
    """Ids of the articles whose trained texts are not the same."""
    texts: list[dict[str, set[tuple[str, str]]]] = [{}, {}]
    for entries, own in zip((before, now), texts, strict=True):
        for entry in entries:
            if entry.kind != "passage":
                own.setdefault(entry.article_id, set()).add((entry.language, entry.text))
    return {
        article_id for article_id in {**texts[0], **texts[1]} if texts[0].get(article_id) != texts[1].get(article_id)
    }
