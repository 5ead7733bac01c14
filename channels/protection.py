"""What every HTTP request passes before a route sees it: a size limit, safe headers, no traceback ever."""

import json
import logging
import traceback
from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.refusals import Reason, Refused

log = logging.getLogger(__name__)

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
PAGES = frozenset({"/", "/docs", "/widget/demo.html"})

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

ErrorBody = Callable[[Refused], dict[str, object]]


class SafeHeaders:
    """Adds the security headers to every response; turns an unforeseen error into a JSON one."""

    def __init__(self, app: ASGIApp, error_body: ErrorBody) -> None:
        self._app = app
        self._error_body = error_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        try:
            await self._app(scope, receive, send_safely)
        except Exception as error:  # the last line of defence: logged, never shown
            # Frames only: an exception's own text may quote what a worker wrote.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("unforeseen %s in %s\n%s", type(error).__name__, scope["path"], frames)
            if not started:
                await send_refusal(Refused(Reason.INTERNAL), self._error_body, send_safely)


class BodyLimit:
    """Refuses a request body over the limit before it is held in memory; `larger` are limits of paths by prefix."""

    def __init__(
        self, app: ASGIApp, max_bytes: int, error_body: ErrorBody, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger or {}
        self._error_body = error_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next(
            (size for prefix, size in self._larger.items() if scope["path"].startswith(prefix)), self._max_bytes
        )
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > most:
                accepted = f"up to {most} bytes"
                await send_refusal(Refused(Reason.BODY_TOO_LARGE, accepted), self._error_body, send)
                return
        whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

        async def replay() -> Message:
            nonlocal whole
            if whole is not None:
                message, whole = whole, None
                return message
            return await receive()

        await self._app(scope, replay, send)


async def send_refusal(refusal: Refused, error_body: ErrorBody, send: Send) -> None:
    """Answer with a refusal outside of any route."""
    body = json.dumps(error_body(refusal), ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.reason.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _add_headers(headers: MutableHeaders, path: str) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["Content-Security-Policy"] = PAGE_POLICY if path in PAGES else DATA_POLICY
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
    if path.startswith("/widget/"):
        headers.setdefault("Cache-Control", "no-cache")  # modules of two releases must not meet; an ETag answers 304
