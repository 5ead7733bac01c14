"""Polling brings every update to the same place as the webhook, once it is taken and not before."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime

import pytest
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from channels.channel import CredentialsRefused, Request
from channels.telegram import TelegramChannel
from channels.telegram_polling import UPDATES_WANTED, poll
from tests.channels.platforms.telegram_server import (
    SECRET,
    TOKEN,
    WORKER,
    Refusal,
    TelegramServer,
    channel_at,
    message,
    press,
    running,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ENOUGH_SECONDS = 5


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
    made = channel_at(telegram.base_url)
    yield made
    await made.close()


class Desk:
    """Takes requests like the dispatcher; stops polling after so many, and breaks where it is told to."""

    def __init__(self, channel: TelegramChannel, until: int) -> None:
        self.stop = asyncio.Event()
        self.taken: list[str] = []
        self.broken: list[Exception] = []
        self._channel = channel
        self._until = until

    async def handle(self, request: Request) -> None:
        self._channel.verify(request, NOW)
        (event,) = self._channel.parse(request).events
        if self.broken:
            raise self.broken.pop()
        self.taken.append(event.message_id or "")
        if len(self.taken) >= self._until:
            self.stop.set()


async def polled(channel: TelegramChannel, handle: Callable[[Request], Awaitable[None]], stop: asyncio.Event) -> None:
    """Polls with short waits, and fails where it does not end."""
    async with asyncio.timeout(ENOUGH_SECONDS):
        await poll(channel, handle, stop, wait_seconds=2, first_delay_seconds=0.01, longest_delay_seconds=0.02)


async def test_updates_are_taken_in_order_after_the_webhook_is_removed(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.webhook = "https://shebao.example/channels/telegram/webhook"
    telegram.updates = [message(11, text="一"), press("/menu", 12), message(14, text="三")]
    desk = Desk(channel, until=3)
    await polled(channel, desk.handle, desk.stop)
    assert desk.taken == ["11", "12", "14"]
    assert telegram.webhook == ""
    assert [call.method for call in telegram.calls] == ["deleteWebhook", "getUpdates"]
    assert json.loads(telegram.calls[1].given["allowed_updates"]) == list(UPDATES_WANTED)


async def test_what_is_taken_is_not_asked_for_again(telegram: TelegramServer, channel: TelegramChannel) -> None:
    telegram.updates = [message(11, text="一")]
    desk = Desk(channel, until=2)

    async def handle(request: Request) -> None:
        await desk.handle(request)
        telegram.updates.append(message(12, text="二"))

    await polled(channel, handle, desk.stop)
    assert desk.taken == ["11", "12"]
    assert [call.given.get("offset") for call in telegram.made("getUpdates")] == ["0", "12"]


async def test_an_update_that_comes_while_polling_waits_is_taken_at_once(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    desk = Desk(channel, until=1)
    running_poll = asyncio.create_task(polled(channel, desk.handle, desk.stop))
    while not telegram.poll:  # noqa: ASYNC110 - the server runs in another thread
        await asyncio.sleep(0.005)
    telegram.updates.append(message(5, text="一"))
    await running_poll
    assert desk.taken == ["5"]
    assert len(telegram.made("getUpdates")) == 1


async def test_an_update_that_could_not_be_handled_comes_again_and_none_is_passed_over(
    telegram: TelegramServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.updates = [message(11, text="断缴"), message(12, text="二")]
    desk = Desk(channel, until=2)
    desk.broken = [RuntimeError("断缴"), OSError("断缴")]
    await polled(channel, desk.handle, desk.stop)
    assert desk.taken == ["11", "12"]
    assert [call.given["offset"] for call in telegram.made("getUpdates")] == ["0", "0", "0"]
    assert "polling waits after RuntimeError" in caplog.text
    assert "断缴" not in caplog.text


@pytest.mark.parametrize("method", ["deleteWebhook", "getUpdates"])
@pytest.mark.parametrize(
    "fault",
    [
        Refusal(500, "Internal Server Error"),
        Refusal(409, "Conflict: terminated by other getUpdates request"),
        Refusal(429, "Too Many Requests", retry_after=0),
    ],
)
async def test_polling_goes_on_after_a_failure(
    method: str, fault: Refusal, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.updates = [message(11, text="一")]
    telegram.faults[method].extend([fault, fault, fault])
    desk = Desk(channel, until=1)
    await polled(channel, desk.handle, desk.stop)
    assert desk.taken == ["11"]


@pytest.mark.parametrize("odd", [{"ok": 1}, [1, {"message": {}}, {"update_id": "5"}], "x"])
async def test_what_is_no_update_is_passed_over(
    odd: object, telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.faults["getUpdates"].append(JSONResponse({"ok": True, "result": odd}))
    telegram.updates = [message(11, text="一")]
    desk = Desk(channel, until=1)
    await polled(channel, desk.handle, desk.stop)
    assert desk.taken == ["11"]


async def test_a_refused_token_ends_polling(telegram: TelegramServer) -> None:
    channel = channel_at(telegram.base_url, token=SecretStr("1:wrong"))
    desk = Desk(channel, until=1)
    with pytest.raises(CredentialsRefused):
        await polled(channel, desk.handle, desk.stop)
    await channel.close()


async def test_without_a_webhook_secret_nothing_is_fetched_that_would_be_refused(telegram: TelegramServer) -> None:
    channel = channel_at(telegram.base_url, webhook_secret=SecretStr(""))
    desk = Desk(channel, until=1)
    with pytest.raises(CredentialsRefused):
        await polled(channel, desk.handle, desk.stop)
    assert telegram.calls == []
    await channel.close()


async def test_stopping_does_not_wait_for_the_next_update(telegram: TelegramServer, channel: TelegramChannel) -> None:
    desk = Desk(channel, until=1)
    running_poll = asyncio.create_task(polled(channel, desk.handle, desk.stop))
    while not telegram.poll:  # noqa: ASYNC110 - the server runs in another thread
        await asyncio.sleep(0.005)
    desk.stop.set()
    await running_poll
    assert desk.taken == []


async def test_stopping_ends_the_wait_after_a_failure(telegram: TelegramServer, channel: TelegramChannel) -> None:
    telegram.flood("deleteWebhook", 3600)
    stop = asyncio.Event()

    async def handle(request: Request) -> None:
        raise AssertionError("nothing to handle")

    running_poll = asyncio.create_task(polled(channel, handle, stop))
    while not telegram.made("deleteWebhook"):  # noqa: ASYNC110 - the server runs in another thread
        await asyncio.sleep(0.005)
    stop.set()
    await running_poll
    assert telegram.made("getUpdates") == []


async def test_what_is_left_of_a_batch_when_polling_stops_comes_next_time(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.updates = [message(11, text="一"), message(12, text="二")]
    first, second = Desk(channel, until=1), Desk(channel, until=2)
    await polled(channel, first.handle, first.stop)
    await polled(channel, second.handle, second.stop)
    assert (first.taken, second.taken) == (["11"], ["11", "12"])  # the dispatcher knows 11 by its id


async def test_a_failed_delivery_is_repeated_as_the_same_event(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    statuses = iter([500, 503, 200])
    seen: list[str | None] = []

    async def receive(request: Request) -> int:
        channel.verify(request, NOW)
        seen.extend(event.message_id for event in channel.parse(request).events)
        return next(statuses)

    assert await telegram.deliver(message(9, text="一"), receive) == [500, 503, 200]
    assert seen == ["9", "9", "9"]


async def test_polling_leaves_nothing_in_the_log(
    telegram: TelegramServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.updates = [message(11, text="断缴")]
    desk = Desk(channel, until=1)
    await polled(channel, desk.handle, desk.stop)
    assert "HTTP Request: POST" in caplog.text
    assert not [kept for kept in (TOKEN, SECRET, str(WORKER), "断缴") if kept in caplog.text]
