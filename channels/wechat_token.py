"""WeChat's server interface: its access token, shared by every process of ours, and the calls that need it.

The token is asked for once, however many messages wait for it, and kept until five minutes before its end: from then
on WeChat gives out the next one while the old one still works. It travels in the query of each address, where
libraries log it; `_WithToken` therefore adds it behind the last line that writes a log.
"""

import asyncio
import fcntl
import json
import logging
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx
from pydantic import SecretStr

from channels.arrival import did_not_answer
from channels.channel import (
    ConnectionFailed,
    ConnectionThrottled,
    ContactStopped,
    ContactUnknown,
    CredentialsRefused,
    MessageInvalid,
    MessageTooLong,
    PushUnsupported,
    SendFailure,
)

Clock = Callable[[], datetime]  # the time, with a time zone

log = logging.getLogger(__name__)

RENEWED_BEFORE_END = timedelta(minutes=5)
TOKEN_REFUSED = frozenset({40001, 40014, 42001})  # no longer the newest, none at all, expired
MINUTE_QUOTA = 45011

_FAILURES: Mapping[int, type[SendFailure]] = {
    -1: ConnectionFailed,  # busy
    **dict.fromkeys((*TOKEN_REFUSED, 40013, 40125, 40164, 40243, 41001, 41002, 41004, 61004), CredentialsRefused),
    40003: ContactUnknown,
    **dict.fromkeys((43004, 48002, 50005), ContactStopped),  # does not follow us, or has switched our messages off
    43101: PushUnsupported,  # has not agreed to this template, or the consent is spent
    45015: PushUnsupported,  # the window for customer-service messages has closed
    45047: PushUnsupported,  # the messages of this window are spent
    48001: PushUnsupported,  # the account may not use this interface
    45002: MessageTooLong,
    **dict.fromkeys((45009, MINUTE_QUOTA), ConnectionThrottled),  # the quota of the day, of the minute
}


def failure_of(code: int) -> SendFailure:
    """The failure that an `errcode` of WeChat means; an unknown one is `MessageInvalid`. Only the code is quoted."""
    reason = f"WeChat answered errcode {code}"
    if code == MINUTE_QUOTA:
        return ConnectionThrottled(reason, retry_after=60.0)
    return _FAILURES.get(code, MessageInvalid)(reason)


class AccessToken(NamedTuple):
    """A token, and when it stops working (with a time zone)."""

    value: SecretStr
    expires_at: datetime


class TokenStore(Protocol):
    """Where the processes that send share one token. Failing to read or write is an `OSError`."""

    async def get(self) -> AccessToken | None:
        """The token that was put last, also when it has expired."""

    async def put(self, token: AccessToken) -> None:
        """Keep a new token."""

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Held while a new token is asked for, by one process at a time."""


class InMemoryTokenStore:
    """For one process alone; forgets with it."""

    def __init__(self) -> None:
        self._token: AccessToken | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> AccessToken | None:
        """The token that was put last."""
        return self._token

    async def put(self, token: AccessToken) -> None:
        """Keep a new token."""
        self._token = token

    def lock(self) -> AbstractAsyncContextManager[None]:
        """One task at a time."""
        return self._lock


class FileTokenStore:
    """For several processes on one machine: a file that only its owner reads, replaced whole.

    `wait_seconds`: how long to wait for a process that is asking for a token; then it is an `OSError`.
    A file that cannot be understood counts as none.
    """

    def __init__(self, path: Path, wait_seconds: float = 10.0) -> None:
        self._path = path
        self._wait = wait_seconds

    async def get(self) -> AccessToken | None:
        """The token that any process put last."""
        return await asyncio.to_thread(self._read)

    async def put(self, token: AccessToken) -> None:
        """Keep a new token for every process."""
        await asyncio.to_thread(self._write, token)

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """One process at a time, and one task of it; a process that dies lets go."""
        handle = self._open_lock()
        try:
            async with asyncio.timeout(self._wait):
                while not _taken(handle):  # noqa: ASYNC110 (another process holds it, no event can tell)
                    await asyncio.sleep(0.02)
            yield
        finally:
            os.close(handle)

    def _open_lock(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _read(self) -> AccessToken | None:
        try:
            written = json.loads(self._path.read_text(encoding="utf-8"))
            token = AccessToken(SecretStr(written["token"]), datetime.fromisoformat(written["expires_at"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return token if token.value and token.expires_at.tzinfo else None

    def _write(self, token: AccessToken) -> None:
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"token": token.value.get_secret_value(), "expires_at": token.expires_at.isoformat()}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class AccessTokens:
    """The token to call with. `fetch(force)` asks WeChat; with force the token in use stops working."""

    def __init__(self, fetch: Callable[[bool], Awaitable[AccessToken]], store: TokenStore, clock: Clock) -> None:
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._lock = asyncio.Lock()

    async def get(self, refused: AccessToken | None = None) -> AccessToken:
        """A token that should work, and another one than WeChat has `refused`; a `SendFailure` or an `OSError`."""
        kept = await self._kept(refused)
        if kept is not None:
            return kept
        async with self._lock, self._store.lock():
            kept = await self._kept(refused)
            if kept is not None:
                return kept  # somebody else was faster
            token = await self._fetch(False)
            if refused is not None and token.value == refused.value:
                token = await self._fetch(True)
            await self._store.put(token)
            return token

    async def _kept(self, refused: AccessToken | None) -> AccessToken | None:
        kept = await self._store.get()
        if kept is None or (refused is not None and kept.value == refused.value):
            return None
        return kept if kept.expires_at - self._clock() > RENEWED_BEFORE_END else None


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes long."""
    return httpx.create_ssl_context(trust_env=False)


