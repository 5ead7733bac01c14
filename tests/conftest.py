"""What all tests share: a fixed day, the project's folder, and a small knowledge folder to break."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import open_database, upgrade_database
from tests.databases import postgresql, sqlite

if TYPE_CHECKING:
    from actions.answering.library import Library

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"

PROJECT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 23)


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
def small_folder(tmp_path: Path) -> Path:
    """A valid knowledge folder of four articles, to change and to break."""
    from tests.folders import copy_small_folder

    return copy_small_folder(tmp_path)


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> "Library":
    """The small folder opened with the word-count embedder: read-only, so one for all tests."""
    from tests.folders import copy_small_folder, open_small

    place = tmp_path_factory.mktemp("library")
    return open_small(copy_small_folder(place), place / "index")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An up-to-date database: what uses it is tried on both kinds."""
    with sqlite(tmp_path) if request.param == "sqlite" else postgresql() as url:
        upgrade_database(url)
        yield url


@pytest.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    """The database, opened."""
    engine = open_database(address)
    yield engine
    await engine.dispose()
