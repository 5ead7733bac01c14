"""Reminders under load: planned, handed out over RabbitMQ, delivered to a platform on loopback, with processes dying.

    python benchmarks/reminders.py throughput [--count 20000]   one delivery process; plain Celery beside it
    python benchmarks/reminders.py kills [--count 100000]       four processes, one killed each second; broker and
                                                                database restarted once each
    python benchmarks/reminders.py planning [--count 1000000]   one planner over PostgreSQL

Needs PostgreSQL and RabbitMQ on loopback (TEST_POSTGRES, TEST_RABBITMQ name others). `--restart-broker COMMAND` and
`--restart-database COMMAND` say how those are restarted on this machine.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import secrets
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import asyncpg
from sqlalchemy import insert

from actions.database import ContactRow, open_database, upgrade_database
from actions.reminder_rows import ReminderRow, SubscriptionRow
from actions.reminders.campaign_runs import CampaignRuns
from actions.reminders.planning import AskedFor, Planner
from actions.reminders.store import Reminders
from actions.reminders.voices import Voices
from actions.settings import Settings as ActionSettings
from channels.platform_push import address_of
from channels.reminder_wiring import ASKED_PRIORITY
from channels.rule_shelf import FOLDER, RuleShelf
from channels.sealing import Seal
from channels.simulations import Desk

PROJECT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("TEST_POSTGRES", "postgres@127.0.0.1")
BROKER = os.environ.get("TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1/")
KEY, SECRET = "k" * 40, "s" * 40
PLACES = ("CN-ZJ", "CN-GD", "CN-SC", "CN-BJ", "CN-JS", "CN-SH")
BASES = ("lowest", "average", "0.8", "highest")
SEED = 20261130
LEASE_SECONDS = 8
CELERY = ("celery==5.7.0", "psycopg[binary]==3.3.9")  # only for the comparison, beside the project's own packages
CELERY_FOLDER = PROJECT / "var/bench/celery"


def zone_by_day() -> str:
    """A zone where it is late morning now, so that nothing waits for the morning."""
    ahead = (11 - datetime.now(UTC).hour) % 24
    return f"Etc/GMT{'-' if ahead <= 12 else '+'}{ahead if ahead <= 12 else 24 - ahead}"


@contextmanager
def database() -> Iterator[str]:
    """An empty database with all tables, dropped afterwards."""
    name = f"shebao_bench_{uuid.uuid4().hex[:8]}"

    async def command(text: str) -> None:
        connection = await asyncpg.connect(f"postgresql://{SERVER}/postgres", timeout=10)
        await connection.execute(text)
        await connection.close()

    asyncio.run(command(f"CREATE DATABASE {name}"))
    try:
        url = f"postgresql+asyncpg://{SERVER}/{name}"
        upgrade_database(url)
        yield url
    finally:
        asyncio.run(command(f"DROP DATABASE {name} WITH (FORCE)"))


def facts_of(number: int, words: Voices, today: date) -> dict[str, str]:
    """A flexible worker whose payment is due today; a few facts more, so that the rules have something to look at."""
    random.seed(number)
    facts = {
        "scheme": "flexible", "rhythm": "monthly", "region": PLACES[number % 6], "base": BASES[number % 4],
        "occupation": "rider", "birth": f"19{70 + number % 30}-{1 + number % 12:02d}", "category": "man",
    }  # fmt: skip
    return facts | ({"pay_day": day} if (day := _pay_day(words, today)) else {})


_PAY_DAYS: dict[date, str] = {}


def _pay_day(words: Voices, today: date) -> str:
    if today not in _PAY_DAYS:
        for day in map(str, range(1, 29)):
            facts = {"scheme": "flexible", "rhythm": "monthly", "pay_day": day, "region": "CN-ZJ"}
            if any(due.origin == "rule:payment-due" for due in words.due(facts, today, today)):
                _PAY_DAYS[today] = day
                break
        else:  # a holiday: the rule tells no day of the month today, so that workers asked for it themselves
            _PAY_DAYS[today] = ""
    return _PAY_DAYS[today]


async def seed(url: str, count: int, zone: str) -> float:
    """Workers who agreed and can be written to; gives the seconds it took."""
    from zoneinfo import ZoneInfo

    began, engine, seal, now = time.perf_counter(), open_database(url), Seal(KEY.encode()), datetime.now(UTC)
    words = await shelf(engine, seal).voices()
    today = now.astimezone(ZoneInfo(zone)).date()
    for start in range(0, count, 5000):
        numbers = range(start, min(start + 5000, count))
        async with engine.begin() as connection:
            await connection.execute(
                insert(SubscriptionRow),
                [
                    {
                        "conversation_id": f"{number:032x}", "language": "zh" if number % 2 else "en", "zone": zone,
                        "facts": json.dumps(facts_of(number, words, today)), "sources": "{}", "agreed_at": now,
                        "method": "bench", "wording": "1", "updated_at": now, "quiet_from": 0, "quiet_until": 0,
                    }
                    for number in numbers
                ],
            )  # fmt: skip
            if not _pay_day(words, today):
                own = {"about": "pay", "rhythm": "monthly", "first": today, "day": today.day, "minutes": 9 * 60 + 30}
                own |= {"state": "active", "skips": "[]", "made_at": now}
                await connection.execute(
                    insert(ReminderRow), [own | {"conversation_id": f"{number:032x}"} for number in numbers]
                )
            await connection.execute(
                insert(ContactRow),
                [
                    {
                        "channel": "platform", "address_key": f"{number:064x}", "conversation_id": f"{number:032x}",
                        "address": seal.seal(address_of("bench", f"w{number}")), "first_seen": now,
                        "last_inbound": now, "preferred": False,
                    }
                    for number in numbers
                ],
            )  # fmt: skip
    await engine.dispose()
    return time.perf_counter() - began


def shelf(engine: object, seal: Seal) -> RuleShelf:
    """The rules of the project with the figures of the knowledge folder."""
    runs, desk = CampaignRuns(engine, seal.key_of("campaigns")), Desk.read(ActionSettings().knowledge_dir)
    return RuleShelf(lambda: desk, runs.stopped, FOLDER / "rules", FOLDER / "campaigns")


async def plan(url: str) -> tuple[float, int]:
    """Plans for everybody; gives seconds and the number of rows."""
    engine, seal = open_database(url), Seal(KEY.encode())
    reminders, runs = Reminders(engine), CampaignRuns(engine, "salt")
    from datetime import time as clock

    planner = Planner(reminders, runs, shelf(engine, seal).voices, AskedFor(clock(20, 30), ASKED_PRIORITY))
    began = time.perf_counter()
    await planner.plan(datetime.now(UTC), back=timedelta(0), ahead=timedelta(0))
    took = time.perf_counter() - began
    rows = sum((await reminders.deliveries.counts()).values())
    await engine.dispose()
    return took, rows


class Platform:
    """The platform on loopback, a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        script = str(PROJECT / "benchmarks/loopback_platform.py")
        self._process = subprocess.Popen([sys.executable, script, str(self.port), SECRET])
        (folder / "platforms.yml").write_text(
            "platforms:\n  bench:\n    name: {zh: 测试, en: Bench}\n    origins: []\n"
            "    keys: [{id: k1, algorithm: HS256, secret_env: BENCH_SECRET}]\n"
            f"    notify: {{url: 'http://127.0.0.1:{self.port}/messages', secret_env: BENCH_SECRET}}\n",
            encoding="utf-8",
        )
        for _ in range(100):
            try:
                self.stats()
                return
            except OSError:
                time.sleep(0.1)

    def stats(self) -> dict[str, int]:
        """What it has taken so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=5) as answer:
            said: dict[str, int] = json.loads(answer.read())
            return said

    def stop(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()


def environment(url: str, folder: Path, processes: int) -> dict[str, str]:
    """For a delivery process, as an operator would set it."""
    return os.environ | {
        "SHEBAO_DATABASE_URL": url, "SHEBAO_BROKER_URL": BROKER, "SHEBAO_CONTACT_KEY": KEY,
        "SHEBAO_PLATFORMS_FILE": str(folder / "platforms.yml"), "BENCH_SECRET": SECRET,
        "SHEBAO_DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS), "SHEBAO_DELIVERY_PROCESSES": str(processes),
        "SHEBAO_PLAN_EVERY_SECONDS": "0", "SHEBAO_STATE_DIR": str(folder),
    }  # fmt: skip


def deliver_process(url: str, folder: Path, processes: int, log: Path) -> subprocess.Popen[bytes]:
    """`shebao reminders work`."""
    command = [sys.executable, "-m", "channels.cli", "reminders", "work", "--processes", str(processes)]
    with log.open("ab") as file:
        return subprocess.Popen(command, cwd=PROJECT, env=environment(url, folder, processes), stdout=file, stderr=file)


def purge(queue: str) -> None:
    """An empty queue to begin with."""
    import aio_pika

    async def empty() -> None:
        connection = await aio_pika.connect(BROKER, timeout=10)
        try:
            channel = await connection.channel()
            await channel.queue_delete(queue)
        finally:
            await connection.close()

    asyncio.run(empty())


def wait_for(platform: Platform, count: int, seconds: float, between: object = None) -> float:
    """Until so many messages are shown; gives the seconds from the first message to the last."""
    first, deadline = None, time.monotonic() + seconds
    while time.monotonic() < deadline:
        shown = platform.stats()["shown"]
        if shown and first is None:
            first = time.perf_counter()
        if shown >= count:
            assert first is not None
            return time.perf_counter() - first
        if callable(between):
            between()
        time.sleep(0.05)
    return float("nan")


def throughput(count: int, turns: int) -> None:
    """Ours and Celery's messages a second, one process each."""
    zone = zone_by_day()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rates: dict[str, list[float]] = {"ours": [], "celery": []}
        for turn in range(turns):
            for who in ("ours", "celery"):
                with database() as url:
                    asyncio.run(seed(url, count, zone))
                    asyncio.run(plan(url))
                    platform = Platform(folder)
                    try:
                        took = (_ours if who == "ours" else _celery)(url, folder, platform, count)
                        stats = platform.stats()
                    finally:
                        platform.stop()
                rates[who].append(count / took)
                print(f"{who} {turn + 1}: {count / took:.0f} messages a second; {stats}", flush=True)
    ours, celery = statistics.median(rates["ours"]), statistics.median(rates["celery"])
    print(
        f"one process, PostgreSQL and RabbitMQ, medians: {ours:.0f}/s, plain Celery {celery:.0f}/s, "
        f"ratio {ours / celery:.1f}"
    )


