"""The searchable form of the articles: vectors in faiss, tokens in bm25s, and a classifier trained on the variants.

Kept on disk with a manifest of digests; a build that would give the same index is skipped, and texts that were
embedded before are not embedded again.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import BadZipFile

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from actions.answering.answer import Language
from actions.answering.embedder import Embedder, Vectors
from actions.answering.passages import OUTSIDE, Passage
from actions.answering.tokens import Tokeniser
from actions.answering.topics import TopicClassifier, weighted

FORMAT = 5  # raise when the files below change their meaning
NEIGHBOURS = 64  # entries that the dense leg looks at; several of them lead to one article

Scores = NDArray[np.float32]


class IndexUnusable(Exception):
    """The index on disk is missing or broken; `shebao knowledge index` builds it anew."""


@dataclass(frozen=True)
class Hits:
    """What each leg says of each article (rows in the order of `Index.article_ids`); `nearest` is the entry matched."""

    dense: Scores
    lexical: Scores
    topical: Scores
    nearest: tuple[int, ...]


class Index:
    """Search over the entries of all articles. Read-only after building; safe to share between threads."""

    def __init__(
        self,
        entries: list[Passage],
        vectors: Vectors,
        lexical: bm25s.BM25,
        topics: TopicClassifier,
        digest: str,
    ) -> None:
        self.entries, self.vectors, self.lexical, self.topics, self.digest = (
            entries,
            vectors,
            lexical,
            topics,
            digest,
        )
        self.article_ids = tuple(dict.fromkeys(entry.article_id for entry in entries))
        row = {article_id: i for i, article_id in enumerate(self.article_ids)}
        self._article_of = np.array([row[entry.article_id] for entry in entries], dtype=np.int64)
        outside = np.array([article_id.startswith(OUTSIDE) for article_id in self.article_ids])
        self.article_rows, self.outside_rows = np.flatnonzero(~outside), np.flatnonzero(outside)
        self._faiss = faiss.IndexFlatIP(vectors.shape[1])
        self._faiss.add(vectors)
        self._topic_rows = np.array([row[label] for label in topics.labels], dtype=np.int64)

    @classmethod
    def build(cls, entries: list[Passage], embedder: Embedder, tokeniser: Tokeniser, known: "Index | None") -> "Index":
        """A new index; vectors of texts that `known` holds are taken over when the embedder is the same."""
        texts = [entry.text for entry in entries]
        vectors = _embed_new(texts, embedder, known)
        tokens = [tokeniser.tokens(text) for text in texts]
        lexical = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        lexical.index(tokens, show_progress=False)
        asked = [i for i, entry in enumerate(entries) if entry.kind != "passage"]
        topics = TopicClassifier.train(
            [tokens[i] for i in asked],
            weighted(vectors[asked], [entries[i].language for i in asked]),
            [entries[i].article_id for i in asked],
        )
        return cls(entries, vectors, lexical, topics, digest_of(entries, embedder))

    def search(self, vector: Vectors, tokens: list[str], language: Language) -> Hits:
        """Scores of every article for one question: `vector` has shape (dimensions,) and length 1."""
        count = len(self.article_ids)
        similar, rows = self._faiss.search(vector[None, :], min(NEIGHBOURS, len(self.entries)))
        dense = np.full(count, max(float(similar[0][-1]), 0.0), dtype=np.float32)
        nearest = np.full(count, -1, dtype=np.int64)
        for score, entry in zip(similar[0][::-1], rows[0][::-1], strict=True):
            dense[self._article_of[entry]] = score
            nearest[self._article_of[entry]] = entry
        lexical = np.zeros(count, dtype=np.float32)
        known = [token for token in tokens if token in self.lexical.vocab_dict]
        if known:
            np.maximum.at(lexical, self._article_of, self.lexical.get_scores(known))
        topical = np.zeros(count, dtype=np.float32)
        topical[self._topic_rows] = self.topics.scores(tokens, weighted(vector[None, :], [language])[0])
        return Hits(dense, lexical, topical, tuple(int(entry) for entry in nearest))

    def save(self, folder: Path) -> None:
        """Writes the index beside the old one and swaps them, so that a killed build leaves the old one whole."""
        fresh = folder.with_name(f"{folder.name}.new-{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        np.save(fresh / "vectors.npy", self.vectors)
        self.lexical.save(fresh / "lexical", show_progress=False)
        self.topics.save(fresh)
        (fresh / "entries.json").write_text(
            json.dumps([asdict(entry) for entry in self.entries], ensure_ascii=False), encoding="utf-8"
        )
        (fresh / "manifest.json").write_text(json.dumps({"digest": self.digest, "format": FORMAT}), encoding="utf-8")
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
            lexical = bm25s.BM25.load(folder / "lexical", show_progress=False)
            vectors = np.load(folder / "vectors.npy")
            return cls(entries, vectors, lexical, TopicClassifier.load(folder), manifest["digest"])
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise IndexUnusable(f"no usable index in {folder} ({error}); run `shebao knowledge index`") from None


def digest_of(entries: list[Passage], embedder: Embedder) -> str:
    """Changes exactly when a build would give another index."""
    rows = [FORMAT, embedder.name, *(tuple(asdict(entry).values()) for entry in entries)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _embed_new(texts: list[str], embedder: Embedder, known: "Index | None") -> Vectors:
    held: dict[str, NDArray[np.float32]] = {}
    if known is not None and digest_of(known.entries, embedder) == known.digest:
        held = {entry.text: known.vectors[i] for i, entry in enumerate(known.entries)}
    new = list(dict.fromkeys(text for text in texts if text not in held))
    if new:
        held.update(zip(new, embedder.embed(new), strict=True))
    return np.stack([held[text] for text in texts]).astype(np.float32)
