"""A reply reaches the worker whole, and every way of failing has its name and tells nothing."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi.responses import Response
from pydantic import SecretStr

from channels.channel import (
    SEND_FAILURES,
    ConnectionFailed,
    ConnectionThrottled,
    ContactStopped,
    ContactUnknown,
    CredentialsRefused,
    MessageInvalid,
    MessageTooLong,
    PushUnsupported,
    Request,
    SendFailure,
)
from channels.message import Button, Chart, ChartRow, Citation, Reply
from channels.telegram import CHATS_REMEMBERED, Rows, TelegramChannel, TelegramMessage
from tests.channels.platforms.telegram_server import (
    PNG,
    SECRET,
    TOKEN,
    WORKER,
    Refusal,
    TelegramServer,
    channel_at,
    member,
    message,
    press,
    running,
    units,
    webhook_request,
)

ADDRESS = str(WORKER)
CHART = Chart("每月领多少", "元", ("养老金",), (ChartRow("60岁", (2300.0,), ("2300元",)),))
CITED = Citation("暂行办法", "国办发66号", "2010-01-01", "https://x.cn/a")
OFFLINE = channel_at("http://127.0.0.1:9/bot")
SECRETS = (TOKEN, SECRET, ADDRESS, "断缴")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def drawn(chart: Chart, language: str) -> bytes:
    return PNG


@pytest.fixture(scope="module")
def platform() -> Iterator[TelegramServer]:
    with running() as server:
        yield server


@pytest.fixture
def telegram(platform: TelegramServer) -> TelegramServer:
    """The server with nothing said to it yet."""
    platform.forget()
    return platform


@pytest.fixture
async def channel(telegram: TelegramServer) -> AsyncIterator[TelegramChannel]:
    made = channel_at(telegram.base_url, draw=drawn, clock=Clock())
    yield made
    await made.close()


def buttons(*titles: str) -> tuple[Button, ...]:
    return tuple(Button(title, f"/choose{{{number}}}") for number, title in enumerate(titles))


def titles(rows: Rows) -> list[list[str]]:
    return [[button.title for button in row] for row in rows]


# What a reply looks like


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply("不会白交。"), "不会白交。"),
        (Reply("不会白交。", next_steps=("打12333", "带身份证")), "不会白交。\n\n下一步：\n· 打12333\n· 带身份证"),
        (Reply("不会白交。", citations=(CITED,)), "不会白交。\n\n来源：《暂行办法》(2010-01-01起) https://x.cn/a"),
        (Reply("是。", citations=(Citation("甲", "乙"),)), "是。\n\n来源：《甲》"),
        (
            Reply("It counts.", citations=(CITED,), next_steps=("Call 12333",), language="en"),
            "It counts.\n\nNext steps:\n· Call 12333\n\nSource: 暂行办法 (from 2010-01-01) https://x.cn/a",
        ),
        (Reply("*a* _b_ <b>c</b> [d](e)"), "*a* _b_ <b>c</b> [d](e)"),
        (Reply("", next_steps=("打12333",)), "下一步：\n· 打12333"),
        (Reply("半个\ud83d"), "半个\ufffd"),
    ],
)
def test_a_reply_is_one_text_with_its_steps_and_sources(reply: Reply, text: str) -> None:
    assert OFFLINE.render(reply) == (TelegramMessage(text),)


def test_the_day_of_a_source_may_stand_without_a_word() -> None:
    channel = channel_at("http://127.0.0.1:9/bot", labels={"zh": {"source": "来源", "next_steps": "下一步"}})
    assert channel.render(Reply("是。", citations=(CITED,)))[0].text.endswith("《暂行办法》(2010-01-01) https://x.cn/a")


@pytest.mark.parametrize(
    ("length", "parts"), [(4095, [4095]), (4096, [4096]), (4097, [4096, 1]), (8193, [4096, 4096, 1])]
)
def test_a_text_is_split_at_4096(length: int, parts: list[int]) -> None:
    assert [len(part.text) for part in OFFLINE.render(Reply("字" * length))] == parts


@pytest.mark.parametrize(("count", "parts"), [(2047, 1), (2048, 1), (2049, 2)])
def test_an_emoji_counts_as_two(count: int, parts: int) -> None:
    rendered = OFFLINE.render(Reply("😀" * count))
    assert len(rendered) == parts
    assert all(units(part.text) <= 4096 for part in rendered)
    assert OFFLINE.limits.measure("😀" * count) == 2 * count


def test_the_buttons_are_below_the_last_part() -> None:
    first, last = OFFLINE.render(Reply("字" * 5000, buttons=buttons("好")))
    assert first.rows == ()
    assert titles(last.rows) == [["好"]]


@pytest.mark.parametrize(
    ("named", "rows"),
    [
        (("好", "不好"), [["好", "不好"]]),
        (("一二三四五六七", "好"), [["一二三四五六七", "好"]]),
        (("一二三四五六七八", "好"), [["一二三四五六七八"], ["好"]]),
        (("好", "一二三四五六七八"), [["好"], ["一二三四五六七八"]]),
        (("exactly 14 let", "yes"), [["exactly 14 let", "yes"]]),
        (("some 15 letters", "yes"), [["some 15 letters"], ["yes"]]),
        (("a", "b", "c"), [["a", "b"], ["c"]]),
    ],
)
def test_two_short_buttons_share_a_row(named: tuple[str, ...], rows: list[list[str]]) -> None:
    assert titles(OFFLINE.render(Reply("选", buttons=buttons(*named)))[0].rows) == rows


@pytest.mark.parametrize(
    ("count", "spread"),
    [(0, [0]), (1, [1]), (7, [7]), (8, [8]), (9, [8, 1]), (12, [8, 4]), (16, [8, 8]), (17, [8, 8, 1])],
)
def test_a_message_has_eight_buttons_and_none_is_lost(count: int, spread: list[int]) -> None:
    given = buttons(*(f"事情{number}" for number in range(count)))
    rendered = OFFLINE.render(Reply("选一个", buttons=given))
    assert [sum(len(row) for row in part.rows) for part in rendered] == spread
    assert tuple(button for part in rendered for row in part.rows for button in row) == given
    assert [part.text for part in rendered] == ["选一个", "还可以点", "还可以点"][: len(spread)]


@pytest.mark.parametrize(("length", "shown"), [(39, "字" * 39), (40, "字" * 40), (41, "字" * 39 + "…")])
def test_a_title_too_long_for_a_button_ends_in_dots(length: int, shown: str) -> None:
    assert titles(OFFLINE.render(Reply("选", buttons=buttons("字" * length)))[0].rows) == [[shown]]


def test_a_payload_goes_through_as_it_is() -> None:
    long = "/" + "x" * 80
    assert OFFLINE.render(Reply("选", buttons=(Button("好", long),)))[0].rows[0][0].payload == long


@pytest.mark.parametrize("reply", [Reply(""), Reply(" \n "), Reply("", outcome="answered")])
async def test_an_empty_reply_has_no_messages_and_is_refused(reply: Reply) -> None:
    assert OFFLINE.render(reply) == ()
    with pytest.raises(MessageInvalid):
        await OFFLINE.send(ADDRESS, reply)


def test_without_somebody_to_draw_the_chart_is_left_out() -> None:
    assert OFFLINE.render(Reply("表", chart=CHART)) == (TelegramMessage("表"),)


@pytest.mark.parametrize(("length", "shown"), [(1023, 1023), (1024, 1024), (1025, 1024)])
def test_a_caption_has_at_most_1024(length: int, shown: int) -> None:
    channel = channel_at("http://127.0.0.1:9/bot", draw=drawn)
    reply = Reply("表", chart=Chart("字" * length, "元", (), ()))
    assert len(channel.render(reply)[1].text) == shown


# What Telegram gets


async def test_text_is_sent_plain_without_a_preview_and_with_its_buttons(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.send(ADDRESS, Reply("<b>断缴</b>不怕", buttons=buttons("好", "不好"), citations=(CITED,)))
    (call,) = telegram.calls
    assert call.given["chat_id"] == ADDRESS
    assert call.given["text"].startswith("<b>断缴</b>不怕")
    assert "parse_mode" not in call.given
    assert json.loads(call.given["link_preview_options"]) == {"is_disabled": True}
    assert json.loads(call.given["reply_markup"])["inline_keyboard"] == [
        [{"text": "好", "callback_data": "/choose{0}"}, {"text": "不好", "callback_data": "/choose{1}"}]
    ]


async def test_parts_arrive_in_order_and_the_picture_last(telegram: TelegramServer, channel: TelegramChannel) -> None:
    await channel.send(ADDRESS, Reply("一" * 4096 + "二" * 9, buttons=buttons("好"), chart=CHART))
    assert [call.method for call in telegram.calls] == ["sendMessage", "sendMessage", "sendPhoto"]
    assert [text[0] for text in telegram.texts()] == ["一", "二"]
    picture = telegram.calls[2]
    assert picture.files == {"photo": PNG}
    assert (picture.given["caption"], picture.given["chat_id"]) == ("每月领多少", ADDRESS)


@pytest.mark.parametrize("length", [4095, 4096, 4097])
async def test_telegram_takes_whatever_we_render(
    length: int, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.send(ADDRESS, Reply("字" * length))
    assert "".join(telegram.texts()) == "字" * length


@pytest.mark.parametrize(("size", "taken"), [(1, True), (64, True), (65, False), (0, False)])
async def test_a_payload_over_64_bytes_is_an_invalid_message(
    size: int, taken: bool, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    reply = Reply("选", buttons=(Button("好", "x" * size),))
    if taken:
        await channel.send(ADDRESS, reply)
        return
    with pytest.raises(MessageInvalid):
        await channel.send(ADDRESS, reply)


# How it fails

FAILURES: dict[str, tuple[Refusal | Response, type[SendFailure]]] = {
    "blocked": (Refusal(403, "Forbidden: bot was blocked by the user"), ContactStopped),
    "deactivated": (Refusal(403, "Forbidden: user is deactivated"), ContactStopped),
    "never started": (Refusal(403, "Forbidden: bot can't initiate conversation with a user"), PushUnsupported),
    "a bot": (Refusal(403, "Forbidden: bot can't send messages to bots"), ContactUnknown),
    "no chat": (Refusal(400, "Bad Request: chat not found"), ContactUnknown),
    "no peer": (Refusal(400, "Bad Request: PEER_ID_INVALID"), ContactUnknown),
    "a group that moved": (Refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-5), ContactUnknown),
    "too long": (Refusal(400, "Bad Request: message is too long"), MessageTooLong),
    "a caption too long": (Refusal(400, "Bad Request: MEDIA_CAPTION_TOO_LONG"), MessageTooLong),
    "too large": (Refusal(413, "Request Entity Too Large"), MessageTooLong),
    "bad buttons": (Refusal(400, "Bad Request: BUTTON_DATA_INVALID"), MessageInvalid),
    "another bad request": (Refusal(400, "Bad Request: can't parse entities"), MessageInvalid),
    "unauthorised": (Refusal(401, "Unauthorized"), CredentialsRefused),
    "not found": (Refusal(404, "Not Found"), CredentialsRefused),
    "flooded": (Refusal(429, "Too Many Requests: retry after 7", retry_after=7), ConnectionThrottled),
    "flooded without a time": (Refusal(429, "Too Many Requests"), ConnectionThrottled),
    "a conflict": (Refusal(409, "Conflict: terminated by other getUpdates request"), ConnectionFailed),
    "broken": (Refusal(500, "Internal Server Error"), ConnectionFailed),
    "a gateway": (Response("<h1>断缴 502</h1>", 502), ConnectionFailed),
    "not JSON": (Response("断缴"), ConnectionFailed),
    "JSON of another kind": (Response("[5550001]"), ConnectionFailed),
    "no result": (Response('{"ok": true}'), ConnectionFailed),
    "a result of another kind": (Response('{"ok": true, "result": [1]}'), ConnectionFailed),
    "an error of another kind": (Response("[1]", 400), MessageInvalid),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_a_failure_has_its_name_and_tells_nothing(
    case: str, telegram: TelegramServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "telegram", "telegram.Bot", "telegram.request.BaseRequest", "channels"):
        caplog.set_level(logging.DEBUG, logger=name)
    fault, kind = FAILURES[case]
    telegram.faults["sendMessage"].append(fault)
    with pytest.raises(kind) as failed:
        await channel.send(ADDRESS, Reply("断缴了不怕"))
    assert type(failed.value) in SEND_FAILURES
    assert failed.value.__cause__ is failed.value.__context__ is None
    told = caplog.text + str(failed.value) + repr(failed.value)
    assert not [kept for kept in SECRETS if kept in told]


async def test_a_message_that_goes_out_leaves_nothing_in_the_log(
    telegram: TelegramServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await channel.send(ADDRESS, Reply("断缴了不怕", chart=CHART, buttons=buttons("断缴")))
    await channel.show_working(webhook_request(message(text="断缴")))
    assert "HTTP Request: POST" in caplog.text
    assert not [kept for kept in SECRETS if kept in caplog.text]


async def test_a_server_that_is_not_there_and_one_that_hangs_are_failed_connections(telegram: TelegramServer) -> None:
    nobody = channel_at("http://127.0.0.1:9/bot")
    impatient = channel_at(telegram.base_url, timeout_seconds=0.05)
    telegram.faults["sendMessage"].append(0.5)
    for channel in (nobody, impatient):
        with pytest.raises(ConnectionFailed):
            await channel.send(ADDRESS, Reply("好"))
        await channel.close()


@pytest.mark.parametrize("token", ["", "999:wrong", "no-number", "1/../2:x", "1:a?b#c"])
async def test_a_wrong_token_is_refused_credentials(token: str, telegram: TelegramServer) -> None:
    channel = channel_at(telegram.base_url, token=SecretStr(token))
    with pytest.raises(CredentialsRefused):
        await channel.send(ADDRESS, Reply("好"))
    await channel.close()


@pytest.mark.parametrize("address", ["", "@somebody", "-100123", "5550001 ", "５５", "1" * 21, "../x"])
async def test_an_address_that_is_no_private_chat_is_unknown_without_asking(
    address: str, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    with pytest.raises(ContactUnknown):
        await channel.send(address, Reply("好"))
    assert telegram.calls == []


async def test_a_chat_that_blocked_us_and_one_that_is_not_there(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.chats[WORKER] = "bot was blocked by the user"
    with pytest.raises(ContactStopped):
        await channel.send(ADDRESS, Reply("好"))
    with pytest.raises(ContactUnknown):
        await channel.send("42", Reply("好"))


# When Telegram asks to wait


async def test_nothing_is_asked_of_telegram_before_the_wait_is_over(telegram: TelegramServer) -> None:
    clock = Clock()
    channel = channel_at(telegram.base_url, clock=clock)
    telegram.chats[42] = None
    telegram.flood("sendMessage", 7)
    with pytest.raises(ConnectionThrottled) as first:
        await channel.send(ADDRESS, Reply("一"))
    assert first.value.retry_after == 7
    await channel.send("42", Reply("another chat"))
    clock.now += 6
    with pytest.raises(ConnectionThrottled) as second:
        await channel.send(ADDRESS, Reply("二"))
    assert second.value.retry_after == 1
    assert telegram.texts() == ["一", "another chat"]
    clock.now += 1
    await channel.send(ADDRESS, Reply("三"))
    assert telegram.texts() == ["一", "another chat", "三"]
    await channel.close()


async def test_the_memory_of_who_waits_is_bounded(telegram: TelegramServer, channel: TelegramChannel) -> None:
    for number in range(3):
        telegram.chats[number] = None
        telegram.flood("sendMessage", 60)
        with pytest.raises(ConnectionThrottled):
            await channel.send(str(number), Reply("好"))
    waiting = channel._silent_until
    assert list(waiting) == ["0", "1", "2"]
    waiting.update({str(number): 0.0 for number in range(100, 97 + CHATS_REMEMBERED)})
    telegram.flood("sendMessage", 60)
    with pytest.raises(ConnectionThrottled):
        await channel.send(ADDRESS, Reply("好"))
    assert len(waiting) == CHATS_REMEMBERED
    assert "0" not in waiting
    assert ADDRESS in waiting


# The picture


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED"), None),
        (Refusal(413, "Request Entity Too Large"), None),
        (Refusal(500, "Internal Server Error"), None),
        (Refusal(403, "Forbidden: bot was blocked by the user"), ContactStopped),
        (Refusal(401, "Unauthorized"), CredentialsRefused),
    ],
)
async def test_a_picture_that_fails_does_not_make_the_text_come_twice(
    fault: Refusal, raised: type[SendFailure] | None, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.faults["sendPhoto"].append(fault)
    if raised:
        with pytest.raises(raised):
            await channel.send(ADDRESS, Reply("表", chart=CHART))
    else:
        await channel.send(ADDRESS, Reply("表", chart=CHART))
    assert telegram.texts() == ["表"]


async def test_a_picture_too_many_is_left_out_and_the_next_message_waits(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.flood("sendPhoto", 5)
    await channel.send(ADDRESS, Reply("表", chart=CHART))
    with pytest.raises(ConnectionThrottled):
        await channel.send(ADDRESS, Reply("再来"))


async def test_a_chart_that_cannot_be_drawn_leaves_the_text(
    telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(chart: Chart, language: str) -> bytes:
        raise RuntimeError(f"no font for {chart.title}")

    channel = channel_at(telegram.base_url, draw=broken)
    await channel.send(ADDRESS, Reply("表", chart=CHART))
    assert [call.method for call in telegram.calls] == ["sendMessage"]
    assert "RuntimeError" in caplog.text
    assert CHART.title not in caplog.text
    await channel.close()


# While the turn is taken


async def test_a_pressed_button_stops_spinning_and_typing_is_shown(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.queries.add("q1")
    await channel.before_turn(webhook_request(press("/menu")))
    assert sorted(call.method for call in telegram.calls) == ["answerCallbackQuery", "sendChatAction"]
    assert telegram.queries == set()


async def test_for_a_message_only_typing_is_shown(telegram: TelegramServer, channel: TelegramChannel) -> None:
    await channel.show_working(webhook_request(message(text="好")))
    assert [call.given for call in telegram.calls] == [{"chat_id": ADDRESS, "action": "typing"}]


@pytest.mark.parametrize(
    "request_", [webhook_request(member("kicked")), webhook_request(b"x"), webhook_request(message(chat_type="group"))]
)
async def test_who_left_or_is_nobody_of_ours_sees_nothing(
    request_: Request, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.show_working(request_)
    assert telegram.calls == []


@pytest.mark.parametrize("fault", [Refusal(401, "Unauthorized"), Response("x"), Refusal(500, "Internal Server Error")])
async def test_that_working_cannot_be_shown_stops_nothing(
    fault: Any, telegram: TelegramServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.faults["sendChatAction"].append(fault)
    await channel.show_working(webhook_request(press("/menu")))  # the query is unknown, too
    assert caplog.text.count("working was not shown") == 2
    assert not [kept for kept in SECRETS if kept in caplog.text]


async def test_many_replies_at_once_all_arrive(telegram: TelegramServer, channel: TelegramChannel) -> None:
    await asyncio.gather(*(channel.send(ADDRESS, Reply(f"第{number}条")) for number in range(20)))
    assert sorted(telegram.texts()) == sorted(f"第{number}条" for number in range(20))