def _ours(url: str, folder: Path, platform: Platform, count: int) -> float:
    purge("shebao-deliveries")
    process = deliver_process(url, folder, 1, folder / "ours.log")
    try:
        return wait_for(platform, count, 120)
    finally:
        process.terminate()
        process.wait(30)


def _celery(url: str, folder: Path, platform: Platform, count: int) -> float:
    purge("bench-celery")
    if not CELERY_FOLDER.exists():
        uv = [str(PROJECT / ".tools/bin/uv"), "pip", "install", "-q", "--python", sys.executable]
        subprocess.run([*uv, "--target", str(CELERY_FOLDER), *CELERY], check=True)
    script = str(PROJECT / "benchmarks/celery_reminders.py")
    own = environment(url, folder, 1) | {
        "PYTHONPATH": str(CELERY_FOLDER),
        "BENCH_PLATFORM": f"http://127.0.0.1:{platform.port}/messages",
        "BENCH_KEY": KEY,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "benchmarks.celery_reminders", "worker", "--pool", "threads",
         "--concurrency", "16", "--loglevel", "ERROR", "--without-heartbeat", "--without-mingle", "--without-gossip"],
        cwd=PROJECT, env=own,
    )  # fmt: skip
    try:
        subprocess.run([sys.executable, script], env=own, cwd=PROJECT, check=True)
        return wait_for(platform, count, 240)
    finally:
        process.terminate()
        process.wait(60)


