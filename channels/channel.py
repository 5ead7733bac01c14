"""Port 2: what a messaging platform must offer, and the closed list of ways in which sending can fail.

    SendFailure
    ├── ConnectionFailed      retryable   the platform did not answer
    ├── ConnectionThrottled   retryable   the platform asked us to slow down
    ├── MessageInvalid                    the platform refused the message: ours to mend
    ├── MessageTooLong                    it is over a limit of the platform: ours to split
    ├── CredentialsRefused                the platform refused our key: ours to mend
    ├── ContactUnknown                    no such person at this address
    ├── ContactStopped                    the person blocked or left us: never write again
    └── PushUnsupported                   this channel cannot start a conversation (now)

A channel names the failure; who calls `send` alone decides what to do about it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, TypeVar

from channels.message import Event, Reply


class SendFailure(Exception):
    """A message that did not go out. The text must hold no address, token or message text."""

    retryable: ClassVar[bool] = False
    ours_to_log: ClassVar[bool] = False


class ConnectionFailed(SendFailure):
    """The platform did not answer, or broke off. `may_have_arrived`: it was asked, and only its answer is missing."""

    retryable = True

    def __init__(self, reason: str = "", *, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.may_have_arrived = may_have_arrived


class ConnectionThrottled(SendFailure):
    """The platform asked for fewer messages; `retry_after` in seconds where it said so."""

    retryable = True

    def __init__(self, reason: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class MessageInvalid(SendFailure):
    """The platform will never take this message as it is."""

    ours_to_log = True


class MessageTooLong(SendFailure):
    """The message is over one of the platform's limits."""

    ours_to_log = True


class CredentialsRefused(SendFailure):
    """The platform does not accept our key or signature."""

    ours_to_log = True


class ContactUnknown(SendFailure):
    """Nobody is reachable at this address."""


class ContactStopped(SendFailure):
    """The person has blocked the assistant or left."""


class PushUnsupported(SendFailure):
    """The channel only answers; it cannot write first, or its time window has closed."""


SEND_FAILURES: tuple[type[SendFailure], ...] = (
    ConnectionFailed,
    ConnectionThrottled,
    MessageInvalid,
    MessageTooLong,
    CredentialsRefused,
    ContactUnknown,
    ContactStopped,
    PushUnsupported,
)


@dataclass(frozen=True, slots=True)
class Route:
    """A path the web server must offer for a channel; the channel itself knows no server."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it arrived. `url` is the public address that the platform called (some sign it).

    Header names are in small letters; `query` holds the last value of each name.
    """

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What the platform gets back."""

    body: str = ""
    status: int = 200
    media_type: str = "text/plain; charset=utf-8"


class Forged(Exception):
    """The request does not come from the platform, is stale or was seen before: answered 403, never parsed.

    The text names the reason in a few fixed words; it holds nothing of the request.
    """


class Malformed(Exception):
    """The request comes from the platform, but cannot be read: answered 400. Nothing of the request in it."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a request held: events in order, and the answer that the platform wants at once, where it wants one."""

    events: tuple[Event, ...] = ()
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform takes in one message; `measure` counts a text the way the platform does.

    buttons: how many at most. 0: the platform has none, so that a numbered list stands in the text and the
    worker answers with a number. payload_bytes: what a button may send, in UTF-8.
    """

    text: int
    measure: Callable[[str], int]
    buttons: int = 0
    button_title: int = 0
    payload_bytes: int = 0


RenderedT = TypeVar("RenderedT", covariant=True)


class Channel(Protocol[RenderedT]):
    """A platform where workers write to us.

    An implementation keeps the platform's limits in its own file, and must not call Rasa, the gateway or another
    channel. Secrets come with its settings and never stand in an exception, a log line or a `repr`.
    """

    name: str
    routes: tuple[Route, ...]

    @property
    def limits(self) -> Limits:
        """What fits into one message."""

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged` before anything of the body is read; compares in constant time."""

    def parse(self, request: Request) -> Received:
        """What a verified request holds; raises `Malformed`."""

    def render(self, reply: Reply) -> tuple[RenderedT, ...]:
        """A reply in the platform's own form, split to its limits: one element a message."""

    async def send(self, address: str, reply: Reply) -> None:
        """Write to a person; may raise a `SendFailure`, and nothing else."""


class Notifying(Protocol):
    """A channel that can be told which message it is, for reminders; the others are written to by `send`.

    `deduplicates`: the platform shows a message that comes twice under one key once. Where that is not so, whoever
    cannot know whether a message arrived must not send it again.
    """

    deduplicates: bool

    async def notify(self, address: str, reply: Reply, key: str) -> None:
        """Write to a person outside of a turn; may raise a `SendFailure`."""


class Passive(Protocol):
    """A channel whose platform also takes the reply in the answer to its own request (WeChat)."""

    answer_within_seconds: float

    def respond(self, request: Request, replies: tuple[Reply, ...]) -> Response | None:
        """The reply as the answer to the request; None where it does not fit and has to be sent."""
