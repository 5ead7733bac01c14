"""Port 2: what a messaging platform must offer, and the closed list of ways in which sending can fail.

    SendFailure
    ├── ConnectionFailed      retryable   the platform did not answer
    ├── ConnectionThrottled   retryable   the platform asked us to slow down
    ├── MessageInvalid                    the platform refused the message: ours to mend
    ├── CredentialsRefused                the platform refused our key: ours to mend
    ├── ContactUnknown                    no such person at this address
    ├── ContactStopped                    the person blocked or left us: never write again
    └── PushUnsupported                   this channel cannot start a conversation (now)

A channel names the failure; who calls `send` alone decides what to do about it.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from channels.message import Inbound, Reply


class SendFailure(Exception):
    """A message that did not go out. The text must hold no address, token or message text."""

    retryable: ClassVar[bool] = False
    ours_to_log: ClassVar[bool] = False


class ConnectionFailed(SendFailure):
    """The platform did not answer, or broke off."""

    retryable = True


class ConnectionThrottled(SendFailure):
    """The platform asked for fewer messages; `retry_after` in seconds where it said so."""

    retryable = True

    def __init__(self, reason: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class MessageInvalid(SendFailure):
    """The platform will never take this message as it is."""

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


RequestT = TypeVar("RequestT", contravariant=True)
RenderedT = TypeVar("RenderedT", covariant=True)


class Channel(Protocol[RequestT, RenderedT]):
    """A platform where workers write to us.

    An implementation must verify the sender before it parses, must keep the platform's limits in its own
    file, and must not call Rasa, the gateway or another channel.
    """

    name: str
    routes: tuple[Route, ...]

    def parse(self, request: RequestT, sender_address: str) -> Inbound:
        """The platform's request as a neutral message."""

    def render(self, reply: Reply) -> RenderedT:
        """A reply in the platform's own form, split to its limits."""

    async def send(self, contact: str, reply: Reply) -> None:
        """Write to a person outside a turn; may raise a `SendFailure`, and nothing else."""
