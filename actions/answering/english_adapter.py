"""What the English model learnt from this folder's questions: small changes to its weights, kept beside the code.

The change of a matrix is kept in four bits a number, in steps of its row; that of a row of numbers in half precision.
`benchmarks/english_adapter.py` trains them and writes the file (docs/decisions/0020).
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

ADAPTER = Path(__file__).with_name("english_adapter.npz")
STEPS, NIBBLES, WHOLE = ":steps", ":nibbles", ":whole"
MOST = 7  # steps to either side of zero
WIDEST = 2.8  # of a row's own spread: what lies further out is rare and cut to it

Halves = NDArray[np.float16]
Floats = NDArray[np.float32]


class AdapterUnusable(Exception):
    """The file is missing, broken, or made for another model."""


def adapt(model: "torch.nn.Module", path: Path = ADAPTER) -> str:
    """Adds the changes to the model's weights; gives a name that changes with them. Raises AdapterUnusable."""
    import torch

    try:
        content = path.read_bytes()
        with np.load(path) as arrays:
            changes = dict(_changes({name: arrays[name] for name in arrays.files}))
        weights = dict(model.named_parameters())
        with torch.no_grad():
            for name, change in changes.items():
                if weights[name].shape != change.shape:
                    raise ValueError(f"{name} has another shape")
                weights[name] += torch.from_numpy(change)
    except (OSError, ValueError, KeyError, EOFError, AttributeError, BadZipFile) as error:
        raise AdapterUnusable(f"{path.name} cannot be used ({error}); restore it and run `make setup`") from None
    return hashlib.sha256(content).hexdigest()[:12]


def _changes(arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, Floats]]:
    for name, array in arrays.items():
        if name.endswith(WHOLE):
            yield name.removesuffix(WHOLE), array.astype(np.float32)
        elif name.endswith(NIBBLES):
            matrix = name.removesuffix(NIBBLES)
            yield matrix, unpacked(arrays[matrix + STEPS], array)


def packed(change: Floats) -> tuple[Halves, NDArray[np.uint8]]:
    """The steps of each row, and two numbers a byte; the width must be even."""
    steps = (change.std(axis=1) * WIDEST / MOST + 1e-9).astype(np.float16)
    whole = np.clip(np.rint(change / np.maximum(steps, np.float16(6e-8)).astype(np.float32)[:, None]), -MOST, MOST)
    places = (whole + MOST).astype(np.uint8)
    return steps, places[:, ::2] << 4 | places[:, 1::2]


def unpacked(steps: Halves, nibbles: NDArray[np.uint8]) -> Floats:
    """What `packed` was given, but for the rounding."""
    places = np.stack([nibbles >> 4, nibbles & 15], axis=2).reshape(len(nibbles), -1)
    found: Floats = (places.astype(np.float32) - MOST) * steps.astype(np.float32)[:, None]
    return found
