"""The changes that training made to the English model: read whole, or refused with a reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from actions.answering.embedder import SentenceEmbedder, packaged_model_path
from actions.answering.english_adapter import ADAPTER, NIBBLES, STEPS, WHOLE, AdapterUnusable, adapt, packed, unpacked
from actions.answering.evaluation import read_questions
from actions.answering.folder import read_knowledge
from actions.settings import PROJECT


class Little(torch.nn.Module):  # type: ignore[misc]
    """One matrix and one row of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = torch.nn.Linear(4, 2)
        torch.nn.init.zeros_(self.wide.weight)
        torch.nn.init.zeros_(self.wide.bias)


STEPS_OF_TWO = np.array([0.5, 2], np.float16)
SEVENS = np.array([[0x70, 0xE8], [0x87, 0x77]], np.uint8)  # 0 -7 7 1 and 1 0 0 0, each 7 higher
MATRIX: dict[str, NDArray[Any]] = {"wide.weight:steps": STEPS_OF_TWO, "wide.weight:nibbles": SEVENS}


def written(path: Path, arrays: dict[str, NDArray[Any]]) -> Path:
    """An adapter's file."""
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def test_a_matrix_changes_by_steps_of_its_rows_and_a_row_as_it_is(tmp_path: Path) -> None:
    model = Little()
    path = written(tmp_path / "a.npz", MATRIX | {"wide.bias:whole": np.array([4, 5], np.float16)})
    name = adapt(model, path)
    assert model.wide.weight.tolist() == [[0, -3.5, 3.5, 0.5], [2, 0, 0, 0]]
    assert model.wide.bias.tolist() == [4, 5]
    assert name == adapt(Little(), path)


@pytest.mark.parametrize(
    "arrays",
    [
        MATRIX | {"wide.weight:nibbles": SEVENS[:, :1]},
        {"wide.weight:nibbles": SEVENS},
        {"other:whole": STEPS_OF_TWO},
    ],
    ids=["another shape", "the steps are missing", "no such weight"],
)
def test_a_file_for_another_model_is_refused(tmp_path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(AdapterUnusable, match="restore it"):
        adapt(Little(), written(tmp_path / "a.npz", arrays))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY"], ids=["empty", "cut off", "no archive"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(AdapterUnusable, match="restore it"):
        adapt(Little(), path)


@pytest.mark.parametrize("scale", [1e-5, 1e-3, 1.0])
def test_four_bits_keep_a_change_but_for_an_eighth(scale: float) -> None:
    change = np.random.default_rng(0).normal(0, scale, (64, 96)).astype(np.float32)
    steps, nibbles = packed(change)
    assert nibbles.nbytes == change.size // 2
    assert np.linalg.norm(unpacked(steps, nibbles) - change) < np.linalg.norm(change) / 8


def test_a_row_that_did_not_change_stays() -> None:
    assert not unpacked(*packed(np.zeros((2, 4), np.float32))).any()


def found(embedder: SentenceEmbedder) -> float:
    """The share of development questions nearest to the middle of eight variants of a right article."""
    knowledge = read_knowledge(PROJECT / "knowledge")
    (asked,) = (one for one in read_questions(PROJECT / "benchmarks/development") if one.language == "en")
    questions = [one for one in asked.questions if one.expect][:80]
    ids = sorted({one.expect[0] for one in questions})
    middles = np.stack([embedder.embed(list(knowledge.articles[one].questions.en[:8])).mean(axis=0) for one in ids])
    near = embedder.embed([one.q for one in questions]) @ (middles / np.linalg.norm(middles, axis=1)[:, None]).T
    return float(np.mean([ids[i] in one.expect for i, one in zip(near.argmax(axis=1), questions, strict=True)]))


def test_the_shipped_changes_fit_the_packaged_model_and_find_more_of_the_development_questions() -> None:
    assert found(SentenceEmbedder()) > found(SentenceEmbedder(str(packaged_model_path()))) + 0.05


def test_the_shipped_file_holds_numbers_only_and_is_small() -> None:
    assert ADAPTER.stat().st_size < 5_000_000
    with np.load(ADAPTER, allow_pickle=False) as arrays:
        for name in arrays.files:
            assert name.endswith((STEPS, NIBBLES, WHOLE))
            assert np.isfinite(arrays[name].astype(np.float32)).all()
