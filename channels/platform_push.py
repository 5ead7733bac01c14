"""The app of a platform that embeds the chat: what is written to its worker is posted to its back end, which shows it.

One signed POST a message, with an `Idempotency-Key`: the platform takes the same key once (docs/embedding.md), so that
a message may be posted again by whoever does not know whether it arrived.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import aiohttp

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
OK = 2  # the first digit of every success
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
    """Writes to workers through their platforms; nothing comes in this way.

    aiohttp instead of httpx: this is the one place where messages a second count (benchmarks/reminders.py).
    """

    name = NAME
    routes: tuple[Route, ...] = ()
    deduplicates = True
    limits = Limits(TEXT, len, buttons=BUTTONS, button_title=TITLE, payload_bytes=PAYLOAD)

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        timeout_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._places = {name: platform.notify for name, platform in platforms.items() if platform.notify}
        self._timeout, self._clock = aiohttp.ClientTimeout(total=timeout_seconds), clock
        self._session: aiohttp.ClientSession | None = None

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
        bodies[-1]["citations"] = [
            {"title": one.title, "source": one.source, "as_of": one.as_of, "url": one.url} for one in reply.citations
        ]
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
        headers = self._headers(place, content, key)
        try:
            async with self._opened().post(place.url, data=content, headers=headers, allow_redirects=False) as answer:
                status, retry_after = answer.status, answer.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            never_left = isinstance(error, aiohttp.ClientConnectorError)
            what = f"the platform did not answer: {type(error).__name__}"
            raise ConnectionFailed(what, may_have_arrived=not never_left) from None
        if status // 100 == OK or status == HTTPStatus.CONFLICT:  # 409: it has this key already
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise ConnectionThrottled("the platform wants fewer messages", _seconds(retry_after))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ConnectionFailed(f"the platform answered {status}")
        raise _FAILURES.get(status, MessageInvalid)(f"the platform answered {status}")

    def _opened(self) -> aiohttp.ClientSession:
        """The connections, made inside the loop that uses them; no proxy and no cookies."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

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
        if self._session is not None:
            await self._session.close()
            self._session = None


def signature(secret: bytes, stamp: str, content: bytes) -> str:
    """What proves that a message is ours and how old it is: HMAC-SHA256 over `stamp.content`, hexadecimal."""
    return hmac.new(secret, stamp.encode() + b"." + content, hashlib.sha256).hexdigest()


def _seconds(written: str | None) -> float | None:
    return float(written) if written and written.isdigit() else None
