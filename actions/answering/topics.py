"""A linear classifier from a question to the article that answers it, trained on the folder's own question variants.

The packaged embedding model reads English; this is what carries Chinese (docs/decisions/0004). It sees the tokens
(words, n-grams, concepts) and the main directions of the vector of a question together. An article that changed is
trained anew against all others while their weights stay; folders too large to train get centroids (decision 0010).
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.svm import LinearSVC

from actions.answering.answer import Language
from actions.answering.embedder import Vectors

Floats = NDArray[np.float32]
VECTOR_WEIGHT = {"zh": 0.65, "en": 0.5}  # length of the embedding beside the token vector, which has length 1
REGULARISATION = 0.3  # inverse strength; both chosen on the calibration split (docs/retrieval.md)
DIRECTIONS = 64  # of a language's embedding; more cost time and bring nothing (docs/retrieval.md)
MOST_TRAINED = 3000  # articles; beyond, the time of training would grow with their square
NEGLIGIBLE = 5e-3  # weights below it are dropped: five sixths of them, and no ranking changes
THREADS = 2
REST = "~"  # what a question that belongs to none of the wanted labels is called; sorts after every id


class TopicClassifier:
    """Scores of every article for one question; plain arrays, so it is saved without pickle.

    `weights` has shape (tokens, labels), `directions` (dimensions of `weighted`, DIRECTIONS a language), `leanings`
    (directions, labels).
    """

    def __init__(
        self,
        labels: list[str],
        vocabulary: dict[str, int],
        idf: Floats,
        weights: sparse.csr_matrix,
        directions: Floats,
        leanings: Floats,
        bias: Floats,
    ) -> None:
        self.labels, self.vocabulary, self.weights = labels, vocabulary, weights
        self._idf, self._directions, self._leanings, self._bias = idf, directions, leanings, bias
        self._rare = float(idf.max(initial=1.0))

    @classmethod
    def train(
        cls, token_lists: Sequence[Sequence[str]], vectors: Vectors, article_ids: Sequence[str]
    ) -> "TopicClassifier":
        """`vectors` has one weighted row a token list (`weighted`); the same input gives the same classifier."""
        counts = Counter(token for tokens in token_lists for token in set(tokens))
        vocabulary = {token: i for i, token in enumerate(sorted(counts))}
        frequency = np.array([counts[token] for token in vocabulary], dtype=np.float32)
        idf = (np.log((1 + len(token_lists)) / (1 + frequency)) + 1).astype(np.float32)
        directions = _main_directions(vectors)
        labels = sorted(set(article_ids))
        features = sparse.hstack([_features(token_lists, vocabulary, idf), vectors @ directions]).tocsr()
        fit = _fit_margins if len(labels) <= MOST_TRAINED else _fit_centroids
        fitted, bias = fit(features, article_ids, labels)
        weights, leanings = _divided(fitted, len(vocabulary))
        return cls(labels, vocabulary, idf, weights, directions, leanings, bias)

    def updated(
        self,
        token_lists: Sequence[Sequence[str]],
        vectors: Vectors,
        article_ids: Sequence[str],
        changed: Collection[str],
    ) -> "TopicClassifier":
        """Trained on the whole new folder, but only for the `changed` labels; the others keep their weights.

        Tokens that nobody had used before are as rare as the rarest; labels without a text are dropped.
        """
        new = sorted({token for tokens in token_lists for token in tokens} - self.vocabulary.keys())
        vocabulary = {**self.vocabulary, **{token: len(self.vocabulary) + i for i, token in enumerate(new)}}
        idf = np.concatenate([self._idf, np.full(len(new), self._rare, dtype=np.float32)])
        labels = sorted(set(article_ids))
        wanted = [label for label in labels if label in changed]
        features = sparse.hstack([_features(token_lists, vocabulary, idf), vectors @ self._directions]).tocsr()
        fit = _fit_margins if len(labels) <= MOST_TRAINED else _fit_centroids
        fresh, fresh_bias = fit(features, article_ids, wanted)
        fresh_weights, fresh_leanings = _divided(fresh, len(vocabulary))
        held = sparse.csr_matrix(
            (self.weights.data, self.weights.indices, np.append(self.weights.indptr, [self.weights.nnz] * len(new))),
            shape=(len(vocabulary), len(self.labels)),
        )
        both = {label: i for i, label in enumerate([*self.labels, *(f"{REST}{label}" for label in wanted)])}
        order = [both[f"{REST}{label}" if label in changed else label] for label in labels]
        return TopicClassifier(
            labels,
            vocabulary,
            idf,
            sparse.hstack([held, fresh_weights]).tocsc()[:, order].tocsr(),
            self._directions,
            np.hstack([self._leanings, fresh_leanings])[:, order],
            np.concatenate([self._bias, fresh_bias])[order],
        )

    def scores(self, tokens: Sequence[str], vector: Vectors) -> Floats:
        """Distances to each label's margin, in the order of `labels`; `vector` is weighted, of shape (dimensions,)."""
        row = _features([tokens], self.vocabulary, self._idf)
        found = self._bias + (vector @ self._directions) @ self._leanings
        start, stop = self.weights.indptr[row.indices], self.weights.indptr[row.indices + 1]
        for weight, first, last in zip(row.data, start, stop, strict=True):
            found[self.weights.indices[first:last]] += weight * self.weights.data[first:last]
        result: Floats = found.astype(np.float32, copy=False)
        return result

    def mass(self, tokens: Sequence[str]) -> float:
        """The summed rarity of the distinct tokens; one that no article knows counts as the rarest."""
        return float(sum(self._rarity(token) for token in set(tokens)))

    def known_share(self, tokens: Sequence[str]) -> float:
        """0 to 1: how much of a question's mass some article knows at all."""
        known = [token for token in set(tokens) if token in self.vocabulary]
        return self.mass(known) / (self.mass(tokens) or 1.0)

    def _rarity(self, token: str) -> float:
        row = self.vocabulary.get(token)
        return self._rare if row is None else float(self._idf[row])

    def save(self, folder: Path) -> None:
        """Three files in `folder`."""
        sparse.save_npz(folder / "topic_weights.npz", self.weights, compressed=False)
        np.savez(
            folder / "topics.npz",
            idf=self._idf,
            directions=self._directions,
            leanings=self._leanings,
            bias=self._bias,
        )
        names = {"labels": self.labels, "vocabulary": list(self.vocabulary)}
        (folder / "topics.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TopicClassifier":
        """What `save` wrote."""
        names = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "topics.npz")
        vocabulary = {token: i for i, token in enumerate(names["vocabulary"])}
        weights = sparse.load_npz(folder / "topic_weights.npz")
        parts = (arrays[name] for name in ("directions", "leanings", "bias"))
        return cls(names["labels"], vocabulary, arrays["idf"], weights, *parts)


