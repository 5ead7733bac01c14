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


@dataclass(frozen=True, slots=True)
class Turn:
    """The whole answer to one message; there is always at least one reply."""

    conversation_id: str
    replies: tuple[Reply, ...]
