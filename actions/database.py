"""The tables, and how to open the database: SQLite by default, PostgreSQL in production.

The schema is changed by the migrations in `actions/migrations`, never here alone: a test compares the two.
"""

from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Float, Index, MetaData, String, Text, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

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


Sessions = async_sessionmaker


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
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(migration_config(url), "head")


def migration_config(url: str) -> Config:
    """Alembic's settings without a file; the address is passed as an attribute, so no log ever prints it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
