"""A linear classifier from a question to the article that answers it, trained on the folder's own question variants.

The packaged embedding model reads English; this is what carries Chinese (docs/decisions/0004). It sees the tokens
(words, n-grams, concepts) and the vector of a question together.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.svm import LinearSVC

from actions.answering.answer import Language
from actions.answering.embedder import Vectors

Floats = NDArray[np.float32]
VECTOR_WEIGHT = {"zh": 0.25, "en": 1.0}  # length of the embedding beside the token vector, which has length 1
REGULARISATION = 0.3  # inverse strength; both chosen on the calibration split (docs/retrieval.md)


class TopicClassifier:
    """Scores of every article for one question; plain arrays, so it is saved without pickle."""

    def __init__(
        self, labels: list[str], vocabulary: dict[str, int], idf: Floats, weights: Floats, bias: Floats
    ) -> None:
        self.labels, self._vocabulary, self._idf, self._weights, self._bias = (
            labels,
            vocabulary,
            idf,
            weights,
            bias,
        )
        self._rare = float(idf.max(initial=1.0))

    @classmethod
    def train(cls, token_lists: list[list[str]], vectors: Vectors, article_ids: list[str]) -> "TopicClassifier":
        """`vectors` has one weighted row a token list (`weighted`); the same input gives the same classifier."""
        counts = Counter(token for tokens in token_lists for token in set(tokens))
        vocabulary = {token: i for i, token in enumerate(sorted(counts))}
        frequency = np.array([counts[token] for token in vocabulary], dtype=np.float32)
        idf = (np.log((1 + len(token_lists)) / (1 + frequency)) + 1).astype(np.float32)
        labels = sorted(set(article_ids))
        features = sparse.vstack([_features(tokens, vocabulary, idf) for tokens in token_lists])
        both = sparse.hstack([features, sparse.csr_matrix(vectors)]).tocsr()
        model = LinearSVC(C=REGULARISATION, tol=1e-3, random_state=0)
        model.fit(both, np.array([labels.index(article_id) for article_id in article_ids]))
        return cls(labels, vocabulary, idf, model.coef_.astype(np.float32), model.intercept_.astype(np.float32))

    def scores(self, tokens: list[str], vector: Vectors) -> Floats:
        """Distances to each label's margin, in the order of `labels`; `vector` is weighted, of shape (dimensions,)."""
        row = _features(tokens, self._vocabulary, self._idf)
        size = len(self._vocabulary)
        distances = self._bias + self._weights[:, size:] @ vector + self._weights[:, row.indices] @ row.data
        result: Floats = distances.astype(np.float32)
        return result

    def mass(self, tokens: list[str]) -> float:
        """The summed rarity of the distinct tokens; one that no article knows counts as the rarest."""
        return float(sum(self._rarity(token) for token in set(tokens)))

    def known_share(self, tokens: list[str]) -> float:
        """0 to 1: how much of a question's mass some article knows at all."""
        known = [token for token in set(tokens) if token in self._vocabulary]
        return self.mass(known) / (self.mass(tokens) or 1.0)

    def _rarity(self, token: str) -> float:
        row = self._vocabulary.get(token)
        return self._rare if row is None else float(self._idf[row])

    def save(self, folder: Path) -> None:
        """Two files in `folder`."""
        np.savez(folder / "topics.npz", idf=self._idf, weights=self._weights, bias=self._bias)
        names = {"labels": self.labels, "vocabulary": list(self._vocabulary)}
        (folder / "topics.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TopicClassifier":
        """What `save` wrote."""
        names = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "topics.npz")
        vocabulary = {token: i for i, token in enumerate(names["vocabulary"])}
        return cls(names["labels"], vocabulary, arrays["idf"], arrays["weights"], arrays["bias"])


def weighted(vectors: Vectors, languages: list[Language]) -> Vectors:
    """Vectors scaled by how well the packaged model reads each text's language."""
    weights = np.array([VECTOR_WEIGHT[language] for language in languages], dtype=np.float32)
    return vectors * weights[:, None]


def _features(tokens: list[str], vocabulary: dict[str, int], idf: Floats) -> sparse.csr_matrix:
    """A row of length 1 (or 0 where no token is known): sublinear counts times rarity."""
    counts = Counter(vocabulary[token] for token in tokens if token in vocabulary)
    columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * idf[columns]
    length = float(np.linalg.norm(values)) or 1.0
    return sparse.csr_matrix((values / length, (np.zeros(len(columns), int), columns)), shape=(1, len(vocabulary)))