def kills(count: int, restart_broker: str, restart_database: str) -> None:
    """Four processes; one dies each second; broker and database are restarted once."""
    random.seed(SEED)
    zone = zone_by_day()
    with tempfile.TemporaryDirectory() as place, database() as url:
        folder = Path(place)
        print(f"seeded in {asyncio.run(seed(url, count, zone)):.0f} s", flush=True)
        took, rows = asyncio.run(plan(url))
        print(f"planned {rows} rows in {took:.1f} s", flush=True)
        platform = Platform(folder)
        purge("shebao-deliveries")
        parent = deliver_process(url, folder, 4, folder / "pool.log")
        killed, last, restarts = 0, time.monotonic(), [c for c in (restart_broker, restart_database) if c]

        def disturb() -> None:
            nonlocal killed, last
            if time.monotonic() - last < 1 or not platform.stats()["shown"]:
                return
            last = time.monotonic()
            if children := _children(parent.pid):
                os.kill(random.choice(children), signal.SIGKILL)
                killed += 1
            done = platform.stats()["shown"] / count
            if restarts and done > (0.3 if len(restarts) == 2 else 0.6):
                command = restarts.pop(0)
                print(f"after {done:.0%} and {killed} kills: {command}", flush=True)
                subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        took = wait_for(platform, rows, 3000, disturb)
        time.sleep(LEASE_SECONDS * 3)  # whatever is still in somebody's hands goes round once more
        parent.terminate()
        parent.wait(60)
        stats = platform.stats()
        platform.stop()
        asyncio.run(_verdict(url, rows, stats, killed, took))


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


