"""Every messaging channel beside the platform that it talks to, so that one table of claims can be run over all."""

import hmac
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Response
from fastapi import Request as HttpRequest

from channels.channel import Channel, Request
from channels.message import Chart
from channels.messaging import labels_of, utc_now
from channels.sentences import load_sentences
from channels.sms import SmsChannel
from channels.sms_alibaba import AlibabaProvider, AlibabaSettings
from channels.sms_twilio import TwilioProvider, TwilioSettings
from channels.wechat import WeChatChannel, WeChatSettings
from tests.channels.platforms import sms_server, telegram_server, wechat_server

LABELS = labels_of(load_sentences())
PNG = wechat_server.PNG


def draw(chart: Chart, language: str) -> bytes:
    """A picture that is small and quickly drawn."""
    return PNG


@dataclass
class Seat:
    """One channel: how a worker writes on it, and what the platform was given to show them."""

    channel: Channel[Any]
    says: Callable[[str, int], Request]
    shown: Callable[[], list[str]]
    address: str
    strange: Callable[[], Request] | None
    passive: bool = False
    marks: dict[str, Any] = field(default_factory=dict)


@contextmanager
def telegram() -> Iterator[Seat]:
    """Private chats with the bot."""
    with telegram_server.running() as server:
        yield Seat(
            telegram_server.channel_at(server.base_url, labels=LABELS, draw=draw),
            lambda text, number: telegram_server.webhook_request(telegram_server.message(number, text=text)),
            lambda: list(server.texts()),
            str(telegram_server.WORKER),
            lambda: telegram_server.webhook_request(telegram_server.message(77, voice={
                "file_id": "v", "file_unique_id": "u", "duration": 3,
            })),
        )  # fmt: skip


@contextmanager
def wechat() -> Iterator[Seat]:
    """A service account in safe mode."""
    server = wechat_server.WeChatServer(utc_now)
    caller = wechat_server.Caller()
    with wechat_server.served(wechat_server.server_app(server)) as url:
        settings = WeChatSettings.model_validate(
            {
                "app_id": wechat_server.APP_ID,
                "app_secret": wechat_server.APP_SECRET,
                "token": wechat_server.TOKEN,
                "aes_key": wechat_server.AES_KEY,
                "base_url": url,
            }
        )

        def says(text: str, number: int) -> Request:
            server.wrote()
            content = f"<Content><![CDATA[{text}]]></Content>\n"
            return caller.aes(wechat_server.xml_of("text", utc_now(), content, message_id=str(number)), utc_now())

        voice = wechat_server.xml_of(
            "voice", utc_now(), "<MediaId><![CDATA[m]]></MediaId>\n<Format><![CDATA[amr]]></Format>\n", message_id="77"
        )
        yield Seat(
            WeChatChannel(settings, LABELS, draw, utc_now), says, lambda: list(server.texts()), wechat_server.OPENID,
            lambda: caller.aes(voice, utc_now()), passive=True, marks={"read": caller.read_answer},
        )  # fmt: skip


@contextmanager
def twilio() -> Iterator[Seat]:
    """SMS by Twilio."""
    server = sms_server.TwilioServer()
    path = "/channels/sms/twilio"
    url = f"https://shebao.example.cn{path}"

    def called(form: dict[str, str]) -> Request:
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": server.signature(url, form.items()),
        }
        return Request("POST", url, path, {}, headers, urlencode(form).encode())

    with sms_server.served(server.app()) as base:
        settings = TwilioSettings.model_validate(
            {
                "account_sid": server.account_sid, "auth_token": server.auth_token, "from_number": "+15005550006",
                "base_url": base,
            }
        )  # fmt: skip
        yield Seat(
            SmsChannel(TwilioProvider(settings), LABELS),
            lambda text, number: called(server.form(text, number=number)),
            lambda: [sent["Body"] for sent in server.sent],
            "+8613800000001",
            lambda: called(server.form("", number=77, NumMedia="1", MediaContentType0="image/png")),
        )


@contextmanager
def alibaba() -> Iterator[Seat]:
    """SMS by Alibaba Cloud."""
    server = sms_server.AlibabaServer(now=utc_now)
    path, key = "/channels/sms/alibaba", "kQ9vP2unguessable7Zx"

    def pushed(text: str, number: int) -> Request:
        told = server.message(text, number=number)
        url = f"https://shebao.example.cn{path}?key={key}"
        headers = {"content-type": "application/json"}
        return Request("POST", url, path, {"key": key}, headers, json.dumps([told]).encode())

    with sms_server.served(server.app()) as base:
        settings = AlibabaSettings.model_validate(
            {
                "access_key_id": server.key_id, "access_key_secret": server.key_secret, "sign_name": server.sign_name,
                "template_code": server.template_code, "template_text": "你问的事：${text}", "inbound_key": key,
                "base_url": base,
            }
        )  # fmt: skip
        yield Seat(
            SmsChannel(AlibabaProvider(settings, utc_now), LABELS), pushed,
            lambda: [text for _, text in server.sent], "+8613800000001", None,
        )  # fmt: skip


@contextmanager
def carrier() -> Iterator[Seat]:
    """The channel of docs/adding-a-channel.md, as it stands there."""
    document = (Path(__file__).parents[2] / "docs" / "adding-a-channel.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", document, re.DOTALL)[0]
    written: dict[str, Any] = {"__name__": "carrier"}
    exec(compile(code, "adding-a-channel.md", "exec"), written)
    shown: list[str] = []
    app = FastAPI()

    @app.post("/messages")
    async def messages(request: HttpRequest) -> Response:
        told = await request.json()
        if told["to"] != "li" or request.headers["authorization"] != "Bearer t":
            return Response(status_code=403)
        shown.append(told["text"])
        return Response(status_code=202)

    def call(number: int, **told: str) -> Request:
        body = json.dumps({"from": "li", "id": str(number), **told}).encode()
        signature = hmac.new(b"s" * 20, body, sha256).hexdigest()
        path = "/channels/carrier"
        return Request("POST", f"https://x{path}", path, {}, {"x-carrier-signature": signature}, body)

    with sms_server.served(app) as base:
        settings = written["CarrierSettings"](token="t", secret="s" * 20, base_url=base)
        yield Seat(
            written["CarrierChannel"](settings, LABELS), lambda text, number: call(number, kind="text", text=text),
            lambda: list(shown), "li", lambda: call(77, kind="voice"),
        )  # fmt: skip


EVERY = {"telegram": telegram, "wechat": wechat, "twilio": twilio, "alibaba": alibaba, "carrier": carrier}
