"""The tables, and how to open the database: SQLite by default, PostgreSQL in production.

The schema is changed by the migrations in `actions/migrations`, never here alone: a test compares the two.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import DateTime, Float, Index, MetaData, String, Text, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
SECONDS_TO_WAIT_FOR_A_LOCK = 2


class Base(DeclarativeBase):
    """All tables of this process."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})


class WorkerRow(Base):
    """What is held of one worker, under the opaque id of their conversation. Times are UTC."""

    __tablename__ = "workers"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(40))
    first_seen: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    facts: Mapped[str | None] = mapped_column(Text)
    facts_agreed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class QuestionRow(Base):
    """A question (masked) and how it ended: what staff need to find gaps. Times are UTC."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    language: Mapped[str] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(40))
    article_id: Mapped[str | None] = mapped_column(String(60))
    score: Mapped[float] = mapped_column(Float)

    __table_args__ = (Index("ix_questions_outcome", "outcome"),)


class FeedbackRow(Base):
    """Whether an answer helped, by one tap: about an article and, where known, a question. Times are UTC."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    language: Mapped[str] = mapped_column(String(2))
    article_id: Mapped[str] = mapped_column(String(60), index=True)
    question_id: Mapped[int | None] = mapped_column()
    helpful: Mapped[bool] = mapped_column()
    reason: Mapped[str | None] = mapped_column(String(20))


class RequestRow(Base):
    """A worker who wanted a person, or complained (masked). Times are UTC."""

    __tablename__ = "requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(Text)


class ContactRow(Base):
    """A worker in one messaging app. The address is only here, encrypted; `address_key` finds it. Times are UTC."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    address_key: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(Text)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    language: Mapped[str | None] = mapped_column(String(2))
    campaign: Mapped[str | None] = mapped_column(String(64))
    platform: Mapped[str | None] = mapped_column(String(64))
    first_seen: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_inbound: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    preferred: Mapped[bool] = mapped_column()
    choices: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_contacts_address", "channel", "address_key", unique=True),)


class ConsentRow(Base):
    """What a worker agreed to or took back: when, how, and under which wording. Times are UTC."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    granted: Mapped[bool] = mapped_column()
    method: Mapped[str] = mapped_column(String(40))
    wording: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class InboxRow(Base):
    """One message of a platform, kept until it is answered, so that it is answered once. Times are UTC.

    `state`: received, taken, answering, answered. `event` and `reply` are encrypted; `sent` replies went out.
    """

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    message_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), index=True)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    event: Mapped[str | None] = mapped_column(Text)
    reply: Mapped[str | None] = mapped_column(Text)
    sent: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_inbox_message", "channel", "message_key", unique=True),)


class PayloadRow(Base):
    """A button's payload that is too long for a platform, under the short word that stands for it."""

    __tablename__ = "payloads"

    token: Mapped[str] = mapped_column(String(20), primary_key=True)
    payload: Mapped[str] = mapped_column(Text)


class LinkCodeRow(Base):
    """A one-time code with which a worker joins a second app to the first. Times are UTC."""

    __tablename__ = "link_codes"

    code_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class HandoffRow(Base):
    """A conversation that a person took over or is asked to. `state`: waiting, claimed, closed. Times are UTC."""

    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), index=True)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class HandoffLineRow(Base):
    """One line of the talk around a handoff (masked). `said_by`: worker, assistant, desk. Times are UTC."""

    __tablename__ = "handoff_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[int] = mapped_column(index=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    said_by: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


_writers: WeakKeyDictionary[AsyncEngine, asyncio.Lock] = WeakKeyDictionary()


class Sessions:
    """Sessions of one database: `begin()` to write, a call to read.

    SQLite lets one connection write at a time and wakes those that wait in no order, so that some starve under load:
    the writers of this process queue here instead.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = self._sessions
        self._one_at_a_time: AbstractAsyncContextManager[None] = nullcontext()
        if engine.dialect.name == "sqlite":
            self._one_at_a_time = _writers.setdefault(engine, asyncio.Lock())
        else:  # a read needs no transaction: two round trips less
            reading = engine.execution_options(isolation_level="AUTOCOMMIT")
            self._reading = async_sessionmaker(reading, expire_on_commit=False)

    def __call__(self) -> AsyncSession:
        """A session to read with."""
        return self._reading()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session to write with, committed at the end."""
        async with self._one_at_a_time, self._sessions.begin() as session:
            yield session


def open_database(url: str) -> AsyncEngine:
    """An engine for `url`; connects on first use. The folder of an SQLite file is made if it is missing."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(address, pool_pre_ping=True)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(address, connect_args={"timeout": SECONDS_TO_WAIT_FOR_A_LOCK})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log: readers never wait for the writer, and a commit does not wait for the disk's cache."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def upgrade_database(url: str) -> None:
    """Brings the schema to the newest migration; does nothing where it is there already."""
    from alembic import command  # only set-up and tests change the schema

    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(migration_config(url), "head")


def migration_config(url: str) -> "Config":
    """Alembic's settings without a file; the address is passed as an attribute, so no log ever prints it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
