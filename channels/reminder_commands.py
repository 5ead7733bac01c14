"""`shebao reminders plan | due | send | report | explain | dead | resend | check`: what goes out, and why."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from actions.reminders.campaign_reading import InvalidCampaign
from actions.reminders.care import InvalidSettings
from actions.reminders.model import Delivery, DeliveryState, Reason
from actions.reminders.preflight import preflight
from actions.reminders.rule_reading import InvalidRules
from actions.settings import CHINA
from actions.settings import Settings as ActionSettings
from channels.messaging import Messaging, utc_now
from channels.platforms import PlatformsUnreadable
from channels.reminder_wiring import ReminderParts
from channels.sentences import load_sentences
from channels.settings import Settings
from channels.simulations import Desk

T = TypeVar("T")
MOST_LOOKED_AT = 200_000
MOST_SHOWN = 50
LOOKS_BACK = timedelta(days=7)

commands = typer.Typer(no_args_is_help=True, help="Reminders: what is due, what goes out, what does not, and why.")
out, err = Console(), Console(stderr=True)
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
HoursOption = Annotated[int, typer.Option("--hours", min=0, max=24 * 60, help="also what falls due in so many hours")]
DaysOption = Annotated[int, typer.Option("--days", min=1, max=400, help="of the last so many days")]


def fail(message: str) -> NoReturn:
    """One line on standard error, exit code 1."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)


@asynccontextmanager
async def opened(desk: Desk | None = None) -> AsyncIterator[ReminderParts]:
    """The reminders as the environment says, without anything running; the knowledge folder is read if it is not."""
    settings, actions = Settings(), ActionSettings()
    messaging = Messaging.from_environment(settings, actions, load_sentences())
    desk = desk or Desk.read(actions.knowledge_dir)
    try:
        yield messaging.reminding(settings, lambda: desk)
    finally:
        for channel in messaging.channels:
            closing = getattr(channel, "aclose", None) or getattr(channel, "close", None)
            if closing is not None:
                await closing()
        await messaging.engine.dispose()