def weighted(vectors: Vectors, languages: Sequence[Language]) -> Vectors:
    """Vectors scaled by how well each text's language is read, every language in dimensions of its own."""
    dimensions, places = vectors.shape[1], list(VECTOR_WEIGHT)
    rows = np.zeros((len(vectors), dimensions * len(places)), dtype=np.float32)
    for place, language in enumerate(places):
        own = [i for i, one in enumerate(languages) if one == language]
        rows[own, place * dimensions : (place + 1) * dimensions] = vectors[own] * VECTOR_WEIGHT[language]
    return rows


def _main_directions(vectors: Vectors) -> Floats:
    """The axes along which each language's vectors lie apart most, of shape (dimensions, at most DIRECTIONS each)."""
    parts = np.split(np.arange(vectors.shape[1]), len(VECTOR_WEIGHT))
    found = []
    for part in parts:
        own = vectors[:, part]
        _, axes = np.linalg.eigh(own.T.astype(np.float64) @ own)
        placed = np.zeros((vectors.shape[1], min(DIRECTIONS, len(part))), dtype=np.float32)
        placed[part] = axes[:, ::-1][:, :DIRECTIONS]
        found.append(placed)
    return np.hstack(found)


def _fit_margins(
    features: sparse.csr_matrix, article_ids: Sequence[str], wanted: Sequence[str]
) -> tuple[Floats, Floats]:
    """One linear margin a wanted label against everything else: weights (features, wanted) and biases."""
    shares = [list(wanted[i::THREADS]) for i in range(THREADS) if wanted[i::THREADS]]
    weights = np.zeros((features.shape[1], len(wanted)), dtype=np.float32)
    bias = np.zeros(len(wanted), dtype=np.float32)
    with ThreadPoolExecutor(THREADS) as pool:
        fitted = pool.map(lambda share: _margins_of(features, article_ids, share), shares)
    for share, (rows, biases) in zip(shares, fitted, strict=True):
        places = [wanted.index(label) for label in share]
        weights[:, places], bias[places] = rows.T, biases
    return weights, bias


