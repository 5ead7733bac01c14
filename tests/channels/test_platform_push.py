"""Messages to workers in their platform's own app: signed, once a key, and every answer of the platform."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from channels.channel import (
    ConnectionFailed,
    ConnectionThrottled,
    ContactUnknown,
    CredentialsRefused,
    Forged,
    MessageInvalid,
    MessageTooLong,
    Request,
    SendFailure,
)
from channels.message import Button, Citation, Reply
from channels.platform_push import TEXT, PlatformPush, address_of
from channels.platforms import Platforms, PlatformsUnreadable

SECRET = "a secret for reminders that is long enough"
NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
REPLY = Reply(
    "十二月的养老保险该交了。", buttons=(Button("去哪里交", '/read{"article":"x"}'),), language="zh",
    citations=(Citation("办法", "law-1", "2026-01-01"),),
)  # fmt: skip


@dataclass
class Backend:
    """A platform's back end on loopback, as docs/embedding.md asks for; `answers` are given one each, then 200."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.posts.append((dict(request.headers), body))
        stamp = request.headers["X-Shebao-Timestamp"]
        signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert request.headers["X-Shebao-Signature"] == f"sha256={signed}"
        if self.answers:
            status, headers = self.answers.pop(0)
            return web.Response(status=status, headers=headers)
        self.shown.setdefault(request.headers["Idempotency-Key"], json.loads(body))
        return web.json_response({})


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    held, app = Backend(), web.Application()
    app.router.add_post("/messages", held.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    held.url = f"http://127.0.0.1:{runner.addresses[0][1]}/messages"
    yield held
    await runner.cleanup()


def platforms(place: Path, url: str, secret: str = SECRET) -> Platforms:
    path = place / "platforms.yml"
    path.write_text(
        f"""
platforms:
  rider-app:
    name: {{zh: 骑手通, en: Rider app}}
    origins: []
    keys: [{{id: k1, algorithm: HS256, secret_env: RIDER_KEY}}]
    notify: {{url: '{url}', secret_env: RIDER_NOTIFY}}
""",
        encoding="utf-8",
    )
    return Platforms.load(path, {"RIDER_KEY": "k" * 32, "RIDER_NOTIFY": secret})


@pytest.fixture
async def push(backend: Backend, tmp_path: Path) -> AsyncIterator[PlatformPush]:
    channel = PlatformPush(platforms(tmp_path, backend.url), 5.0, lambda: NOW)
    yield channel
    await channel.aclose()


WORKER = address_of("rider-app", "w-77")


async def test_a_message_says_everything_and_is_signed_with_its_time(push: PlatformPush, backend: Backend) -> None:
    await push.notify(WORKER, REPLY, "key-1")
    assert backend.shown == {
        "key-1": {
            "worker_id": "w-77", "text": REPLY.text, "language": "zh",
            "buttons": [{"title": "去哪里交", "payload": '/read{"article":"x"}'}],
            "citations": [{"title": "办法", "source": "law-1", "as_of": "2026-01-01", "url": None}],
        }
    }  # fmt: skip
    assert backend.posts[0][0]["X-Shebao-Timestamp"] == str(int(NOW.timestamp()))


async def test_the_same_key_posted_twice_is_shown_once(push: PlatformPush, backend: Backend) -> None:
    for _ in range(2):
        await push.notify(WORKER, REPLY, "key-1")
    assert (len(backend.posts), len(backend.shown)) == (2, 1)


async def test_a_platform_that_has_the_key_may_say_so(push: PlatformPush, backend: Backend) -> None:
    backend.answers.append((409, {}))
    await push.notify(WORKER, REPLY, "key-1")


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (301, MessageInvalid), (400, MessageInvalid), (401, CredentialsRefused), (403, CredentialsRefused),
        (404, ContactUnknown), (410, ContactUnknown), (413, MessageTooLong), (422, MessageInvalid),
        (429, ConnectionThrottled), (500, ConnectionFailed), (503, ConnectionFailed),
    ],
)  # fmt: skip
async def test_every_answer_has_its_failure(
    push: PlatformPush, backend: Backend, status: int, failure: type[SendFailure]
) -> None:
    backend.answers.append((status, {"Location": "/elsewhere"} if status == 301 else {}))
    with pytest.raises(failure) as found:
        await push.notify(WORKER, REPLY, "key-1")
    assert "w-77" not in str(found.value)
    assert backend.url not in str(found.value)


async def test_the_time_that_a_platform_asks_for_is_told(push: PlatformPush, backend: Backend) -> None:
    backend.answers.append((429, {"Retry-After": "17"}))
    with pytest.raises(ConnectionThrottled) as found:
        await push.notify(WORKER, REPLY, "key-1")
    assert found.value.retry_after == 17


async def test_a_platform_that_does_not_answer_fails_in_time(tmp_path: Path) -> None:
    channel = PlatformPush(platforms(tmp_path, "http://127.0.0.1:9/messages"), 0.5, lambda: NOW)
    with pytest.raises(ConnectionFailed):
        await channel.notify(WORKER, REPLY, "key-1")
    await channel.aclose()


async def test_a_platform_that_takes_no_messages_any_more_is_an_unknown_contact(push: PlatformPush) -> None:
    with pytest.raises(ContactUnknown):
        await push.notify(address_of("gone-app", "w-77"), REPLY, "key-1")


@pytest.mark.parametrize(("characters", "parts"), [(TEXT - 1, 1), (TEXT, 1), (TEXT + 1, 2)])
async def test_a_long_text_is_split_and_each_part_has_a_key_of_its_own(
    push: PlatformPush, backend: Backend, characters: int, parts: int
) -> None:
    await push.notify(WORKER, Reply("字" * characters, buttons=REPLY.buttons, language="zh"), "key-1")
    assert list(backend.shown) == ["key-1", "key-1-1"][:parts]
    assert [bool(body["buttons"]) for body in backend.shown.values()] == [False, True][-parts:]


def test_nothing_comes_in_this_way(tmp_path: Path) -> None:
    channel = PlatformPush(platforms(tmp_path, "https://rider.example/messages"), 1.0, lambda: NOW)
    with pytest.raises(Forged):
        channel.verify(Request("POST", "", "", {}, {}, b""), NOW + timedelta(0))


@pytest.mark.parametrize("url", ["http://rider.example/x", "ftp://rider.example", "https://user@rider.example/", "x"])
def test_reminders_go_to_an_encrypted_address_only(tmp_path: Path, url: str) -> None:
    with pytest.raises(PlatformsUnreadable, match=r"notify\.url"):
        platforms(tmp_path, url)


def test_a_short_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(PlatformsUnreadable, match=r"notify\.secret_env") as found:
        platforms(tmp_path, "https://rider.example/messages", "short")
    assert "short," not in str(found.value).replace("shorter", "")
