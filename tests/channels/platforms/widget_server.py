"""Two loopback servers on two origins: the assistant (widget files and canned answers) and a platform that embeds it.

The assistant answers as ours does: a repeated message_id gets the answer it already had, only named origins read it.
The platform forbids everything inline, and its back end gives tokens to whoever has its cookie.
"""

import html
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from channels.protection import PAGE_POLICY

WIDGET = Path(__file__).resolve().parents[3] / "channels" / "widget"
KEY = "a secret of thirty-two bytes or more"
CONVERSATION = "0123456789abcdef0123456789abcdef"
REGIONS: list[dict[str, Any]] = [
    {"code": "CN", "name": {"zh": "全国", "en": "China"}, "level": "country", "parent": None},
    {"code": "CN-ZJ", "name": {"zh": "浙江", "en": "Zhejiang"}, "level": "province", "parent": "CN"},
    {"code": "CN-SC", "name": {"zh": "四川", "en": "Sichuan"}, "level": "province", "parent": "CN"},
    {"code": "CN-ZJ.hangzhou", "name": {"zh": "杭州", "en": "Hangzhou"}, "level": "city", "parent": "CN-ZJ"},
]


def reply(text: str, **parts: Any) -> dict[str, Any]:
    """One reply as the server writes it."""
    nothing: dict[str, Any] = {
        "buttons": [],
        "image_url": None,
        "citations": [],
        "outcome": "answered",
        "article_id": None,
        "next_steps": [],
        "suggestions": [],
        "reviewed_on": None,
        "language": "zh",
        "region": None,
        "chart": None,
    }
    return {"text": text, **nothing, **parts}


@dataclass
class Assistant:
    """The assistant's side: what it was sent, and what it answers."""

    address: str = ""
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    refused_tokens: set[str] = field(default_factory=set)
    refuses_all_tokens: bool = False
    lines: list[dict[str, Any]] = field(default_factory=list)
    handoff: str | None = "waiting"
    polls: list[int] = field(default_factory=list)
    news_status: int = 200
    _answered: dict[str, dict[str, Any]] = field(default_factory=dict)

    def forget(self) -> None:
        """As if just started."""
        vars(self).update(vars(Assistant(self.address)))

    @property
    def heard(self) -> list[str]:
        """What was said, each message once, in order."""
        first = {message["message_id"]: message for message in reversed(self.received)}
        return [message.get("text") or message["payload"] for message in reversed(first.values())]

    def say(self, message: dict[str, Any], authorization: str | None) -> Response:
        """The answer to one message."""
        self.tokens.append(authorization)
        if authorization and (self.refuses_all_tokens or authorization in self.refused_tokens):
            return JSONResponse({"error": {"code": "token_expired", "message": {"zh": "过期", "en": "old"}}}, 401)
        self.received.append(message)
        said = message.get("text") or message["payload"]
        turn = {"conversation_id": CONVERSATION, "replies": self.answers.get(said, [reply(f"答：{said}")])}
        return JSONResponse(self._answered.setdefault(message["message_id"], turn))

    def build(self, origin: str) -> FastAPI:
        """The application; `origin` may read its answers."""
        app = FastAPI()

        @app.post("/api/v1/messages")
        async def say(request: Request) -> Response:
            authorization = request.headers.get("Authorization")
            return self.say(await request.json(), authorization)

        @app.get("/api/v1/regions")
        async def regions() -> list[dict[str, Any]]:
            return REGIONS

        @app.get("/api/v1/conversations/{conversation_id}/news")
        async def news(conversation_id: str, after: int = 0) -> Response:
            assert conversation_id == CONVERSATION
            self.polls.append(after)
            fresh = [line for line in self.lines if line["id"] > after]
            return JSONResponse({"lines": fresh, "handoff": self.handoff}, self.news_status)

        @app.get("/widget.js")
        async def embed() -> FileResponse:
            return FileResponse(WIDGET / "embed.js", media_type="text/javascript")

        @app.get("/widget/demo.html")
        async def demo() -> FileResponse:
            return FileResponse(WIDGET / "demo.html", headers={"Content-Security-Policy": PAGE_POLICY})

        app.mount("/widget", StaticFiles(directory=WIDGET))
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[origin],
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Authorization"],
            expose_headers=["Retry-After"],
        )
        return app


@dataclass
class Platform:
    """A site that embeds the widget. `attributes` stand on the element; without any there is no element."""

    address: str = ""
    assistant: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    language: str = "zh-CN"
    worker: str | None = "rider-1"
    asked: int = 0
    token_seconds: int = 600
    token_status: int = 200

    def forget(self) -> None:
        """As if just started."""
        vars(self).update(vars(Platform(self.address, self.assistant)))

    @property
    def policy(self) -> str:
        """The strictest policy that lets the widget in, as docs/embedding.md says it."""
        return (
            f"default-src 'none'; script-src {self.assistant}; connect-src 'self' {self.assistant}; "
            f"img-src 'self' {self.assistant}; style-src 'self'; base-uri 'none'; form-action 'none'; "
            "require-trusted-types-for 'script'"
        )

    def sign(self) -> str:
        """A token for the worker of now; each is another one."""
        self.asked += 1
        now = int(time.time())
        claims = {"iss": "rider-app", "sub": self.worker, "aud": "shebao-assistant", "iat": now, "jti": str(self.asked)}
        return jwt.encode(claims | {"exp": now + self.token_seconds}, KEY, "HS256", {"kid": "k1"})

    def page(self) -> str:
        """The host page, without a script of its own."""
        pairs = "".join(f' {name}="{html.escape(value)}"' for name, value in self.attributes.items())
        element = f"<shebao-assistant{pairs}></shebao-assistant>" if self.attributes else ""
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8"><title>骑手平台</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<link rel="stylesheet" href="/page.css">'
            f'<script type="module" src="{self.assistant}/widget.js"></script></head><body><main><h1>骑手平台</h1>'
            f'<p>这是平台自己的页面。</p><button id="before">平台的按钮</button>{element}</main></body></html>'
        )

    def build(self) -> FastAPI:
        """The application."""
        app = FastAPI()

        @app.get("/")
        async def page() -> HTMLResponse:
            response = HTMLResponse(self.page(), headers={"Content-Security-Policy": self.policy})
            response.set_cookie("session", "rider", httponly=True, samesite="strict")
            return response

        @app.get("/page.css")
        async def style() -> Response:
            hostile = (
                "html{font-size:10px}body{margin:20px;font:30px serif;color:#111;background:#fff;letter-spacing:2px}"
            )
            return Response(hostile + "button{background:red!important}", media_type="text/css")

        @app.get("/shebao-token")
        async def token(request: Request) -> Response:
            if self.worker is None or request.cookies.get("session") != "rider":
                return JSONResponse({}, 401)
            return JSONResponse({"token": self.sign()}, self.token_status)

        return app


@contextmanager
def served(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    """The application on a socket that is already bound, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    ends = time.monotonic() + 10
    while not server.started and time.monotonic() < ends:
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(timeout=10)


def _listen() -> tuple[socket.socket, str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def two_origins() -> Iterator[tuple[Assistant, Platform]]:
    """Both servers, running."""
    (here, assistant_address), (there, platform_address) = _listen(), _listen()
    assistant = Assistant(assistant_address)
    platform = Platform(platform_address, assistant_address)
    with served(assistant.build(platform_address), here), served(platform.build(), there):
        yield assistant, platform
