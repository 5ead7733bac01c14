"""A desk with the small library and an SQLite file: what every action has at hand."""

from pathlib import Path

import pytest

from actions.answering.library import Library
from actions.custom.desk import Desk
from actions.database import upgrade_database
from actions.workers import Workers
from tests.actions.custom.desk_world import desk


@pytest.fixture
def address(tmp_path: Path) -> str:
    """An up-to-date SQLite file; test_workers.py tries both kinds of database."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'shebao.db'}"
    upgrade_database(url)
    return url


@pytest.fixture
def at(small_library: Library, workers: Workers) -> Desk:
    """The desk."""
    return desk(small_library, workers)
