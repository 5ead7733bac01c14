"""What the tests of the commands share."""

from pathlib import Path

import pytest

from tests.channels.staff_world import Staff
from tests.fakes import WordCountEmbedder


@pytest.fixture
def staff(small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """Staff with the small folder and nothing in their state folder; the embedder of the tests stands for the model."""
    state = tmp_path / "var"
    monkeypatch.setenv("SHEBAO_KNOWLEDGE_DIR", str(small_folder))
    monkeypatch.setenv("SHEBAO_STATE_DIR", str(state))
    monkeypatch.delenv("SHEBAO_DATABASE_URL", raising=False)
    monkeypatch.setattr("actions.answering.embedder.embedder_of", lambda _: WordCountEmbedder())
    return Staff(small_folder, state)
