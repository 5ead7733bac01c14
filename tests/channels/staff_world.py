"""A member of staff at a terminal: the small folder, a database of their own, and what a command said."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from actions.database import open_database, upgrade_database
from actions.workers import AskedQuestion, Feedback, Workers
from channels.cli import app


@dataclass(frozen=True)
class Said:
    """What one command wrote, and how it ended."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        """What a program reads; nothing else may stand on standard output."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class Staff:
    """`folder` and `state` are where the settings point to."""

    folder: Path
    state: Path

    def run(self, *words: str) -> Said:
        """`shebao knowledge` with these words."""
        result = CliRunner().invoke(app, ["knowledge", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Said(result.stdout, result.stderr, result.exit_code)

    def fails(self, *words: str) -> str:
        """The one line that a command ends with; no traceback, no half a result."""
        said = self.run(*words)
        assert (said.code, said.out) == (1, "")
        assert said.err.count("\n") == 1
        return said.err.strip()

    def asked(self, words: str, outcome: str, article_id: str | None = None, who: str = "c", days_ago: int = 0) -> None:
        """A worker asked a question some days ago."""
        at = datetime.now(UTC) - timedelta(days=days_ago, seconds=1)
        self._keep(
            lambda workers: workers.log_question(AskedQuestion(who, at, "zh", None, words, outcome, article_id, 0))
        )

    def judged(self, article_id: str, helpful: bool, reason: str = "", who: str = "c") -> None:
        """A worker tapped below an answer just now."""

        async def write(workers: Workers) -> None:
            now = datetime.now(UTC)
            await workers.log_feedback(Feedback(who, now, "zh", article_id, helpful))
            if reason:
                await workers.log_reason(who, reason, now)

        self._keep(write)

    def _keep(self, write: Callable[[Workers], Awaitable[None]]) -> None:
        url = f"sqlite+aiosqlite:///{self.state / 'shebao.db'}"
        upgrade_database(url)

        async def writing() -> None:
            engine = open_database(url)
            await write(Workers(engine))
            await engine.dispose()

        asyncio.run(writing())
