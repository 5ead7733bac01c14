"""What WeChat pushes to us: what is believed, what is refused, and what each message means."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.channel import Forged, Malformed, Received, Request, Response
from channels.message import Event, Inbound, Joined, Left, Unreadable
from channels.wechat import Consent, WeChatChannel, WeChatSettings
from channels.wechat_crypto import MAX_BODY_BYTES, read_message
from tests.channels.platforms.wechat_server import (
    ACCOUNT,
    AES_KEY,
    APP_ID,
    APP_SECRET,
    OPENID,
    TEMPLATE,
    TOKEN,
    Caller,
    outer,
    sign,
    xml_of,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MAX_AGE = timedelta(seconds=300)
LABELS = {"zh": {"source": "来源", "next_steps": "下一步"}, "en": {"source": "Source", "next_steps": "Next steps"}}
SAID = "我叫王小明"
TEXT = f"<Content><![CDATA[{SAID}]]></Content>\n"

WECHAT = Caller()
Made = Callable[[], Request]


def channel(aes: bool = True, **changed: str) -> WeChatChannel:
    """The account in safe mode, or in plain mode."""
    given = {"app_id": APP_ID, "app_secret": APP_SECRET, "token": TOKEN, "aes_key": AES_KEY if aes else ""} | changed
    return WeChatChannel(WeChatSettings.model_validate(given), LABELS, None, lambda: NOW)


SAFE, PLAIN = channel(), channel(aes=False)


def typed(xml: str | None = None) -> Request:
    """A good encrypted message."""
    return WECHAT.aes(xml or xml_of("text", NOW, TEXT), NOW)


def asked(request: Request, **changed: str | None) -> Request:
    """With other things in the query; None takes one away."""
    query = {name: value for name, value in {**request.query, **changed}.items() if value is not None}
    return replace(request, query=query)


def signed(timestamp: str, nonce: str) -> Request:
    """Everything right but what is signed."""
    encrypted = WECHAT.encrypt(xml_of("text", NOW, TEXT).encode())
    query = {"timestamp": timestamp, "nonce": nonce, "signature": sign(TOKEN, timestamp, nonce), "encrypt_type": "aes"}
    query["msg_signature"] = sign(TOKEN, timestamp, nonce, encrypted)
    return replace(typed(), query=query, body=outer(encrypted))


def at(when: datetime, nonce: str = "1320562132") -> Request:
    return signed(str(int(when.timestamp())), nonce)


def enclosed(encrypted: str) -> Request:
    """Something else where the encrypted message stands, rightly signed."""
    query = WECHAT.query(NOW) | {"encrypt_type": "aes"}
    query["msg_signature"] = sign(TOKEN, query["timestamp"], query["nonce"], encrypted)
    return replace(typed(), query=query, body=outer(encrypted))


def body(content: bytes) -> Request:
    return replace(typed(), body=content)


def plain(content: str) -> Request:
    return WECHAT.plain(content, NOW)


def popup(listed: str) -> str:
    return xml_of("event/subscribe_msg_popup_event", NOW, f"<SubscribeMsgPopupEvent>{listed}</SubscribeMsgPopupEvent>")


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else SAID}">' for n in range(10))
LATER = str(int(NOW.timestamp()) + 1)
FULL_WIDTH = str(int(NOW.timestamp())).translate({ord("0") + n: ord("０") + n for n in range(10)})

BAD: list[tuple[str, WeChatChannel, Made]] = [
    ("no query", SAFE, lambda: replace(typed(), query={})),
    ("no signature", SAFE, lambda: asked(typed(), signature=None)),
    ("an empty signature", SAFE, lambda: asked(typed(), signature="")),
    ("a wrong signature", SAFE, lambda: asked(typed(), signature="0" * 40)),
    ("a signature in capitals", SAFE, lambda: (r := typed()) and asked(r, signature=r.query["signature"].upper())),
    ("half a signature", SAFE, lambda: (r := typed()) and asked(r, signature=r.query["signature"][:20])),
    ("a signature with a tail", SAFE, lambda: (r := typed()) and asked(r, signature=r.query["signature"] + "0")),
    ("a signature in Chinese", SAFE, lambda: asked(typed(), signature="签名" * 20)),
    ("a signature of half a character", SAFE, lambda: asked(typed(), signature="\ud800" * 40)),
    ("a signature for another nonce", SAFE, lambda: asked(typed(), nonce="1")),
    ("an old signature with a new time", SAFE, lambda: asked(typed(), timestamp=LATER)),
    ("somebody with another token", SAFE, lambda: Caller(token="guess").aes(xml_of("text", NOW, TEXT), NOW)),
    ("somebody with no token", SAFE, lambda: Caller(token="").aes(xml_of("text", NOW, TEXT), NOW)),
    ("no timestamp", SAFE, lambda: asked(typed(), timestamp=None)),
    ("a timestamp in words", SAFE, lambda: signed("now", "1")),
    ("a negative timestamp", SAFE, lambda: signed("-1", "1")),
    ("a timestamp with a point", SAFE, lambda: signed(f"{NOW.timestamp()}", "1")),
    ("a timestamp in wide digits", SAFE, lambda: signed(FULL_WIDTH, "1")),
    ("a timestamp of a thousand digits", SAFE, lambda: signed("9" * 1000, "1")),
    ("a timestamp before a line end", SAFE, lambda: signed(f"{int(NOW.timestamp())}\n", "1")),
    ("a stale request", SAFE, lambda: at(NOW - MAX_AGE - timedelta(seconds=1))),
    ("a request from yesterday, replayed", SAFE, lambda: at(NOW - timedelta(days=1))),
    ("a request from the future", SAFE, lambda: at(NOW + MAX_AGE + timedelta(seconds=1))),
    ("no nonce", SAFE, lambda: asked(typed(), nonce=None)),
    ("an empty nonce", SAFE, lambda: at(NOW, "")),
    ("a nonce with a line end", SAFE, lambda: at(NOW, "1\n2")),
    ("a nonce without end", SAFE, lambda: at(NOW, "1" * 129)),
    ("another method", SAFE, lambda: replace(typed(), method="PUT")),
    ("a plain message in safe mode", SAFE, lambda: plain(xml_of("text", NOW, TEXT))),
    ("a plain message that says it is encrypted", SAFE, lambda: asked(plain(xml_of("text", NOW)), encrypt_type="aes")),
    ("an encrypted message that says it is plain", SAFE, lambda: asked(typed(), encrypt_type="raw")),
    ("no signature over the message", SAFE, lambda: asked(typed(), msg_signature=None)),
    ("the signature of another message", SAFE, lambda: asked(typed(), msg_signature=typed().query["msg_signature"])),
    ("another message under a seen signature", SAFE, lambda: body(typed().body)),
    ("a message for another account", SAFE, lambda: Caller(app_id="wx00").aes(xml_of("text", NOW, TEXT), NOW)),
    ("another AES key", SAFE, lambda: Caller(aes_key="z" * 42 + "A").aes(xml_of("text", NOW, TEXT), NOW)),
    ("a few bytes instead of AES", SAFE, lambda: enclosed("AAAA")),
    ("one block of AES", SAFE, lambda: enclosed("A" * 22 + "==")),
    ("base64 that is none", SAFE, lambda: enclosed("A=A=A")),
    ("an element in the encrypted part", SAFE, lambda: enclosed("<a/>")),
    ("half of the encrypted part", SAFE, lambda: enclosed(WECHAT.encrypt(b"<xml/>")[:44])),
    ("nothing in the encrypted part", SAFE, lambda: enclosed("")),
    ("no encrypted part", SAFE, lambda: body(b"<xml></xml>")),
    ("two encrypted parts", SAFE, lambda: (r := typed()) and replace(r, body=r.body + r.body)),
    ("no body", SAFE, lambda: body(b"")),
    ("a body that is not UTF-8", SAFE, lambda: body(b"\xff\xfe" + typed().body)),
    ("too large a body", SAFE, lambda: (r := typed()) and replace(r, body=r.body + b" " * MAX_BODY_BYTES)),
    ("JSON in the envelope", SAFE, lambda: typed('{"MsgType": "text"}')),
    ("nothing in the envelope", SAFE, lambda: typed(" ")),
    ("another root", SAFE, lambda: typed("<a><MsgType>text</MsgType></a>")),
    ("an empty message", SAFE, lambda: typed("<xml></xml>")),
    ("a message that breaks off", SAFE, lambda: typed(xml_of("text", NOW, TEXT)[:-10])),
    ("no kind", SAFE, lambda: typed(xml_of("text", NOW, TEXT).replace("MsgType", "Kind"))),
    ("a kind with elements in it", SAFE, lambda: typed(xml_of("text", NOW, TEXT).replace("<![CDATA[text]]>", "<a/>"))),
    ("no sender", SAFE, lambda: typed(xml_of("text", NOW, TEXT).replace("FromUserName", "From"))),
    ("two senders", SAFE, lambda: typed(xml_of("text", NOW, TEXT + "<FromUserName>o2</FromUserName>"))),
    ("a sender with markup", SAFE, lambda: typed(xml_of("text", NOW, TEXT, openid="o<b>1</b>"))),
    ("a sender without end", SAFE, lambda: typed(xml_of("text", NOW, TEXT, openid="o" * 65))),
    ("no receiver", SAFE, lambda: typed(xml_of("text", NOW, TEXT).replace(ACCOUNT, ""))),
    ("a time in words", SAFE, lambda: typed(xml_of("text", NOW, TEXT).replace(str(int(NOW.timestamp())), "now"))),
    ("a message id in words", SAFE, lambda: typed(xml_of("text", NOW, TEXT, message_id="one"))),
    ("a text with elements in it", SAFE, lambda: typed(xml_of("text", NOW, f"<Content><a>{SAID}</a></Content>"))),
    ("an entity", SAFE, lambda: typed(f'<!DOCTYPE xml [<!ENTITY e "{SAID}">]>' + xml_of("text", NOW, TEXT))),
    ("entities in entities", SAFE, lambda: typed(f"<!DOCTYPE xml [{ENTITIES}]>" + xml_of("text", NOW, "<a>&e9;</a>"))),
    ("a file of ours", SAFE, lambda: typed('<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml>&e;</xml>')),
    ("a document type", SAFE, lambda: typed('<!DOCTYPE xml SYSTEM "http://127.0.0.1/x">' + xml_of("text", NOW, TEXT))),
    ("a consent that is no list", SAFE, lambda: typed(popup("x"))),
    ("a consent without a template", SAFE, lambda: typed(popup("<List>x</List>"))),
    ("an echo without a signature", SAFE, lambda: asked(WECHAT.echo(NOW), signature=None)),
    ("an echo of somebody else", SAFE, lambda: Caller(token="guess").echo(NOW)),
    ("no echo", SAFE, lambda: asked(WECHAT.echo(NOW), echostr=None)),
    ("an echo with markup", SAFE, lambda: WECHAT.echo(NOW, "<script>alert(1)</script>")),
    ("an echo without end", SAFE, lambda: WECHAT.echo(NOW, "1" * 257)),
    ("an encrypted message without a key", PLAIN, typed),
    ("a plain message of somebody else", PLAIN, lambda: Caller(token="guess").plain(xml_of("text", NOW, TEXT), NOW)),
    ("a stale plain message", PLAIN, lambda: WECHAT.plain(xml_of("text", NOW, TEXT), NOW - timedelta(seconds=301))),
    ("a plain body that is no XML", PLAIN, lambda: plain(SAID)),
    ("a plain body that is not UTF-8", PLAIN, lambda: replace(plain(""), body=b"<xml>\xff</xml>")),
    ("too large a plain body", PLAIN, lambda: plain(xml_of("text", NOW, TEXT + " " * MAX_BODY_BYTES))),
    ("deep plain XML", PLAIN, lambda: plain("<xml>" + "<a>" * 12_000)),
    ("an account without a token", channel(token=""), lambda: Caller(token="").aes(xml_of("text", NOW, TEXT), NOW)),
]  # fmt: skip


def received(wechat: WeChatChannel, request: Request) -> Received:
    """What the dispatcher does first."""
    wechat.verify(request, NOW)
    return wechat.parse(request)


@pytest.mark.parametrize(("wechat", "made"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_forged_stale_or_malformed_is_refused_without_a_word_of_it(
    wechat: WeChatChannel, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = made()
    with pytest.raises((Forged, Malformed)) as refused:
        received(wechat, request)
    told = f"{refused.value} {refused.value!r} {caplog.text}"
    assert [word for word in (TOKEN, AES_KEY, APP_SECRET, OPENID, SAID) if word in told] == []


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_request_within_the_age_limit_is_believed(seconds: int) -> None:
    SAFE.verify(at(NOW + timedelta(seconds=seconds)), NOW)


@given(st.text())
def test_no_xml_breaks_the_reader(written: str) -> None:
    with pytest.raises(Malformed):
        read_message(f"<xml>{written}</xml>")


def test_a_text_may_speak_of_document_types() -> None:
    (event,) = parsed(xml_of("text", NOW, "<Content><![CDATA[<!DOCTYPE x>]]></Content>"))
    assert isinstance(event, Inbound)
    assert event.text == "<!DOCTYPE x>"


def test_the_echo_proves_that_the_address_is_ours() -> None:
    for wechat in (SAFE, PLAIN):
        request = WECHAT.echo(NOW)
        wechat.verify(request, NOW)
        assert wechat.parse(request).response == Response("5838479218127813673")


def test_a_repeated_attempt_passes_and_has_the_same_id() -> None:
    xml = xml_of("text", NOW, TEXT, message_id="23456789012345678")
    ids = []
    for attempt in range(3):
        request = WECHAT.aes(xml, NOW + timedelta(seconds=5 * attempt))
        SAFE.verify(request, NOW + timedelta(seconds=5 * attempt))
        (event,) = SAFE.parse(request).events
        ids.append(event.message_id)
    assert ids == ["23456789012345678"] * 3


def parsed(xml: str) -> tuple[Event, ...]:
    """The events of a message: the same encrypted and plain."""
    found = received(SAFE, WECHAT.aes(xml, NOW))
    assert found == received(PLAIN, WECHAT.plain(xml, NOW))
    assert found.response is None
    return found.events


WHO = ("wechat", OPENID)
EVENT_ID = f"{OPENID}{int(NOW.timestamp())}"
KEY = "<EventKey><![CDATA[{}]]></EventKey>"
MEDIA = "<MediaId>m</MediaId>"

BOTH_KEY = KEY.format("qrscene_c-leaflet_p-meituan")
TAPPED = Inbound(*WHO, payload="/lost_work", message_id=EVENT_ID)

MEANINGS: list[tuple[str, str, str, tuple[Event, ...]]] = [
    ("a text", "text", "<Content>养老</Content>", (Inbound(*WHO, text="养老", message_id="1"),)),
    ("a typed number", "text", "<Content>1</Content>", (Inbound(*WHO, text="1", message_id="1"),)),
    ("a typed payload stays text", "text", "<Content>/menu</Content>", (Inbound(*WHO, text="/menu", message_id="1"),)),
    (
        "a tap in a menu message",
        "text",
        "<Content>满意</Content><bizmsgmenuid>/helpful</bizmsgmenuid>",
        (Inbound(*WHO, payload="/helpful", message_id="1"),),
    ),
    ("no text", "text", "<Content></Content>", (Unreadable(*WHO, "1", "other"),)),
    (
        "a sticker",
        "text",
        "<Content>[收到不支持的消息类型，暂无法显示]</Content>",
        (Unreadable(*WHO, "1", "sticker"),),
    ),
    (
        "a voice that WeChat heard",
        "voice",
        f"{MEDIA}<Recognition>怎么退休</Recognition>",
        (Inbound(*WHO, text="怎么退休", message_id="1"),),
    ),
    ("a voice", "voice", f"{MEDIA}<Recognition></Recognition>", (Unreadable(*WHO, "1", "voice"),)),
    ("a picture", "image", MEDIA, (Unreadable(*WHO, "1", "picture"),)),
    ("a video", "video", MEDIA, (Unreadable(*WHO, "1", "other"),)),
    ("a short video", "shortvideo", MEDIA, (Unreadable(*WHO, "1", "other"),)),
    ("a place", "location", "<Label>杭州</Label>", (Unreadable(*WHO, "1", "location"),)),
    ("a file", "file", "<Title>a.pdf</Title>", (Unreadable(*WHO, "1", "file"),)),
    ("a link", "link", "<Url>http://x</Url>", (Unreadable(*WHO, "1", "other"),)),
    ("a kind of tomorrow", "hologram", "", (Unreadable(*WHO, "1", "other"),)),
    ("a tap on the menu", "event/CLICK", KEY.format("/lost_work"), (TAPPED,)),
    ("a new follower", "event/subscribe", KEY.format(""), (Joined(*WHO, EVENT_ID),)),
    ("a follower by a shop", "event/subscribe", KEY.format("last_trade_no_1"), (Joined(*WHO, EVENT_ID),)),
    ("a follower by a code", "event/subscribe", BOTH_KEY, (Joined(*WHO, EVENT_ID, "leaflet", "meituan"),)),
    ("a code with a campaign", "event/SCAN", KEY.format("c-spring-2026"), (Joined(*WHO, EVENT_ID, "spring-2026"),)),
    ("a code with a platform", "event/SCAN", KEY.format("p-didi"), (Joined(*WHO, EVENT_ID, None, "didi"),)),
    ("a code with a number", "event/SCAN", KEY.format("123"), (Joined(*WHO, EVENT_ID),)),
    ("one who left", "event/unsubscribe", KEY.format(""), (Left(*WHO, EVENT_ID, confirm=False),)),
    ("a link of the menu", "event/VIEW", KEY.format("https://x"), ()),
    ("where somebody is", "event/LOCATION", "<Latitude>23.1</Latitude>", ()),
    ("a template's fate", "event/TEMPLATESENDJOBFINISH", "<Status>success</Status>", ()),
    ("an event of tomorrow", "event/dance", "", ()),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "events"), [case[1:] for case in MEANINGS], ids=[c[0] for c in MEANINGS])
def test_every_message_has_one_meaning(kind: str, fields: str, events: tuple[Event, ...]) -> None:
    assert parsed(xml_of(kind, NOW, fields)) == events


def consent(event: str, element: str, *entries: tuple[str, str]) -> str:
    listed = "".join(
        f"<List><TemplateId>{template}</TemplateId><SubscribeStatusString>{status}</SubscribeStatusString></List>"
        for template, status in entries
    )
    return xml_of(f"event/{event}", NOW, f"<{element}>{listed}</{element}>")


@pytest.mark.parametrize(
    ("xml", "consents"),
    [
        (consent("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", (TEMPLATE, "accept")), [(TEMPLATE, True)]),
        (consent("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", (TEMPLATE, "reject")), [(TEMPLATE, False)]),
        (
            consent("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", (TEMPLATE, "accept"), ("t2", "reject")),
            [(TEMPLATE, True), ("t2", False)],
        ),
        (consent("subscribe_msg_change_event", "SubscribeMsgChangeEvent", (TEMPLATE, "reject")), [(TEMPLATE, False)]),
        (consent("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"), []),
        (xml_of("text", NOW, TEXT), []),
    ],
)
def test_an_agreement_to_a_notice_is_told_apart_from_a_message(xml: str, consents: list[tuple[str, bool]]) -> None:
    request = WECHAT.aes(xml, NOW)
    assert SAFE.consents_in(request) == tuple(Consent(OPENID, template, yes, NOW) for template, yes in consents)
    if consents:
        assert parsed(xml) == ()


def test_no_secret_stands_in_the_settings_or_their_errors() -> None:
    settings = WeChatSettings.model_validate({"app_secret": APP_SECRET, "token": TOKEN, "aes_key": AES_KEY})
    assert [word for word in (APP_SECRET, TOKEN, AES_KEY) if word in f"{settings!r} {settings}"] == []
    with pytest.raises(ValueError, match="EncodingAESKey") as wrong:
        WeChatSettings.model_validate({"aes_key": AES_KEY + "x"})
    assert AES_KEY not in str(wrong.value)
