"""The WeChat channel: a service account (服务号), its callbacks, passive answers and customer-service messages.

An answer that is ready in time travels back in the callback itself; anything later, longer or with a picture goes out
as customer-service messages, of which WeChat takes few, and only for a while after the worker did something.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.channel import Limits, Malformed, PushUnsupported, Received, Request, Response, Route, SendFailure
from channels.message import Chart, Citation, Event, Inbound, Joined, Language, Left, Reply, Unreadable, UnreadableKind
from channels.splitting import split
from channels.wechat_crypto import Envelope, Message
from channels.wechat_token import InMemoryTokenStore, TokenStore, WeChatApi

log = logging.getLogger(__name__)

CALLBACK_PATH = "/channels/wechat/callback"
TEXT_BYTES = 2048  # of a text, passive or sent, in UTF-8
THING = 20  # characters of a `thing` field of a one-off notice
EMPTY_ANSWER = Response("success")  # tells WeChat to show nothing and not to ask again

Labels = Mapping[str, Mapping[str, str]]
OpenedBy = Literal["message", "menu", "follow", "scan"]

# How many customer-service messages WeChat takes, and for how long, after what the worker did (since June 2023).
WINDOWS: Mapping[OpenedBy, tuple[int, timedelta]] = {
    "message": (5, timedelta(hours=48)),
    "menu": (3, timedelta(minutes=1)),
    "follow": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
}

_UNREADABLE: Mapping[str, UnreadableKind] = {
    "voice": "voice",
    "image": "picture",
    "location": "location",
    "file": "file",
}
_STICKER = re.compile(r"[\[【]收到不支持的消息类型.*[\]】]", re.DOTALL)  # WeChat sends a sticker as this text
_ECHO = re.compile(r"[A-Za-z0-9+/=_-]{1,256}")
_SCENE = re.compile(r"(?:c-(?P<campaign>[A-Za-z0-9_-]+?))?(?:(?(campaign)_)p-(?P<platform>[A-Za-z0-9_-]+))?")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLON = {"zh": "：", "en": ": "}


class WeChatSettings(BaseSettings):
    """The account (`SHEBAO_WECHAT_…`); without a token nothing is accepted. `aes_key`: the EncodingAESKey of 43 signs;
    with it only encrypted messages are accepted."""

    model_config = SettingsConfigDict(
        env_prefix="SHEBAO_WECHAT_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    aes_key: SecretStr | None = None
    base_url: str = "https://api.weixin.qq.com"
    timeout_seconds: Annotated[float, Field(gt=0)] = 5.0
    max_age_seconds: Annotated[float, Field(gt=0)] = 300.0
    notice_template: str = ""  # of a one-off notice with a `thing` field, for reminders while the window is closed
    notice_field: str = "thing1"
    notice_page: str = ""

    @field_validator("aes_key")
    @classmethod
    def _complete_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not key.get_secret_value():
            return None
        if not re.fullmatch(r"[A-Za-z0-9]{43}", key.get_secret_value()):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        return key


@dataclass(frozen=True, slots=True)
class Consent:
    """A worker's answer to one template of one-off notices. `granted`: one notice may be sent. `at` is in UTC."""

    address: str
    template_id: str
    granted: bool
    at: datetime


