"""The answer that travels back in WeChat's own request, and what WeChat does while it waits for one."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from channels.channel import Request, Response
from channels.message import Button, Chart, ChartRow, Inbound, Reply
from channels.wechat import EMPTY_ANSWER, WeChatChannel, WeChatSettings
from tests.channels.platforms.wechat_server import (
    ACCOUNT,
    AES_KEY,
    APP_ID,
    OPENID,
    PNG,
    TOKEN,
    Caller,
    callback_app,
    deliver,
    served,
    xml_of,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LABELS = {"zh": {"source": "来源", "next_steps": "下一步"}, "en": {"source": "Source", "next_steps": "Next steps"}}
TEXT = "<Content><![CDATA[养老]]></Content>\n"
CHART = Chart("每月交多少", "元", ("养老",), (ChartRow("低档", (900.0,), ("900元",)),))
WECHAT = Caller()


def draw(chart: Chart, language: str) -> bytes:
    return PNG


def channel(aes: bool = True, artist: Callable[[Chart, str], bytes] | None = draw) -> WeChatChannel:
    """The account in safe mode, or in plain mode; it never calls anybody."""
    key = AES_KEY if aes else None
    settings = WeChatSettings.model_validate({"app_id": APP_ID, "token": TOKEN, "aes_key": key})
    return WeChatChannel(settings, LABELS, artist, lambda: NOW)


SAFE, PLAIN = channel(), channel(aes=False)


def asked(aes: bool) -> Request:
    xml = xml_of("text", NOW, TEXT)
    return WECHAT.aes(xml, NOW) if aes else WECHAT.plain(xml, NOW)


def answered(*replies: Reply, aes: bool = True) -> Response | None:
    return (SAFE if aes else PLAIN).respond(asked(aes), replies)


@pytest.mark.parametrize("aes", [True, False])
@pytest.mark.parametrize("text", ["别担心。", "a ]]> b", "]]>]]>", "<xml>&amp;</xml>", "😀 \x00\ud800", "一\n二"])
def test_a_text_comes_back_as_it_was_written(text: str, aes: bool) -> None:
    answer = answered(Reply(text), aes=aes)
    assert answer is not None
    assert answer.media_type == "application/xml; charset=utf-8"
    assert WECHAT.read_answer(answer.body) == {
        "ToUserName": OPENID,
        "FromUserName": ACCOUNT,
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": text.replace("\x00", "").replace("\ud800", ""),
    }
    assert (OPENID in answer.body) is not aes


def test_several_replies_are_one_text() -> None:
    answer = answered(Reply("一", next_steps=("打电话",)), Reply(""), Reply("二", buttons=(Button("好", "/affirm"),)))
    assert answer is not None
    assert WECHAT.read_answer(answer.body)["Content"] == "一\n\n下一步：\n- 打电话\n\n二\n\n1 好"


@pytest.mark.parametrize("replies", [(), (Reply(""),), (Reply(" "), Reply("\n"))])
def test_nothing_to_say_is_the_word_for_silence(replies: tuple[Reply, ...]) -> None:
    assert answered(*replies) == EMPTY_ANSWER == Response("success")


@pytest.mark.parametrize("aes", [True, False])
@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 2047, True),
        ("a" * 2048, True),
        ("a" * 2049, False),
        ("好" * 682, True),
        ("好" * 683, False),
        ("😀" * 512, True),
        ("😀" * 513, False),
    ],
)
def test_only_what_fits_into_one_text_goes_back(text: str, fits: bool, aes: bool) -> None:
    answer = answered(Reply(text), aes=aes)
    assert (answer is not None) is fits
    if answer is not None:
        assert WECHAT.read_answer(answer.body)["Content"] == text


def test_replies_that_fit_alone_but_not_together_are_sent() -> None:
    assert answered(Reply("a" * 1023), Reply("b" * 1023)) is not None
    assert answered(Reply("a" * 1024), Reply("b" * 1023)) is None


def test_a_picture_has_to_be_sent_unless_nobody_draws_it() -> None:
    assert answered(Reply("看图", chart=CHART)) is None
    assert channel(artist=None).respond(asked(True), (Reply("看图", chart=CHART),)) is not None


def test_no_two_answers_look_alike() -> None:
    bodies = {answer.body for answer in (answered(Reply("好")) for _ in range(20)) if answer}
    assert len(bodies) == 20


# WeChat waits and asks again

SCALE = 0.05  # 5 s are 0.25 s


class Worker:
    """A dispatcher that takes the turn once, however often WeChat asks, and has its answer at a certain attempt."""

    def __init__(self, answers_at: int) -> None:
        self._answers_at = answers_at
        self.ids: list[str | None] = []

    async def __call__(self, request: Request) -> Response:
        SAFE.verify(request, NOW + timedelta(seconds=10))
        received = SAFE.parse(request)
        if received.response:
            return received.response
        (event,) = received.events
        assert isinstance(event, Inbound)
        self.ids.append(event.message_id)
        if len(self.ids) < self._answers_at:
            await asyncio.sleep(5 * SCALE * 1.5)  # until WeChat has hung up
        return SAFE.respond(request, (Reply("别担心。"),)) or EMPTY_ANSWER


def push(number: int) -> Request:
    """The same message, newly signed."""
    return WECHAT.aes(xml_of("text", NOW, TEXT, message_id="77"), NOW + timedelta(seconds=5 * number))


@pytest.mark.parametrize("attempts", [1, 2, 3])
async def test_a_slow_answer_reaches_a_later_attempt_at_the_same_message(attempts: int) -> None:
    worker = Worker(attempts)
    with served(callback_app(worker)) as url:
        delivery = await deliver(url, push, SCALE)
    assert worker.ids == ["77"] * attempts
    assert (len(delivery.attempts), delivery.fault) == (attempts, False)
    assert delivery.shown is not None
    assert WECHAT.read_answer(delivery.shown)["Content"] == "别担心。"


async def test_no_answer_three_times_is_a_fault_that_the_worker_sees() -> None:
    with served(callback_app(Worker(4))) as url:
        delivery = await deliver(url, push, SCALE)
    assert (delivery.attempts, delivery.shown, delivery.fault) == ((None, None, None), None, True)


@pytest.mark.parametrize("answer", [Response(), EMPTY_ANSWER])
async def test_an_empty_answer_ends_the_attempts_quietly(answer: Response) -> None:
    async def quiet(request: Request) -> Response:
        return answer

    with served(callback_app(quiet)) as url:
        delivery = await deliver(url, push, 1.0)
    assert (len(delivery.attempts), delivery.shown, delivery.fault) == (1, None, False)


async def test_the_address_is_accepted_over_a_real_socket() -> None:
    with served(callback_app(Worker(1))) as url:
        delivery = await deliver(url, lambda _: WECHAT.echo(NOW, "12345"), 1.0)
    assert delivery.attempts == ("12345",)


def test_the_answer_must_come_before_wechat_hangs_up() -> None:
    assert SAFE.answer_within_seconds == 4.5
