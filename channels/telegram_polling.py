"""Telegram's side: calls to it that leave nothing in a log, the updates it brings, and polling for them.

The library knows only a placeholder; the token is put into an address below every layer that logs addresses.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

import httpx
import telegram
from pydantic import SecretStr
from telegram import error as errors
from telegram.request import HTTPXRequest

from channels import channel as port
from channels.arrival import may_have_arrived
from channels.channel import Malformed, Request, SendFailure
from channels.message import Event, Inbound, Joined, Language, Left, Unreadable, UnreadableKind
from channels.splitting import mended

log = logging.getLogger(__name__)

NAME = "telegram"
MAX_BODY_BYTES = 1_048_576
UPDATES_WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
# What a worker writes or picks in Telegram's menu -> the payload of the button that does the same.
COMMANDS: Mapping[str, str] = {
    "menu": "/menu",
    "simulate": "/simulate",
    "language": "/change_language",
    "mydata": "/my_data",
    "delete": "/delete_my_data",
    "person": "/handoff",
    "help": "/menu",
}
STOP_COMMAND, START_COMMAND = "stop", "start"

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w{1,64})?(?:\s+(.*))?", re.DOTALL)
_LEADING_SLASHES = re.compile(r"^[\s/]+")
_LINK = re.compile(r"c-([A-Za-z0-9][\w-]*?)(?:_p-([A-Za-z0-9][\w-]*))?|p-([A-Za-z0-9][\w-]*)", re.ASCII)
_KINDS: Mapping[str, UnreadableKind] = {
    **dict.fromkeys(("voice", "audio", "video_note"), "voice"),
    **dict.fromkeys(("photo", "animation", "video"), "picture"),
    **dict.fromkeys(("venue", "location"), "location"),
    **dict.fromkeys(("contact", "poll", "dice", "game", "story", "paid_media", "checklist"), "other"),
    "sticker": "sticker",
    "document": "file",
}
_PLACEHOLDER = "0:kept-out-of-sight"
_NO_SUCH_PERSON = ("chat not found", "user not found", "peer_id_invalid", "messages to bots", "group migrated")
_TOO_LONG = ("too long", "too_long", "too large", "too big")

T = TypeVar("T")
_tls = cache(httpx.create_ssl_context)  # reads every root certificate: once is enough


class _KeyedTransport(httpx.AsyncHTTPTransport):
    """Puts the token where the placeholder stands, in a copy of the request that nobody above sees."""

    def __init__(self, token: SecretStr) -> None:
        super().__init__(verify=_tls(trust_env=False), trust_env=False)
        self._token = quote(token.get_secret_value(), safe=":").encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.replace(_PLACEHOLDER.encode(), self._token, 1)
        url = request.url.copy_with(raw_path=path)
        keyed = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        keyed.extensions = request.extensions  # the deadlines
        return await super().handle_async_request(keyed)


class _QuietRequest(HTTPXRequest):
    """The library's own, but an answer that cannot be read is not logged: it may repeat a message."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        with suppress(ValueError, RecursionError):
            read = json.loads(payload.decode("utf-8", "replace"))
            if isinstance(read, dict):
                return read
        raise errors.TelegramError("the answer cannot be read")


