"""From a platform's request to one answer: verified, stored, taken as a turn once, sent once. On both databases."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from channels.channel import (
    ConnectionFailed,
    ConnectionThrottled,
    ContactStopped,
    CredentialsRefused,
    MessageInvalid,
    PushUnsupported,
    Request,
    Response,
    SendFailure,
)
from channels.dispatch import SEND_ATTEMPTS
from channels.message import Inbound, Reply
from channels.messaging import utc_now
from tests.channels.channel_world import says
from tests.channels.pigeon import SEAL, PassivePigeon, Pigeon, loft, renamed, request

AT_ONCE = timedelta(seconds=-1)
LONG = '/read{"article":"transfer/between-provinces-and-back-again"}'


def buttons(*payloads: str) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    return says({"text": "选哪个？", "buttons": [{"title": p[:9], "payload": p} for p in payloads]})


async def test_a_message_that_is_sent_three_times_is_answered_once(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        for _ in range(3):
            assert (await at.receive(pigeon, text="断缴了怎么办")).status == 200
        await asyncio.gather(*(at.dispatcher.receive(pigeon, request(id="2", text="还有")) for _ in range(5)))
        await at.settled()
    assert at.heard() == ["断缴了怎么办", "还有"]
    assert pigeon.texts == ["好。", "好。"]


async def test_the_same_number_from_another_worker_is_another_message(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, text="一")
        await at.receive(pigeon, text="二", **{"from": "wang"})
    assert [to for to, _ in pigeon.sent] == ["li", "wang"]


async def test_what_a_worker_writes_in_a_row_is_answered_in_that_order(engine: AsyncEngine) -> None:
    async def slowly(asked: httpx.Request) -> httpx.Response:
        said = json.loads(asked.content)["message"]
        await asyncio.sleep(0.05 if said == "一" else 0)
        return httpx.Response(200, json=[{"text": f"答{said}"}])

    async with loft(engine, pigeon := Pigeon(), rasa=slowly) as at:
        for number, said in enumerate("一二三"):
            await at.dispatcher.receive(pigeon, request(id=str(number), text=said))
            await asyncio.sleep(0.01)
        await at.settled()
    assert pigeon.texts == ["答一", "答二", "答三"]


@pytest.mark.parametrize(("told", "status"), [({"secret": "caw"}, 403), ({"secret": ""}, 403), ({"id": None}, 200)])
async def test_a_forged_request_is_refused_before_anything_is_kept(
    engine: AsyncEngine, told: dict[str, str], status: int
) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        assert (await at.receive(pigeon, text="你好", **told)).status == status
        assert len(at.heard()) == (1 if status == 200 else 0)
        async with engine.connect() as connection:
            kept = await connection.scalar(text("select count(*) from contacts"))
    assert kept == len(at.heard())


async def test_an_unreadable_request_is_refused_without_a_word(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        answer = await at.dispatcher.receive(pigeon, replace(request(), body=b"{"))
    assert (answer.status, answer.body, at.heard()) == (400, "", [])


async def test_neither_address_nor_words_are_readable_in_the_database(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, text="一句秘密", **{"from": "openid-of-li"})
        await at.inbox.accept(Inbound("pigeon", "openid-of-li", text="另一句秘密", message_id="9"), utc_now())
        async with engine.connect() as connection:
            held = ""
            for table in ("contacts", "inbox", "consents", "payloads"):
                held += str((await connection.execute(text(f"select * from {table}"))).all())
    assert "openid-of-li" not in held
    assert "秘密" not in held
    assert "conversation" not in held or len(held) > 100


async def test_a_bare_number_is_the_choice_beside_it_where_an_app_has_no_buttons(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon(numbered=True), rasa=buttons("/menu", LONG)) as at:
        await at.receive(pigeon, text="你好")
        await at.receive(pigeon, id="2", text=" 2。")
        await at.receive(pigeon, id="3", text="3")
    assert [said.partition(',"language"')[0].rstrip("}") for said in at.heard()] == ["你好", LONG.rstrip("}"), "3"]


async def test_a_bare_number_is_text_where_there_are_buttons(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon(), rasa=buttons("/menu")) as at:
        await at.receive(pigeon, text="你好")
        await at.receive(pigeon, id="2", text="1")
    assert at.heard() == ["你好", "1"]


async def test_a_payload_too_long_for_the_app_is_pressed_all_the_same_even_after_a_restart(
    engine: AsyncEngine,
) -> None:
    async with loft(engine, pigeon := Pigeon(), rasa=buttons(LONG, "/menu")) as at:
        await at.receive(pigeon, text="你好")
    short, menu = (button.payload for button in pigeon.sent[0][1].buttons)
    assert (len(short.encode()) <= 40, menu) == (True, "/menu")
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, id="2", payload=short)
    assert [said.partition(',"language"')[0].rstrip("}") for said in at.heard()] == [LONG.rstrip("}")]


async def test_a_word_that_stands_for_nothing_is_refused_kindly(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, payload="~0123456789abcdef")
    assert at.heard() == []
    assert "按钮我不认识" in pigeon.texts[0]


async def test_whoever_leaves_is_told_once_and_never_written_to_again_in_any_app(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon(), crow := renamed(pigeon, "crow")) as at:
        await at.receive(pigeon, text="绑定")
        code = pigeon.texts[-1].split("是")[1][:6]
        await at.receive(crow, text=f"link {code}", **{"from": "li at crow"})
        conversation = (await at.contacts.heard_from("crow", "li at crow", utc_now())).conversation_id
        await at.receive(pigeon, id="3", what="left")
        await at.receive(pigeon, id="4", what="left")
        with pytest.raises(ContactStopped):
            await at.dispatcher.deliver(conversation, Reply("提醒"))
    assert ["不再主动" in said for said in pigeon.texts].count(True) == 1
    assert "提醒" not in pigeon.texts + crow.texts


async def test_coming_back_is_greeted_and_kept_as_consent(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, what="left")
        await at.receive(pigeon, id="2", what="joined", campaign="spring")
        contact = await at.contacts.heard_from("pigeon", "li", utc_now())
        assert await at.contacts.agreed(contact, "messages")
        await at.dispatcher.deliver(contact.conversation_id, Reply("提醒"))
    assert at.heard() == ["/greet"]
    assert pigeon.texts[-1] == "提醒"


@pytest.mark.parametrize("word", ["恢复", " START。", "订阅"])
async def test_the_word_that_the_goodbye_names_brings_a_worker_back(engine: AsyncEngine, word: str) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, what="left")
        await at.receive(pigeon, id="2", text=word)
        assert not (await at.contacts.heard_from("pigeon", "li", utc_now())).stopped
        await at.receive(pigeon, id="3", text=word)
    assert at.heard() == ["/greet", word.strip()]


async def test_a_voice_message_gets_a_kind_sentence_and_no_turn(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        await at.receive(pigeon, what="voice")
    assert (at.heard(), "打字" in pigeon.texts[0]) == ([], True)


FAILURES: list[tuple[list[SendFailure], int]] = [
    ([ConnectionFailed()], 1),
    ([ConnectionThrottled("", 0.01)], 1),
    ([ConnectionThrottled("", 3600)], 0),
    ([MessageInvalid()], 0),
    ([CredentialsRefused()], 0),
    ([ContactStopped()], 0),
    ([ConnectionFailed() for _ in range(SEND_ATTEMPTS)], 0),
]


@pytest.mark.parametrize(
    ("failures", "sent"), FAILURES, ids=["+".join(type(f).__name__ for f in fs)[:40] for fs, _ in FAILURES]
)
async def test_a_reply_is_tried_again_only_where_that_can_help(
    engine: AsyncEngine, failures: list[SendFailure], sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(seconds: float) -> None:
        assert seconds <= 30

    pigeon = Pigeon(failures=list(failures))
    async with loft(engine, pigeon) as at:
        monkeypatch.setattr("channels.dispatch.asyncio.sleep", at_once)
        await at.receive(pigeon, text="你好")
    assert len(pigeon.sent) == sent
    assert len(at.heard()) == 1


async def test_who_blocked_us_is_not_written_to_again(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon(failures=[ContactStopped()])) as at:
        await at.receive(pigeon, text="你好")
        contact = await at.contacts.heard_from("pigeon", "li", utc_now())
    assert contact.stopped


@pytest.mark.parametrize("state", ["received", "taken"])
async def test_a_message_left_by_a_killed_process_is_answered_once_by_the_next(engine: AsyncEngine, state: str) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        letter = await at.inbox.accept(Inbound("pigeon", "li", text="你好", message_id="1"), utc_now())
        assert letter is not None
        if state == "taken":
            await at.inbox.take(letter)
        assert await at.dispatcher.resume(after=AT_ONCE) == 1
        await at.settled()
        assert await at.dispatcher.resume(after=AT_ONCE) == 0
        await at.receive(pigeon, text="你好")
    assert pigeon.texts == ["好。"]


async def test_of_three_replies_the_one_in_doubt_is_not_sent_twice(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        letter = await at.inbox.accept(Inbound("pigeon", "li", text="你好", message_id="1"), utc_now())
        assert letter is not None
        await at.inbox.take(letter)
        await at.inbox.answering(letter, [Reply("一"), Reply("二"), Reply("三")])
        await at.inbox.sending(letter, 1)
        await at.dispatcher.resume(after=AT_ONCE)
        await at.settled()
    assert pigeon.texts == ["二", "三"]


async def test_a_code_joins_two_apps_once(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon(), crow := renamed(pigeon, "crow")) as at:
        await at.receive(pigeon, text="绑定")
        code = pigeon.texts[-1].split("是")[1][:6]
        await at.receive(crow, text=f"绑定 {code}")
        await at.receive(crow, id="2", text=f"绑定 {code}")
        first = await at.contacts.heard_from("pigeon", "li", utc_now())
        second = await at.contacts.heard_from("crow", "li", utc_now())
    assert first.conversation_id == second.conversation_id
    assert ("绑好了" in crow.texts[0], "不对" in crow.texts[1]) == (True, True)
    assert at.heard() == []


async def test_whoever_tries_codes_is_stopped_even_at_the_right_one(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon()) as at:
        victim = await at.contacts.heard_from("pigeon", "victim", utc_now())
        code = await at.contacts.code_for(victim.conversation_id, utc_now())
        wrong = [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 6)]
        for number, tried in enumerate([*wrong, code]):
            await at.receive(pigeon, id=str(number), text=f"link {tried}")
        thief = await at.contacts.heard_from("pigeon", "li", utc_now())
    assert thief.conversation_id != victim.conversation_id


async def test_an_app_that_is_blocked_does_not_stop_the_others(engine: AsyncEngine) -> None:
    pigeon = Pigeon()
    async with loft(engine, pigeon, crow := renamed(pigeon, "crow")) as at:
        mine = await at.contacts.heard_from("pigeon", "li", utc_now())
        code = await at.contacts.code_for(mine.conversation_id, utc_now())
        await at.contacts.join(await at.contacts.heard_from("crow", "li", utc_now()), code, utc_now())
        pigeon.failures.append(ContactStopped())
        await at.contacts.prefer(mine)
        await at.dispatcher.deliver(mine.conversation_id, Reply("提醒"))
    assert (pigeon.texts, crow.texts) == ([], ["提醒"])


async def test_the_app_that_is_preferred_is_written_to_first(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := Pigeon(), crow := renamed(pigeon, "crow")) as at:
        mine = await at.contacts.heard_from("pigeon", "li", utc_now())
        code = await at.contacts.code_for(mine.conversation_id, utc_now())
        await at.contacts.join(await at.contacts.heard_from("crow", "li", utc_now()), code, utc_now())
        await at.contacts.prefer(mine)
        await at.contacts.heard_from("crow", "li", utc_now())
        await at.dispatcher.deliver(mine.conversation_id, Reply("提醒"))
    assert (pigeon.texts, crow.texts) == (["提醒"], [])


async def test_deleting_ones_data_deletes_the_contact(engine: AsyncEngine) -> None:
    gone = says({"text": "删了。"}, {"custom": {"outcome": "data_deleted", "language": "zh"}})
    async with loft(engine, pigeon := Pigeon(), rasa=gone) as at:
        await at.receive(pigeon, payload="/delete_my_data")
        async with engine.connect() as connection:
            assert await connection.scalar(text("select count(*) from contacts")) == 0
    assert "删了" in pigeon.texts[0]


async def test_an_answer_in_time_goes_back_in_the_response(engine: AsyncEngine) -> None:
    async with loft(engine, pigeon := PassivePigeon()) as at:
        first = await at.receive(pigeon, text="你好")
        again = await at.receive(pigeon, text="你好")
    assert (first.body, again.body, pigeon.sent) == ("好。", "好。", [])
    assert at.heard() == ["你好"]


async def test_an_answer_that_takes_longer_is_promised_and_follows_once(engine: AsyncEngine) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.6)
        return httpx.Response(200, json=[{"text": "久等了。"}])

    async with loft(engine, pigeon := PassivePigeon(), rasa=slowly) as at:
        first = await at.dispatcher.receive(pigeon, request(text="你好"))
        again = await at.dispatcher.receive(pigeon, request(text="你好"))
        await at.settled()
    assert "马上发给你" in first.body
    assert again.body in (first.body, "")
    assert pigeon.texts == ["久等了。"]


class LongWinded(PassivePigeon):
    """Its answers never fit into the response."""

    def respond(self, request: Request, replies: tuple[Reply, ...]) -> Response | None:
        return None


async def test_an_answer_that_does_not_fit_into_the_response_is_sent_once_though_asked_for_twice(
    engine: AsyncEngine,
) -> None:
    async with loft(engine, pigeon := LongWinded()) as at:
        await asyncio.gather(*(at.dispatcher.receive(pigeon, request(text="你好")) for _ in range(3)))
        await at.settled()
    assert pigeon.texts == ["好。"]


async def test_what_this_process_is_still_at_is_not_taken_for_left_behind(engine: AsyncEngine) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.3)
        return httpx.Response(200, json=[{"text": "久等了。"}])

    async with loft(engine, pigeon := Pigeon(), rasa=slowly) as at:
        await at.dispatcher.receive(pigeon, request(text="你好"))
        await asyncio.sleep(0.05)
        await at.dispatcher.resume(after=AT_ONCE)
        await at.settled()
    assert (pigeon.texts, at.heard()) == (["久等了。"], ["你好"])


async def test_a_contact_and_the_seal_never_print_what_they_hide(engine: AsyncEngine) -> None:
    async with loft(engine, Pigeon()) as at:
        contact = await at.contacts.heard_from("pigeon", "openid-of-li", utc_now())
    assert "openid-of-li" not in repr(contact)
    assert repr(SEAL) == "Seal(…)"


async def test_a_conversation_of_the_web_chat_has_nowhere_to_be_written_to(engine: AsyncEngine) -> None:
    async with loft(engine, Pigeon()) as at:
        with pytest.raises(PushUnsupported):
            await at.dispatcher.deliver("0" * 32, Reply("提醒"))
