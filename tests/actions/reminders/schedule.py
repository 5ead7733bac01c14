"""How a row of `tables/schedule.yml` is read: the reminder, worker and deliveries that it speaks of."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml

from actions.reminders.care import CareSettings, Group, Postpone, Send, Suppress
from actions.reminders.model import (
    CHINA_ZONE,
    PUT_OFF,
    About,
    Delivery,
    DeliveryState,
    Reminder,
    ReminderState,
    Rhythm,
    Subscription,
)
from actions.reminders.quiet_hours import QuietHours
from actions.reminders.zones import local, moment

TABLE = yaml.safe_load((Path(__file__).parent / "tables" / "schedule.yml").read_text(encoding="utf-8"))
SETTINGS = CareSettings.model_validate(TABLE.pop("settings"))
USUAL_DAY = date(2026, 12, 1)
PRIORITIES = {"urgent": 80, "rule": 60, "campaign": 60, "asked": 50, "snoozed": 50}

Row = dict[str, Any]


def utc(text: str) -> datetime:
    """ "2026-12-01 09:30", a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, zone: str = CHINA_ZONE) -> datetime:
    """ "2026-12-01 09:30" on the worker's clock, as a moment in UTC."""
    shown = datetime.fromisoformat(text)
    return moment(shown.date(), shown.time(), zone)


def clock_of(row: Row) -> str:
    """The zone of a row."""
    return str(row.get("zone", CHINA_ZONE))


def hours(text: str) -> QuietHours:
    """ "21:00-08:00"."""
    start, until = text.split("-")
    return QuietHours(time.fromisoformat(start), time.fromisoformat(until))


def reminder(row: Row) -> Reminder:
    """The reminder that a row speaks of."""
    return Reminder(
        "worker",
        About.PAY,
        Rhythm(row["every"]),
        row["first"],
        row["day"],
        time(9, 30),
        ReminderState(row.get("state", "active")),
        frozenset(row.get("skips", ())),
    )


def subscription(row: Row) -> Subscription | None:
    """The worker of a row: `consent: never` is nobody, `taken_back` is one who stopped."""
    if row.get("consent") == "never":
        return None
    own = hours(row["quiet"]) if "quiet" in row else None
    agreed = row.get("consent") != "taken_back"
    quiet = (own.start, own.until) if own else (None, None)
    return Subscription("worker", "zh", clock_of(row), {}, agreed, *quiet)


def delivery(kind: str, due: datetime, not_after: datetime, number: int = 1) -> Delivery:
    """A delivery of a kind, perhaps with its priority: "asked", "rule 79"."""
    source, _, priority = kind.partition(" ")
    origin = {"urgent": "rule:urgent", "snoozed": "rule:snoozed", "campaign": "campaign:one/told"}.get(source)
    return Delivery(
        id=number,
        key=f"key-{number}",
        conversation_id="worker",
        origin=origin or f"{source}:one",
        occasion=f"2026-12{PUT_OFF}202612010930" if source == "snoozed" else "2026-12",
        due_at=due,
        not_after=not_after,
        priority=int(priority or PRIORITIES[source]),
        state=DeliveryState.CLAIMED,
        reason=None,
        attempts=1,
        channel=None,
        trace=f"trace-{number}",
        planned_at=due,
        done_at=None,
    )


def due_in(row: Row) -> Delivery:
    """The one delivery of a row."""
    zone = clock_of(row)
    due = at(row.get("due", f"{USUAL_DAY} 09:30"), zone)
    return delivery(row.get("kind", "rule"), due, at(row.get("latest", f"{USUAL_DAY} 20:30"), zone))


def ready_in(row: Row) -> dict[str, Delivery]:
    """The deliveries of a row by their letters, written as "rule 60 at 09:30"."""
    found = {}
    for number, (letter, text) in enumerate(row["ready"].items(), start=1):
        kind, _, due = text.partition(" at ")
        due = due if " " in due else f"{row['now'][:10]} {due}"
        latest = row.get("latest", f"{row['now'][:10]} 20:30")
        found[letter] = delivery(kind, at(due, clock_of(row)), at(latest, clock_of(row)), number)
    return found


def in_words(decision: Send | Postpone | Suppress, zone: str = CHINA_ZONE) -> str:
    """A decision as the table writes it."""
    if isinstance(decision, Send):
        return "send"
    if isinstance(decision, Suppress):
        return f"no: {decision.reason}"
    return f"wait until {local(decision.until, zone):%Y-%m-%d %H:%M}"


def messages_in_words(groups: Iterable[Group], letters: dict[int, str]) -> list[str]:
    """Messages as the table writes them."""
    return [" + ".join(letters[one.id] for one in (group.lead, *group.briefly)) for group in groups]
