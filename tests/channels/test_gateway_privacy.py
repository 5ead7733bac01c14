"""Numbers that belong to a person never travel on, and the worker is told so."""

import logging

import httpx
import pytest

from tests.channels.channel_world import fails, says, world

PRIVATE: list[tuple[str, str, str, str]] = [
    ("ID number", "我的身份证是 11010519491231002X 能查吗", "11010519491231002X", "身份证号"),
    (
        "full-width ID number",
        "身份证１１０１０５１９４９１２３１００２Ｘ能查吗",
        "11010519491231002X",
        "身份证号",
    ),
    ("mobile number", "打我电话13800138000行不行", "13800138000", "手机号"),
    ("spaced mobile number", "call me 138 0013 8000 please", "138 0013 8000", "phone number"),
    ("bank card", "卡号6222 0212 3456 7890 128 能领吗", "6222 0212 3456 7890 128", "银行卡号"),
    ("e-mail", "mail me at worker@example.com please", "worker@example.com", "e-mail"),
]


@pytest.mark.parametrize(("label", "text", "number", "named"), PRIVATE, ids=[case[0] for case in PRIVATE])
async def test_a_private_number_is_covered_before_rasa_sees_it(
    label: str, text: str, number: str, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as here:
        replies = await here.replies(text)
    assert number not in here.heard()[0]
    assert "***" in here.heard()[0]
    assert replies[0]["outcome"] == "masked_personal_data"
    assert named in replies[0]["text"]
    assert replies[1]["text"] == "好。"
    assert number not in caplog.text


@pytest.mark.parametrize("text", ["交了15年，每月4986元", "我2010年开始交", "打12333没人接", "from 2025-01-01"])
async def test_ordinary_numbers_travel_on_and_nobody_is_warned(text: str) -> None:
    async with world() as here:
        replies = await here.replies(text)
    assert here.heard() == [text]
    assert len(replies) == 1


async def test_a_message_of_nothing_but_a_private_number_is_not_sent_on() -> None:
    async with world() as here:
        replies = await here.replies("13800138000", language="zh")
    assert here.heard() == []
    assert [reply["outcome"] for reply in replies] == ["masked_personal_data", None]
    assert replies[1]["buttons"][0]["payload"] == "/menu"


async def test_the_covered_text_and_not_the_typed_one_is_what_a_retry_sends() -> None:
    async with world(fails(httpx.ConnectError)) as here:
        opened = (await here.say("我的电话13800138000，断缴了怎么办")).json()["conversation_id"]
        here.rasa.handler = says({"text": "好。"})
        await here.say(payload="/retry", conversation_id=opened)
    assert here.heard() == ["我的电话***，断缴了怎么办"] * 2


async def test_a_question_without_a_conversation_is_covered_too() -> None:
    answer = {"outcome": "answered", "answer": "能。", "language": "zh"}

    async def act(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answer)

    async with world(actions=act) as here:
        response = await here.client.post("/api/v1/answers", json={"question": "电话13800138000能查吗"})
    assert here.actions.received == [{"text": "电话***能查吗"}]
    assert "手机号" in response.json()["warning"]


async def test_what_a_worker_wrote_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with world(fails(httpx.ConnectError)) as here:
        await here.say("我的秘密问题")
    assert "秘密" not in caplog.text