class TelegramBot(telegram.Bot):
    """The Bot API with a deadline, without a token in sight.

    `base_url` is what stands in front of the token (`https://api.telegram.org/bot`). Await its methods through
    `called`, which turns whatever goes wrong into a `SendFailure`.
    """

    _LOGGER = logging.Logger("telegram", logging.CRITICAL + 1)  # hangs on no tree, so that no setting wakes it

    def __init__(self, token: SecretStr, base_url: str, timeout_seconds: float) -> None:
        client = {"timeout": timeout_seconds, "trust_env": False, "transport": _KeyedTransport(token)}
        request = _QuietRequest(media_write_timeout=timeout_seconds, httpx_kwargs=client)
        super().__init__(_PLACEHOLDER, base_url=base_url, request=request, get_updates_request=request)
        self._timeout_seconds = timeout_seconds

    async def called(self, call: Awaitable[T], seconds: float | None = None) -> T:
        """The result of one call within `seconds` (left out: the bot's own deadline); raises a `SendFailure`."""
        try:
            async with asyncio.timeout(self._timeout_seconds if seconds is None else seconds):
                return await call
        except Exception as error:  # besides the library's own errors, those of an answer without the promised fields
            failure = failure_of(error)
        raise failure  # out here, so that the error with its text does not travel along as the context

    async def raw_updates(self, offset: int, wait_seconds: float) -> list[dict[str, Any]]:
        """The updates from `offset` on, as they came; waits for one up to `wait_seconds`. Raises a `SendFailure`."""
        asked = {"offset": offset, "timeout": int(wait_seconds), "allowed_updates": list(UPDATES_WANTED)}
        deadline = wait_seconds + self._timeout_seconds
        updates = await self.called(self._post("getUpdates", asked, read_timeout=deadline), deadline)
        if not isinstance(updates, list):
            raise port.ConnectionFailed("the answer cannot be read")
        return [update for update in updates if isinstance(update, dict) and isinstance(update.get("update_id"), int)]


def failure_of(error: Exception) -> SendFailure:
    """The name of what went wrong; its text is ours and fixed."""
    said = str(error).casefold() if isinstance(error, errors.TelegramError) else ""
    match error:
        case errors.RetryAfter():
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
            return port.ConnectionThrottled("telegram asks to wait", seconds)
        case _ if any(words in said for words in _NO_SUCH_PERSON):
            return port.ContactUnknown("no such person")
        case errors.Forbidden() if "initiate" in said:
            return port.PushUnsupported("the person has not started the bot")
        case errors.Forbidden():
            return port.ContactStopped("the person blocked the bot, or is gone")
        case errors.InvalidToken() | errors.EndPointNotFound():
            return port.CredentialsRefused("telegram refuses the token")
        case errors.NetworkError() if any(words in said for words in _TOO_LONG):
            return port.MessageTooLong("the message is over a limit of telegram")
        case errors.BadRequest():
            return port.MessageInvalid("telegram refuses the message")
        case errors.NetworkError() if said.startswith("too many requests"):
            return port.ConnectionThrottled("telegram asks to wait")
    return port.ConnectionFailed("telegram did not answer as it should", may_have_arrived=may_have_arrived(error))


class _Writer(NamedTuple):
    """A worker, and the message or press that an update tells of."""

    address: str
    message_id: str
    language: Language | None

    def said(self, text: str | None = None, payload: str | None = None) -> Inbound:
        return Inbound(NAME, self.address, text, payload, message_id=self.message_id, language=self.language)

    def showed(self, kind: UnreadableKind) -> Unreadable:
        return Unreadable(NAME, self.address, self.message_id, kind)


def read_update(body: bytes) -> tuple[telegram.Update, Event | None]:
    """The update, and the event in it where a worker did something in a private chat; raises `Malformed`."""
    if len(body) <= MAX_BODY_BYTES:
        with suppress(Exception):  # the library checks nothing: an odd form ends in any error there is
            update = telegram.Update.de_json(json.loads(body.decode()), None)
            return update, _event(update)
    raise Malformed("not an update of Telegram")


def _event(update: telegram.Update) -> Event | None:
    message_id = str(_number(update.update_id))
    if query := update.callback_query:
        writer = _writer(query.message.chat, query.from_user, message_id) if query.message else None
        return writer.said(payload=mended(_text(query.data))) if writer and query.data is not None else None
    if change := update.my_chat_member:
        writer = _writer(change.chat, change.from_user, message_id)
        gone = change.new_chat_member.status == telegram.ChatMember.BANNED
        return Left(NAME, writer.address, message_id) if writer and gone else None
    message = update.message or update.edited_message
    if message is None:
        return None
    if update.edited_message:  # a corrected word is answered like a new one; a position that moves on is not
        if not message.edit_date or (message.text is None and message.caption is None):
            return None
        message_id = f"{message_id}-{int(message.edit_date.timestamp())}"
    writer = _writer(message.chat, message.from_user, message_id)
    return _said(writer, message) if writer else None


