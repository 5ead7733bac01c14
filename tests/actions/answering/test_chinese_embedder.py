"""The packed model and the embedder on it: what is near in meaning is near, and a wrong file is named."""

from pathlib import Path

import numpy as np
import pytest

from actions.answering import chinese_embedder
from actions.answering.chinese_embedder import ChineseEmbedder, ChineseModelUnusable
from actions.answering.packed_model import BLOCK, read_packed, unpacked


@pytest.fixture(scope="module")
def embedder() -> ChineseEmbedder:
    return ChineseEmbedder()


def test_a_question_is_nearer_to_its_paraphrase_than_to_another_question(embedder: ChineseEmbedder) -> None:
    asked, same, other = embedder.embed(["社保断了几个月要紧吗", "停缴一阵子有没有影响", "受伤了找谁赔钱"])
    assert asked @ same > asked @ other + 0.1


def test_every_vector_has_length_one_however_long_the_text(embedder: ChineseEmbedder) -> None:
    rows = embedder.embed(["", "交", "养老保险" * 400, "\u3000 \U0001f600"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_company_in_a_batch_hardly_changes_a_vector(embedder: ChineseEmbedder) -> None:
    alone = embedder.embed(["最低档一个月交多少"])[0]
    among = embedder.embed(["最低档一个月交多少", "在老家交的新农保还算不算数，到了城里上班怎么接"])[0]
    assert alone @ among > 0.97


def test_packed_weights_are_nibbles_around_eight_times_their_scale() -> None:
    block = np.zeros((1, 1), dtype=[("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
    block["scale"], block["nibbles"][0, 0, 0] = 0.5, 0x3F
    weights = unpacked(block)
    assert weights.shape == (1, BLOCK)
    assert (weights[0, 0], weights[0, 16], weights[0, 1]) == (3.5, -2.5, -4.0)


@pytest.mark.parametrize("content", [b"", b"GGUF and more", b"E5S1\x01\x00\x00\x00\x01"])
def test_another_kind_of_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.bin"):
        read_packed(path)


def test_a_missing_model_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chinese_embedder, "PACKAGE", "no_such_package")
    with pytest.raises(ChineseModelUnusable, match="make setup"):
        ChineseEmbedder()
