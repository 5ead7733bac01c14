"""Deliveries on their way into the table and out of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from actions.reminders.model import Delivery, DeliveryState

KEY_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery before it has a row. Times are UTC."""

    conversation_id: str
    origin: str
    occasion: str
    due_at: datetime
    not_after: datetime
    priority: int

    @property
    def key(self) -> str:
        """One occasion of one worker; which treatment of a campaign it is makes no second one."""
        key = f"{self.conversation_id}|{self.origin.partition('/')[0]}|{self.occasion}"
        return key if len(key) <= KEY_CHARACTERS else hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a claimed delivery went on: an end, or another round at `due_at`, which counts as a try unless `forgiven`."""

    id: int
    state: DeliveryState
    at: datetime
    reason: str | None = None
    channel: str | None = None
    due_at: datetime | None = None
    forgiven: bool = False


def in_utc(at: datetime) -> datetime:
    """SQLite forgets the zone of what it keeps; it is UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def values_of(one: Planned, at: datetime) -> dict[str, object]:
    """A planned delivery as its row."""
    key = one.key
    return {
        "key": key, "conversation_id": one.conversation_id, "origin": one.origin, "occasion": one.occasion,
        "due_at": one.due_at, "not_after": one.not_after, "priority": one.priority, "attempts": 0,
        "state": DeliveryState.PLANNED.value, "planned_at": at,
        "trace": hashlib.blake2b(key.encode(), digest_size=16).hexdigest(),
    }  # fmt: skip


def delivery_of(row: Mapping[Any, Any]) -> Delivery:
    """A row as the rest of the reminders knows it."""
    values = {str(name): in_utc(value) if isinstance(value, datetime) else value for name, value in row.items()}
    values.pop("leased_until")
    values["state"] = DeliveryState(str(values["state"]))
    return Delivery(**values)  # type: ignore[arg-type]