def carry_out(work: Callable[[ReminderParts], Awaitable[T]], desk: Desk | None = None) -> T:
    """Runs a task over the reminders; what is wrong with files, settings or the database ends in one line."""
    from sqlalchemy.exc import SQLAlchemyError

    async def run() -> T:
        async with opened(desk) as parts:
            return await work(parts)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(run())
    except (InvalidRules, InvalidCampaign, InvalidSettings, PlatformsUnreadable) as error:
        fail(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        fail(f"SHEBAO_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except (SQLAlchemyError, OSError) as error:
        fail(f"the database cannot be used: {type(error).__name__}; `shebao database upgrade` makes its tables")


@commands.command()
def plan(as_json: JsonOption = False) -> None:
    """Write a row for everything that is due from yesterday until tomorrow; twice does no harm."""

    async def work(parts: ReminderParts) -> dict[str, int]:
        report = await parts.planner.plan(utc_now())
        return {"workers": report.workers, "occasions": report.found, "drawn_for_campaigns": report.drawn}

    _told(carry_out(work), as_json, "{workers} workers who agreed, {occasions} occasions around today")


@commands.command()
def due(hours: HoursOption = 24, as_json: JsonOption = False) -> None:
    """What is planned, how much of it would be sent, and why the rest would not. Nothing is sent or changed."""

    async def work(parts: ReminderParts) -> dict[str, Any]:
        now = utc_now()
        rows = await parts.reminders.deliveries.in_state(
            DeliveryState.PLANNED, MOST_LOOKED_AT, now + timedelta(hours=hours)
        )
        return await would_happen(parts, rows, now)

    said = carry_out(work)
    text = "{planned} planned for {workers} workers: {messages} messages, {told_along} told along, {postponed} put off"
    _told(said, as_json, text)
    if not as_json and said["suppressed"]:
        out.print(_table("would not be sent because", said["suppressed"]))


async def would_happen(parts: ReminderParts, rows: tuple[Delivery, ...], now: datetime) -> dict[str, Any]:
    """What would become of some rows, by the functions that decide when they are really sent."""
    workers = {one.conversation_id for one in rows}
    subscriptions = await parts.reminders.subscriptions.of_many(workers)
    sent = await parts.reminders.deliveries.sent_since(workers, now - LOOKS_BACK)
    reached = frozenset(await parts.deliverer.reachable(workers))
    words = await parts.shelf.voices()

    def obstacle(one: Delivery) -> Reason | None:
        known = subscriptions.get(one.conversation_id)
        reason = (
            words.still_true(one.origin, one.occasion, known.facts, one.due_at.astimezone(CHINA).date())
            if known
            else None
        )
        return reason or (None if one.conversation_id in reached else Reason.NO_CHANNEL)

    found = preflight(rows, subscriptions, now=now, sent=sent, settings=parts.care, obstacle=obstacle)
    return {
        "planned": found.planned, "workers": found.workers, "messages": found.messages, "told_along": found.briefly,
        "postponed": found.postponed, "suppressed": {str(why): n for why, n in found.suppressed.most_common()},
    }  # fmt: skip


@commands.command()
def send(as_json: JsonOption = False) -> None:
    """Send what is due now, in this process."""
    handled = carry_out(lambda parts: parts.reminding.send_due())
    _told({"handled": handled}, as_json, "{handled} deliveries handled; `shebao reminders report` says how")


@commands.command()
def report(days: DaysOption = 7, as_json: JsonOption = False) -> None:
    """How deliveries ended, by rule or campaign, and why those did that were not sent."""

    async def read(parts: ReminderParts) -> list[dict[str, Any]]:
        counts = await parts.reminders.deliveries.counts(utc_now() - timedelta(days=days))
        return [
            {"origin": origin, "state": state, "reason": reason, "count": count}
            for (origin, state, reason), count in sorted(counts.items(), key=lambda one: (one[0][0], -one[1]))
        ]

    rows = carry_out(read)
    if as_json:
        _print_json(rows)
        return
    table = Table("origin", "state", "reason", "count")
    for row in rows:
        table.add_row(row["origin"], row["state"], row["reason"] or "", str(row["count"]))
    out.print(table if rows else f"nothing was planned in the last {days} days")


@commands.command()
def explain(
    worker: Annotated[str, typer.Argument(help="the opaque id of the worker's conversation")],
    lang: Annotated[str, typer.Option("--lang", help="zh or en")] = "zh",
    as_json: JsonOption = False,
) -> None:
    """Why a worker was sent what they were sent, and what was not sent to them and why. No personal data is shown."""
    if lang not in ("zh", "en"):
        fail(f"--lang {lang!r} is not known; zh and en are accepted")

    async def read(parts: ReminderParts) -> list[dict[str, Any]]:
        words, subscription = await parts.shelf.voices(), await parts.reminders.subscription(worker)
        rows = (await parts.reminders.deliveries.of(worker))[-MOST_SHOWN:]
        facts = subscription.facts if subscription else {}
        return [_explained(one, words.why(one.origin, facts, "en" if lang == "en" else "zh")) for one in rows]

    rows = carry_out(read)
    if as_json:
        _print_json(rows)
        return
    if not rows:
        out.print("nothing was ever planned for this worker")
    for row in rows:
        why = f" ({row['reason']})" if row["reason"] else ""
        out.print(
            f"{row['due_at']}  {row['origin']}  {row['occasion']}  {row['state']}{why}  {row['trace']}", markup=False
        )
        out.print(f"  {row['why']}", style="dim", markup=False)


def _explained(one: Delivery, why: str) -> dict[str, Any]:
    return {
        "id": one.id, "origin": one.origin, "occasion": one.occasion, "due_at": _local(one.due_at),
        "state": str(one.state), "reason": one.reason, "channel": one.channel, "attempts": one.attempts,
        "done_at": _local(one.done_at) if one.done_at else None, "trace": one.trace, "why": why,
    }  # fmt: skip


@commands.command()
def dead(as_json: JsonOption = False) -> None:
    """Deliveries that failed for good (dead), or of which nobody knows whether they arrived (unsure)."""

    async def read(parts: ReminderParts) -> list[dict[str, Any]]:
        rows = [
            one
            for state in (DeliveryState.DEAD, DeliveryState.UNSURE)
            for one in await parts.reminders.deliveries.in_state(state, MOST_SHOWN)
        ]
        return [_explained(one, "") for one in rows]

    rows = carry_out(read)
    if as_json:
        _print_json(rows)
        return
    table = Table("id", "origin", "due", "channel", "state", "reason")
    for row in rows:
        table.add_row(*(str(row[name] or "") for name in ("id", "origin", "due_at", "channel", "state", "reason")))
    out.print(table if rows else "none")


@commands.command()
def resend(
    delivery: Annotated[int, typer.Argument(help="the id that `dead` shows")],
    hours: Annotated[int, typer.Option("--hours", min=1, max=72, help="how long it may still be sent")] = 12,
) -> None:
    """Give a dead delivery another round under its old key, so that a platform that has it already shows it once."""

    async def again(parts: ReminderParts) -> bool:
        now = utc_now()
        return await parts.reminders.deliveries.send_again(delivery, now, now + timedelta(hours=hours))

    if not carry_out(again):
        fail(f"delivery {delivery} is neither dead nor unsure; `shebao reminders dead` lists those that are")
    out.print(f"delivery {delivery} goes out again")


@commands.command()
def check() -> None:
    """Read the rules, the campaigns and the settings; every problem is one line."""

    async def read(parts: ReminderParts) -> tuple[int, int]:
        words = await parts.shelf.voices()
        return len(words.book.rules), len(words.campaigns)

    rules, campaigns = carry_out(read)
    out.print(f"{rules} rules and {campaigns} campaigns can be used")


def _told(values: dict[str, Any], as_json: bool, text: str) -> None:
    if as_json:
        _print_json(values)
    else:
        out.print(text.format(**values), markup=False)


def _table(title: str, counts: dict[str, int]) -> Table:
    table = Table(title, "count")
    for name, count in counts.items():
        table.add_row(name, str(count))
    return table


def _local(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _print_json(value: Any) -> None:
    out.print_json(json.dumps(value, ensure_ascii=False, default=str))