async def _verdict(url: str, rows: int, stats: dict[str, int], killed: int, took: float) -> None:
    engine = open_database(url)
    states = {}
    for (_, state, reason), number in (await Reminders(engine).deliveries.counts()).items():
        states[f"{state} {reason or ''}".strip()] = states.get(f"{state} {reason or ''}".strip(), 0) + number
    await engine.dispose()
    print(f"{rows} planned, {killed} processes killed, {took:.0f} s: {rows / took:.0f} a second")
    print(f"platform: {stats}; rows: {states}")
    again = stats["posts"] - stats["shown"] - stats["refused"]
    print(f"lost {rows - stats['shown']}, doubled {stats['shown'] - stats['workers']}; posted again by key: {again}")


def planning(count: int) -> None:
    """One planner over so many workers and every rule."""
    with database() as url:
        print(f"seeded in {asyncio.run(seed_varied(url, count)):.0f} s", flush=True)
        took, rows = asyncio.run(plan(url))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        again, same = asyncio.run(plan(url))
        print(f"{count} workers, {len(list((FOLDER / 'rules').glob('*.yml')))} rules: {rows} rows in {took:.1f} s, "
              f"{memory:.0f} MB; again: {same - rows} new rows in {again:.1f} s")  # fmt: skip


async def seed_varied(url: str, count: int) -> float:
    """Workers of every sort; most have nothing due today."""
    began, engine, now = time.perf_counter(), open_database(url), datetime.now(UTC)
    draw = random.Random(SEED)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    columns = (
        "conversation_id",
        "language",
        "zone",
        "facts",
        "sources",
        "agreed_at",
        "method",
        "wording",
        "updated_at",
    )
    for start in range(0, count, 20_000):
        rows = [
            (secrets.token_hex(16), draw.choice(("zh", "en")), "Asia/Shanghai", json.dumps(varied(draw)), "{}", now,
             "bench", "1", now)
            for _ in range(start, min(start + 20_000, count))
        ]  # fmt: skip
        await connection.copy_records_to_table("subscriptions", records=rows, columns=columns)
    await connection.execute("ANALYZE")
    await connection.close()
    await engine.dispose()
    return time.perf_counter() - began


def varied(draw: random.Random) -> dict[str, str]:
    """What might be known of a worker."""
    scheme = draw.choice(("flexible", "flexible", "employee", "resident", "none"))
    facts = {
        "scheme": scheme, "region": draw.choice(PLACES), "base": draw.choice(BASES),
        "birth": f"{draw.randrange(1962, 2006)}-{draw.randrange(1, 13):02d}",
        "category": draw.choice(("man", "woman_55", "woman_50")), "occupation": "rider",
    }  # fmt: skip
    if scheme == "flexible":
        facts |= {
            "rhythm": draw.choice(("monthly", "monthly", "quarterly", "yearly")),
            "pay_day": str(draw.randrange(1, 29)),
        }
    if draw.random() < 0.6:
        facts |= {"months_paid": str(draw.randrange(0, 400)), "last_paid": f"2026-{draw.randrange(1, 12):02d}"}
    for name, share in (("moved_on", 0.05), ("changed_job_on", 0.05), ("injured_on", 0.02), ("medical_joined_on", 0.1)):
        if draw.random() < share:
            facts[name] = f"2026-{draw.randrange(1, 12):02d}-{draw.randrange(1, 29):02d}"
    return facts


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("throughput", "kills", "planning"))
    parser.add_argument("--count", type=int)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--restart-broker", default="")
    parser.add_argument("--restart-database", default="")
    given = parser.parse_args()
    if given.what == "throughput":
        throughput(given.count or 20_000, given.turns)
    elif given.what == "kills":
        kills(given.count or 100_000, given.restart_broker, given.restart_database)
    else:
        planning(given.count or 1_000_000)


if __name__ == "__main__":
    main()
