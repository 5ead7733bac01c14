"""A loopback server that speaks Telegram's Bot API: its methods, limits, error texts, long polling and webhook calls.

The wording of errors is Telegram's own, since the library tells some of them apart by nothing else.
"""

import asyncio
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response
from pydantic import SecretStr

from channels.channel import Request
from channels.telegram import SECRET_HEADER, WEBHOOK, TelegramChannel

TOKEN = "123456:AAF-loopback_token-xyz"
SECRET = "webhook-secret_0123"
WORKER = 5550001
WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {"source": "来源", "next_steps": "下一步", "since": "{date}起", "more": "还可以点"},
    "en": {"source": "Source", "next_steps": "Next steps", "since": "from {date}", "more": "More"},
}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
PHOTO_BYTES = 10_485_760


@dataclass(frozen=True)
class Call:
    """One call of a method: its parameters as text, and its files."""

    method: str
    given: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        self.body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


@dataclass
class TelegramServer:
    """One bot's side of Telegram. `chats` maps a chat to why it cannot be written to, or to None."""

    base_url: str = ""
    calls: list[Call] = field(default_factory=list)
    chats: dict[int, str | None] = field(default_factory=lambda: {WORKER: None})
    faults: dict[str, deque[Refusal | Response | float]] = field(default_factory=lambda: defaultdict(deque))
    queries: set[str] = field(default_factory=set)
    updates: list[dict[str, Any]] = field(default_factory=list)
    webhook: str = ""
    webhook_secret: str = ""
    last_error: tuple[int, str] | None = None
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    poll: object = None  # the getUpdates that waits

    def forget(self) -> None:
        """As new, at the same address."""
        fresh = TelegramServer(base_url=self.base_url)
        for part in fields(self):
            setattr(self, part.name, getattr(fresh, part.name))

    def made(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    def texts(self) -> list[str]:
        """What was sent as text, refused or not."""
        return [call.given.get("text", "") for call in self.made("sendMessage")]

    def flood(self, method: str, seconds: int) -> None:
        """The next call of a method is one too many."""
        self.faults[method].append(Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))

    async def deliver(
        self, update: Mapping[str, Any], receive: Callable[[Request], Awaitable[int]], attempts: int = 3
    ) -> list[int]:
        """Calls the webhook until it answers with 2xx, as Telegram does; the status of each attempt."""
        statuses: list[int] = []
        while len(statuses) < attempts and not any(200 <= status < 300 for status in statuses):
            statuses.append(await receive(webhook_request(update)))
        return statuses

    async def answer(self, token: str, method: str, call: Call) -> object:
        """What a method gives; raises `Refusal`."""
        if not re.fullmatch(r"\d+:[\w-]+", token):
            raise Refusal(404, "Not Found")
        if token != TOKEN:
            raise Refusal(401, "Unauthorized")
        answer = getattr(self, f"_{method}", None)
        if answer is None:
            raise Refusal(404, "Not Found")
        self.calls.append(call)
        if self.faults[method]:
            fault = self.faults[method].popleft()
            if isinstance(fault, Refusal):
                raise fault
            if isinstance(fault, Response):
                return fault
            await asyncio.sleep(fault)
        return await answer(call)

    async def _getMe(self, call: Call) -> object:
        return {"id": 123456, "is_bot": True, "first_name": "Shebao", "username": "shebao_bot"}

    async def _sendMessage(self, call: Call) -> object:
        chat = self._chat(call)
        text = call.given.get("text", "")
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if units(text) > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        for row in json.loads(call.given.get("reply_markup", "{}")).get("inline_keyboard", []):
            for button in row:
                if not button["text"]:
                    raise Refusal(400, "Bad Request: inline keyboard button text is empty")
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        return {**self._message(chat), "text": text}

    async def _sendPhoto(self, call: Call) -> object:
        chat = self._chat(call)
        picture = next(iter(call.files.values()), b"")
        if len(picture) > PHOTO_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if not picture.startswith(b"\x89PNG"):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if units(call.given.get("caption", "")) > 1024:
            raise Refusal(400, "Bad Request: message caption is too long")
        return {**self._message(chat), "photo": []}

    async def _sendChatAction(self, call: Call) -> object:
        self._chat(call)
        if call.given["action"] != "typing":
            raise Refusal(400, "Bad Request: wrong parameter action in request")
        return True

    async def _answerCallbackQuery(self, call: Call) -> object:
        if call.given["callback_query_id"] not in self.queries:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.queries.remove(call.given["callback_query_id"])
        return True

    async def _setWebhook(self, call: Call) -> object:
        if not call.given["url"].startswith("https://"):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", call.given.get("secret_token", "")):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook, self.webhook_secret = call.given["url"], call.given.get("secret_token", "")
        return True

    async def _deleteWebhook(self, call: Call) -> object:
        self.webhook = ""
        return True

    async def _getWebhookInfo(self, call: Call) -> object:
        info = {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }
        if self.last_error:
            info |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        return info

    async def _getUpdates(self, call: Call) -> object:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset = int(call.given.get("offset", "0"))
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        deadline = time.monotonic() + int(call.given.get("timeout", "0"))
        self.poll = call
        while not self.updates and self.poll is call and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        if self.poll is not call:
            raise Refusal(409, "Conflict: terminated by other getUpdates request")
        self.poll = None
        return self.updates[:100]

    async def _setMyCommands(self, call: Call) -> object:
        commands = json.loads(call.given["commands"])
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[call.given.get("language_code", "")] = commands
        return True

    def _chat(self, call: Call) -> int:
        chat = int(call.given["chat_id"])
        if chat not in self.chats:
            raise Refusal(400, "Bad Request: chat not found")
        reason = self.chats[chat]
        if reason:
            raise Refusal(403, f"Forbidden: {reason}")
        return chat

    def _message(self, chat: int) -> dict[str, Any]:
        return {"message_id": len(self.calls), "date": 1_795_000_000, "chat": {"id": chat, "type": "private"}}


