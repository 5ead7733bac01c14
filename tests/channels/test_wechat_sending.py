"""What we send over WeChat's server interface, over real sockets, and what becomes of each refusal."""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

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
from channels.message import Button, Chart, ChartRow, Citation, Reply
from channels.wechat import WeChatChannel, WeChatSettings, measure, window_open
from tests.channels.platforms.wechat_server import (
    AES_KEY,
    APP_ID,
    APP_SECRET,
    OPENID,
    PNG,
    TEMPLATE,
    TOKEN,
    WeChatServer,
    served,
    server_app,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LABELS = {
    "zh": {"source": "来源", "next_steps": "下一步", "since": "{date}起"},
    "en": {"source": "Source", "next_steps": "Next steps", "since": "from {date}"},
}
CHART = Chart("每月交多少", "元", ("养老",), (ChartRow("低档", (900.0,), ("900元",)),))
SEND = "message/custom/send"


class Clock:
    """The time of WeChat and of the channel."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


CLOCK = Clock()


@pytest.fixture(scope="module")
def platform() -> Iterator[WeChatServer]:
    wechat = WeChatServer(CLOCK)
    with served(server_app(wechat)) as wechat.url:
        yield wechat


@pytest.fixture
def wechat(platform: WeChatServer) -> WeChatServer:
    """As new, and the worker has just written."""
    CLOCK.now = NOW
    platform.reset()
    platform.wrote()
    return platform


def settings(url: str, **changed: object) -> WeChatSettings:
    given = {"app_id": APP_ID, "app_secret": APP_SECRET, "token": TOKEN, "aes_key": AES_KEY, "base_url": url} | changed
    return WeChatSettings.model_validate(given)


@pytest.fixture
async def channel(wechat: WeChatServer) -> AsyncIterator[WeChatChannel]:
    made = WeChatChannel(settings(wechat.url), LABELS, lambda chart, language: PNG + language.encode(), CLOCK)
    yield made
    await made.aclose()


SILENT = WeChatChannel(settings("http://127.0.0.1:9"), LABELS, None, CLOCK)  # draws nothing, calls nobody


# How a reply is written


def test_a_reply_is_one_compact_text() -> None:
    reply = Reply(
        text="先在新地方交上。",
        buttons=(Button("转移怎么办", '/read{"article":"a/b"}'), Button("没帮上", "/unhelpful")),
        citations=(
            Citation("社会保险法", "全国人大", "2011-07-01", "https://example.org/law"),
            Citation("《转移办法》", "人社部"),
        ),
        next_steps=("打12333问一下", "带上身份证"),
    )
    assert SILENT.render(reply) == (
        "先在新地方交上。\n\n下一步：\n- 打12333问一下\n- 带上身份证\n\n"
        "来源：《社会保险法》(2011-07-01起) https://example.org/law\n来源：《转移办法》\n\n1 转移怎么办\n2 没帮上",
    )


def test_a_reply_in_english_has_english_words() -> None:
    reply = Reply(
        "Pay first.", citations=(Citation("The Law", "NPC", "2011-07-01"),), next_steps=("Call",), language="en"
    )
    assert SILENT.render(reply) == ("Pay first.\n\nNext steps:\n- Call\n\nSource: The Law (from 2011-07-01)",)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", ()), (" \n", ()), ("好", ("好",)), ("a\x00b\ud800c\ufffed", ("abcd",)), ("1 < 2 & 3", ("1 < 2 & 3",))],
)
def test_what_xml_cannot_hold_is_left_out(text: str, parts: tuple[str, ...]) -> None:
    assert SILENT.render(Reply(text)) == parts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 2047, 1),
        ("a" * 2048, 1),
        ("a" * 2049, 2),
        ("好" * 682, 1),  # 2046 bytes
        ("好" * 682 + "ab", 1),
        ("好" * 683, 2),  # 2049 bytes
        ("😀" * 512, 1),
        ("😀" * 513, 2),
        ("一句话。" * 600, 4),
    ],
)
async def test_a_text_is_split_at_the_bytes_that_wechat_takes(
    text: str, count: int, channel: WeChatChannel, wechat: WeChatServer
) -> None:
    parts = channel.render(Reply(text))
    assert (len(parts), "".join(map(str, parts))) == (count, text)
    assert all(0 < measure(str(part)) <= 2048 for part in parts)
    await channel.send(OPENID, Reply(text))
    assert "".join(wechat.texts()) == text


def test_a_web_address_stays_whole() -> None:
    url = "https://example.org/" + "a" * 100
    parts = SILENT.render(Reply("字" * 660 + " " + url))
    assert parts[-1] == url


# What arrives


async def test_chinese_goes_out_as_it_is(channel: WeChatChannel, wechat: WeChatServer) -> None:
    await channel.send(OPENID, Reply("养老“保险”😀"))
    assert "养老“保险”😀".encode() in wechat.raw[0]
    assert b"\\u" not in wechat.raw[0]
    assert wechat.sent == [{"touser": OPENID, "msgtype": "text", "text": {"content": "养老“保险”😀"}}]


async def test_a_picture_follows_its_text(channel: WeChatChannel, wechat: WeChatServer) -> None:
    await channel.send(OPENID, Reply("看图", chart=CHART, language="en"))
    assert [message["msgtype"] for message in wechat.sent] == ["text", "image"]
    assert wechat.media[wechat.sent[1]["image"]["media_id"]] == PNG + b"en"


async def test_without_an_artist_there_is_only_the_text(wechat: WeChatServer) -> None:
    channel = WeChatChannel(settings(wechat.url), LABELS, None, CLOCK)
    await channel.send(OPENID, Reply("看图", chart=CHART))
    await channel.aclose()
    assert [message["msgtype"] for message in wechat.sent] == ["text"]


@pytest.mark.parametrize("what", ["media/upload", "the artist", "no media id"])
async def test_a_picture_that_fails_does_not_send_the_text_again(
    what: str, wechat: WeChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    def draw(chart: Chart, language: str) -> bytes:
        if what == "the artist":
            raise RuntimeError(f"no font for {SECRET_TEXT}")
        return PNG

    if what == "no media id":
        wechat.next_bodies["media/upload"] = [(200, b'{"type": "image"}')]
    wechat.next_codes["media/upload"] = [40009]
    channel = WeChatChannel(settings(wechat.url), LABELS, draw, CLOCK)
    await channel.send(OPENID, Reply(SECRET_TEXT, chart=CHART))
    await channel.aclose()
    assert wechat.texts() == [SECRET_TEXT]
    assert len(caplog.records) == 1
    assert SECRET_TEXT not in caplog.text


async def test_an_empty_reply_sends_nothing(channel: WeChatChannel, wechat: WeChatServer) -> None:
    await channel.send(OPENID, Reply(""))
    assert wechat.calls == []


# What WeChat refuses

SECRET_TEXT = "我的工资被扣了"
CODES: list[tuple[int, type[SendFailure]]] = [
    (-1, ConnectionFailed),
    (40003, ContactUnknown),
    (43004, ContactStopped),
    (48002, ContactStopped),
    (50005, ContactStopped),
    (45015, PushUnsupported),
    (45047, PushUnsupported),
    (48001, PushUnsupported),
    (43101, PushUnsupported),
    (45002, MessageTooLong),
    (45009, ConnectionThrottled),
    (45011, ConnectionThrottled),
    (40164, CredentialsRefused),
    (40013, CredentialsRefused),
    (41001, CredentialsRefused),
    (40008, MessageInvalid),
    (47001, MessageInvalid),
    (99999, MessageInvalid),
]


def leaks(told: str, wechat: WeChatServer) -> list[str]:
    """What must never stand in a log or an exception."""
    secret = (
        APP_SECRET,
        TOKEN,
        AES_KEY,
        OPENID,
        SECRET_TEXT,
        *wechat.tokens,
        *([wechat.newest] if wechat.newest else []),
    )
    return [word for word in secret if word in told]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, but by WeChat's own server, which runs in this process too."""
    return "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn"))


