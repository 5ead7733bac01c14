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
import os
import random
import resource
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


from actions.database import open_database
from actions.reminders.store import Reminders
from benchmarks.reminder_load import (
    BROKER,
    KEY,
    LEASE_SECONDS,
    PROJECT,
    SEED,
    Platform,
    database,
    deliver_process,
    environment,
    plan,
    seed,
    seed_varied,
    zone_by_day,
)
from channels.rule_shelf import FOLDER

CELERY = ("celery==5.7.0", "psycopg[binary]==3.3.9")  # only for the comparison, beside the project's own packages
CELERY_FOLDER = PROJECT / "var/bench/celery"


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
