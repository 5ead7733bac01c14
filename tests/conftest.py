"""One place for what all tests share: a fixed day, the project's folder, and a small knowledge folder to break."""

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"

PROJECT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 23)

KEPT_FROM_THE_REAL_FOLDER = ("texts.yml", "guards.yml", "regions.yml", "glossary.yml", "answering.yml")


@pytest.fixture
def today() -> date:
    """The day that the tests live on."""
    return TODAY


@pytest.fixture(scope="session")
def project() -> Path:
    """The repository."""
    return PROJECT


@pytest.fixture(scope="session")
def real_knowledge() -> Path:
    """The folder that staff curate; never written to."""
    return PROJECT / "knowledge"


@pytest.fixture
def small_folder(tmp_path: Path, real_knowledge: Path) -> Iterator[Path]:
    """A valid knowledge folder of four articles, to change and to break."""
    folder = tmp_path / "knowledge"
    shutil.copytree(PROJECT / "tests" / "example_knowledge", folder)
    for name in KEPT_FROM_THE_REAL_FOLDER:
        shutil.copy(real_knowledge / name, folder / name)
    yield folder
