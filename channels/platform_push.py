"""The app of a platform that embeds the chat: what is written to its worker is posted to its back end, which shows it.

One signed POST a message, with an `Idempotency-Key`: the platform takes the same key once (docs/embedding.md), so that
a message may be posted again by whoever does not know whether it arrived.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import httpx

from channels.channel import (
    ConnectionFailed,
    ConnectionThrottled,
    ContactUnknown,
    CredentialsRefused,
    Forged,
    Limits,
    Malformed,
    MessageInvalid,
    MessageTooLong,
    Received,
    Request,
    Route,
    SendFailure,
)
from channels.message import Reply
from channels.platforms import Notify, Platform
from channels.splitting import split

NAME = "platform"
TEXT, BUTTONS, TITLE, PAYLOAD = 2000, 3, 40, 1000  # what the contract lets a platform rely on
SIGNATURE, STAMP, KEY = "X-Shebao-Signature", "X-Shebao-Timestamp", "Idempotency-Key"
_FAILURES: Mapping[int, type[SendFailure]] = {
    401: CredentialsRefused,
    403: CredentialsRefused,
    404: ContactUnknown,
    410: ContactUnknown,
    413: MessageTooLong,
}


def address_of(platform: str, worker_id: str) -> str:
    """The address of a worker of a platform; it is kept encrypted only."""
    return f"{platform}\n{worker_id}"


class PlatformPush:
    """Writes to workers through their platforms; nothing comes in this way. `client` needs no base address."""

    name = NAME
    routes: tuple[Route, ...] = ()
    deduplicates = True
    limits = Limits(TEXT, len, buttons=BUTTONS, button_title=TITLE, payload_bytes=PAYLOAD)

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        client: httpx.AsyncClient,
        timeout_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._places = {name: platform.notify for name, platform in platforms.items() if platform.notify}
        self._client, self._timeout, self._clock = client, timeout_seconds, clock

    def verify(self, request: Request, now: datetime) -> None:
        """There is no way in."""
        raise Forged("this channel takes no requests")

    def parse(self, request: Request) -> Received:
        """There is nothing to read."""
        raise Malformed("this channel takes no requests")

    def render(self, reply: Reply) -> tuple[dict[str, Any], ...]:
        """The bodies without address and key: the buttons stand below the last part."""
        parts = split(reply.text, TEXT, len) or [""]
        bodies: list[dict[str, Any]] = [{"text": part, "language": reply.language, "buttons": []} for part in parts]
        bodies[-1]["buttons"] = [
            {"title": button.title[:TITLE], "payload": button.payload} for button in reply.buttons[:BUTTONS]
        ]
        bodies[-1]["citations"] = [asdict(citation) for citation in reply.citations]
        return tuple(bodies)

    async def send(self, address: str, reply: Reply) -> None:
        """Write to a worker; may raise a `SendFailure`."""
        await self.notify(address, reply, secrets.token_hex(16))

    async def notify(self, address: str, reply: Reply, key: str) -> None:
        """Write to a worker, once for each key however often it is called; may raise a `SendFailure`."""
        platform, _, worker_id = address.partition("\n")
        place = self._places.get(platform)
        if place is None:
            raise ContactUnknown("the platform takes no messages any more")
        bodies = self.render(reply)
        for number, body in enumerate(bodies):
            await self._post(place, {"worker_id": worker_id, **body}, key if number == 0 else f"{key}-{number}")

    async def _post(self, place: Notify, body: Mapping[str, Any], key: str) -> None:
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.post(place.url, content=content, headers=self._headers(place, content, key))
        except (httpx.HTTPError, TimeoutError) as error:
            raise ConnectionFailed(f"the platform did not answer: {type(error).__name__}") from None
        if answer.is_success or answer.status_code == httpx.codes.CONFLICT:  # 409: it has this key already
            return
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ConnectionThrottled("the platform wants fewer messages", _seconds(answer.headers.get("retry-after")))
        if answer.is_server_error:
            raise ConnectionFailed(f"the platform answered {answer.status_code}")
        raise _FAILURES.get(answer.status_code, MessageInvalid)(f"the platform answered {answer.status_code}")

    def _headers(self, place: Notify, content: bytes, key: str) -> dict[str, str]:
        stamp = str(int(self._clock().timestamp()))
        return {
            "Content-Type": "application/json; charset=utf-8",
            KEY: key,
            STAMP: stamp,
            SIGNATURE: f"sha256={signature(place.secret, stamp, content)}",
        }

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


def signature(secret: bytes, stamp: str, content: bytes) -> str:
    """What proves that a message is ours and how old it is: HMAC-SHA256 over `stamp.content`, hexadecimal."""
    return hmac.new(secret, stamp.encode() + b"." + content, hashlib.sha256).hexdigest()


def _seconds(written: str | None) -> float | None:
    return float(written) if written and written.isdigit() else None
