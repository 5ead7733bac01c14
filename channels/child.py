"""One server process of `shebao serve`: started, watched, started again, and ended for certain.

A server that dies, or no longer answers its health check, is started again. On Linux none outlives the
process that started it, not even one that is killed outright.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

LAST_WORDS = 12  # lines of its log that a failed server is quoted with
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 (where a server listens; one cannot ask it there)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Service:
    """One server process: how it is started, and where it says that it is ready and alive."""

    name: str
    command: tuple[str, ...]
    folder: Path
    port: int
    port_variable: str
    ready_path: str
    alive_path: str
    host: str = "127.0.0.1"
    environment: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """The address of a path on this server, as seen from this machine."""
        host = "127.0.0.1" if self.host in EVERY_ADDRESS else self.host
        return f"http://{host}:{self.port}{path}"


@dataclass(frozen=True)
class Patience:
    """How long, in seconds, and how often the supervisor waits before it acts."""

    start: float = 180.0  # for the first sign of readiness
    silence: float = 30.0  # without an answer to the health check
    stop: float = 5.0  # between asking a server to end and killing it
    steady: float = 60.0  # of readiness, after which earlier deaths are forgotten
    check: float = 2.0  # between two health checks
    answer: float = 5.0  # for the answer to one
    pause: float = 0.5  # before the first restart; doubled each time
    deaths: int = 5  # in a row, of a server that was ready once
    first_deaths: int = 2  # in a row, of a server that never was


class ServiceFailed(Exception):
    """A server died too often; the message holds the reason and the last lines of its log."""


class Child:
    """The running process of one service, through all its restarts."""

    def __init__(self, service: Service, log: Path, patience: Patience, say: Callable[[str], None]) -> None:
        self.service = service
        self.ready = asyncio.Event()
        self._log = log
        self._patience = patience
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._deaths = 0
        self._ready_since: float | None = None

    async def keep_alive(self) -> None:
        """Start the process again whenever it ends; raise ServiceFailed when that is of no use."""
        was_ready = False
        while True:
            reason = await self._live_once()
            was_ready = was_ready or self._ready_since is not None
            self._deaths = 1 if self._was_steady() else self._deaths + 1
            if self._deaths >= (self._patience.deaths if was_ready else self._patience.first_deaths):
                raise ServiceFailed(self._last_words(reason))
            pause = min(self._patience.pause * 2 ** (self._deaths - 1), 10.0)
            self._say(f"{self.service.name} {reason}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """End the process and everything it started: asked first, killed after `Patience.stop` seconds."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), self._patience.stop)
            except TimeoutError:
                self._say(f"{self.service.name} did not end when asked; killing it")
        self._signal(signal.SIGKILL)  # also what the process itself may have left behind
        await self._process.wait()

    def _was_steady(self) -> bool:
        since = self._ready_since
        return since is not None and time.monotonic() - since > self._patience.steady

    async def _live_once(self) -> str:
        self._ready_since = None
        self._process = await self._start()
        ended = asyncio.create_task(self._process.wait())
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({ended, watching}, return_when=asyncio.FIRST_COMPLETED)
            reason = _manner_of_death(ended.result()) if ended.done() else watching.result()
        finally:
            watching.cancel()
            ended.cancel()
            self.ready.clear()
        await self.stop()
        return reason

    async def _start(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            try:
                return await asyncio.create_subprocess_exec(
                    *self.service.command,
                    cwd=self.service.folder,
                    env={**os.environ, **self.service.environment},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops all in order
                    preexec_fn=_die_with(os.getpid()) if sys.platform == "linux" else None,
                )
            except OSError as error:
                raise ServiceFailed(
                    f"{self.service.name} cannot be started: {error}. Run `make setup`, then try again"
                ) from error

    async def _watch(self) -> str:
        """Return the complaint once the server is not ready in time, or is silent too long."""
        started = heard = time.monotonic()
        async with httpx.AsyncClient(timeout=self._patience.answer, trust_env=False) as client:
            while True:
                await asyncio.sleep(self._patience.check if self.ready.is_set() else 0.2)
                path = self.service.alive_path if self.ready.is_set() else self.service.ready_path
                answered = await _answers(client, self.service.url(path))
                now = time.monotonic()
                if self.ready.is_set():
                    heard = now if answered else heard
                    if now - heard > self._patience.silence:
                        return f"has not answered for {now - heard:.0f} s"
                elif answered:
                    heard = self._ready_since = now
                    self._say(f"{self.service.name} is ready ({now - started:.1f} s)")
                    self.ready.set()
                elif now - started > self._patience.start:
                    return f"was not ready within {self._patience.start:.0f} s"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return

    def _last_words(self, reason: str) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        quoted = "\n".join(f"  | {line}" for line in [line for line in lines if line.strip()][-LAST_WORDS:])
        times = "once" if self._deaths == 1 else f"{self._deaths} times in a row"
        return f"{self.service.name} {reason}, {times}. The end of {self._log}:\n{quoted}"


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _die_with(parent: int) -> Callable[[], None]:
    """Let the kernel kill the new process when the supervisor ends in a way that it cannot act upon."""
    libc = ctypes.CDLL(None)

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _manner_of_death(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended by itself with exit code {code}"
