"""The Telegram channel: private chats with our bot, by webhook or by polling (`telegram_polling.py`).

Groups and channels are ignored whole, so that nothing a worker says among colleagues is read. Telegram dates no
request: a copy of an old one has the same `message_id` as the first, by which the dispatcher knows it.
"""

import asyncio
import hmac
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from channels.channel import (
    ConnectionThrottled,
    ContactStopped,
    ContactUnknown,
    CredentialsRefused,
    Forged,
    Limits,
    Malformed,
    MessageInvalid,
    Received,
    Request,
    Route,
)
from channels.message import Button, Chart, Language, Left, Reply
from channels.splitting import mended, split, utf16_units
from channels.telegram_polling import NAME, TelegramBot, read_update

log = logging.getLogger(__name__)

Labels = Mapping[str, Mapping[str, str]]
Rows = tuple[tuple[Button, ...], ...]

WEBHOOK = Route("POST", "/channels/telegram/webhook")
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of the header
OFFICIAL_URL = "https://api.telegram.org/bot"

TEXT_UNITS, CAPTION_UNITS, PAYLOAD_BYTES = 4096, 1024, 64  # Telegram's limits; the others are ours
BUTTONS, TITLE_UNITS = 8, 40
HALF_A_ROW = 14  # columns that a title may have to share its row; a Chinese character has two
CHATS_REMEMBERED = 1000
WORKING_SECONDS = 2.0

_COLON: Mapping[Language, str] = {"zh": "：", "en": ": "}
_QUOTED: Mapping[Language, str] = {"zh": "《{}》", "en": "{}"}
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,128}")
_ADDRESS = re.compile(r"[0-9]{1,20}")