def _margins_of(features: sparse.csr_matrix, article_ids: Sequence[str], share: list[str]) -> tuple[Floats, Floats]:
    own = set(share)
    names = np.array([label if label in own else REST for label in article_ids])
    if len(set(names)) < 2:  # a folder with one article has nothing to tell it from
        return np.zeros((len(share), features.shape[1]), dtype=np.float32), np.zeros(len(share), dtype=np.float32)
    model = LinearSVC(C=REGULARISATION, tol=1e-3, random_state=0).fit(features, names)
    rows, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn gives the margin of the second of two classes only
        rows, biases = np.vstack([-rows, rows]), np.array([-biases[0], biases[0]])
    place = {label: i for i, label in enumerate(model.classes_)}
    places = [place[label] for label in share]
    return rows[places].astype(np.float32), biases[places].astype(np.float32)


def _fit_centroids(
    features: sparse.csr_matrix, article_ids: Sequence[str], wanted: Sequence[str]
) -> tuple[sparse.csc_matrix, Floats]:
    """The mean of each wanted label's texts: weaker than margins, and as quick for a hundred thousand articles."""
    place = {label: i for i, label in enumerate(wanted)}
    own = [(i, place[label]) for i, label in enumerate(article_ids) if label in place]
    rows, columns = np.array(own, dtype=np.int64).reshape(-1, 2).T
    member = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(article_ids), len(wanted)))
    means = (features.T @ member).tocsc()
    lengths = np.sqrt(np.asarray(means.multiply(means).sum(axis=0))).ravel()
    scaled = means @ sparse.diags((1 / np.maximum(lengths, 1e-9)).astype(np.float32))
    return scaled.tocsc(), np.zeros(len(wanted), dtype=np.float32)


def _divided(weights: Floats | sparse.csc_matrix, tokens: int) -> tuple[sparse.csr_matrix, Floats]:
    """The weights of tokens, without the negligible ones, and those of the directions."""
    if not isinstance(weights, np.ndarray):
        return weights[:tokens].tocsr(), weights[tokens:].toarray().astype(np.float32)
    kept = np.where(np.abs(weights[:tokens]) < NEGLIGIBLE, 0, weights[:tokens])
    return sparse.csr_matrix(kept, dtype=np.float32), np.ascontiguousarray(weights[tokens:])


def _features(token_lists: Sequence[Sequence[str]], vocabulary: dict[str, int], idf: Floats) -> sparse.csr_matrix:
    """Rows of length 1 (or 0 where no token is known): sublinear counts times rarity."""
    counted = [Counter(vocabulary[token] for token in tokens if token in vocabulary) for tokens in token_lists]
    starts = np.cumsum([0, *(len(counts) for counts in counted)])
    columns = np.fromiter((c for counts in counted for c in counts), dtype=np.int32, count=starts[-1])
    repeats = np.fromiter((n for counts in counted for n in counts.values()), dtype=np.float32, count=starts[-1])
    values = (1 + np.log(repeats)) * idf[columns]
    rows = sparse.csr_matrix((values, columns, starts), shape=(len(token_lists), len(vocabulary)), dtype=np.float32)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1))).ravel()
    scale = np.repeat(1 / np.maximum(lengths, 1e-9), np.diff(starts)).astype(np.float32)
    rows.data *= scale
    return rows