@pytest.mark.parametrize(("code", "failure"), CODES)
async def test_every_refusal_has_its_name_and_tells_nothing(
    code: int,
    failure: type[SendFailure],
    channel: WeChatChannel,
    wechat: WeChatServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wechat.next_codes[SEND] = [code]
    with pytest.raises(SendFailure) as refused:
        await channel.send(OPENID, Reply(SECRET_TEXT))
    assert type(refused.value) is failure
    assert leaks(f"{refused.value!r} {logged(caplog)}", wechat) == []
    assert wechat.calls.count(SEND) == 1


async def test_a_minute_is_how_long_the_minute_quota_lasts(channel: WeChatChannel, wechat: WeChatServer) -> None:
    wechat.next_codes[SEND] = [45011]
    with pytest.raises(ConnectionThrottled) as refused:
        await channel.send(OPENID, Reply("养老"))
    assert refused.value.retry_after == 60


@pytest.mark.parametrize(
    ("what", "failure"),
    [
        ("nobody knows the openid", ContactUnknown),
        ("unfollowed", ContactStopped),
        ("switched off", ContactStopped),
        ("never wrote", PushUnsupported),
        ("wrote 48 hours ago", PushUnsupported),
        ("has five messages", PushUnsupported),
        ("account not verified", PushUnsupported),
    ],
)
async def test_the_platform_itself_refuses_so(
    what: str, failure: type[SendFailure], channel: WeChatChannel, wechat: WeChatServer
) -> None:
    worker = wechat.followers[OPENID]
    address = "oNobody" if what == "nobody knows the openid" else OPENID
    worker.follows = what != "unfollowed"
    worker.takes_messages = what != "switched off"
    wechat.may_send = what != "account not verified"
    worker.sent = 5 if what == "has five messages" else 0
    if what == "never wrote":
        worker.wrote_at = None
    if what == "wrote 48 hours ago":
        worker.wrote_at = NOW - timedelta(hours=48)
    with pytest.raises(failure):
        await channel.send(address, Reply("养老"))
    assert wechat.sent == []


@pytest.mark.parametrize(
    "status_and_body",
    [
        (500, b"{}"),
        (502, b"<html>"),
        (302, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"\xff"),
        (200, b""),
        (200, b'{"errcode": "x"}'),
    ],
)
async def test_an_answer_that_is_none_can_be_tried_again(
    status_and_body: tuple[int, bytes], channel: WeChatChannel, wechat: WeChatServer
) -> None:
    wechat.next_bodies[SEND] = [status_and_body]
    with pytest.raises(ConnectionFailed):
        await channel.send(OPENID, Reply("养老"))


async def test_nobody_waits_for_ever(wechat: WeChatServer) -> None:
    wechat.hang_seconds = 0.5
    channel = WeChatChannel(settings(wechat.url, timeout_seconds=0.05), LABELS, None, CLOCK)
    with pytest.raises(ConnectionFailed):
        await channel.send(OPENID, Reply("养老"))
    await channel.aclose()


async def test_no_connection_is_a_failure_to_retry(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    channel = WeChatChannel(settings("http://127.0.0.1:9"), LABELS, None, CLOCK)
    with pytest.raises(ConnectionFailed) as refused:
        await channel.send(OPENID, Reply(SECRET_TEXT))
    await channel.aclose()
    assert [w for w in (APP_SECRET, OPENID, SECRET_TEXT) if w in f"{refused.value!r} {caplog.text}"] == []


async def test_no_secret_is_logged_when_all_goes_well(
    channel: WeChatChannel, wechat: WeChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await channel.send(OPENID, Reply(SECRET_TEXT, chart=CHART))
    assert len(wechat.sent) == 2
    assert "/cgi-bin/message/custom/send" in logged(caplog)  # httpx does log addresses
    assert leaks(logged(caplog), wechat) == []


# The access token in use


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_and_the_message_sent(
    code: int, channel: WeChatChannel, wechat: WeChatServer
) -> None:
    await channel.send(OPENID, Reply("一"))
    wechat.next_codes[SEND] = [code]
    await channel.send(OPENID, Reply("二"))
    assert wechat.texts() == ["一", "二"]
    # The same token comes back as long as it is good, so that a new one has to be forced.
    assert [asked["force_refresh"] for asked in wechat.token_requests] == [False, False, True]


async def test_a_token_that_another_program_replaced_is_asked_for_without_force(
    channel: WeChatChannel, wechat: WeChatServer
) -> None:
    await channel.send(OPENID, Reply("一"))
    wechat.revoke()
    await channel.send(OPENID, Reply("二"))
    assert wechat.texts() == ["一", "二"]
    assert [asked["force_refresh"] for asked in wechat.token_requests] == [False, False]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_twice_is_our_key_refused(
    code: int, channel: WeChatChannel, wechat: WeChatServer
) -> None:
    wechat.next_codes[SEND] = [code, code]
    with pytest.raises(CredentialsRefused):
        await channel.send(OPENID, Reply("养老"))
    assert wechat.calls.count(SEND) == 2


@pytest.mark.parametrize(
    ("changed", "code", "failure"),
    [
        ({"app_secret": "wrong"}, None, CredentialsRefused),
        ({"app_id": "wx00"}, None, CredentialsRefused),
        ({}, 40164, CredentialsRefused),
        ({}, 40243, CredentialsRefused),
        ({}, 45009, ConnectionThrottled),
        ({}, 45011, ConnectionThrottled),
        ({}, -1, ConnectionFailed),
    ],
)
async def test_a_token_that_is_not_given_has_its_name_too(
    changed: dict[str, str], code: int | None, failure: type[SendFailure], wechat: WeChatServer
) -> None:
    if code is not None:
        wechat.next_codes["stable_token"] = [code]
    channel = WeChatChannel(settings(wechat.url, **changed), LABELS, None, CLOCK)
    with pytest.raises(failure) as refused:
        await channel.send(OPENID, Reply(SECRET_TEXT))
    await channel.aclose()
    assert leaks(repr(refused.value), wechat) == []
    assert SEND not in wechat.calls


@pytest.mark.parametrize("body", [b"{}", b'{"access_token": "", "expires_in": 7200}', b'{"access_token": "t"}', b"no"])
async def test_a_token_that_cannot_be_read_can_be_tried_again(
    body: bytes, channel: WeChatChannel, wechat: WeChatServer
) -> None:
    wechat.next_bodies["stable_token"] = [(200, body)]
    with pytest.raises(ConnectionFailed):
        await channel.send(OPENID, Reply("养老"))


# One-off notices


async def test_a_notice_goes_out_once_for_each_consent(channel: WeChatChannel, wechat: WeChatServer) -> None:
    wechat.followers[OPENID].consents[TEMPLATE] = 1
    await channel.send_subscription(OPENID, TEMPLATE, {"thing1": "医保快断了"}, "https://example.org")
    with pytest.raises(PushUnsupported):
        await channel.send_subscription(OPENID, TEMPLATE, {"thing1": "医保快断了"})
    (notice,) = wechat.notices
    assert notice == {
        "touser": OPENID,
        "template_id": TEMPLATE,
        "page": "https://example.org",
        "data": {"thing1": {"value": "医保快断了"}},
    }


@pytest.mark.parametrize(
    ("address", "template", "data", "failure"),
    [
        (OPENID, TEMPLATE, {"thing1": "x"}, PushUnsupported),
        (OPENID, "none", {"thing1": "x"}, MessageInvalid),
        (OPENID, TEMPLATE, {"thing1": ""}, MessageInvalid),
        ("oNobody", TEMPLATE, {"thing1": "x"}, ContactUnknown),
    ],
)
async def test_a_notice_that_is_refused_has_its_name(
    address: str, template: str, data: dict[str, str], failure: type[SendFailure], channel: WeChatChannel
) -> None:
    with pytest.raises(failure):
        await channel.send_subscription(address, template, data)


async def test_a_reminder_is_a_message_in_the_window_and_a_notice_after_it(wechat: WeChatServer) -> None:
    made = WeChatChannel(settings(wechat.url, notice_template=TEMPLATE), LABELS, None, CLOCK)
    wechat.followers[OPENID].consents[TEMPLATE] = 1
    reminder = Reply("十二月的养老保险该交了，大约八百元，去哪里交点下面。", language="zh")
    await made.notify(OPENID, reminder, "key-1")
    CLOCK.now = NOW + timedelta(hours=49)
    await made.notify(OPENID, reminder, "key-2")
    with pytest.raises(PushUnsupported):  # no consent is left
        await made.notify(OPENID, reminder, "key-3")
    await made.aclose()
    (notice,) = wechat.notices
    said = notice["data"]["thing1"]["value"]
    assert (said, len(said)) == ("十二月的养老保险该交了，大约八百元，去…", 20)


async def test_without_a_template_a_closed_window_leaves_the_reminder_to_another_app(
    channel: WeChatChannel, wechat: WeChatServer
) -> None:
    CLOCK.now = NOW + timedelta(hours=49)
    with pytest.raises(PushUnsupported):
        await channel.notify(OPENID, Reply("养老", language="zh"), "key-1")


# The window


SECOND, MINUTE, DAYS = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=48)


@pytest.mark.parametrize(
    ("opened_by", "ago", "sent", "is_open"),
    [
        ("message", timedelta(0), 0, True),
        ("message", DAYS - SECOND, 0, True),
        ("message", DAYS, 0, False),
        ("message", DAYS + SECOND, 0, False),
        ("message", MINUTE, 4, True),
        ("message", MINUTE, 5, False),
        ("message", MINUTE, 6, False),
        ("menu", MINUTE - SECOND, 2, True),
        ("menu", MINUTE - SECOND, 3, False),
        ("menu", MINUTE, 0, False),
        ("follow", MINUTE - SECOND, 0, True),
        ("follow", MINUTE, 0, False),
        ("scan", MINUTE - SECOND, 0, True),
        ("scan", MINUTE, 0, False),
    ],
)
def test_the_window_for_writing_first_closes(opened_by: str, ago: timedelta, sent: int, is_open: bool) -> None:
    assert window_open(NOW - ago, NOW, opened_by, sent) is is_open  # type: ignore[arg-type]
