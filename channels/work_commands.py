"""`shebao reminders work`: one delivery process, or several under one parent."""

import asyncio
import logging
import os
import signal
from contextlib import suppress
from typing import Annotated

import typer

from actions.settings import Settings as ActionSettings
from channels.delivery_pool import run_pool
from channels.reminder_commands import carry_out, fail, out
from channels.reminder_commands import commands as commands
from channels.reminder_wiring import ReminderParts
from channels.settings import Settings
from channels.simulations import Desk

SECONDS_BETWEEN_LOOKS_AT_THE_PARENT = 1.0


@commands.command()
def work(
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="under one parent")] = 1,
) -> None:
    """Deliver until Ctrl-C: plan, hand out, send. More than one process needs SHEBAO_BROKER_URL and PostgreSQL."""
    if processes > 1 and not Settings().broker_url.get_secret_value():
        fail("--processes: more than one needs SHEBAO_BROKER_URL, an address such as amqp://…")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    for noisy in ("httpx", "aiormq", "aio_pika", "taskiq"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if processes == 1:
        carry_out(_until_stopped)
        return
    desk = Desk.read(ActionSettings().knowledge_dir)

    def child() -> int:
        carry_out(_until_stopped, desk)
        return 0

    raise typer.Exit(run_pool(processes, child, logging.getLogger(__name__).warning))


async def _until_stopped(parts: ReminderParts) -> None:
    """Runs the loops until a signal, or until the parent is gone."""
    asked, parent = asyncio.Event(), os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with parts.reminding.running():
        out.print("delivering; Ctrl-C stops it")
        while not asked.is_set() and os.getppid() == parent:
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), SECONDS_BETWEEN_LOOKS_AT_THE_PARENT)