def units(text: str) -> int:
    """UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _call(method: str, content_type: str, body: bytes) -> Call:
    """The parameters in a request's body, however they are written."""
    if not content_type.startswith("multipart/"):
        return Call(method, dict(parse_qsl(body.decode(), keep_blank_values=True)))
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    call = Call(method, {})
    for part in whole.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            call.given[name] = content.decode()
        else:
            call.files[name] = content
    return call


def _app(server: TelegramServer) -> FastAPI:
    app = FastAPI()

    @app.post("/bot{token}/{method}")
    async def call(token: str, method: str, request: HttpRequest) -> Response:
        read = _call(method, request.headers.get("content-type", ""), await request.body())
        try:
            result = await server.answer(token, method, read)
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.body["error_code"])
        return result if isinstance(result, Response) else JSONResponse({"ok": True, "result": result})

    return app


@contextmanager
def running() -> Iterator[TelegramServer]:
    """The server on a free port of the loopback interface."""
    server = TelegramServer()
    web = uvicorn.Server(uvicorn.Config(_app(server), port=0, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=web.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not web.started and time.monotonic() < deadline:
        time.sleep(0.005)
    server.base_url = f"http://127.0.0.1:{web.servers[0].sockets[0].getsockname()[1]}/bot"
    try:
        yield server
    finally:
        web.should_exit = web.force_exit = True
        thread.join(5)


def channel_at(base_url: str, **different: Any) -> TelegramChannel:
    """The channel as the application builds it; `different`: other arguments of it."""
    given: dict[str, Any] = {"token": SecretStr(TOKEN), "webhook_secret": SecretStr(SECRET), "timeout_seconds": 2.0}
    return TelegramChannel(**{**given, "base_url": base_url, "labels": WORDS, **different})


def webhook_request(update: object, secret: str | None = SECRET, **different: Any) -> Request:
    """What Telegram sends to the webhook; `update` as bytes stands for a body that is not its JSON."""
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"content-type": "application/json"} | ({} if secret is None else {SECRET_HEADER: secret})
    url = f"https://shebao.example{WEBHOOK.path}"
    given = {"method": "POST", "url": url, "path": WEBHOOK.path, "query": {}, "headers": headers, "body": body}
    return Request(**{**given, **different})


LI: Mapping[str, Any] = {"id": WORKER, "is_bot": False, "first_name": "Li", "language_code": "zh-hans"}
BOT: Mapping[str, Any] = {"id": 123456, "is_bot": True, "first_name": "Shebao"}


def message(
    update_id: int = 1, chat_type: str = "private", key: str = "message", sender: object = LI, **content: Any
) -> dict[str, Any]:
    """An update with a message from the worker; `content` is what the message holds."""
    head = {"message_id": 7, "date": 1_795_000_000, "from": sender, "chat": {"id": WORKER, "type": chat_type}}
    return {"update_id": update_id, key: {**head, **content}}


def press(data: object, update_id: int = 1, sender: object = LI, **different: Any) -> dict[str, Any]:
    """An update that tells of a pressed button."""
    sent = message(text="好。", sender=BOT)["message"]
    query = {"id": "q1", "from": sender, "chat_instance": "1", "message": sent, "data": data}
    return {"update_id": update_id, "callback_query": {**query, **different}}


def member(status: str, update_id: int = 1, chat_type: str = "private") -> dict[str, Any]:
    """An update that tells that the worker blocked or unblocked the bot."""
    until = {"until_date": 0} if status == "kicked" else {}
    head = message(chat_type=chat_type)["message"]
    change = {key: head[key] for key in ("chat", "from", "date")}
    states: dict[str, Any] = {"old_chat_member": {"user": BOT, "status": "member"}}
    states["new_chat_member"] = {"user": BOT, "status": status, **until}
    return {"update_id": update_id, "my_chat_member": {**change, **states}}
