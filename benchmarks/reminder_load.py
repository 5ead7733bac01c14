"""The load of `reminders.py`: an empty database, workers who agreed, a plan, a platform on loopback, processes."""

import asyncio
import json
import os
import random
import secrets
import socket
import subprocess
import sys
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
