"""WeChat messages with the platform's retries while Rasa is slow: is each answered exactly once within five seconds?

`python -m benchmarks.channels` starts the channel server as a process of its own (database: SQLite in a folder of its
own), a WeChat that waits five seconds, sends the same message up to three times and refuses what it documents as
refused, and a Rasa of which one turn in a hundred takes six seconds. An answer is what the worker sees in the end:
"being prepared" is none, a sentence that says what went wrong is one.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi import Request as HttpRequest

from actions.database import upgrade_database
from channels.messaging import utc_now
from tests.channels.platforms import wechat_server
from tests.channels.platforms.sms_server import served

PROJECT = Path(__file__).resolve().parent.parent
PORT, WORKERS = 18443, 500
PLATFORM_WAITS, TRIES = 5.0, 3
SLOW_SHARE, SLOW_SECONDS, USUAL_SECONDS = 0.01, 6.0, 0.02
PREPARED = ("马上发给你", "follows in a moment")


def rasa(slow_share: float = SLOW_SHARE) -> FastAPI:
    """Answers with the message itself; now and then it takes its time."""
    app, chance = FastAPI(), random.Random(1)

    @app.post("/webhooks/rest/webhook")
    async def turn(request: HttpRequest) -> list[dict[str, str]]:
        asked = await request.json()
        await asyncio.sleep(SLOW_SECONDS if chance.random() < slow_share else USUAL_SECONDS)
        return [{"text": f"答{asked['message']}"}]

    return app


@dataclass
class Worker:
    """What one message came to: what was shown passively, and after how many seconds something was shown."""

    number: int
    shown: list[str] = field(default_factory=list)
    seconds: float = 0.0
    tries: int = 0


async def push(client: httpx.AsyncClient, caller: Any, worker: Worker) -> None:
    """One message as WeChat pushes it."""
    content = f"<Content><![CDATA[问{worker.number}]]></Content>\n"
    openid = f"o{worker.number % WORKERS:027d}"
    started = time.perf_counter()
    for _ in range(TRIES):
        worker.tries += 1
        xml = wechat_server.xml_of("text", utc_now(), content, openid=openid, message_id=str(worker.number))
        call = caller.aes(xml, utc_now())
        try:
            response = await client.post(call.path, params=dict(call.query), content=call.body, timeout=PLATFORM_WAITS)
        except httpx.HTTPError:
            continue
        if response.status_code == 200:
            worker.seconds = time.perf_counter() - started
            body = response.text
            if body and body != "success":
                worker.shown.append(caller.read_answer(body)["Content"])
            return


async def run(count: int, rate: float, wechat: wechat_server.WeChatServer) -> tuple[list[Worker], float]:
    """Pushes all messages at a steady rate, then waits for what was promised."""
    caller = wechat_server.Caller()
    workers = [Worker(number) for number in range(1, count + 1)]
    limits = httpx.Limits(max_connections=2000)
    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", limits=limits, trust_env=False) as client:
        tasks = []
        for number, worker in enumerate(workers):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            wechat.followers.setdefault(f"o{worker.number % WORKERS:027d}", wechat_server.Follower())
            wechat.wrote(f"o{worker.number % WORKERS:027d}")
            tasks.append(asyncio.create_task(push(client, caller, worker)))
        await asyncio.gather(*tasks)
    seconds = time.perf_counter() - started
    await asyncio.sleep(SLOW_SECONDS + 2)
    return workers, seconds


def start(place: Path, rasa_url: str, wechat_url: str, more: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """The channel server; `more` are settings."""
    database = f"sqlite+aiosqlite:///{place / 'shebao.db'}"
    upgrade_database(database)
    environment = {
        "SHEBAO_PORT": str(PORT), "SHEBAO_STATE_DIR": str(place), "SHEBAO_DATABASE_URL": database,
        "SHEBAO_RASA_URL": rasa_url, "SHEBAO_RATE_CONVERSATION": "100000/minute",
        "SHEBAO_WECHAT_APP_ID": wechat_server.APP_ID, "SHEBAO_WECHAT_APP_SECRET": wechat_server.APP_SECRET,
        "SHEBAO_WECHAT_TOKEN": wechat_server.TOKEN, "SHEBAO_WECHAT_AES_KEY": wechat_server.AES_KEY,
        "SHEBAO_WECHAT_BASE_URL": wechat_url,
    }  # fmt: skip
    log = (place / "log").open("wb")
    command = (sys.executable, "-m", "channels.app")
    given = {**os.environ, **environment, **(more or {})}
    process = subprocess.Popen(command, cwd=PROJECT, env=given, stdout=log, stderr=log)
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{PORT}/healthz", trust_env=False)
            return process
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"the channel server did not start: {(place / 'log').read_text(encoding='utf-8')}")


def memory_of(process: "subprocess.Popen[bytes]") -> float:
    """Resident memory, MB."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def report(workers: list[Worker], sent: list[str], seconds: float, memory: float) -> None:
    """Prints what became of the messages."""
    final = Counter(text for worker in workers for text in worker.shown if not any(p in text for p in PREPARED))
    final.update(sent)
    own = {f"答问{worker.number}" for worker in workers}
    times = Counter(final[text] for text in own)
    sorry = sum(count for text, count in final.items() if text not in own)
    waits = sorted(worker.seconds for worker in workers)
    promised = sum(any(p in text for text in worker.shown for p in PREPARED) for worker in workers)
    unheard = sum(not worker.shown for worker in workers)
    print(f"{len(workers):,} messages in {seconds:.0f} s, {memory:.0f} MB")
    print(f"  answered once                       {times[1]:,}")
    print(f"  answered more than once             {sum(n for t, n in times.items() if t > 1):,}")
    print(f"  told that it did not work this time {sorry:,}")
    print(f"  shown nothing within {PLATFORM_WAITS:.0f} s            {unheard:,}")
    print(f"  told to wait, answer followed       {promised:,}")
    print(f"  needed a second try of the platform {sum(worker.tries > 1 for worker in workers):,}")
    late = waits[int(len(waits) * 0.99)]
    print(f"  first sight: median {statistics.median(waits):.2f} s, p99 {late:.2f} s, longest {waits[-1]:.2f} s")


def main() -> None:
    """Runs it once and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=60.0, help="messages a second")
    given = parser.parse_args()
    wechat = wechat_server.WeChatServer(utc_now)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(rasa()) as rasa_url,
        wechat_server.served(wechat_server.server_app(wechat)) as wechat_url,
    ):
        process = start(Path(folder), rasa_url, wechat_url)
        try:
            workers, seconds = asyncio.run(run(given.messages, given.rate, wechat))
            report(workers, wechat.texts(), seconds, memory_of(process))
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
