"""Which message tells something, and which asks: what a complaint is taken from."""

import pytest
from components.statements import StatementExtractor, states_something
from rasa.shared.nlu.training_data.message import Message


@pytest.mark.parametrize(
    "text",
    [
        "老板不给我交社保还扣钱",
        "站长乱扣钱，问了几次都没人理",
        "不知道为什么扣了我三百块",
        "我受伤了，平台不管",
        "你们什么态度，等了多久都没人回",
        "The boss does not pay my insurance",
        "I waited for three weeks and nobody told me why",
        "my pay was cut",
        "我要投诉站长不给交社保",
    ],
)
def test_a_grievance_is_a_statement(text: str) -> None:
    assert states_something(text)


@pytest.mark.parametrize(
    "text",
    [
        "老板不给我交社保怎么办",
        "断缴会影响养老金吗",
        "我每月要交多少",
        "社保能不能补缴",
        "你们算得对么？",
        "What happens if I stop paying?",
        "how much do I pay",
        "Can I get it back",
        "tell me how to apply",
    ],
)
def test_a_question_is_no_statement(text: str) -> None:
    assert not states_something(text)


@pytest.mark.parametrize(
    "text", ["我要投诉", "投诉平台", "我想举报公司", "I want to complain", "a complaint", "。。。", ""]
)
def test_the_bare_wish_to_complain_tells_nothing(text: str) -> None:
    assert not states_something(text)


def test_the_whole_message_is_kept_as_it_was_written() -> None:
    message = Message(data={"text": "The Boss cut MY pay"})
    StatementExtractor().process([message])
    assert [e["value"] for e in message.get("entities")] == ["The Boss cut MY pay"]


def test_a_tap_is_no_statement() -> None:
    message = Message(data={"text": "/cancel"})
    StatementExtractor().process([message])
    assert not message.get("entities")
