"""The whole channel server in process, with a Rasa and an action server that do as they are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from channels.app import create_app
from channels.settings import Settings

Handler = Callable[[httpx.Request], Awaitable[httpx.Response]]

REGIONS = [
    {"code": "CN-ZJ", "name": {"zh": "浙江", "en": "Zhejiang"}, "level": "province", "parent": "CN"},
    {"code": "CN-ZJ.hangzhou", "name": {"zh": "杭州", "en": "Hangzhou"}, "level": "city", "parent": "CN-ZJ"},
]


def says(*items: dict[str, object]) -> Handler:
    """A server that always answers with this list."""

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=list(items))

    return answer


def fails(error: type[httpx.TransportError]) -> Handler:
    """A server that cannot be reached, or breaks off."""

    async def answer(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return answer


def sends(status: int, content: bytes) -> Handler:
    """A server that answers with exactly this."""

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content)

    return answer


async def never(_: httpx.Request) -> httpx.Response:
    """A server that hangs."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


@dataclass
class FakeServer:
    """Keeps what it was sent and answers as its handler says."""

    handler: Handler
    received: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.received.append(json.loads(request.content))
        return await self.handler(request)


@dataclass
class World:
    """A client of the HTTP API, and what lies behind it."""

    client: httpx.AsyncClient
    rasa: FakeServer
    actions: FakeServer

    async def say(self, text: str | None = None, **body: object) -> httpx.Response:
        """Post one message."""
        return await self.client.post("/api/v1/messages", json={"text": text, **body} if text is not None else body)

    async def replies(self, text: str | None = None, **body: object) -> list[dict[str, Any]]:
        """The replies to one message that is taken."""
        response = await self.say(text, **body)
        assert response.status_code == 200, response.text
        replies: list[dict[str, Any]] = response.json()["replies"]
        return replies

    def heard(self) -> list[str]:
        """What reached Rasa, in order."""
        return [message["message"] for message in self.rasa.received]


async def _act(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=REGIONS if request.url.path == "/regions" else {"status": "ok"})


@asynccontextmanager
async def world(
    rasa: Handler | None = None,
    actions: Handler | None = None,
    address: str = "192.0.2.7",
    **settings: Any,
) -> AsyncIterator[World]:
    """A fresh channel server; `settings` as in `Settings`."""
    fake_rasa = FakeServer(rasa or says({"recipient_id": "x", "text": "好。"}))
    fake_actions = FakeServer(actions or _act)
    app = create_app(
        Settings(**settings),
        rasa_transport=httpx.MockTransport(fake_rasa),
        actions_transport=httpx.MockTransport(fake_actions),
    )
    transport = httpx.ASGITransport(app=app, client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield World(client, fake_rasa, fake_actions)
