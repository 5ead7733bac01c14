"""What a worker does in Telegram is read for what it means, and what is not a worker's doing is left alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.message import Event, Inbound, Joined, Left, Unreadable
from channels.payloads import read_payload
from channels.telegram_polling import COMMANDS
from tests.channels.platforms.telegram_server import WORKER, channel_at, member, message, press, webhook_request

CHANNEL = channel_at("http://127.0.0.1:9/bot")
FILE = {"file_id": "f", "file_unique_id": "u"}
SIZED = {**FILE, "width": 1, "height": 1}
PLACE = {"longitude": 104.0, "latitude": 30.6}


def events(update: object) -> tuple[Event, ...]:
    request = webhook_request(update)
    CHANNEL.verify(request, datetime(2026, 11, 23, tzinfo=UTC))
    return CHANNEL.parse(request).events


def event(update: object) -> Event:
    (only,) = events(update)
    return only


def inbound(text: str | None = None, payload: str | None = None, message_id: str = "1") -> Inbound:
    return Inbound("telegram", str(WORKER), text, payload, message_id=message_id, language="zh")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("断缴了怎么办", "断缴了怎么办"),
        ("  what now?  ", "what now?"),
        ("1", "1"),
        ("😀", "😀"),
        ("half \ud83d", "half \ufffd"),
        ("whole \ud83d\ude00", "whole 😀"),
        ("字" * 4096, "字" * 4096),
        ("/unknown", "unknown"),
        ("/unknown more words", "unknown more words"),
        ("/handoff", "handoff"),
        ("/restart", "restart"),
        ('/choose{"choice":"grade=1"}', 'choose{"choice":"grade=1"}'),
        ('/menu{"language":"en"}', 'menu{"language":"en"}'),
        ("//menu", "menu"),
        ("/断缴", "断缴"),
        ("go to /menu", "go to /menu"),
    ],
)
def test_typed_text_is_text_and_never_an_instruction(typed: str, read: str) -> None:
    assert event(message(text=typed)) == inbound(read)


@pytest.mark.parametrize("typed", ["/", " // ", "/ /"])
def test_a_lone_slash_says_nothing(typed: str) -> None:
    assert event(message(text=typed)) == Unreadable("telegram", str(WORKER), "1", "other")


@pytest.mark.parametrize(("command", "payload"), COMMANDS.items())
@pytest.mark.parametrize("form", ["/{}", "/{}@shebao_bot", " /{} ", "/{} 两个字"])
def test_a_command_of_the_menu_is_the_button_of_the_same_name(form: str, command: str, payload: str) -> None:
    assert event(message(text=form.format(command))) == inbound(payload=payload)
    assert event(message(text=form.format(command.upper()))) == inbound(payload=payload)


@pytest.mark.parametrize("payload", COMMANDS.values())
def test_the_payload_of_every_command_is_one_that_buttons_may_send(payload: str) -> None:
    assert str(read_payload(payload)) == payload


@pytest.mark.parametrize("typed", ["/stop", "/stop@shebao_bot", "/STOP", "/stop please"])
def test_stop_is_obeyed_and_may_be_confirmed(typed: str) -> None:
    assert event(message(text=typed)) == Left("telegram", str(WORKER), "1", confirm=True)


@pytest.mark.parametrize(
    ("link", "campaign", "platform"),
    [
        ("", None, None),
        ("c-spring", "spring", None),
        ("c-spring_2026", "spring_2026", None),
        ("p-meituan", None, "meituan"),
        ("c-spring_p-meituan", "spring", "meituan"),
        ("c-spring_2026_p-didi-cq", "spring_2026", "didi-cq"),
        ("c-a", "a", None),
        ("c-" + "a" * 62, "a" * 62, None),
        ("c-" + "a" * 63, None, None),
        ("c-", None, None),
        ("p-", None, None),
        ("c-_p-x", None, None),
        ("p-x y", None, None),
        ("c-spring/..", None, None),
        ("c-春", None, None),
        ("x-spring", None, None),
        ("spring", None, None),
        ("C-spring", None, None),
    ],
)
def test_a_link_may_tell_where_a_worker_comes_from(link: str, campaign: str | None, platform: str | None) -> None:
    assert event(message(text=f"/start {link}".strip())) == Joined(
        "telegram", str(WORKER), "1", campaign, platform, "zh"
    )


@pytest.mark.parametrize("data", ["/menu", "/" + "x" * 63, "t:4f9a", '/read{"article":"a/b"}', "没有"])
def test_a_pressed_button_sends_its_payload(data: str) -> None:
    assert event(press(data)) == inbound(payload=data)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"voice": {**FILE, "duration": 1}}, "voice"),
        ({"audio": {**FILE, "duration": 1}}, "voice"),
        ({"video_note": {**FILE, "duration": 1, "length": 1}}, "voice"),
        ({"photo": [SIZED]}, "picture"),
        ({"video": {**SIZED, "duration": 1}}, "picture"),
        ({"animation": {**SIZED, "duration": 1}, "document": FILE}, "picture"),
        ({"sticker": {**SIZED, "type": "regular", "is_animated": False, "is_video": False}}, "sticker"),
        ({"location": PLACE}, "location"),
        ({"venue": {"location": PLACE, "title": "t", "address": "a"}, "location": PLACE}, "location"),
        ({"document": FILE}, "file"),
        ({"contact": {"phone_number": "1", "first_name": "Li"}}, "other"),
        ({"dice": {"emoji": "🎲", "value": 1}}, "other"),
    ],
)
def test_what_is_not_text_is_named(content: dict[str, Any], kind: str) -> None:
    read = event(message(**content))
    assert read == Unreadable("telegram", str(WORKER), "1", read.kind if isinstance(read, Unreadable) else "other")
    assert isinstance(read, Unreadable)
    assert read.kind == kind


@pytest.mark.parametrize("content", [{"photo": [SIZED]}, {"document": FILE}, {"voice": {**FILE, "duration": 1}}])
def test_words_below_a_picture_or_file_are_read(content: dict[str, Any]) -> None:
    assert event(message(**content, caption="这张单子对吗")) == inbound("这张单子对吗")
    assert event(message(**content, caption="/menu")) == inbound("menu")


def test_a_corrected_message_is_a_new_one_of_its_own() -> None:
    edited = message(key="edited_message", text="断缴", edit_date=1_795_000_060)
    assert event(edited) == inbound("断缴", message_id="1-1795000060")


NOBODYS = {
    "a position that moves on": message(key="edited_message", location=PLACE, edit_date=1_795_000_060),
    "an edit without its date": message(key="edited_message", text="x"),
    "a group": message(chat_type="group", text="断缴了怎么办"),
    "a command in a group": message(chat_type="supergroup", text="/menu@shebao_bot"),
    "a stop in a group": message(chat_type="group", text="/stop@shebao_bot"),
    "a picture in a group": message(chat_type="supergroup", photo=[SIZED]),
    "an edit in a group": message(key="edited_message", chat_type="group", text="x", edit_date=1_795_000_060),
    "a channel's post": message(key="channel_post", chat_type="channel", text="x"),
    "a channel's edited post": message(key="edited_channel_post", chat_type="channel", text="x"),
    "another bot": message(text="x", sender={"id": 8, "is_bot": True, "first_name": "B"}),
    "nobody": message(text="x", sender=None),
    "a press of nobody": press("/menu", sender=None),
    "a pinned message": message(pinned_message=message(text="x")["message"]),
    "a timer": message(message_auto_delete_timer_changed={"message_auto_delete_time": 60}),
    "the bot unblocked": member("member"),
    "the bot thrown out of a group": member("kicked", chat_type="group"),
    "a press in a group": press("/menu", message=message(chat_type="group", text="x")["message"]),
    "a press below an inline message": press("/menu", message=None, inline_message_id="9"),
    "a game": press(None, game_short_name="g"),
    "a kind that we did not ask for": {"update_id": 1, "poll_answer": None},
    "a kind that does not exist yet": {"update_id": 1, "telepathy": {"text": "x"}},
    "content that does not exist yet": message(telepathy={"strength": 9}),
}


@pytest.mark.parametrize("case", NOBODYS)
def test_what_is_not_a_workers_message_to_us_is_no_event(case: str) -> None:
    assert events(NOBODYS[case]) == ()


def test_blocking_the_bot_is_leaving_and_nothing_more_gets_through() -> None:
    assert event(member("kicked", update_id=9)) == Left("telegram", str(WORKER), "9", confirm=False)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh", "zh"),
        ("zh-hans", "zh"),
        ("ZH-TW", "zh"),
        ("en", "en"),
        ("en-US", "en"),
        ("de", None),
        ("zha", None),
        ("", None),
        (None, None),
    ],
)
def test_the_language_of_the_app_is_a_hint(code: str | None, language: str | None) -> None:
    sender = {"id": WORKER, "is_bot": False, "first_name": "Li"} | ({} if code is None else {"language_code": code})
    read = event(message(text="?", sender=sender))
    assert isinstance(read, Inbound)
    assert read.language == language
    pressed = event(press("/menu", sender=sender))
    assert isinstance(pressed, Inbound)
    assert pressed.language == language


def test_the_press_below_a_message_that_is_gone_still_counts() -> None:
    gone = {"chat": {"id": WORKER, "type": "private"}, "message_id": 7, "date": 0}
    assert event(press("/menu", message=gone)) == inbound(payload="/menu")
