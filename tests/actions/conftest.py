"""What the actions keep in the database."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.workers import Workers


@pytest.fixture
def workers(engine: AsyncEngine) -> Workers:
    """What is held of workers in it."""
    return Workers(engine)
