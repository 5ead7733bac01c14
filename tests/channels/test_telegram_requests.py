"""Only Telegram itself gets through the webhook, and nothing it could send breaks us."""

import copy
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from channels.channel import CredentialsRefused, Forged, Malformed, Received, Request
from channels.telegram import SECRET_HEADER, TelegramSettings
from tests.channels.platforms.telegram_server import (
    SECRET,
    TOKEN,
    WORKER,
    channel_at,
    member,
    message,
    press,
    webhook_request,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TEXT = "我的身份证号"
GOOD = message(text=TEXT)
NOWHERE = "http://127.0.0.1:9/bot"
CHANNEL = channel_at(NOWHERE)


def with_header(value: str, name: str = SECRET_HEADER) -> Request:
    return webhook_request(GOOD, headers={name: value})


def changed(update: dict[str, Any], *path: str, to: object) -> Request:
    """The update with one value exchanged."""
    update = copy.deepcopy(update)
    place: Any = update
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return webhook_request(update)


def read(request: Request) -> Received:
    """What the dispatcher does with a request."""
    CHANNEL.verify(request, NOW)
    return CHANNEL.parse(request)


FORGED = {
    "no secret": webhook_request(GOOD, secret=None),
    "an empty secret": with_header(""),
    "another secret": with_header("another"),
    "the secret but for its last character": with_header(SECRET[:-1]),
    "the secret and one character more": with_header(f"{SECRET}x"),
    "the secret in capitals": with_header(SECRET.upper()),
    "a space before it": with_header(f" {SECRET}"),
    "a space behind it": with_header(f"{SECRET} "),
    "a line break behind it": with_header(f"{SECRET}\n"),
    "it twice": with_header(f"{SECRET}, {SECRET}"),
    "a zero byte behind it": with_header(f"{SECRET}\0"),
    "wide letters": with_header(SECRET.replace("w", "ｗ")),
    "half a surrogate pair": with_header("\ud83d"),
    "a very long one": with_header("x" * 100_000),
    "the bot's token": with_header(TOKEN),
    "the secret in another header": with_header(SECRET, "authorization"),
    "the secret in the address": webhook_request(GOOD, secret=None, query={"secret_token": SECRET}),
    "the secret in the body": webhook_request({**GOOD, "secret_token": SECRET}, secret=None),
    "another method": webhook_request(GOOD, method="GET"),
    "another path": webhook_request(GOOD, path="/channels/wechat/callback"),
    "an unreadable body without a secret": webhook_request(b"\xff", secret=None),
}
MALFORMED = {
    "nothing": webhook_request(b""),
    "white space": webhook_request(b"  \n"),
    "no JSON": webhook_request(f"text={TEXT}".encode()),
    "half of the JSON": webhook_request(json.dumps(GOOD).encode()[:-9]),
    "two updates at once": webhook_request([GOOD, GOOD]),
    "UTF-16": webhook_request(json.dumps(GOOD).encode("utf-16")),
    "broken UTF-8": webhook_request(b'{"update_id": 1, "message": "\xc3\x28"}'),
    "a string": webhook_request(TEXT),
    "a number": webhook_request(7),
    "null": webhook_request(None),
    "an empty object": webhook_request({}),
    "no update id": webhook_request({"message": GOOD["message"]}),
    "an update id in quotes": changed(GOOD, "update_id", to="1"),
    "an update id below 0": changed(GOOD, "update_id", to=-1),
    "an update id that is true": changed(GOOD, "update_id", to=True),
    "an update id with a fraction": changed(GOOD, "update_id", to=1.5),
    "an update id out of range": changed(GOOD, "update_id", to=2**63),
    "an update id of 5000 digits": webhook_request(b'{"update_id": ' + b"9" * 5000 + b"}"),
    "a message that is a string": changed(GOOD, "message", to=TEXT),
    "a message that is a list": changed(GOOD, "message", to=[TEXT]),
    "a message without anything": changed(GOOD, "message", to={}),
    "no chat": changed(GOOD, "message", "chat", to=None),
    "a chat that is a number": changed(GOOD, "message", "chat", to=WORKER),
    "a chat without an id": changed(GOOD, "message", "chat", to={"type": "private"}),
    "a chat id in quotes": changed(GOOD, "message", "chat", "id", to=str(WORKER)),
    "a chat id that is a list": changed(GOOD, "message", "chat", "id", to=[WORKER]),
    "a private chat with a group's id": changed(GOOD, "message", "chat", "id", to=-WORKER),
    "a sender that is a string": changed(GOOD, "message", "from", to="Li"),
    "a sender without an id": changed(GOOD, "message", "from", to={"is_bot": False}),
    "a language that is a number": changed(GOOD, "message", "from", "language_code", to=5),
    "no date": changed(
        GOOD, "message", to={key: GOOD["message"][key] for key in ("message_id", "chat", "from", "text")}
    ),
    "a date in words": changed(GOOD, "message", "date", to="today"),
    "a date beyond all years": changed(GOOD, "message", "date", to=10**30),
    "a date that is no number": webhook_request(json.dumps(GOOD).replace("1795000000", "NaN").encode()),
    "text that is a number": changed(GOOD, "message", "text", to=5),
    "text that is a list": changed(GOOD, "message", "text", to=[TEXT]),
    "text that is an object": changed(GOOD, "message", "text", to={"$ne": ""}),
    "a caption that is a number": webhook_request(message(caption=5)),
    "a voice that is a string": webhook_request(message(voice=TEXT)),
    "a photo that is a number": webhook_request(message(photo=5)),
    "button data that is a number": webhook_request(press(5)),
    "a press with a sender without a name": webhook_request(press("/menu", sender={"id": WORKER})),
    "a press that is a string": webhook_request({"update_id": 1, "callback_query": "/menu"}),
    "a change without a state": changed(member("kicked"), "my_chat_member", "new_chat_member", to=None),
    "a million brackets": webhook_request(b"[" * 1_000_000),
    "over a megabyte": webhook_request(message(text="x" * 1_048_577)),
}


@pytest.mark.parametrize("case", [*FORGED, *MALFORMED])
def test_a_forged_or_malformed_request_is_refused_and_nothing_of_it_is_told(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = FORGED.get(case) or MALFORMED[case]
    with pytest.raises(Forged if case in FORGED else Malformed) as refused:
        read(request)
    told = caplog.text + str(refused.value) + repr(refused.value) + repr(refused.value.__cause__)
    assert not [kept for kept in (TOKEN, SECRET, str(WORKER), TEXT) if kept in told]
    assert refused.value.__context__ is None


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "ключ", "a\n", "a.b"])
def test_without_a_usable_secret_every_request_is_refused(secret: str) -> None:
    channel = channel_at(NOWHERE, webhook_secret=SecretStr(secret))
    for given_secret in (secret, SECRET, None):
        with pytest.raises(Forged, match="no webhook secret is set"):
            channel.verify(webhook_request(GOOD, secret=given_secret), NOW)
    with pytest.raises(CredentialsRefused):
        channel.as_request(GOOD)


