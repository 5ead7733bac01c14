"""kill -9 of the channel server while workers write to it: nobody is answered twice, nobody is left without an answer.

The server is a real process; Telegram and Rasa are servers on the loopback interface.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request

from actions.database import upgrade_database
from channels.telegram import SECRET_HEADER
from channels.telegram import WEBHOOK as WEBHOOK_ROUTE
from tests.channels.platforms import telegram_server
from tests.channels.platforms.sms_server import served
from tests.databases import postgresql, sqlite

PROJECT = Path(__file__).resolve().parents[2]
MESSAGES, AT_ONCE, KILLS = 200, 20, 3
FIRST_WORKER, WORKERS = 5000, 40
START_SECONDS, ANSWER_SECONDS = 60, 60
WEBHOOK = WEBHOOK_ROUTE.path


def rasa() -> FastAPI:
    """Answers every message with itself, after a moment."""
    app = FastAPI()

    @app.post("/webhooks/rest/webhook")
    async def turn(request: Request) -> list[dict[str, str]]:
        asked = await request.json()
        await asyncio.sleep(0.03)
        return [{"text": f"答{asked['message']}"}]

    @app.get("/webhooks/rest/")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


class ChannelServer:
    """The channel server as a process of its own, which can be killed and started again on the same port."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment = {**os.environ, **environment, "SHEBAO_PORT": str(self.port)}
        self._log = log.open("ab")
        self.start()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        command = (sys.executable, "-m", "channels.app")
        self._process = subprocess.Popen(
            command, cwd=PROJECT, env=self._environment, stdout=self._log, stderr=self._log
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the channel server did not start")

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Ends it."""
        self.kill()
        self._log.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An up-to-date database."""
    with sqlite(tmp_path) if request.param == "sqlite" else postgresql() as url:
        upgrade_database(url)
        yield url


@contextmanager
def channel_server(database: str, telegram: str, rasa_url: str, place: Path) -> Iterator[ChannelServer]:
    """A server with Telegram as its only channel besides the web."""
    server = ChannelServer(
        {
            "SHEBAO_STATE_DIR": str(place / "var"),
            "SHEBAO_DATABASE_URL": database,
            "SHEBAO_RASA_URL": rasa_url,
            "SHEBAO_TELEGRAM_TOKEN": telegram_server.TOKEN,
            "SHEBAO_TELEGRAM_WEBHOOK_SECRET": telegram_server.SECRET,
            "SHEBAO_TELEGRAM_BASE_URL": telegram,
            "SHEBAO_RATE_CONVERSATION": "100000/minute",
            "SHEBAO_RATE_ADDRESS": "100000/minute",
        },
        place / "log",
    )
    try:
        yield server
    finally:
        server.close()


async def push(server: ChannelServer, client: httpx.AsyncClient, number: int, limit: asyncio.Semaphore) -> None:
    """One message, sent again as Telegram does until it is taken."""
    worker = {**telegram_server.LI, "id": FIRST_WORKER + number % WORKERS}
    update = telegram_server.message(number, sender=worker, text=f"问{number}")
    update["message"]["chat"]["id"] = worker["id"]
    headers = {SECRET_HEADER: telegram_server.SECRET}
    async with limit:
        while True:
            try:
                url = f"http://127.0.0.1:{server.port}{WEBHOOK}"
                if (await client.post(url, json=update, headers=headers)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)


async def under_fire(server: ChannelServer) -> None:
    """All messages, while the server is killed and started again a few times."""
    limit = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        pushes = [asyncio.create_task(push(server, client, number, limit)) for number in range(1, MESSAGES + 1)]
        for _ in range(KILLS):
            await asyncio.sleep(0.4)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        await asyncio.gather(*pushes)


def wait_for_answers(telegram: telegram_server.TelegramServer) -> None:
    """Until there are enough answers, and a moment longer: a second answer would come now."""
    until = time.monotonic() + ANSWER_SECONDS
    while len(set(telegram.texts())) < MESSAGES and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(1)


async def test_nobody_is_answered_twice_and_nobody_is_left_without_an_answer(database: str, tmp_path: Path) -> None:
    with telegram_server.running() as telegram, served(rasa()) as rasa_url:
        telegram.chats = dict.fromkeys(range(FIRST_WORKER, FIRST_WORKER + WORKERS))
        with channel_server(database, telegram.base_url, rasa_url, tmp_path) as server:
            await under_fire(server)
            await asyncio.to_thread(wait_for_answers, telegram)
        answered = Counter(telegram.texts())
    assert {text: times for text, times in answered.items() if times > 1} == {}
    assert {f"答问{number}" for number in range(1, MESSAGES + 1)} - set(answered) == set()
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert telegram_server.TOKEN not in log
    assert "答问" not in log
