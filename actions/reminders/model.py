"""The words of the reminders: what a worker asked for, what is due, how a delivery stands, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]
Facts = Mapping[str, str]  # what is known of a worker; the names and forms are in `facts.py`
CHINA_ZONE = "Asia/Shanghai"
PUT_OFF = "~"  # stands in the occasion of what a worker asked to see again, before the time


class Rhythm(StrEnum):
    """How often a reminder comes back."""

    ONCE = "once"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


class About(StrEnum):
    """What a reminder that a worker asked for is about."""

    PAY = "pay"
    BASE = "base"
    RESIDENT = "resident"
    RETIREMENT = "retirement"
    CHECK = "check"  # look whether the months paid are on the record
    OTHER = "other"


class ReminderState(StrEnum):
    """Whether a reminder comes back."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that a worker asked for.

    `first`: the first day it is due. `day`: the day of the month that was asked for, which a short month cuts to its
    last (31 stays 31 for the months that have it). `at`: the local time in the worker's zone. `skips`: days left out.
    """

    conversation_id: str
    about: About
    rhythm: Rhythm
    first: date
    day: int
    at: time
    state: ReminderState = ReminderState.ACTIVE
    skips: frozenset[date] = frozenset()
    id: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whether a worker wants to be reminded, and what is known of them for that.

    `agreed`: they said yes and have not stopped it since. Quiet hours are local times; None: those of the parameters.
    """

    conversation_id: str
    language: Language
    zone: str
    facts: Facts
    agreed: bool
    quiet_from: time | None = None
    quiet_until: time | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be said on a day, and the latest local time at which it may still be said.

    `origin`: `rule:<id>`, `asked:<about>` or `campaign:<id>/<treatment>`. `occasion` names the occasion so that it is
    planned once for each worker: `2026-12/before`, `moved/2026-11-03`. A higher priority goes first. `grace_days`: so
    many days later it is still worth saying (a yearly statement is, "today is the last day" is not).
    """

    origin: str
    occasion: str
    day: date
    at: time
    latest: time
    priority: int
    grace_days: int = 0


class DeliveryState(StrEnum):
    """How a delivery stands: `sent` and what follows it are ends.

    `queued`: handed to the transport; `claimed`: a delivery process has it; `sending`: the platform may have it by now.
    `unsure`: the process died while it was sending and the platform cannot tell a second message from the first, so
    that nobody knows whether the worker has it; a person decides. `visit`: no app can be written to, so that it waits
    for the worker's next visit.
    """

    PLANNED = "planned"
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    VISIT = "visit"
    SENT = "sent"
    MERGED = "merged"  # said in the same message as another of that day
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    DEAD = "dead"
    UNSURE = "unsure"


class Reason(StrEnum):
    """Why a delivery was not sent, or not sent yet."""

    NOT_AGREED = "not_agreed"
    STOPPED = "stopped"
    NOT_TRUE = "not_true"  # what it says is not the case any more
    PAID = "paid"
    QUIET = "quiet"
    TOO_LATE = "too_late"
    CAP = "cap"
    NO_CHANNEL = "no_channel"
    NO_FIGURE = "no_figure"
    CAMPAIGN_STOPPED = "campaign_stopped"
    PAUSED = "paused"
    SKIPPED = "skipped"
    DELETED = "deleted"
    REFUSED = "refused"  # the platform will never take it
    EXHAUSTED = "exhausted"  # tried as often as we try
    LEASE_LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that is due: a row before it is a message. Times are UTC."""

    id: int
    key: str
    conversation_id: str
    origin: str
    occasion: str
    due_at: datetime
    not_after: datetime
    priority: int
    state: DeliveryState
    reason: str | None
    attempts: int
    channel: str | None
    trace: str
    planned_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button below a reminder: its title and the `/intent{…}` that it sends."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure of a reminder comes from; `as_of` is the day from which it holds."""

    title: str
    source: str
    as_of: date | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What the worker reads; `brief` is the same in one line, for SMS and for several on one day."""

    text: str
    brief: str
    language: Language
    next_steps: tuple[NextStep, ...] = ()
    sources: tuple[Source, ...] = ()


class CannotSay(Exception):
    """A figure or fact that the text needs is not known: `missing` names it. It is left unsaid, not guessed."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing
