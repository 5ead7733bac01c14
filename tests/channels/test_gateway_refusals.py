"""What the gateway does not take, both sides of each limit; nothing refused reaches Rasa."""

import asyncio
import json

import httpx
import pytest

from tests.channels.channel_world import World, says, world

ID = "0123456789abcdef0123456789abcdef"

REFUSED: list[tuple[str, dict[str, object], int, str]] = [
    ("no text at all", {}, 422, "text_empty"),
    ("empty text", {"text": ""}, 422, "text_empty"),
    ("only spaces", {"text": " \n\t "}, 422, "text_empty"),
    ("only invisible characters", {"text": "\u200b\u202e\U000e0041"}, 422, "text_empty"),
    ("only slashes", {"text": "///"}, 422, "text_empty"),
    ("one character over the limit", {"text": "社" * 501}, 422, "text_too_long"),
    ("a ligature that unfolds over the limit", {"text": "\ufdfa" * 40}, 422, "text_too_long"),
    ("text and payload", {"text": "你好", "payload": "/menu"}, 422, "text_or_payload"),
    ("a payload of no button", {"payload": "/restart"}, 422, "payload_unknown"),
    ("an id of another shape", {"text": "你好", "conversation_id": "42"}, 422, "conversation_unknown"),
    ("an id in capitals", {"text": "你好", "conversation_id": ID.upper()}, 422, "conversation_unknown"),
    ("an id with a line end", {"text": "你好", "conversation_id": ID + "\n"}, 422, "conversation_unknown"),
    ("a message id with spaces", {"text": "你好", "message_id": "a b"}, 422, "message_id_invalid"),
    ("a message id of 65 characters", {"text": "你好", "message_id": "a" * 65}, 422, "message_id_invalid"),
    ("a language we do not speak", {"text": "bonjour", "language": "fr"}, 422, "request_invalid"),
    ("an unknown key", {"text": "你好", "role": "system"}, 422, "request_invalid"),
    ("a number for text", {"text": 7}, 422, "request_invalid"),
]


