"""What a worker sends and reads, with nothing of any platform in it.

Every channel parses into `Inbound` and renders `Reply`; imports nothing of ours.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Button:
    """One tap: what the worker reads on it, and the `/intent{…}` it sends."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence or figure comes from; `as_of` is the date the figure is valid from, ISO 8601."""

    title: str
    source: str
    as_of: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A related article the worker may want to read next."""

    article_id: str
    title: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One bar, or one group of bars: its label, a number for each series, and each number as it is written."""

    label: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to compare at a glance; the same rows are the table for who cannot see the picture.

    `series` names the bars of a group and is empty where each row has one bar; `unit` is in words.
    """

    title: str
    unit: str
    series: tuple[str, ...]
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a worker: either typed `text` or a button's `payload`.

    `sender_address` is only used to slow down floods; it never leaves the gateway.
    """

    channel: str
    sender_address: str
    text: str | None = None
    payload: str | None = None
    conversation_id: str | None = None
    message_id: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing the assistant says; `outcome` names how the turn ended (`answered`, `error_timeout`, …)."""

    text: str
    buttons: tuple[Button, ...] = ()
    image_url: str | None = None
    citations: tuple[Citation, ...] = ()
    outcome: str | None = None
    article_id: str | None = None
    next_steps: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    reviewed_on: str | None = None
    language: Language | None = None
    region: str | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The whole answer to one message; there is always at least one reply."""

    conversation_id: str
    replies: tuple[Reply, ...]


UnreadableKind = Literal["voice", "picture", "sticker", "location", "file", "edited", "other"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something other than text: the worker is told kindly that the assistant reads text only."""

    channel: str
    sender_address: str
    message_id: str
    kind: UnreadableKind


@dataclass(frozen=True, slots=True)
class Joined:
    """A worker opened the conversation or followed the account.

    `campaign` and `platform` come from the link or code that led here, where it held any.
    """

    channel: str
    sender_address: str
    message_id: str
    campaign: str | None = None
    platform: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A worker unsubscribed, blocked the assistant or wrote the word that stops it.

    `confirm`: the platform still lets one last confirmation through (SMS does, a blocked chat does not).
    """

    channel: str
    sender_address: str
    message_id: str
    confirm: bool = False


Event = Inbound | Unreadable | Joined | Left