def measure(text: str) -> int:
    """The length of a text as WeChat counts it: bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def window_open(last_inbound: datetime, now: datetime, opened_by: OpenedBy = "message", sent: int = 0) -> bool:
    """Whether WeChat still takes a customer-service message after what the worker did last; `sent` since then."""
    messages, lasts = WINDOWS[opened_by]
    return now - last_inbound < lasts and sent < messages


class WeChatChannel:
    """One service account.

    `labels`: language -> `source`, `next_steps` and optionally `since` with a {date} in it. `draw`: a chart in a
    language -> PNG; without it charts are left out, as the text holds their figures. `store`: where processes share
    the access token. `clock`: the time, with a time zone.
    """

    name = "wechat"
    routes: tuple[Route, ...] = (Route("GET", CALLBACK_PATH), Route("POST", CALLBACK_PATH))
    limits = Limits(text=TEXT_BYTES, measure=measure)  # no buttons: a numbered list
    answer_within_seconds = 4.5  # WeChat waits 5 s, and asks three times

    def __init__(
        self,
        settings: WeChatSettings,
        labels: Labels,
        draw: Callable[[Chart, str], bytes] | None,
        clock: Callable[[], datetime],
        store: TokenStore | None = None,
    ) -> None:
        self._labels = labels
        self._draw = draw
        self._clock = clock
        self._settings = settings
        self._envelope = Envelope(settings.app_id, settings.token, settings.aes_key, settings.max_age_seconds)
        self.api = WeChatApi(
            settings.base_url,
            settings.app_id,
            settings.app_secret,
            settings.timeout_seconds,
            store if store is not None else InMemoryTokenStore(),
            clock,
        )

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged`; an attempt that WeChat repeats passes again, its message has the same id."""
        self._envelope.check(request, now)

    def parse(self, request: Request) -> Received:
        """The one event of a verified request, or the echo that proves the address ours; raises `Malformed`."""
        if request.method == "GET":
            echo = request.query.get("echostr", "")
            if not _ECHO.fullmatch(echo):
                raise Malformed("no echo that WeChat would ask for")
            return Received(response=Response(echo))
        event = _event(self._envelope.open(request))
        return Received(events=(event,) if event else ())

    def consents_in(self, request: Request) -> tuple[Consent, ...]:
        """What a worker agreed to or refused, in a verified request; raises `Malformed`. Most requests hold none."""
        if request.method == "GET":
            return ()
        message = self._envelope.open(request)
        at = datetime.fromtimestamp(message.created, UTC)
        return tuple(Consent(message.openid, template, granted, at) for template, granted in message.consents)

    def render(self, reply: Reply) -> tuple[str | Chart, ...]:
        """The texts of a reply, each within the limit, and its chart where there is somebody to draw it."""
        parts: list[str | Chart] = [*split(self._whole(reply), TEXT_BYTES, measure)]
        return (*parts, reply.chart) if reply.chart and self._draw else tuple(parts)

    def respond(self, request: Request, replies: tuple[Reply, ...]) -> Response | None:
        """All replies as one text in the answer to a verified request; None where they do not fit, or hold a picture.

        Nothing to say is the word that WeChat takes for silence.
        """
        if self._draw and any(reply.chart for reply in replies):
            return None
        text = "\n\n".join(filter(None, map(self._whole, replies)))
        if not text:
            return EMPTY_ANSWER
        if measure(text) > TEXT_BYTES:
            return None
        xml = self._envelope.close(self._envelope.open(request), text, self._clock())
        return Response(xml, media_type="application/xml; charset=utf-8")

    async def send(self, address: str, reply: Reply) -> None:
        """Write to an openid; may raise a `SendFailure`. A picture that fails is logged only: its figures are in the
        text, which would arrive twice if the reply were sent again."""
        for part in self.render(reply):
            if isinstance(part, str):
                await self._write(address, {"msgtype": "text", "text": {"content": part}})
            else:
                await self._show(address, part, reply.language or "zh")

    deduplicates = False

    async def notify(self, address: str, reply: Reply, key: str) -> None:
        """Write first: as a message while the window is open, else as the one notice that the worker agreed to.

        WeChat knows no keys, and counts the notices that are left itself. Raises a `SendFailure`; `PushUnsupported`
        where neither can be.
        """
        try:
            await self.send(address, reply)
        except PushUnsupported:
            template = self._settings.notice_template
            if not template:
                raise
            said = {self._settings.notice_field: _noticed(reply.text)}
            await self.send_subscription(address, template, said, self._settings.notice_page)

    async def send_subscription(self, address: str, template_id: str, data: Mapping[str, str], page: str = "") -> None:
        """Send the one notice that a worker agreed to: `data` fills the template's fields, `page` opens on a tap.

        Raises a `SendFailure`; `PushUnsupported` without a consent, or when it is spent.
        """
        body = {
            "touser": address,
            "template_id": template_id,
            "data": {field: {"value": value} for field, value in data.items()},
        }
        await self.api.call("/cgi-bin/message/subscribe/bizsend", body | ({"page": page} if page else {}))

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.api.aclose()

    async def _write(self, address: str, message: Mapping[str, Any]) -> None:
        await self.api.call("/cgi-bin/message/custom/send", {"touser": address, **message})

    async def _show(self, address: str, chart: Chart, language: str) -> None:
        assert self._draw is not None
        try:
            png = await asyncio.to_thread(self._draw, chart, language)
            media_id = await self.api.upload_image(png)
            await self._write(address, {"msgtype": "image", "image": {"media_id": media_id}})
        except SendFailure as failure:
            log.warning("a chart was not sent: %s: %s", type(failure).__name__, failure)
        except Exception as error:  # the drawing is not ours, and the text has gone out
            log.error("a chart could not be drawn: %s", type(error).__name__)

    def _whole(self, reply: Reply) -> str:
        """A reply as one text: what it says, the next steps, the sources and the numbered buttons."""
        language: Language = reply.language or "zh"
        words, colon = self._labels[language], _COLON[language]
        blocks = [reply.text.strip()]
        if reply.next_steps:
            blocks.append("\n".join((words["next_steps"] + colon.strip(), *(f"- {step}" for step in reply.next_steps))))
        if reply.citations:
            blocks.append(
                "\n".join(f"{words['source']}{colon}{_cited(one, words, language)}" for one in reply.citations)
            )
        if reply.buttons:
            blocks.append("\n".join(f"{number} {button.title}" for number, button in enumerate(reply.buttons, 1)))
        return _NOT_XML.sub("", "\n\n".join(filter(None, blocks)))


