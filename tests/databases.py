"""The databases that tests run on: SQLite in a folder of the test, one of their own on a real PostgreSQL."""

import asyncio
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

SERVER = os.environ.get("TEST_POSTGRES", "postgres@127.0.0.1")


@contextmanager
def sqlite(place: Path) -> Iterator[str]:
    """The address of an empty SQLite file."""
    yield f"sqlite+aiosqlite:///{place / 'shebao.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database, dropped afterwards; skips where no server answers (never in CI)."""
    name = f"shebao_test_{uuid.uuid4().hex[:12]}"
    try:
        asyncio.run(_command(f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL at {SERVER.split('@')[-1]}: {error}")
    try:
        yield f"postgresql+asyncpg://{SERVER}/{name}"
    finally:
        asyncio.run(_command(f"DROP DATABASE {name} WITH (FORCE)"))


async def _command(text: str) -> None:
    connection = await asyncpg.connect(f"postgresql://{SERVER}/postgres", timeout=5)
    try:
        await connection.execute(text)
    finally:
        await connection.close()
