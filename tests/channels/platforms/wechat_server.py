"""A WeChat of our own on a loopback address: its server interface, its signed callbacks and the way it repeats them.

It speaks the protocol as WeChat documents it, and shares no code with the channel: the AES, the signatures and the
XML are written a second time here.
"""

import asyncio
import base64
import email.policy
import hashlib
import itertools
import json
import secrets
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import uvicorn
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi import Response as HttpResponse

from channels.channel import Request, Response

APP_ID, APP_SECRET = "wx0123456789abcdef", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
TOKEN, AES_KEY = "callbacktoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT, OPENID = "gh_0123456789ab", "oWorker_0123456789-abcdefghi"
TEMPLATE = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc"
PATH = "/channels/wechat/callback"
WINDOW, WINDOW_MESSAGES = timedelta(hours=48), 5
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Follower:
    """A person as WeChat knows them."""

    follows: bool = True
    takes_messages: bool = True
    wrote_at: datetime | None = None
    sent: int = 0
    consents: dict[str, int] = field(default_factory=dict)


@dataclass
class WeChatServer:
    """What WeChat holds; `clock` is its time. Scripted answers in `next_codes` come before everything else."""

    clock: Callable[[], datetime]
    url: str = ""
    followers: dict[str, Follower] = field(default_factory=lambda: {OPENID: Follower()})
    tokens: dict[str, datetime] = field(default_factory=dict)  # token -> when it stops working
    newest: str = ""
    token_requests: list[dict[str, Any]] = field(default_factory=list)
    token_delay: float = 0.0
    calls: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    notices: list[dict[str, Any]] = field(default_factory=list)
    menu: dict[str, Any] | None = None
    conditional_menus: list[dict[str, Any]] = field(default_factory=list)
    may_send: bool = True  # an account that is not verified may not
    next_codes: dict[str, list[int]] = field(default_factory=dict)
    next_bodies: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    hang_seconds: float = 0.0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def reset(self) -> None:
        """As new, at the same address."""
        self.__dict__.update(WeChatServer(self.clock, self.url).__dict__)

    def wrote(self, openid: str = OPENID) -> None:
        """The worker has just sent a message, which opens the window."""
        follower = self.followers.setdefault(openid, Follower())
        follower.wrote_at, follower.sent = self.clock(), 0

    def texts(self) -> list[str]:
        """The texts that arrived, in order."""
        return [message["text"]["content"] for message in self.sent if message["msgtype"] == "text"]

    def revoke(self) -> None:
        """Another program asked for a token by force: ours no longer works."""
        self.tokens.clear()
        self.newest = ""

    # the token

    def stable_token(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.token_requests.append(asked)
        if asked.get("grant_type") != "client_credential":
            return _refusal(40002)
        if asked.get("appid") != APP_ID:
            return _refusal(40013)
        if asked.get("secret") != APP_SECRET:
            return _refusal(40125)
        left = self.tokens.get(self.newest, self.clock()) - self.clock()
        if asked.get("force_refresh") or left <= timedelta(minutes=5):
            if asked.get("force_refresh"):
                self.tokens.clear()
            self.newest = f"{next(self._numbers)}_{secrets.token_urlsafe(40)}"
            self.tokens[self.newest] = self.clock() + timedelta(seconds=7200)
            left = timedelta(seconds=7200)
        return {"access_token": self.newest, "expires_in": int(left.total_seconds())}

    def token_refusal(self, token: str | None) -> int:
        if not token:
            return 41001
        if token not in self.tokens:
            return 40001
        return 0 if self.tokens[token] > self.clock() else 42001

    # the calls

    def custom_send(self, message: dict[str, Any]) -> int:
        follower = self.followers.get(message["touser"])
        if not self.may_send:
            return 48001
        if follower is None:
            return 40003
        if not follower.follows:
            return 43004
        if not follower.takes_messages:
            return 48002
        if follower.wrote_at is None or self.clock() - follower.wrote_at >= WINDOW:
            return 45015
        if follower.sent >= WINDOW_MESSAGES:
            return 45047
        wrong = self._content_refusal(message)
        if not wrong:
            follower.sent += 1
            self.sent.append(message)
        return wrong

    def _content_refusal(self, message: dict[str, Any]) -> int:
        if message["msgtype"] == "text":
            content = message["text"]["content"]
            if not content:
                return 44004
            return 45002 if len(content.encode()) > 2048 else 0
        if message["msgtype"] == "image":
            return 0 if message["image"]["media_id"] in self.media else 40007
        return 40008

    def upload(self, content_type: str, body: bytes, kind: str | None) -> dict[str, Any]:
        head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
        whole = message_from_bytes(head + body, policy=email.policy.HTTP)
        media = [part for part in whole.iter_parts() if part.get_param("name", header="content-disposition") == "media"]
        if not media or not media[0].get_filename():
            return _refusal(41005)
        data = media[0].get_content()
        if kind != "image" or not data.startswith(PNG):
            return _refusal(40005 if kind == "image" else 40004)
        if len(data) > 10 * 1024 * 1024:
            return _refusal(40009)
        media_id = f"media-{next(self._numbers)}"
        self.media[media_id] = data
        return {"type": "image", "media_id": media_id, "created_at": int(self.clock().timestamp())}

    def create_menu(self, menu: dict[str, Any]) -> int:
        wrong = _menu_refusal(menu)
        if not wrong:
            self.menu = menu
        return wrong

    def add_conditional(self, menu: dict[str, Any]) -> dict[str, Any]:
        rule = menu.get("matchrule") or {}
        if self.menu is None:
            return _refusal(65303)
        if {"sex", "country", "province", "city", "language"} & rule.keys():
            return _refusal(65320)
        if not rule.get("tag_id"):
            return _refusal(65301)
        if wrong := _menu_refusal(menu):
            return _refusal(wrong)
        self.conditional_menus.append(menu)
        return {"menuid": str(next(self._numbers))}

    def bizsend(self, notice: dict[str, Any]) -> int:
        follower = self.followers.get(notice["touser"])
        if follower is None:
            return 40003
        if notice["template_id"] != TEMPLATE:
            return 40037
        if not all(isinstance(filled, dict) and filled.get("value") for filled in notice["data"].values()):
            return 47003
        if not follower.consents.get(TEMPLATE):
            return 43101
        follower.consents[TEMPLATE] -= 1
        self.notices.append(notice)
        return 0


def _refusal(code: int) -> dict[str, Any]:
    """WeChat's own text names the worker's openid and a request id; nothing of it may travel on."""
    return {"errcode": code, "errmsg": f"refused for {OPENID} with {APP_SECRET} rid: 6543-{code}" if code else "ok"}


def _menu_refusal(menu: dict[str, Any]) -> int:
    if not 1 <= len(menu["button"]) <= 3:
        return 40016
    for top in menu["button"]:
        if len(top["name"].encode()) > 16:
            return 40018
        if not 1 <= len(top["sub_button"]) <= 5:
            return 40023
        for button in top["sub_button"]:
            if button["type"] != "click":
                return 40024
            if len(button["name"].encode()) > 60:
                return 40025
            if not 1 <= len(button["key"].encode()) <= 128:
                return 40026
    return 0


def server_app(wechat: WeChatServer) -> FastAPI:
    """`api.weixin.qq.com`."""
    app = FastAPI()

    @app.post("/cgi-bin/{path:path}")
    async def call(path: str, request: HttpRequest) -> HttpResponse:
        wechat.calls.append(path)
        body = await request.body()
        if wechat.hang_seconds:
            await asyncio.sleep(wechat.hang_seconds)
            return HttpResponse(status_code=504)  # nobody listens any more
        if wechat.next_bodies.get(path):
            status, content = wechat.next_bodies[path].pop(0)
            return HttpResponse(content, status)
        answer = await _answer(wechat, path, request, body)
        return HttpResponse(json.dumps(answer), media_type="text/plain")

    return app


async def _answer(wechat: WeChatServer, path: str, request: HttpRequest, body: bytes) -> dict[str, Any]:
    if wechat.next_codes.get(path):
        return _refusal(wechat.next_codes[path].pop(0))
    if path == "stable_token":
        await asyncio.sleep(wechat.token_delay)
        return wechat.stable_token(json.loads(body))
    if code := wechat.token_refusal(request.query_params.get("access_token")):
        return _refusal(code)
    if path == "media/upload":
        return wechat.upload(request.headers["content-type"], body, request.query_params.get("type"))
    wechat.raw.append(body)
    told = json.loads(body)
    calls: dict[str, Callable[[dict[str, Any]], int]] = {
        "message/custom/send": wechat.custom_send,
        "menu/create": wechat.create_menu,
        "message/subscribe/bizsend": wechat.bizsend,
    }
    if path == "menu/addconditional":
        return wechat.add_conditional(told)
    return _refusal(calls[path](told))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app on a free port of the loopback address, in a thread; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(5)


# Callbacks


def sign(*parts: str) -> str:
    """WeChat's signature over the token and these."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


@dataclass(frozen=True)
class Caller:
    """Who calls our address: WeChat, or somebody who knows only some of its secrets."""

    token: str = TOKEN
    app_id: str = APP_ID
    aes_key: str = AES_KEY

    def echo(self, at: datetime, echo: str = "5838479218127813673") -> Request:
        """The question whether the address is ours."""
        return _request("GET", self.query(at) | {"echostr": echo}, b"")

    def plain(self, xml: str, at: datetime) -> Request:
        """A message without encryption."""
        return _request("POST", self.query(at) | {"openid": OPENID}, xml.encode())

    def aes(self, xml: str, at: datetime) -> Request:
        """A message in the safe mode."""
        encrypted = self.encrypt(xml.encode())
        query = self.query(at) | {"openid": OPENID, "encrypt_type": "aes"}
        query["msg_signature"] = sign(self.token, query["timestamp"], query["nonce"], encrypted)
        return _request("POST", query, outer(encrypted))

    def query(self, at: datetime) -> dict[str, str]:
        """The signed part that every request has."""
        timestamp, nonce = str(int(at.timestamp())), str(secrets.randbelow(2**31))
        return {"signature": sign(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}

    def encrypt(self, content: bytes) -> str:
        """16 random bytes, the length, the content and the app id; padded to 32, AES-CBC, base64."""
        packed = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + self.app_id.encode()
        padding = 32 - len(packed) % 32
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(packed + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The content; also checks the padding and whom it is for."""
        decryptor = self._cipher().decryptor()
        packed = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        padding = packed[-1]
        assert 1 <= padding <= 32
        assert packed.endswith(bytes([padding]) * padding)
        (length,) = struct.unpack(">I", packed[16:20])
        assert packed[20 + length : -padding].decode() == self.app_id
        return packed[20 : 20 + length].decode()

    def read_answer(self, body: str) -> dict[str, str]:
        """The fields of an answer, decrypted and with its signature checked where it is encrypted."""
        fields = {element.tag: element.text or "" for element in ElementTree.fromstring(body)}
        if "Encrypt" not in fields:
            return fields
        signed = sign(self.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        assert signed == fields["MsgSignature"]
        return self.read_answer(self.decrypt(fields["Encrypt"]))

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def outer(encrypted: str) -> bytes:
    """The body of an encrypted message."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    )


def xml_of(kind: str, at: datetime, fields: str = "", *, openid: str = OPENID, message_id: str | None = "1") -> str:
    """A message as WeChat writes it; `kind` is a MsgType, or `event/` and an event."""
    message_type, _, event = kind.partition("/")
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[{openid}]]></FromUserName>\n"
        f"<CreateTime>{int(at.timestamp())}</CreateTime>\n<MsgType><![CDATA[{message_type}]]></MsgType>\n"
        + (f"<Event><![CDATA[{event}]]></Event>\n" if event else "")
        + fields
        + (f"<MsgId>{message_id}</MsgId>\n" if message_id and not event else "")
        + "</xml>"
    )


def _request(method: str, query: dict[str, str], body: bytes) -> Request:
    url = f"https://assistant.example{PATH}?{urlencode(query)}"
    return Request(method, url, PATH, query, {"content-type": "text/xml", "user-agent": "Mozilla/4.0"}, body)


# How WeChat delivers


@dataclass(frozen=True)
class Delivery:
    """What became of a message: each attempt's answer (None: none in time), and what the worker was shown."""

    attempts: tuple[str | None, ...]
    shown: str | None
    fault: bool


async def deliver(url: str, attempt: Callable[[int], Request], scale: float = 1.0) -> Delivery:
    """Push as WeChat does: wait 5 s for an answer, three times at most, each time newly signed with the same MsgId.

    An empty answer and `success` show nothing, XML is shown, and anything else, or no answer at all, is a fault that
    WeChat tells the worker. `scale` shortens the 5 s.
    """
    answers: list[str | None] = []
    async with httpx.AsyncClient(timeout=5.0 * scale, trust_env=False) as client:
        for number in range(3):
            request = attempt(number)
            try:
                answer = await client.request(
                    request.method, url + request.path, params=dict(request.query), content=request.body
                )
            except httpx.TransportError:
                answers.append(None)
                continue
            answers.append(answer.text if answer.status_code == 200 else None)
            if answer.status_code == 200:
                quiet = answer.text in ("", "success")
                return Delivery(
                    tuple(answers),
                    answer.text if answer.text.startswith("<xml>") else None,
                    not quiet and not answer.text.startswith("<xml>"),
                )
    return Delivery(tuple(answers), None, True)


def callback_app(handle: Callable[[Request], Awaitable[Response]]) -> FastAPI:
    """The smallest server of ours that a callback can reach."""
    app = FastAPI()

    @app.api_route(PATH, methods=["GET", "POST"])
    async def receive(http: HttpRequest) -> HttpResponse:
        request = Request(
            http.method, str(http.url), http.url.path, dict(http.query_params), dict(http.headers), await http.body()
        )
        answer = await handle(request)
        return HttpResponse(answer.body, answer.status, media_type=answer.media_type)

    return app
