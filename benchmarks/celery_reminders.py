"""The baseline of `reminders.py throughput`: plain Celery doing the same sends with the same guarantees.

A task a row, acknowledged late: it claims its row, looks at the worker's consent and contact, words the message with
the same rules, posts it under the same key, and writes that it was sent.
"""

import asyncio
import json
import os
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
import psycopg
from celery import Celery

from actions.reminders.rules import RuleBook
from actions.settings import Settings as ActionSettings
from channels.delivery import as_reply
from channels.platform_push import KEY, SIGNATURE, STAMP, PlatformPush, signature
from channels.rule_shelf import FOLDER, telling_of
from channels.sealing import Seal
from channels.simulations import Desk

SECRET = os.environ["BENCH_SECRET"].encode()
app = Celery("bench", broker=os.environ["SHEBAO_BROKER_URL"])
app.conf.update(
    task_acks_late=True, task_ignore_result=True, task_default_queue="bench-celery", worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
)  # fmt: skip
_local = threading.local()
_book = RuleBook.load(FOLDER / "rules", telling_of(Desk.read(ActionSettings().knowledge_dir)))
_seal = Seal(os.environ["BENCH_KEY"].encode())
_push = PlatformPush({}, 5.0, lambda: datetime.now(UTC))


def _tools() -> tuple[psycopg.Connection, httpx.Client]:
    if not hasattr(_local, "tools"):
        url = os.environ["SHEBAO_DATABASE_URL"].replace("+asyncpg", "")
        _local.tools = psycopg.connect(url, autocommit=True), httpx.Client(trust_env=False, timeout=5)
    return _local.tools


@app.task(name="bench.deliver")
def deliver(row_id: int) -> None:
    """One row."""
    connection, client = _tools()
    now = datetime.now(UTC)
    row = connection.execute(
        "UPDATE deliveries SET state='claimed', attempts=attempts+1, leased_until=%s WHERE id=%s AND state='planned' "
        "RETURNING conversation_id, origin, occasion, trace, not_after",
        (now + timedelta(seconds=60), row_id),
    ).fetchone()
    if row is None or row[4] < now:
        return
    found = connection.execute(
        "SELECT s.facts, s.language, c.address FROM subscriptions s JOIN contacts c USING (conversation_id) "
        "WHERE conversation_id=%s AND agreed_at IS NOT NULL AND s.stopped_at IS NULL AND c.stopped_at IS NULL",
        (row[0],),
    ).fetchone()
    had = connection.execute(
        "SELECT count(*) FROM deliveries WHERE conversation_id=%s AND state='sent' AND done_at > %s",
        (row[0], now - timedelta(days=7)),
    ).fetchone()
    if found is None or had is None or had[0] >= 4:
        return
    facts, on = json.loads(found[0]), date.today()  # noqa: DTZ011  # the day of the machine is enough for a baseline
    if _book.still_true(row[1], row[2], facts, on):
        return
    message = _book.message(row[1], row[2], facts, on, found[1], "platform")
    body = {"worker_id": _seal.open(found[2]).partition("\n")[2], **_push.render(as_reply(message))[0]}
    content, stamp = json.dumps(body, ensure_ascii=False).encode(), str(int(now.timestamp()))
    headers = {KEY: row[3], STAMP: stamp, SIGNATURE: f"sha256={signature(SECRET, stamp, content)}"}
    client.post(os.environ["BENCH_PLATFORM"], content=content, headers=headers).raise_for_status()
    connection.execute("UPDATE deliveries SET state='sent', done_at=%s, channel='platform' WHERE id=%s", (now, row_id))


def hand_out() -> None:
    """A task for every row."""
    url = os.environ["SHEBAO_DATABASE_URL"].replace("+asyncpg", "")
    with psycopg.connect(url) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM deliveries WHERE state='planned' ORDER BY id")]
    with app.producer_pool.acquire(block=True) as producer:
        for row_id in ids:
            deliver.apply_async((row_id,), producer=producer)


if __name__ == "__main__":
    hand_out()
    asyncio.run(_push.aclose())
