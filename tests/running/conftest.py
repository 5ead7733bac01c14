"""One running system for all tests of this folder that leave it whole."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running.stack import Stack, require_set_up

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here carries the mark `running`: `pytest -m "not running"` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.running)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The system, started once; nobody may kill a part of it (see test_killed_processes.py)."""
    require_set_up()
    with Stack(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """One connection for all turns."""
    with httpx.Client(trust_env=False) as opened:
        yield opened