def _writer(chat: telegram.Chat, user: telegram.User | None, message_id: str) -> _Writer | None:
    """Who wrote; None for bots, groups and channels."""
    if chat.type != telegram.Chat.PRIVATE or user is None or user.is_bot:
        return None
    code = _text(user.language_code or "")
    languages: dict[str, Language] = {"zh": "zh", "en": "en"}
    return _Writer(str(_number(chat.id)), message_id, languages.get(code.casefold().split("-")[0]))


def _said(writer: _Writer, message: telegram.Message) -> Event | None:
    """What a message says; None for a notice of Telegram's own, such as a pinned message."""
    if message.text is not None:
        return _typed(writer, mended(_text(message.text)))
    if message.caption is not None:
        return _plain(writer, mended(_text(message.caption)))
    return next((writer.showed(kind) for name, kind in _KINDS.items() if getattr(message, name)), None)


def _typed(writer: _Writer, text: str) -> Event:
    command = _COMMAND.fullmatch(text.strip())
    name, rest = (command[1].casefold(), command[2] or "") if command else ("", "")
    if name == START_COMMAND:
        link = _LINK.fullmatch(rest) if len(rest) <= 64 else None
        campaign, platform = (link[1], link[2] or link[3]) if link else (None, None)
        return Joined(NAME, writer.address, writer.message_id, campaign, platform, writer.language)
    if name == STOP_COMMAND:
        return Left(NAME, writer.address, writer.message_id, confirm=True)
    return writer.said(payload=COMMANDS[name]) if name in COMMANDS else _plain(writer, text)


def _plain(writer: _Writer, text: str) -> Event:
    """Typed words; a slash in front of them must not make a payload of them."""
    words = _LEADING_SLASHES.sub("", text).strip()
    return writer.said(words) if words else writer.showed("other")


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise TypeError("not a number of Telegram's")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


class Polled(Protocol):
    """What polling needs of the channel."""

    bot: TelegramBot

    def as_request(self, update: Mapping[str, Any]) -> Request:
        """The update as the webhook would have brought it; raises `CredentialsRefused` without a webhook secret."""


async def poll(
    channel: Polled,
    handle: Callable[[Request], Awaitable[None]],
    stop: asyncio.Event,
    *,
    wait_seconds: float = 25,
    first_delay_seconds: float = 1,
    longest_delay_seconds: float = 60,
) -> None:
    """Fetch updates and hand each to `handle`, one after another, until `stop` is set.

    Removes the webhook first: Telegram does not allow both. An update counts as taken only when `handle` has
    returned; where it raises, the same update comes again after a while. After a failure the wait doubles up to
    `longest_delay_seconds`, or is what Telegram asks for. Raises `CredentialsRefused`: waiting would not mend it.
    """
    channel.as_request({})
    offset, delay, webhook_gone = 0, first_delay_seconds, False
    while not stop.is_set():
        try:
            if not webhook_gone:
                await channel.bot.called(channel.bot.delete_webhook())
                webhook_gone = True
            for update in await _unless(stop, channel.bot.raw_updates(offset, wait_seconds)) or ():
                await handle(channel.as_request(update))
                offset = update["update_id"] + 1
                if stop.is_set():
                    return
            delay = first_delay_seconds
        except port.CredentialsRefused:
            raise
        except Exception as error:  # of the network or of whoever handles: polling goes on
            log.warning("polling waits after %s", type(error).__name__)
            webhook_gone = False
            asked = error.retry_after if isinstance(error, port.ConnectionThrottled) else None
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), asked or delay)
            delay = min(delay * 2, longest_delay_seconds)


async def _unless(stop: asyncio.Event, fetching: Awaitable[T]) -> T | None:
    """What is fetched, or None where `stop` is set before."""
    fetch, stopped = asyncio.ensure_future(fetching), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({fetch, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return fetch.result() if fetch.done() else None
    finally:
        for task in (fetch, stopped):
            task.cancel()
        await asyncio.gather(fetch, stopped, return_exceptions=True)