def _noticed(text: str) -> str:
    """As much of the first line as a `thing` field takes."""
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= THING else f"{line[: THING - 1]}…"


def _cited(citation: Citation, words: Mapping[str, str], language: Language) -> str:
    """`《…》(2024-01-01起) https://…`"""
    chinese = language == "zh"
    since = words.get("since", "{date}").format(date=citation.as_of) if citation.as_of else ""
    title = f"《{citation.title}》" if chinese and not citation.title.startswith("《") else citation.title
    dated = f"{title}{'' if chinese else ' '}({since})" if since else title
    return " ".join(filter(None, (dated, citation.url)))


def _event(message: Message) -> Event | None:
    """What a message means to us; None for what needs no answer, such as where a worker is or a link they opened."""
    who = ("wechat", message.openid)
    match message.kind:
        case "text" if message.key:
            return Inbound(*who, payload=message.key, message_id=message.message_id)
        case "text" if _STICKER.fullmatch(message.text):
            return Unreadable(*who, message.message_id, "sticker")
        case "text" | "voice" if message.text:
            return Inbound(*who, text=message.text, message_id=message.message_id)
        case "event/click" if message.key:
            return Inbound(*who, payload=message.key, message_id=message.message_id)
        case "event/subscribe" | "event/subscribe_scan" | "event/scan":
            scene = _SCENE.fullmatch(message.key) if message.kind != "event/subscribe" else None
            found = scene.groupdict() if scene else {}
            return Joined(*who, message.message_id, found.get("campaign"), found.get("platform"))
        case "event/unsubscribe":
            return Left(*who, message.message_id, confirm=False)
        case kind if kind.startswith("event/"):
            return None
        case kind:
            return Unreadable(*who, message.message_id, _UNREADABLE.get(kind, "other"))
