"""Small working versions of the ports, for tests: no model, no network."""

import hashlib

import numpy as np

from actions.answering.embedder import Vectors
from actions.answering.tokens import plain

DIMENSIONS = 128


class WordCountEmbedder:
    """Vectors of hashed character pairs and words: texts that share them are near each other."""

    name = "word-count"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text, each of length 1."""
        self.embedded.extend(texts)
        return np.stack([self._vector(plain(text)) for text in texts])

    @staticmethod
    def _vector(text: str) -> Vectors:
        vector = np.zeros(DIMENSIONS, dtype=np.float32)
        for part in [*text.split(), *(text[i : i + 2] for i in range(len(text) - 1))]:
            vector[int(hashlib.md5(part.encode()).hexdigest(), 16) % DIMENSIONS] += 1
        length = float(np.linalg.norm(vector)) or 1.0
        return (vector / length).astype(np.float32)
