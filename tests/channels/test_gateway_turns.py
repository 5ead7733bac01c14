"""One turn: what reaches Rasa, what comes back, and the honest sentence when nothing does."""

import asyncio
import re

import httpx
import pytest

from channels.settings import Settings
from tests.channels.channel_world import Handler, fails, never, says, sends, world


async def test_a_first_message_opens_a_conversation_with_an_opaque_id_of_128_bits() -> None:
    async with world() as here:
        first, second = (await here.say("你好")).json(), (await here.say("你好")).json()
    assert re.fullmatch(r"[0-9a-f]{32}", first["conversation_id"])
    assert first["conversation_id"] != second["conversation_id"]


async def test_rasa_sees_the_conversation_id_the_channel_and_the_language_and_nothing_of_the_sender() -> None:
    async with world(address="203.0.113.9") as here:
        answer = (await here.say("断缴了怎么办", language="zh")).json()
    assert here.rasa.received == [
        {
            "sender": answer["conversation_id"],
            "message": "断缴了怎么办",
            "input_channel": "web",
            "metadata": {"language": "zh"},
        }
    ]


async def test_a_conversation_goes_on_under_its_id() -> None:
    async with world() as here:
        opened = (await here.say("你好")).json()["conversation_id"]
        again = (await here.say("再问一句", conversation_id=opened)).json()["conversation_id"]
    assert again == opened == here.rasa.received[1]["sender"]


async def test_the_language_of_a_reply_is_remembered_for_the_next_message() -> None:
    spoken = says({"text": "Hello."}, {"custom": {"outcome": "answered", "language": "en"}})
    async with world(spoken) as here:
        opened = (await here.say("hello there")).json()["conversation_id"]
        await here.say("12", conversation_id=opened)
    assert here.rasa.received[1]["metadata"] == {"language": "en"}


FAILURES: list[tuple[str, Handler, str]] = [
    ("connection refused", fails(httpx.ConnectError), "error_unavailable"),
    ("killed while answering", fails(httpx.RemoteProtocolError), "error_unavailable"),
    ("read error", fails(httpx.ReadError), "error_unavailable"),
    ("server error", sends(500, b"oops"), "error_unavailable"),
    ("not JSON", sends(200, b"<html>"), "error_unavailable"),
    ("JSON but no list", sends(200, b'{"text": "hello"}'), "error_unavailable"),
    ("read timeout", fails(httpx.ReadTimeout), "error_timeout"),
    ("connect timeout", fails(httpx.ConnectTimeout), "error_timeout"),
    ("hangs", never, "error_timeout"),
    ("empty list", says(), "error_empty"),
    ("only an empty text", says({"text": "  "}), "error_empty"),
    ("only a custom message", says({"custom": {"outcome": "answered"}}), "error_empty"),
    ("only nonsense", says({"text": ["no"]}), "error_empty"),
]


@pytest.mark.parametrize(("label", "rasa", "outcome"), FAILURES, ids=[case[0] for case in FAILURES])
@pytest.mark.parametrize(("text", "language"), [("断缴了怎么办", "zh"), ("what if I stop paying", "en")])
async def test_a_broken_rasa_becomes_one_honest_sentence(
    label: str, rasa: Handler, outcome: str, text: str, language: str
) -> None:
    async with world(rasa, turn_deadline_seconds=0.05) as here:
        (reply,) = await here.replies(text)
    assert (reply["outcome"], reply["language"]) == (outcome, language)
    assert ("对不起" in reply["text"]) == (language == "zh")
    assert [button["payload"] for button in reply["buttons"]] == ["/retry"]


@pytest.mark.parametrize("rasa", [fails(httpx.ReadError), never, sends(502, b"")])
async def test_the_post_to_rasa_is_never_repeated(rasa: Handler) -> None:
    async with world(rasa, turn_deadline_seconds=0.05) as here:
        await here.say("断缴了怎么办")
    assert len(here.rasa.received) == 1


def test_the_gateway_waits_less_than_the_five_seconds_of_wechat() -> None:
    assert Settings().turn_deadline_seconds < 5
    with pytest.raises(ValueError, match="turn_deadline_seconds"):
        Settings(turn_deadline_seconds=5)


async def test_the_retry_button_sends_the_unanswered_message_once_more() -> None:
    async with world(fails(httpx.ConnectError)) as here:
        opened = (await here.say("断缴了怎么办")).json()["conversation_id"]
        here.rasa.handler = says({"text": "接着交就行。"})
        replies = await here.replies(payload="/retry", conversation_id=opened)
        assert replies[0]["text"] == "接着交就行。"
        assert here.heard() == ["断缴了怎么办", "断缴了怎么办"]
        nothing_left = await here.replies(payload="/retry", conversation_id=opened)
    assert len(here.rasa.received) == 2
    assert nothing_left[0]["buttons"][0]["payload"] == "/menu"


async def test_after_a_failed_turn_the_conversation_is_free_again() -> None:
    async with world(never, turn_deadline_seconds=0.02) as here:
        opened = (await here.say("断缴了怎么办")).json()["conversation_id"]
        here.rasa.handler = says({"text": "好。"})
        assert (await here.replies("再问", conversation_id=opened))[0]["text"] == "好。"


async def test_deleting_my_data_ends_the_conversation_and_begins_a_new_one() -> None:
    deleted = says({"text": "都删了。"}, {"custom": {"outcome": "data_deleted", "language": "zh"}})
    async with world(deleted) as here:
        opened = (await here.say("你好")).json()["conversation_id"]
        answer = (await here.say(payload="/affirm", conversation_id=opened, message_id="m1")).json()
        assert answer["conversation_id"] != opened
        assert answer["replies"][0]["outcome"] == "data_deleted"
        await here.say(payload="/affirm", conversation_id=opened, message_id="m1")
    assert len(here.rasa.received) == 3, "the stored answer of the deleted conversation is gone as well"


async def test_the_kill_switch_answers_without_rasa() -> None:
    async with world(paused=True) as here:
        (reply,) = await here.replies("断缴了怎么办")
    assert reply["outcome"] == "error_paused"
    assert here.heard() == []


async def test_turns_of_different_workers_run_side_by_side() -> None:
    everybody_is_here = asyncio.Barrier(3)

    async def together(_: httpx.Request) -> httpx.Response:
        await everybody_is_here.wait()
        return httpx.Response(200, json=[{"text": "好。"}])

    async with world(together) as here:
        answers = await asyncio.gather(*(here.say(f"问题 {number}") for number in range(3)))
    assert [answer.json()["replies"][0]["outcome"] for answer in answers] == [None, None, None]


async def test_deleting_reaches_the_conversation_in_rasa_and_is_only_claimed_when_it_did() -> None:
    asked: list[tuple[str, str]] = []

    def rasa_that(deletes: bool) -> Handler:
        async def answer(request: httpx.Request) -> httpx.Response:
            if request.method == "PUT":
                asked.append((request.url.path, request.url.params["token"]))
                return httpx.Response(200 if deletes else 500, json={})
            return httpx.Response(200, json=[{"text": "都删了。"}, {"custom": {"outcome": "data_deleted"}}])

        return answer

    outcomes = []
    for deletes in (True, False):
        async with world(rasa_that(deletes), rasa_token="a-token") as here:
            outcomes.append((await here.replies("删除我的信息"))[0]["outcome"])
    assert outcomes == ["data_deleted", "error_unavailable"]
    assert all(path.startswith("/conversations/") and path.endswith("/tracker/events") for path, _ in asked)
    assert {token for _, token in asked} == {"a-token"}