@pytest.mark.parametrize(("label", "body", "status", "code"), REFUSED, ids=[case[0] for case in REFUSED])
async def test_refused(label: str, body: dict[str, object], status: int, code: str) -> None:
    async with world() as here:
        response = await here.client.post("/api/v1/messages", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert error["message"]["zh"]
    assert error["message"]["en"]
    assert here.heard() == []


TAKEN: list[tuple[str, dict[str, object], str]] = [
    ("exactly the limit", {"text": "社" * 500}, "社" * 500),
    ("the limit and spaces around it", {"text": f"  {'社' * 500}  "}, "社" * 500),
    ("a conversation id of the right shape", {"text": "你好", "conversation_id": ID}, "你好"),
    ("a message id of 64 characters", {"text": "你好", "message_id": "a" * 64}, "你好"),
    ("nulls for what is left out", {"text": "你好", "payload": None, "language": None}, "你好"),
    ("typed /restart", {"text": "/restart"}, "restart"),
    ("typed /restart behind spaces and slashes", {"text": " / /restart"}, "restart"),
    ("typed full-width slash", {"text": "／restart"}, "restart"),
    ("typed slash behind a zero-width space", {"text": "\u200b/restart"}, "restart"),
    ("typed payload", {"text": '/change_region{"region":"CN-ZJ"}'}, 'change_region{"region":"CN-ZJ"}'),
    ("a slash inside", {"text": "养老/医疗"}, "养老/医疗"),
    ("half a surrogate", {"text": "你\ud800好"}, "你好"),
]


@pytest.mark.parametrize(("label", "body", "heard"), TAKEN, ids=[case[0] for case in TAKEN])
async def test_taken(label: str, body: dict[str, object], heard: str) -> None:
    async with world() as here:
        content = json.dumps(body).encode()
        response = await here.client.post(
            "/api/v1/messages", content=content, headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 200, response.text
    assert here.heard() == [heard]


async def test_a_text_over_the_limit_is_told_the_limit() -> None:
    async with world(max_text_characters=20) as here:
        error = (await here.say("社" * 21)).json()["error"]
        assert (await here.say("社" * 20)).status_code == 200
    assert "20" in error["message"]["zh"]
    assert "20" in error["message"]["en"]
    assert "20" in error["accepted"]


async def test_a_wrong_conversation_id_is_told_what_is_accepted() -> None:
    async with world() as here:
        error = (await here.say("你好", conversation_id="me")).json()["error"]
    assert "32 hexadecimal" in error["accepted"]


async def _held(here: World) -> tuple[asyncio.Event, asyncio.Event]:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def hold(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await release.wait()
        return httpx.Response(200, json=[{"text": "好。"}])

    here.rasa.handler = hold
    return arrived, release


@pytest.mark.parametrize("message_id", ["m1", "m2", None])
async def test_a_second_message_while_one_is_pending_is_told_to_wait(message_id: str | None) -> None:
    async with world() as here:
        arrived, release = await _held(here)
        first = asyncio.create_task(here.say("第一句", conversation_id=ID, message_id="m1"))
        await arrived.wait()
        second = await here.say("第二句", conversation_id=ID, message_id=message_id)
        release.set()
        assert (await first).status_code == 200
        after = await here.say("第三句", conversation_id=ID, message_id="m3")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "busy")
    assert int(second.headers["Retry-After"]) >= 1
    assert after.status_code == 200
    assert here.heard() == ["第一句", "第三句"]


async def test_a_conversation_may_send_as_many_messages_as_its_rate_and_no_more() -> None:
    async with world(rate_conversation="3/minute") as here:
        statuses = [(await here.say("你好", conversation_id=ID)).status_code for _ in range(4)]
        refused = await here.say("你好", conversation_id=ID)
        another = await here.say("你好")
    assert statuses == [200, 200, 200, 429]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Retry-After"] in refused.json()["error"]["message"]["zh"]
    assert another.status_code == 200
    assert len(here.rasa.received) == 4


async def test_an_address_may_send_as_many_messages_as_its_rate_and_no_more() -> None:
    async with world(rate_address="2/minute") as here:
        statuses = [(await here.say("你好")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


async def test_questions_without_a_conversation_count_for_the_address_as_well() -> None:
    async with world(rate_address="1/minute") as here:
        await here.say("你好")
        response = await here.client.post("/api/v1/answers", json={"question": "你好"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= 1


async def test_a_resent_message_does_not_count_for_the_rate_of_its_conversation() -> None:
    async with world(rate_conversation="1/minute") as here:
        statuses = [(await here.say("你好", conversation_id=ID, message_id="m1")).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


async def test_the_same_message_is_taken_once_and_answered_the_same() -> None:
    async with world(says({"text": "第一次"})) as here:
        first = await here.say("你好", conversation_id=ID, message_id="m1")
        here.rasa.handler = says({"text": "第二次"})
        again = await here.say("你好", conversation_id=ID, message_id="m1")
        other = await here.say("你好", conversation_id=ID, message_id="m2")
    assert again.json() == first.json()
    assert other.json()["replies"][0]["text"] == "第二次"
    assert len(here.rasa.received) == 2


async def test_a_resent_first_message_finds_the_conversation_it_opened() -> None:
    once = "8b0c3a52-5d8e-4a44-9a1c-0c2c8c3c9f11"
    async with world() as here:
        first = await here.say("你好", message_id=once)
        again = await here.say("你好", message_id=once)
        other = await here.say("别的话", message_id=once)
    assert again.json() == first.json()
    assert other.json()["conversation_id"] != first.json()["conversation_id"]
    assert len(here.rasa.received) == 2


async def test_a_short_message_id_never_joins_two_workers_first_messages() -> None:
    async with world() as here:
        first, second = await here.say("你好", message_id="1"), await here.say("你好", message_id="1")
    assert first.json()["conversation_id"] != second.json()["conversation_id"]