@pytest.mark.parametrize("secret", ["x", "x" * 256, "A-z_09"])
def test_a_secret_has_1_to_256_characters(secret: str) -> None:
    channel = channel_at(NOWHERE, webhook_secret=SecretStr(secret))
    channel.verify(webhook_request(GOOD, secret=secret), NOW)
    channel.verify(channel.as_request(GOOD), NOW)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=23), timedelta(days=400)])
def test_a_replayed_request_is_the_same_event_whenever_it_comes(later: timedelta) -> None:
    first, again = webhook_request(GOOD), webhook_request(GOOD)
    CHANNEL.verify(first, NOW)
    CHANNEL.verify(again, NOW + later)
    assert CHANNEL.parse(first) == CHANNEL.parse(again)
    assert CHANNEL.parse(first).events[0].message_id == "1"


def test_a_polled_update_is_the_same_request_as_a_delivered_one() -> None:
    request = CHANNEL.as_request(GOOD)
    CHANNEL.verify(request, NOW)
    assert CHANNEL.parse(request) == CHANNEL.parse(webhook_request(GOOD))


@pytest.mark.parametrize("name", ["token", "webhook_secret"])
def test_a_badly_formed_secret_in_the_settings_is_refused_without_being_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SHEBAO_TELEGRAM_{name.upper()}", "not/this one")
    with pytest.raises(ValidationError) as refused:
        TelegramSettings()
    assert "not/this one" not in str(refused.value)
    assert "not/this one" not in repr(refused.value)


def test_settings_come_from_the_environment_and_keep_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("SHEBAO_TELEGRAM_WEBHOOK_SECRET", SECRET)
    read = TelegramSettings()
    assert (read.token.get_secret_value(), read.webhook_secret.get_secret_value()) == (TOKEN, SECRET)
    assert read.base_url == "https://api.telegram.org/bot"
    assert TOKEN not in repr(read)
    assert SECRET not in repr(read)


def test_a_channel_shows_no_secret_of_itself() -> None:
    shown = repr(vars(CHANNEL)) + repr(CHANNEL.bot)
    assert TOKEN not in shown
    assert SECRET not in shown


UPDATES = [
    GOOD,
    press("/menu"),
    member("kicked"),
    message(voice={"file_id": "v", "file_unique_id": "v", "duration": 1}),
]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "text"]), inner),
    max_leaves=4,
)


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every value inside an update."""
    below = (
        [leaf for key, child in value.items() for leaf in leaves(child, (*path, key))]
        if isinstance(value, dict)
        else []
    )
    return [path, *below] if path else below


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_an_update_with_any_value_exchanged_is_read_or_refused(data: st.DataObject) -> None:
    update = data.draw(st.sampled_from(UPDATES))
    path = data.draw(st.sampled_from(leaves(update)))
    request = changed(update, *path, to=data.draw(VALUES))
    try:
        events = CHANNEL.parse(request).events
    except Malformed:
        return
    assert all(event.sender_address.isdecimal() and event.message_id for event in events)


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(Malformed):
        assert CHANNEL.parse(webhook_request(body)).events == ()
