"""Runs the migrations over the async engine that the application uses."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from actions import reminder_rows  # noqa: F401  # its tables belong to the schema too
from actions.database import Base, open_database


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    engine = open_database(context.config.attributes["url"])
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run())
