"""The whole running system for tests: `shebao serve` on free ports, with a state folder and a database of its own."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHEBAO = Path(sys.executable).with_name("shebao")
NEEDED = (PROJECT / "bot/models/shebao.tar.gz", PROJECT / "var/index/manifest.json", SHEBAO)
START_DEADLINE = 175.0  # seconds, on a busy machine, with an index that has to be built anew
STOP_DEADLINE = 30.0
TURN_DEADLINE = 10.0
POLL = 0.1


def require_set_up() -> None:
    """Skip where the project is not set up; on CI (`CI=true`) fail, so that nobody mistakes a skip for a pass."""
    missing = [str(path.relative_to(PROJECT)) for path in NEEDED if not path.exists()]
    if not missing:
        return
    reason = f"{', '.join(missing)} is missing: run `make setup` first"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Stack:
    """A running system; `with Stack(folder) as stack:` starts it, waits until it is ready, and ends it for certain."""

    folder: Path
    port: int = field(default_factory=lambda: free_port())
    rasa_port: int = field(default_factory=lambda: free_port())
    actions_port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the web chat is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "shebao.db"

    @property
    def environment(self) -> dict[str, str]:
        """What the whole is started with."""
        own = {
            "SHEBAO_PORT": str(self.port),
            "SHEBAO_RASA_PORT": str(self.rasa_port),
            "SHEBAO_ACTIONS_PORT": str(self.actions_port),
            "SHEBAO_STATE_DIR": str(self.folder),
            "SHEBAO_DATABASE_URL": f"sqlite+aiosqlite:///{self.database}",
            "SHEBAO_RATE_CONVERSATION": "10000/minute",
            "SHEBAO_RATE_ADDRESS": "100000/minute",
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("SHEBAO_")}
        return others | own

    def __enter__(self) -> Self:
        shutil.copytree(PROJECT / "var/index", self.folder / "index")
        upgrade = [str(SHEBAO), "database", "upgrade"]
        subprocess.run(upgrade, env=self.environment, cwd=PROJECT, check=True, timeout=60)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(SHEBAO), "serve"], env=self.environment, cwd=PROJECT, stdout=log, stderr=log
            )
        try:
            self.wait_until_ready(START_DEADLINE)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """What `shebao serve` says."""
        return self.folder / "serve.log"

    def stop(self) -> None:
        """As Ctrl-C does; killed where that is of no use."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def is_ready(self) -> bool:
        """Whether every server says that it is ready."""
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, deadline: float) -> None:
        """Until everything is ready; fails with the last words of `shebao serve` otherwise."""
        ends = time.monotonic() + deadline
        while time.monotonic() < ends:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            if self.is_ready():
                return
            time.sleep(POLL)
        pytest.fail(f"the system was not ready within {deadline:.0f} s:\n{self.log.read_text(encoding='utf-8')}")

    def post(self, client: httpx.Client, message: dict[str, Any]) -> httpx.Response:
        """One message to the gateway."""
        return client.post(f"{self.address}/api/v1/messages", json=message, timeout=TURN_DEADLINE)

    def stored(self, conversation_id: str | None = None) -> list[str]:
        """Every row of every table as text, or only those of one conversation."""
        with sqlite3.connect(self.database) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
        connection.close()
        return [row for row in rows if conversation_id is None or conversation_id in row]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