class _WithToken(httpx.AsyncBaseTransport):
    """Puts the token of a request's extensions into its address, behind httpx's own log of addresses."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=_certificates(), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        token: AccessToken | None = request.extensions.get("access_token")
        if token is not None:
            url = request.url.copy_merge_params({"access_token": token.value.get_secret_value()})
            request = httpx.Request(
                request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class WeChatApi:
    """Calls of one account. Every call ends within `timeout_seconds` and raises nothing but a `SendFailure`."""

    def __init__(
        self, base_url: str, app_id: str, app_secret: SecretStr, timeout_seconds: float, store: TokenStore, clock: Clock
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._timeout = timeout_seconds
        self._clock = clock
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=timeout_seconds, trust_env=False, transport=_WithToken()
        )
        self._tokens = AccessTokens(self._fetch_token, store, clock)

    async def token(self, refused: AccessToken | None = None) -> AccessToken:
        """The token to call with, another one than `refused`."""
        try:
            return await self._tokens.get(refused)
        except OSError as error:
            log.error("the store of WeChat's access token cannot be used: %s", type(error).__name__)
            raise ConnectionFailed("the store of the access token cannot be used") from None

    async def call(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """POST a JSON object, and what WeChat answers. Chinese goes out as it is: WeChat shows `\\u` escapes."""
        return await self._authorised(path, **_json(body))

    async def upload_image(self, png: bytes) -> str:
        """Keep a picture with WeChat for three days; the id to send it by."""
        answer = await self._authorised(
            "/cgi-bin/media/upload", params={"type": "image"}, files={"media": ("chart.png", png, "image/png")}
        )
        media_id = answer.get("media_id")
        if not isinstance(media_id, str):
            raise ConnectionFailed("WeChat named no media id")
        return media_id

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _authorised(self, path: str, **content: Any) -> Mapping[str, Any]:
        token = await self.token()
        code, answer = await self._answer(path, token, **content)
        if code in TOKEN_REFUSED:
            token = await self.token(refused=token)
            code, answer = await self._answer(path, token, **content)
        if code:
            raise failure_of(code)
        return answer

    async def _fetch_token(self, force: bool) -> AccessToken:
        body: dict[str, Any] = {"grant_type": "client_credential", "appid": self._app_id, "force_refresh": force}
        body["secret"] = self._app_secret.get_secret_value()
        asked = self._clock()
        code, answer = await self._answer("/cgi-bin/stable_token", None, **_json(body))
        if code:
            raise failure_of(code)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise ConnectionFailed("WeChat gave no access token")
        return AccessToken(SecretStr(token), asked + timedelta(seconds=seconds))

    async def _answer(self, path: str, token: AccessToken | None, **content: Any) -> tuple[int, dict[str, Any]]:
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(path, extensions={"access_token": token}, **content)
            code = (answer := response.raise_for_status().json()).get("errcode", 0)
        except (httpx.HTTPError, TimeoutError, ValueError, AttributeError) as error:
            raise did_not_answer("WeChat", error) from None
        return (code, answer) if isinstance(code, int) else (-1, answer)


def _json(body: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json; charset=utf-8"}
    return {"content": json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), "headers": headers}
