"""One table of claims for every channel, each against a server that speaks its platform's protocol."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import upgrade_database
from channels.channel import SEND_FAILURES, Forged, Malformed, Request, SendFailure
from channels.message import Button, Citation, Inbound, Reply, Unreadable
from channels.messaging import utc_now
from tests.channels.channel_world import says
from tests.channels.every_channel import EVERY, Seat
from tests.channels.pigeon import loft
from tests.databases import sqlite

SENTENCE = "断缴三个月也不用慌，交过的都算数。"
REPLY = Reply(
    SENTENCE, (Button("看看能问什么", "/menu"), Button("再试一次", "/retry")), outcome="answered", language="zh",
    next_steps=("打12333问清楚",), citations=(Citation("社会保险法", "law", "2011-07-01"),),
)  # fmt: skip
DEADLINE = 5.0


@pytest.fixture(params=EVERY)
def seat(request: pytest.FixtureRequest) -> Iterator[Seat]:
    """A channel and its platform."""
    with EVERY[request.param]() as at:
        yield at


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An up-to-date SQLite; the dispatcher's own tests run on both kinds."""
    with sqlite(tmp_path) as url:
        upgrade_database(url)
        yield url


async def shown_after(seat: Seat, engine: AsyncEngine, *requests: int, text: str = "断缴了怎么办") -> list[str]:
    """Everything that the worker was shown after requests with these numbers, in both ways."""
    shown = []
    async with loft(engine, seat.channel, rasa=says({"text": SENTENCE})) as at:  # type: ignore[arg-type]
        for number in requests:
            answer = await at.dispatcher.receive(seat.channel, seat.says(text, number))
            if seat.passive and answer.body:
                shown.append(seat.marks["read"](answer.body)["Content"])
            await at.settled()
        assert len(at.heard()) == len(set(requests))
    return shown + seat.shown()


async def test_a_message_is_answered(seat: Seat, engine: AsyncEngine) -> None:
    (shown,) = await shown_after(seat, engine, 1)
    assert SENTENCE in shown


async def test_a_message_that_the_platform_sends_again_is_one_turn(seat: Seat, engine: AsyncEngine) -> None:
    shown = await shown_after(seat, engine, 1, 1, 1)
    assert len(shown) == (3 if seat.passive else 1)  # a passive answer is for the request that asks


async def test_two_messages_are_two_turns(seat: Seat, engine: AsyncEngine) -> None:
    assert len(await shown_after(seat, engine, 1, 2)) == 2


def test_the_channel_names_its_routes_below_its_own_path(seat: Seat) -> None:
    assert seat.channel.routes
    assert all(route.path.startswith(f"/channels/{seat.channel.name}") for route in seat.channel.routes)


def test_what_it_reads_is_neutral(seat: Seat) -> None:
    call = seat.says("断缴了怎么办", 1)
    seat.channel.verify(call, utc_now())
    (event,) = seat.channel.parse(call).events
    assert isinstance(event, Inbound)
    assert (event.text, event.sender_address, event.channel) == ("断缴了怎么办", seat.address, seat.channel.name)
    assert event.message_id


def test_what_is_no_text_is_told_apart(seat: Seat) -> None:
    if seat.strange is None:
        pytest.skip("this platform carries nothing but text")
    seat.channel.verify(seat.strange(), utc_now())
    (event,) = seat.channel.parse(seat.strange()).events
    assert isinstance(event, Unreadable)


def read(seat: Seat, call: Request) -> None:
    """What the dispatcher does with a request."""
    seat.channel.verify(call, utc_now())
    seat.channel.parse(call)


CHANGES = ["no headers and no query", "another body", "an empty body", "half a body"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_request_that_was_changed_is_refused_or_unreadable(seat: Seat, change: str) -> None:
    call = seat.says("断缴了怎么办", 1)
    changed = {
        "no headers and no query": replace(call, headers={}, query={}),
        "another body": replace(call, body=b"%PDF-1.4 \xff\x00"),
        "an empty body": replace(call, body=b""),
        "half a body": replace(call, body=call.body[: len(call.body) // 2]),
    }[change]
    with pytest.raises((Forged, Malformed)) as refused:
        read(seat, changed)
    assert "断缴" not in str(refused.value)
    assert seat.address not in str(refused.value)


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_text_at_the_limit_is_one_message_and_beyond_it_more_or_shorter(seat: Seat, beyond: int) -> None:
    limits = seat.channel.limits
    text = ""
    while limits.measure(text + "保") <= limits.text:
        text += "保"
    whole = text[: len(text) + beyond] if beyond <= 0 else text + "保" * beyond
    parts = [str(getattr(part, "text", part)) for part in seat.channel.render(Reply(whole, language="zh"))]
    assert parts
    assert all(limits.measure(part) <= limits.text for part in parts)
    if beyond <= 0:
        assert len(parts) == 1


def test_a_reply_with_everything_keeps_the_limits_and_its_words(seat: Seat) -> None:
    parts = [str(getattr(part, "text", part)) for part in seat.channel.render(REPLY)]
    assert all(seat.channel.limits.measure(part) <= seat.channel.limits.text for part in parts)
    assert SENTENCE[:10] in parts[0]


async def test_a_platform_that_is_gone_is_a_named_failure_in_time(seat: Seat) -> None:
    with EVERY[_name(seat)]() as other:
        channel = other.channel
    with pytest.raises(SendFailure) as failed:
        await asyncio.wait_for(channel.send(seat.address, Reply("你好", language="zh")), DEADLINE)
    assert type(failed.value) in SEND_FAILURES
    assert failed.value.retryable
    assert seat.address not in str(failed.value)


@pytest.mark.parametrize("nobody", ["", "nobody", "../../etc", "1' or '1'='1", "+86abc", "\x00"])
async def test_an_address_that_is_none_is_a_named_failure(seat: Seat, nobody: str) -> None:
    with pytest.raises(SendFailure) as failed:
        await asyncio.wait_for(seat.channel.send(nobody, Reply("你好", language="zh")), DEADLINE)
    assert type(failed.value) in SEND_FAILURES
    assert seat.shown() == []


def test_a_clock_a_day_off_does_not_break_the_reading(seat: Seat) -> None:
    call = seat.says("你好", 1)
    for now in (utc_now() - timedelta(days=2), utc_now() + timedelta(days=2)):
        try:
            seat.channel.verify(call, now)
        except Forged:
            continue
        assert seat.channel.parse(call).events


def _name(seat: Seat) -> str:
    path = seat.channel.routes[0].path
    return path.rsplit("/", 1)[1] if path.startswith("/channels/sms") else seat.channel.name
