"""Two thousand web conversations, each with its own open connection, on one channel server: memory and turns.

`python -m benchmarks.open_conversations`. Rasa is a stand-in that answers after 20 ms, so that the figures are the
channel server's own; the turns of an idle server in the same run are the baseline.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.channels import PORT, memory_of, rasa, start
from tests.channels.platforms.sms_server import served

TURNS, PAUSE_SECONDS = 300, 0.02
AT_ONCE = 50  # connections opened at the same time


async def turn(client: httpx.AsyncClient, conversation: str | None) -> tuple[str, float]:
    """One message; the conversation's id and the seconds it took."""
    body = {"text": "断缴了怎么办", **({"conversation_id": conversation} if conversation else {})}
    started = time.perf_counter()
    answer = (await client.post("/api/v1/messages", json=body)).raise_for_status().json()
    return str(answer["conversation_id"]), time.perf_counter() - started


async def measured(talks: list[tuple[httpx.AsyncClient, str]]) -> list[float]:
    """Turns one after the other over random conversations."""
    chance = random.Random(7)
    seconds = []
    for _ in range(TURNS):
        client, conversation = chance.choice(talks)
        seconds.append((await turn(client, conversation))[1])
        await asyncio.sleep(PAUSE_SECONDS)
    return sorted(seconds)


async def run(count: int, memory: "MemoryOf") -> None:
    """Measures idle, opens the conversations, measures again."""
    ssl = httpx.create_ssl_context()
    clients = [
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", trust_env=False, verify=ssl, timeout=30)
        for _ in range(count)
    ]
    first = (clients[0], (await turn(clients[0], None))[0])
    before, idle = memory(), await measured([first])
    limit = asyncio.Semaphore(AT_ONCE)

    async def open_one(client: httpx.AsyncClient) -> tuple[httpx.AsyncClient, str]:
        async with limit:
            return client, (await turn(client, None))[0]

    talks = [first, *await asyncio.gather(*(open_one(client) for client in clients[1:]))]
    busy = await measured(talks)
    for name, seconds in (("idle", idle), (f"{count:,} open", busy)):
        p95 = seconds[int(len(seconds) * 0.95)]
        print(f"{name:>12}: median {statistics.median(seconds) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms")
    ratio = busy[int(TURNS * 0.95)] / idle[int(TURNS * 0.95)]
    print(f"       ratio: {ratio:.2f}; memory {before:.0f} MB idle, {memory():.0f} MB with {count:,} conversations")
    await asyncio.gather(*(client.aclose() for client in clients))


class MemoryOf:
    """Asks for a process's memory again and again."""

    def __init__(self, process: object) -> None:
        self._process = process

    def __call__(self) -> float:
        return memory_of(self._process)  # type: ignore[arg-type]


def main() -> None:
    """Runs it once and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(rasa(slow_share=0)) as rasa_url:
        process = start(Path(folder), rasa_url, "http://127.0.0.1:9", {"SHEBAO_RATE_ADDRESS": "1000000/minute"})
        try:
            asyncio.run(run(given.conversations, MemoryOf(process)))
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
