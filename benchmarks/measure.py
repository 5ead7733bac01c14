"""What the benchmarks measure alike: the messages, the time of a turn, the memory of related processes."""

import asyncio
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
import yaml

FOLDER = Path(__file__).resolve().parent
TURNS_A_CONVERSATION = 10


@dataclass(frozen=True)
class Turn:
    """One measured turn; `fault` names what was wrong with the reply, if anything."""

    milliseconds: float
    fault: str | None = None


@dataclass(frozen=True)
class Summary:
    """The figures of many turns."""

    turns: int
    seconds: float
    median: float
    p95: float
    faults: dict[str, int]

    @property
    def per_second(self) -> float:
        """Turns a second, over all clients."""
        return self.turns / self.seconds


def messages() -> list[dict[str, str]]:
    """The fixed list of messages, each with a `text` or a `payload`."""
    listed: list[dict[str, str]] = yaml.safe_load((FOLDER / "messages.yml").read_text(encoding="utf-8"))
    return listed


def summarise(turns: Sequence[Turn], seconds: float) -> Summary:
    """Median, 95th percentile and faults of the turns that took so many seconds together."""
    times = [turn.milliseconds for turn in turns]
    faults: dict[str, int] = {}
    for turn in turns:
        if turn.fault is not None:
            faults[turn.fault] = faults.get(turn.fault, 0) + 1
    p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
    return Summary(len(turns), seconds, statistics.median(times), p95, faults)


async def turn_of_ours(client: httpx.AsyncClient, message: dict[str, str], conversation: str) -> Turn:
    """One turn through the web API of the channel server."""
    started = time.perf_counter()
    body = message | {"conversation_id": conversation}
    response = await client.post("/api/v1/messages", json=body)
    elapsed = (time.perf_counter() - started) * 1000
    if response.status_code != httpx.codes.OK:
        return Turn(elapsed, f"HTTP {response.status_code}")
    replies = response.json()["replies"]
    if not any(reply["text"] or reply.get("image_url") for reply in replies):
        return Turn(elapsed, "empty reply")
    outcomes = [reply.get("outcome") or "" for reply in replies]
    return Turn(elapsed, next((outcome for outcome in outcomes if outcome.startswith("error_")), None))


async def turn_of_stock(client: httpx.AsyncClient, message: dict[str, str], conversation: str) -> Turn:
    """One turn through the REST channel of stock Rasa."""
    started = time.perf_counter()
    body = {"sender": conversation, "message": message["text"]}
    response = await client.post("/webhooks/rest/webhook", json=body)
    elapsed = (time.perf_counter() - started) * 1000
    return Turn(elapsed, None if response.is_success and response.json() else "empty reply")


TakeTurn = Callable[[httpx.AsyncClient, dict[str, str], str], Awaitable[Turn]]


async def one_client(url: str, take_turn: TakeTurn, said: list[dict[str, str]], turns: int) -> Summary:
    """So many turns, one after the other, after a few that warm the servers up."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        names = conversations()
        for message in said[:TURNS_A_CONVERSATION]:
            await take_turn(client, message, next(names))
        started = time.perf_counter()
        taken = [await take_turn(client, message, next(names)) for message in _first(said, turns)]
        return summarise(taken, time.perf_counter() - started)


async def many_clients(url: str, take_turn: TakeTurn, clients: int, seconds: float) -> Summary:
    """Clients that each send their next message as soon as they have read the reply."""
    async with httpx.AsyncClient(
        base_url=url, timeout=30, trust_env=False, limits=httpx.Limits(max_connections=clients)
    ) as client:
        started = time.perf_counter()

        async def chat(number: int) -> list[Turn]:
            said = messages()
            begun = cycle(said[number * 3 % len(said) :] + said[: number * 3 % len(said)])
            names = conversations()
            taken = []
            while time.perf_counter() - started < seconds:
                taken.append(await take_turn(client, next(begun), next(names)))
            return taken

        chats = await asyncio.gather(*(chat(number) for number in range(clients)))
        return summarise([turn for taken in chats for turn in taken], time.perf_counter() - started)


def conversations() -> Iterator[str]:
    """Conversation ids as the gateway accepts them, a new one after every few turns."""
    while True:
        conversation = secrets.token_hex(16)
        for _ in range(TURNS_A_CONVERSATION):
            yield conversation


def resident_megabytes(process: int) -> dict[str, float]:
    """The resident memory of a process and of everything it started, by the start of their command lines."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    family, found = [process], {}
    for member in family:
        family.extend(children.get(member, []))
        if pages := _resident_kilobytes(member):
            found[f"{member} {_command(member)}"] = pages / 1024
    return found


def _resident_kilobytes(process: int) -> int:
    for line in _read(process, "status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _command(process: int) -> str:
    return " ".join(Path(word).name for word in _read(process, "cmdline").split("\0")[:4]).strip()


def _read(process: int, name: str) -> str:
    try:
        return Path(f"/proc/{process}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _first(said: list[dict[str, str]], turns: int) -> Iterator[dict[str, str]]:
    for _, message in zip(range(turns), cycle(said), strict=False):
        yield message
