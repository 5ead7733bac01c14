"""The `shebao telegram` commands, put together: polled updates go to the running server as a webhook's would."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from channels.channel import Request
from channels.drawing import draw
from channels.messaging import labels_of
from channels.sentences import load_sentences
from channels.settings import Settings
from channels.telegram import TelegramChannel
from channels.telegram_commands import app_with

HAND_OVER_SECONDS = 10.0


@asynccontextmanager
async def to_running_server(channel: TelegramChannel) -> AsyncIterator[Callable[[Request], Awaitable[None]]]:
    """Hands each update to the server of this machine; raises httpx.HTTPError where it does not take it."""
    settings = Settings()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.port}", timeout=HAND_OVER_SECONDS, trust_env=False
    ) as client:

        async def hand_over(request: Request) -> None:
            headers = {name: value for name, value in request.headers.items() if name != "content-length"}
            response = await client.request(request.method, request.path, content=request.body, headers=headers)
            response.raise_for_status()

        yield hand_over


_sentences = load_sentences()
commands = app_with(to_running_server, labels_of(_sentences, "telegram_commands"), labels_of(_sentences), draw)
