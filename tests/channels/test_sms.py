"""The SMS channel whoever carries it: numbers, words that stop and start, and replies made short enough."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.channel import Channel, ContactUnknown, Request, Response, Route
from channels.message import Button, Citation, Event, Inbound, Joined, Language, Left, Reply, Unreadable
from channels.payloads import read_payload
from channels.sms import (
    HELP_WORDS,
    START_WORDS,
    STOP_WORDS,
    Incoming,
    Provider,
    SmsChannel,
    SmsSettings,
    e164,
    keyword_in,
    readable,
    sentence_ends,
    shorten,
)
from channels.sms_segments import Encoding, segments

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LABELS = {
    "zh": {"source": "来源", "next_steps": "下一步", "since": "{date}起"},
    "en": {"source": "Source", "next_steps": "Next steps", "since": "from {date}"},
}
REQUEST = Request("POST", "https://x.cn/channels/sms/fake", "/channels/sms/fake", {}, {}, b"")
WORKER = "+8613800000001"
CITATION = Citation("暂行办法", "国办发66号", "2010-01-01", "https://x.cn/a")
ANSWER = Reply(
    "不会白交。以前交的能转。",
    buttons=(Button("说详细点", "/read_more"), Button("换个问题", "/menu")),
    citations=(CITATION, Citation("另一个", "b")),
    next_steps=("打12333。", "带身份证去社保局。"),
)
LONG = Reply("每个月交的钱分两份。" * 40, buttons=ANSWER.buttons, citations=ANSWER.citations, article_id="a/b")


class FakeProvider:
    """Keeps what it is given; what it holds is what has come in."""

    name = "fake"
    response = Response("ok")

    def __init__(
        self,
        *held: Incoming,
        max_characters: int = 1600,
        encoding: Encoding | None = None,
        before: str = "",
    ) -> None:
        self.held = held
        self.max_characters = max_characters
        self.encoding = encoding
        self.before = before
        self.sent: list[tuple[str, str]] = []
        self.verified: list[tuple[Request, datetime]] = []

    def verify(self, request: Request, now: datetime) -> None:
        self.verified.append((request, now))

    def parse(self, _: Request) -> tuple[Incoming, ...]:
        return self.held

    def shown(self, text: str) -> str:
        return self.before + text

    async def send(self, number: str, text: str) -> None:
        self.sent.append((number, text))


def heard(text: str, **more: object) -> Event:
    """The event that one SMS becomes."""
    incoming = Incoming(WORKER, text, "m-1", **more)  # type: ignore[arg-type]
    (event,) = SmsChannel(FakeProvider(incoming), LABELS).parse(REQUEST).events
    return event


def rendered(reply: Reply, max_segments: int = 4, hint: str | None = None, provider: FakeProvider | None = None) -> str:
    """The one text of a reply, checked against every limit."""
    carrier = provider or FakeProvider()
    channel = SmsChannel(carrier, LABELS, max_segments=max_segments, more=lambda _: hint)
    (text,) = channel.render(reply)
    assert segments(carrier.shown(text), carrier.encoding).segments <= max_segments
    assert len(text.encode("utf-16-le")) // 2 <= carrier.max_characters
    assert channel.limits.measure(text) <= channel.limits.text
    return text


def test_the_channel_keeps_the_contract() -> None:
    provider: Provider = FakeProvider()
    channel: Channel[str] = SmsChannel(provider, LABELS)
    assert (channel.name, channel.routes) == ("sms", (Route("POST", "/channels/sms/fake"),))
    assert (channel.limits.buttons, channel.limits.text) == (0, 268)


def test_verifying_is_left_to_the_provider_and_its_answer_is_given_back() -> None:
    provider = FakeProvider()
    channel = SmsChannel(provider, LABELS)
    channel.verify(REQUEST, NOW)
    assert provider.verified == [(REQUEST, NOW)]
    assert channel.parse(REQUEST).response == Response("ok")


# what comes in

few = settings(max_examples=50, deadline=None)
STOPS = [
    *("退订", " 退订 ", "退订。", "“退订”", "退 订", "取消订阅", "退", "停", "停！", "\n退订\r\n"),
    *("T", "t", "Ｔ", "TD", "td", "Td.", "ＴＤ", "N", "n", "Ｎ"),
    *("STOP", "stop", "Stop!", "ＳＴＯＰ", "S T O P", "/stop", "\u200bSTOP\u200b", "STOP 🛑", "stop all", "STOPALL"),
    *("Unsubscribe", "END", "Quit.", "opt-out", "OPTOUT", "revoke"),
]
TEXTS = [
    *("取消", "CANCEL", "cancel", "我要退订短信怎么办", "退休", "退休金能领多少", "停保", "停了两个月"),
    *("重新订阅号", "帮助我", "退订?退订", "TD1", "NO", "not", "1", "0", "please stop", "Don't stop", "end of year"),
    *("help me", "info about pension", "T" * 41, "", " ", "/menu", "。", "12333", "start work"),
]


@pytest.mark.parametrize("text", STOPS)
def test_a_word_that_stops_is_obeyed_at_once_and_may_be_confirmed(text: str) -> None:
    assert heard(text) == Left("sms", WORKER, "m-1", confirm=True)


@pytest.mark.parametrize("text", TEXTS)
def test_a_word_inside_a_message_is_only_a_word(text: str) -> None:
    assert heard(text) == Inbound("sms", WORKER, text=text, message_id="m-1")


@pytest.mark.parametrize("text", ["START", "start", "Start!", "UNSTOP", "恢复", "恢复。", "订阅", "ＳＴＡＲＴ"])
def test_a_word_that_starts_again_joins(text: str) -> None:
    assert heard(text) == Joined("sms", WORKER, "m-1")


@pytest.mark.parametrize("text", ["HELP", "help!", "Info", "帮助", "?", "？", " ?? ", "/help"])
def test_a_word_that_asks_for_help_opens_the_menu(text: str) -> None:
    assert heard(text) == Inbound("sms", WORKER, payload="/menu", message_id="m-1")
    assert read_payload("/menu").intent == "menu"


def test_no_word_stands_in_two_lists_and_leaving_a_form_is_in_none() -> None:
    assert not STOP_WORDS & START_WORDS
    assert not HELP_WORDS & (STOP_WORDS | START_WORDS)
    assert not {"取消", "cancel"} & (STOP_WORDS | START_WORDS | HELP_WORDS)
    for word in STOP_WORDS | START_WORDS | HELP_WORDS:
        assert keyword_in(word) is not None, word


def test_after_a_stop_that_the_provider_has_obeyed_nothing_can_be_confirmed() -> None:
    assert heard("ARRET", keyword="stop") == Left("sms", WORKER, "m-1", confirm=False)
    assert heard("YES", keyword="start") == Joined("sms", WORKER, "m-1")
    assert heard("AIDE", keyword="help") == Inbound("sms", WORKER, payload="/menu", message_id="m-1")


def test_a_picture_is_told_apart() -> None:
    assert heard("", picture=True) == Unreadable("sms", WORKER, "m-1", "picture")


def test_several_messages_stay_in_order() -> None:
    held = (Incoming(WORKER, "一", "1"), Incoming("+8613800000002", "退订", "2"), Incoming(WORKER, "二", "3"))
    events = SmsChannel(FakeProvider(*held), LABELS).parse(REQUEST).events
    assert [event.message_id for event in events] == ["1", "2", "3"]
    assert isinstance(events[1], Left)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800000001", "+8613800000001"),
        ("138 0000 0001", "+8613800000001"),
        ("138-0000-0001", "+8613800000001"),
        ("+8613800000001", "+8613800000001"),
        ("+86 138 0000 0001", "+8613800000001"),
        ("8613800000001", "+8613800000001"),
        ("008613800000001", "+8613800000001"),
        ("19912345678", "+8619912345678"),
        ("85212345678", "+85212345678"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("+441632960001", "+441632960001"),
        ("+1234567", None),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
        ("+1234567890123456", None),
        ("10086", None),
        ("12333", None),
        ("10655020123", None),  # a service, no mobile number
        ("106550201234567", None),
        ("02812345678", None),
        ("+0123456789", None),
        ("TWILIO", None),
        ("whatsapp:+8613800000001", None),
        ("++8613800000001", None),
        ("１３８００００００01", None),
        ("+8613800000001; drop", None),
        ("+8613800000001\n", "+8613800000001"),
        ("", None),
    ],
)
def test_a_number_is_written_in_one_way(written: str, number: str | None) -> None:
    assert e164(written) == number


@few
@given(st.text())
def test_a_number_that_has_been_written_so_stays_so(written: str) -> None:
    number = e164(written)
    assert number is None or e164(number) == number


@pytest.mark.parametrize(
    ("text", "stored"),
    [("好", "好"), ("\ud83d\udef5", "🛵"), ("好\ud83d", "好\ufffd"), ("\udef5好", "\ufffd好"), ("a\0b", "ab")],
)
def test_a_text_that_was_cut_in_a_character_can_be_stored(text: str, stored: str) -> None:
    assert readable(text) == stored
    readable(text).encode()


# what goes out


def test_an_answer_is_one_text_with_steps_one_source_and_numbers() -> None:
    assert rendered(ANSWER) == (
        "不会白交。以前交的能转。\n下一步：\n- 打12333。\n- 带身份证去社保局。\n"
        "来源：《暂行办法》(2010-01-01起)\n1 说详细点\n2 换个问题"
    )


def test_an_english_answer_has_english_words_and_the_cheap_encoding() -> None:
    citation = Citation("Interim rules", "No 66", "2010-01-01", "https://x.cn/a")
    reply = Reply("Not lost.", (Button("More", "/read_more"),), citations=(citation,), next_steps=("Call 12333.",))
    text = rendered(Reply(**{**_fields(reply), "language": "en"}))  # type: ignore[arg-type]
    assert text == "Not lost.\nNext steps:\n- Call 12333.\nSource: Interim rules (from 2010-01-01)\n1 More"
    assert segments(text).encoding == "gsm7"


def _fields(reply: Reply) -> dict[str, object]:
    return {name: getattr(reply, name) for name in reply.__slots__}


@pytest.mark.parametrize(
    ("citation", "line"),
    [
        (Citation("办法", "s"), "来源：《办法》"),
        (Citation("《社会保险法》", "s"), "来源：《社会保险法》"),
        (Citation("办法", "s", "2010-01-01"), "来源：《办法》(2010-01-01起)"),
    ],
)
def test_a_source_has_its_date_where_it_has_one(citation: Citation, line: str) -> None:
    assert rendered(Reply("好。", citations=(citation,))) == f"好。\n{line}"


def test_without_a_word_for_since_the_date_stands_alone() -> None:
    labels = {"zh": {"source": "来源", "next_steps": "下一步"}}
    assert SmsChannel(FakeProvider(), labels).render(Reply("好。", citations=(CITATION,))) == (
        "好。\n来源：《暂行办法》(2010-01-01)",
    )


def test_an_empty_reply_is_no_message() -> None:
    assert SmsChannel(FakeProvider(), LABELS).render(Reply(" \n")) == ()


def test_what_is_too_long_ends_after_a_sentence_and_keeps_source_hint_and_numbers() -> None:
    text = rendered(LONG, hint="回复0看全文")
    assert text.startswith("每个月交的钱分两份。每个月")
    assert text.endswith("分两份。\n来源：《暂行办法》(2010-01-01起)\n回复0看全文\n1 说详细点\n2 换个问题")
    assert len(text) > 268 - len("每个月交的钱分两份。")


@pytest.mark.parametrize("hint", [None, ""])
def test_without_a_way_to_read_on_none_is_named(hint: str | None) -> None:
    assert rendered(LONG, hint=hint).endswith("分两份。\n来源：《暂行办法》(2010-01-01起)\n1 说详细点\n2 换个问题")


def test_the_hint_is_asked_for_only_where_something_was_left_out() -> None:
    asked: list[Reply] = []
    channel = SmsChannel(FakeProvider(), LABELS, more=lambda reply: asked.append(reply) or "x")  # type: ignore[func-returns-value]
    channel.render(ANSWER)
    assert asked == []
    channel.render(LONG)
    assert asked == [LONG]


def test_steps_go_whole_and_never_their_heading_alone() -> None:
    steps = tuple(f"第{number}步要做的事情写得很长很长很长很长很长很长。" for number in range(9))
    text = rendered(Reply("先看这里。", next_steps=steps), max_segments=2, hint="回复0看全文")
    assert text == f"先看这里。\n下一步：\n- {steps[0]}\n- {steps[1]}\n- {steps[2]}\n- {steps[3]}\n回复0看全文"
    assert rendered(Reply("短。", next_steps=("长" * 90,)), max_segments=1) == "短。"


def test_one_endless_sentence_is_broken_off_with_dots() -> None:
    text = rendered(Reply("保" * 300), hint="回复0看全文")
    assert text == "保" * 258 + "...\n回复0看全文"


def test_a_menu_that_is_too_long_loses_its_last_lines() -> None:
    buttons = tuple(Button(f"第{number}个问题说的是什么", "/menu") for number in range(1, 41))
    text = rendered(Reply("", buttons=buttons), max_segments=1)
    assert text.splitlines() == [f"{number} 第{number}个问题说的是什么" for number in range(1, 6)]


@pytest.mark.parametrize(
    ("text", "max_segments", "whole"),
    [
        ("保" * 69 + "。", 1, True),
        ("保" * 70 + "。", 1, False),
        ("保" * 132 + "。", 2, True),
        ("保" * 133 + "。", 2, True),
        ("保" * 134 + "。", 2, False),
        ("a" * 159 + ".", 1, True),
        ("a" * 160 + ".", 1, False),
        ("a" * 305 + ".", 2, True),
        ("a" * 306 + ".", 2, False),
        ("a" * 611 + ".", 4, True),
        ("a" * 612 + ".", 4, False),
    ],
)
def test_a_text_is_left_whole_exactly_up_to_the_last_sms(text: str, max_segments: int, whole: bool) -> None:
    assert (rendered(Reply(text), max_segments) == text) == whole


@pytest.mark.parametrize(("length", "whole"), [(34, True), (35, True), (36, False)])
def test_the_limit_of_the_provider_holds_as_well(length: int, whole: bool) -> None:
    provider = FakeProvider(max_characters=35, encoding="ucs2", before="【社保】答：")
    text = "保" * (length - 1) + "。"
    assert (rendered(Reply(text), provider=provider) == text) == whole


@pytest.mark.parametrize(("length", "whole"), [(62, True), (63, True), (64, False)])
def test_what_the_provider_puts_before_a_text_is_counted(length: int, whole: bool) -> None:
    provider = FakeProvider(encoding="ucs2", before="【社保】答：a")
    text = "a" * (length - 1) + "."
    assert (rendered(Reply(text), 1, provider=provider) == text) == whole


@pytest.mark.parametrize("before", ["【" + "社" * 50 + "】", "【" + "社" * 80 + "】"])
def test_a_signature_that_leaves_no_room_is_refused_at_the_start(before: str) -> None:
    with pytest.raises(ValueError, match="no room"):
        SmsChannel(FakeProvider(before=before), LABELS, max_segments=1)


WORDS = st.text(st.sampled_from([*"保社。！\n a.", "🛵", "€", "“"]), max_size=300)
REPLIES = st.builds(
    Reply,
    text=WORDS,
    buttons=st.lists(st.builds(Button, WORDS, st.just("/menu")), max_size=4).map(tuple),
    citations=st.lists(st.builds(Citation, WORDS, st.just("s"), st.sampled_from([None, "2010-01-01"]))).map(tuple),
    next_steps=st.lists(WORDS, max_size=3).map(tuple),
    language=st.sampled_from([None, "zh", "en"]),
)


@few
@given(
    REPLIES, st.integers(1, 5), st.sampled_from([None, "回复0看全文", "https://x.cn/a/1"]), st.sampled_from([35, 500])
)
def test_no_reply_whatever_is_over_a_limit(reply: Reply, most: int, hint: str | None, longest: int) -> None:
    for provider in (FakeProvider(), FakeProvider(max_characters=longest, encoding="ucs2", before="【社保】答：")):
        if SmsChannel(provider, LABELS).render(reply):
            rendered(reply, most, hint, provider)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reply_goes_to_the_number_in_one_message(language: Language) -> None:
    provider = FakeProvider()
    assert SmsChannel(provider, LABELS).render(Reply("好。", language=language)) == ("好。",)


async def test_sending_hands_the_text_to_the_provider() -> None:
    provider = FakeProvider()
    await SmsChannel(provider, LABELS).send("138 0000 0001", Reply("好\ud83d。"))
    await SmsChannel(provider, LABELS).send(WORKER, Reply(""))
    assert provider.sent == [(WORKER, "好\ufffd。")]


@pytest.mark.parametrize("address", ["", "10086", "o-wechat-id", "+86138"])
async def test_an_address_that_is_no_number_reaches_nobody(address: str) -> None:
    provider = FakeProvider()
    with pytest.raises(ContactUnknown) as refused:
        await SmsChannel(provider, LABELS).send(address, Reply("好。"))
    assert provider.sent == []
    assert not address or address not in str(refused.value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (SmsSettings().provider, SmsSettings().max_segments, SmsSettings().link_base) == ("", 4, "")
    monkeypatch.setenv("SHEBAO_SMS_PROVIDER", "twilio")
    monkeypatch.setenv("SHEBAO_SMS_MAX_SEGMENTS", "2")
    assert (SmsSettings().provider, SmsSettings().max_segments) == ("twilio", 2)


# how a text is shortened


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("不会白交。可以转。", ["不会白交。", "不会白交。可以转。"]),
        ("真的？！对。", ["真的？！", "真的？！对。"]),
        ("他说“可以。”然后", ["他说“可以。”", "他说“可以。”然后"]),
        ("Pay 12.50 yuan. Then wait.", ["Pay 12.50 yuan.", "Pay 12.50 yuan. Then wait."]),
        ("Do this:\n1. Call.\n2. Go.", ["Do this:\n1. Call.", "Do this:\n1. Call.\n2. Go."]),
        ("要带：\n身份证\n银行卡", ["要带：\n身份证", "要带：\n身份证\n银行卡"]),
        ("打12333", ["打12333"]),
        ("看https://x.cn/a.b?c=1!d 再说", ["看https://x.cn/a.b?c=1!d 再说"]),
        ("真的?可以!好.对", ["真的?", "真的?可以!", "真的?可以!好.", "真的?可以!好.对"]),
        ("", []),
    ],
)
def test_a_text_may_end_behind_sentences_and_lines_only(text: str, pieces: list[str]) -> None:
    assert [text[:end].rstrip() for end in sentence_ends(text)] == pieces


def test_what_is_too_long_ends_after_the_last_sentence_that_fits() -> None:
    text = "一二三。四五六。七八九。"
    assert shorten(text, sentence_ends(text), ("回复0", ""), 12, len) == "一二三。四五六。\n回复0"
    assert shorten(text, sentence_ends(text), ("回复0", ""), 8, len) == "一二三。\n回复0"


def test_the_dearer_tail_goes_before_a_sentence_is_broken_off() -> None:
    text = "一二三四五六七八。九十。"
    assert (
        shorten(text, sentence_ends(text), ("来源甲乙丙\n回复0", "回复0", ""), 13, len) == "一二三四五六七八。\n回复0"
    )


def test_a_sentence_that_is_too_long_alone_is_broken_off_with_dots() -> None:
    text = "one two three four five six seven eight"
    assert shorten(text, sentence_ends(text), ("tail", "tail", ""), 20, len) == "one two...\ntail"
    assert shorten(text, sentence_ends(text), ("a long long tail", "", ""), 20, len) == "one two three..."


def test_a_menu_alone_loses_what_stands_last() -> None:
    assert shorten("", [], ("1 a\n2 b\n3 c", "1 a\n2 b", "1 a", ""), 8, len) == "1 a\n2 b"


@few
@given(WORDS.filter(str.strip), st.lists(WORDS, max_size=3), st.integers(20, 90))
def test_nothing_that_was_shortened_is_over_the_limit(text: str, tails: list[str], limit: int) -> None:
    text = text.strip()
    assert 0 < len(shorten(text, sentence_ends(text), (*tails, ""), limit, len)) <= limit
