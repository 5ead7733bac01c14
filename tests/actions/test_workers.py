"""What is held of a worker, on SQLite and on PostgreSQL: the same claims hold for both. Verdicts: test_verdicts.py."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import Base, upgrade_database
from actions.workers import AskedQuestion, Held, Workers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTHING = Held(None, None, None, 0, 0)


def asked(who: str, at: datetime = NOON, region: str | None = None, words: str = "断缴了怎么办") -> AskedQuestion:
    return AskedQuestion(who, at, "zh", region, words, "answered", "contribution/gap", 0.8)


async def test_migrations_make_exactly_the_tables_of_the_models(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_upgrading_twice_keeps_what_is_there(address: str, workers: Workers) -> None:
    await workers.remember("ann", "zh", None, NOON)
    await asyncio.to_thread(upgrade_database, address)  # the migrations run a loop of their own
    assert (await workers.held("ann")).language == "zh"


async def test_nothing_is_held_of_somebody_who_never_wrote(workers: Workers) -> None:
    assert await workers.held("nobody") == NOTHING


async def test_language_and_place_are_remembered(workers: Workers) -> None:
    await workers.remember("ann", "en", "CN-ZJ", NOON)
    held = await workers.held("ann")
    assert (held.language, held.region) == ("en", "CN-ZJ")


async def test_the_first_visit_stays_the_first(workers: Workers) -> None:
    await workers.remember("ann", "zh", None, NOON)
    await workers.remember("ann", "en", None, NOON + timedelta(days=3))
    held = await workers.held("ann")
    assert held.first_seen is not None
    assert held.first_seen.replace(tzinfo=UTC) == NOON
    assert held.language == "en"


async def test_a_visit_without_a_place_keeps_the_known_place(workers: Workers) -> None:
    await workers.remember("ann", "zh", "CN-SH", NOON)
    await workers.log_question(asked("ann"))
    assert (await workers.held("ann")).region == "CN-SH"


async def test_questions_and_requests_are_counted_for_their_worker_only(workers: Workers) -> None:
    await workers.log_question(asked("ann"))
    await workers.log_question(asked("ann"))
    await workers.log_question(asked("bo"))
    await workers.log_request("ann", "complaint", "zh", "老板不交", NOON)
    held = await workers.held("ann")
    assert (held.questions, held.requests) == (2, 1)
    assert ((await workers.held("bo")).questions, (await workers.held("bo")).requests) == (1, 0)


async def test_each_request_gets_a_number_of_its_own(workers: Workers) -> None:
    numbers = [await workers.log_request("ann", "person", "en", "help", NOON) for _ in range(3)]
    assert len(set(numbers)) == 3


async def test_forgetting_takes_everything_of_one_worker_and_nothing_of_another(workers: Workers) -> None:
    for who in ("ann", "bo"):
        await workers.log_question(asked(who, region="CN-BJ"))
        await workers.log_request(who, "person", "zh", "找人", NOON)
    assert await workers.forget("ann") == 3
    assert await workers.held("ann") == NOTHING
    held = await workers.held("bo")
    assert (held.region, held.questions, held.requests) == ("CN-BJ", 1, 1)


async def test_forgetting_twice_deletes_nothing_more(workers: Workers) -> None:
    await workers.log_question(asked("ann"))
    await workers.forget("ann")
    assert await workers.forget("ann") == 0


async def test_only_rows_older_than_their_limit_expire(workers: Workers) -> None:
    second = timedelta(seconds=1)
    await workers.log_question(asked("old", NOON - second))
    await workers.log_question(asked("young", NOON))
    await workers.log_request("old", "person", "zh", "找人", NOON - second)
    await workers.log_request("young", "person", "zh", "找人", NOON)
    assert await workers.expire(questions_before=NOON, workers_before=NOON) == 3
    assert await workers.held("old") == NOTHING
    held = await workers.held("young")
    assert (held.language, held.questions, held.requests) == ("zh", 1, 1)


async def test_questions_expire_before_their_worker(workers: Workers) -> None:
    await workers.log_question(asked("ann", NOON))
    assert await workers.expire(questions_before=NOON + timedelta(days=1), workers_before=NOON) == 1
    held = await workers.held("ann")
    assert (held.language, held.questions) == ("zh", 0)


async def test_a_worker_who_came_back_does_not_expire(workers: Workers) -> None:
    await workers.remember("ann", "zh", "CN-SH", NOON - timedelta(days=800))
    await workers.remember("ann", "zh", None, NOON)
    await workers.expire(questions_before=NOON, workers_before=NOON - timedelta(days=730))
    assert (await workers.held("ann")).region == "CN-SH"


async def test_the_question_log_holds_what_staff_need_to_find_gaps(engine: AsyncEngine, workers: Workers) -> None:
    await workers.log_question(asked("ann", words="😀 断缴了 it's"))
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT text, outcome, article_id, language FROM questions"))).one()
    assert tuple(row) == ("😀 断缴了 it's", "answered", "contribution/gap", "zh")


def test_the_folder_of_an_sqlite_file_is_made(tmp_path: Path) -> None:
    upgrade_database(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'state' / 'shebao.db'}")
    assert (tmp_path / "new" / "state" / "shebao.db").exists()