class TelegramSettings(BaseSettings):
    """Which bot we are and how Telegram proves itself to us: `SHEBAO_TELEGRAM_` and a field's name in capitals.

    `webhook_secret`: 1 to 256 of `A-Za-z0-9_-`; without it every request is refused, polled ones too.
    """

    model_config = SettingsConfigDict(
        env_prefix="SHEBAO_TELEGRAM_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    token: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")
    base_url: str = OFFICIAL_URL
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0

    @field_validator("token", "webhook_secret")
    @classmethod
    def _well_formed(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        shape = _TOKEN if info.field_name == "token" else _SECRET
        if secret.get_secret_value() and not shape.fullmatch(secret.get_secret_value()):
            raise ValueError("does not have the form that Telegram asks for")
        return secret


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """One message: text with rows of buttons below, or a chart to draw with the text as its caption."""

    text: str
    rows: Rows = ()
    chart: Chart | None = None
    language: Language = "zh"


class TelegramChannel:
    """Workers who write to our bot.

    `labels` is language -> word -> wording: `source`, `next_steps`, `since` with a {date} in it (without it a date
    stands alone) and `more`, which stands above the buttons that one message has no room for.
    `draw` makes the PNG of a chart; it is called in a thread. Without it charts are left out. `clock` counts seconds.
    """

    name = NAME
    routes: tuple[Route, ...] = (WEBHOOK,)
    limits = Limits(TEXT_UNITS, utf16_units, buttons=BUTTONS, button_title=TITLE_UNITS, payload_bytes=PAYLOAD_BYTES)

    def __init__(
        self,
        token: SecretStr,
        webhook_secret: SecretStr,
        base_url: str,
        timeout_seconds: float,
        labels: Labels,
        draw: Callable[[Chart, str], bytes] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bot = TelegramBot(token, base_url, timeout_seconds)
        self._webhook_secret = webhook_secret
        self._labels = labels
        self._draw = draw
        self._clock = clock
        self._silent_until: OrderedDict[str, float] = OrderedDict()

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged` where the secret that Telegram was told is missing or another, and where none is set."""
        secret = self._webhook_secret.get_secret_value()
        given = request.headers.get(SECRET_HEADER, "")
        same = hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode("utf-8", "replace"))
        if (request.method, request.path) != (WEBHOOK.method, WEBHOOK.path):
            raise Forged("not the webhook")
        if not _SECRET.fullmatch(secret):
            raise Forged("no webhook secret is set")
        if not same:
            raise Forged("not the webhook secret")

    def parse(self, request: Request) -> Received:
        """The event of an update, none for what is not a worker's doing; raises `Malformed`."""
        event = read_update(request.body)[1]
        return Received((event,) if event else ())

    def as_request(self, update: Mapping[str, Any]) -> Request:
        """The update as the webhook would have brought it; raises `CredentialsRefused` without a webhook secret."""
        secret = self._webhook_secret.get_secret_value()
        if not _SECRET.fullmatch(secret):
            raise CredentialsRefused("no webhook secret is set")
        return Request(
            WEBHOOK.method, WEBHOOK.path, WEBHOOK.path, {}, {SECRET_HEADER: secret}, json.dumps(update).encode()
        )

    async def before_turn(self, event_request: Request) -> None:
        """For the dispatcher, between storing an event and taking the turn: `show_working`."""
        await self.show_working(event_request)

    async def show_working(self, request: Request) -> None:
        """Stops the pressed button from spinning and shows "typing…"; a failure is only logged, nothing is raised."""
        try:
            update, event = read_update(request.body)
        except Malformed:
            return
        if event is None or isinstance(event, Left):
            return
        calls = [self.bot.send_chat_action(event.sender_address, "typing")]
        if update.callback_query:
            calls.append(self.bot.answer_callback_query(update.callback_query.id))
        done = await asyncio.gather(*(self.bot.called(call, WORKING_SECONDS) for call in calls), return_exceptions=True)
        for failure in done:
            if isinstance(failure, Exception):
                log.info("working was not shown: %s", type(failure).__name__)

    def render(self, reply: Reply) -> tuple[TelegramMessage, ...]:
        """Text, steps and sources in parts with the buttons below the last; the chart at the end.

        Buttons after the eighth get messages of their own. A reply without anything has no messages.
        """
        language = reply.language or "zh"
        words = self._labels[language]
        blocks = (reply.text, _steps(reply, words, language), _sources(reply, words, language))
        texts = split(mended("\n\n".join(block for block in blocks if block)), TEXT_UNITS, utf16_units)
        keyboards = [_rows(reply.buttons[first : first + BUTTONS]) for first in range(0, len(reply.buttons), BUTTONS)]
        with_buttons = max(len(texts) - 1, 0)  # from here on
        texts += [words.get("more", "…")] * (with_buttons + len(keyboards) - len(texts))
        keyboards = [()] * (len(texts) - len(keyboards)) + keyboards
        messages = [TelegramMessage(text, rows) for text, rows in zip(texts, keyboards, strict=True)]
        if reply.chart and self._draw:
            title = _shortened(reply.chart.title, CAPTION_UNITS)
            messages.append(TelegramMessage(title, chart=reply.chart, language=language))
        return tuple(messages)

    async def send(self, address: str, reply: Reply) -> None:
        """Write to a private chat; may raise a `SendFailure`. Nothing is asked of Telegram where it said to wait.

        A picture that does not arrive is only logged: the text has its figures, and must not be sent twice.
        """
        if not _ADDRESS.fullmatch(address):
            raise ContactUnknown("not the id of a private chat")
        waiting = self._silent_until.get(address, 0.0) - self._clock()
        if waiting > 0:
            raise ConnectionThrottled("telegram asked to wait", waiting)
        messages = self.render(reply)
        if not messages:
            raise MessageInvalid("nothing to send")
        try:
            for message in messages:
                await (self._send_text if message.chart is None else self._send_picture)(int(address), message)
        except ConnectionThrottled as failure:
            self._remember(address, failure)
            raise

    async def _send_text(self, chat: int, message: TelegramMessage) -> None:
        keyboard = [[InlineKeyboardButton(b.title, callback_data=b.payload) for b in row] for row in message.rows]
        call = self.bot.send_message(
            chat,
            message.text,
            reply_markup=InlineKeyboardMarkup(keyboard) if keyboard else None,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        await self.bot.called(call)

    async def _send_picture(self, chat: int, message: TelegramMessage) -> None:
        assert message.chart
        assert self._draw
        try:
            picture = await asyncio.to_thread(self._draw, message.chart, message.language)
            await self.bot.called(self.bot.send_photo(chat, picture, message.text or None, filename="chart.png"))
        except (ContactStopped, ContactUnknown, CredentialsRefused):
            raise
        except Exception as failure:
            log.warning("a picture was not sent: %s", type(failure).__name__)
            if isinstance(failure, ConnectionThrottled):
                self._remember(str(chat), failure)

    def _remember(self, address: str, failure: ConnectionThrottled) -> None:
        """When a chat may be written to again."""
        self._silent_until[address] = self._clock() + (failure.retry_after or 0.0)
        self._silent_until.move_to_end(address)
        while len(self._silent_until) > CHATS_REMEMBERED:
            self._silent_until.popitem(last=False)

    async def close(self) -> None:
        """Ends the connections to Telegram."""
        await self.bot.shutdown()


def _steps(reply: Reply, words: Mapping[str, str], language: Language) -> str:
    if not reply.next_steps:
        return ""
    return "\n".join([f"{words['next_steps']}{_COLON[language].rstrip()}", *(f"· {step}" for step in reply.next_steps)])


def _sources(reply: Reply, words: Mapping[str, str], language: Language) -> str:
    """One line a source: title, the day it counts from, address."""
    lines = []
    for cited in reply.citations:
        since = f"({words.get('since', '{date}').format(date=cited.as_of)})" if cited.as_of else ""
        named = _QUOTED[language].format(cited.title) + (f" {since}" if since and language == "en" else since)
        lines.append(f"{words['source']}{_COLON[language]}{named} {cited.url or ''}".rstrip())
    return "\n".join(lines)


def _rows(buttons: tuple[Button, ...]) -> Rows:
    """One button a row, two where both are short."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        shown = Button(_shortened(button.title, TITLE_UNITS), button.payload)
        if rows and len(rows[-1]) == 1 and max(_columns(rows[-1][0].title), _columns(shown.title)) <= HALF_A_ROW:
            rows[-1] += (shown,)
        else:
            rows.append((shown,))
    return tuple(rows)


def _columns(title: str) -> int:
    return sum(1 if character < "\u1100" else 2 for character in title)


def _shortened(text: str, units: int) -> str:
    """The text in one line of at most so many UTF-16 units, with dots where something is left out."""
    line = " ".join(mended(text).split())
    return line if utf16_units(line) <= units else split(line, units - 1, utf16_units)[0] + "…"
