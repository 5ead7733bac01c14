"""A messaging app that exists only in tests: JSON in, and a list of what was sent out."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from channels.app import create_app
from channels.channel import Forged, Limits, Malformed, Received, Request, Response, Route, SendFailure
from channels.contacts import Contacts
from channels.dispatch import Dispatcher
from channels.inbox import Inbox
from channels.message import Event, Inbound, Joined, Left, Reply, Unreadable
from channels.messaging import Messaging
from channels.sealing import Seal
from channels.settings import Settings
from tests.channels.channel_world import FakeServer, Handler, says

SECRET, LONGEST = "coo", 200
ROUTE = Route("POST", "/channels/pigeon")
SEAL = Seal(b"a key of the tests that is long enough")


@dataclass
class Pigeon:
    """A channel; `failures` are raised by the next sends, one each. `sent`: (address, reply) in order."""

    numbered: bool = False
    failures: list[SendFailure] = field(default_factory=list)
    sent: list[tuple[str, Reply]] = field(default_factory=list)
    name: str = "pigeon"
    routes: tuple[Route, ...] = (ROUTE,)

    @property
    def limits(self) -> Limits:
        return Limits(LONGEST, len, buttons=0 if self.numbered else 3, button_title=20, payload_bytes=40)

    def verify(self, request: Request, now: datetime) -> None:
        if request.headers.get("x-secret") != SECRET:
            raise Forged("the secret is missing or wrong")

    def parse(self, request: Request) -> Received:
        try:
            told = json.loads(request.body)
            who: tuple[str, str, str] = (self.name, told["from"], told["id"])
        except (ValueError, KeyError, TypeError):
            raise Malformed from None
        events: dict[str, Event] = {
            "left": Left(*who, confirm=True),
            "joined": Joined(*who, campaign=told.get("campaign")),
            "voice": Unreadable(*who, "voice"),
        }
        inbound = Inbound(who[0], who[1], text=told.get("text"), payload=told.get("payload"), message_id=who[2])
        return Received((events.get(told.get("what", ""), inbound),))

    def render(self, reply: Reply) -> tuple[str, ...]:
        return (reply.text,)

    async def send(self, address: str, reply: Reply) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((address, reply))

    @property
    def texts(self) -> list[str]:
        return [reply.text for _, reply in self.sent]


@dataclass
class PassivePigeon(Pigeon):
    """One that takes the reply in the answer to its own request."""

    answer_within_seconds: float = 0.3

    def respond(self, request: Request, replies: tuple[Reply, ...]) -> Response | None:
        return Response(" / ".join(reply.text for reply in replies))


def request(secret: str = SECRET, **told: Any) -> Request:
    """What the app sends us."""
    body = json.dumps({"from": "li", "id": "1", **told}).encode()
    return Request("POST", f"https://x{ROUTE.path}", ROUTE.path, {}, {"x-secret": secret}, body)


@dataclass
class Loft:
    """The channel server with its pigeons, and what lies behind it."""

    dispatcher: Dispatcher
    rasa: FakeServer
    engine: AsyncEngine

    async def receive(self, pigeon: Pigeon, **told: Any) -> Response:
        """One request, and everything that it sets going."""
        response = await self.dispatcher.receive(pigeon, request(**told))
        await self.settled()
        return response

    async def settled(self) -> None:
        """Waits until nothing is under way any more."""
        while self.dispatcher._tasks:
            await asyncio.wait(set(self.dispatcher._tasks))

    def heard(self) -> list[str]:
        """What reached Rasa, in order."""
        return [str(message["message"]) for message in self.rasa.received]

    @property
    def contacts(self) -> Contacts:
        return Contacts(self.engine, SEAL)

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.engine, SEAL)


@asynccontextmanager
async def loft(engine: AsyncEngine, *pigeons: Pigeon, rasa: Handler | None = None) -> AsyncIterator[Loft]:
    """A fresh channel server over this database; house-keeping is not started."""
    fake = FakeServer(rasa or says({"text": "好。"}))
    app = create_app(
        Settings(rate_conversation="1000/minute"),
        rasa_transport=httpx.MockTransport(fake),
        actions_transport=httpx.MockTransport(fake),
        messaging=Messaging(pigeons, engine, SEAL, timedelta(days=730)),
    )
    found = Loft(app.state.dispatcher, fake, engine)
    yield found
    await found.settled()


def renamed(pigeon: Pigeon, name: str) -> Pigeon:
    """Another app of the same kind."""
    return replace(pigeon, name=name, sent=[], failures=[])
