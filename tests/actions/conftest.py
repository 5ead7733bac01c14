"""An up-to-date database of either kind, and what the actions keep in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import open_database, upgrade_database
from actions.workers import Workers
from tests.databases import postgresql, sqlite


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


@pytest.fixture
def workers(engine: AsyncEngine) -> Workers:
    """What is held of workers in it."""
    return Workers(engine)
