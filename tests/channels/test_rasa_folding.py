"""Rasa's list of items as replies: recorded answers of Rasa 3.6's REST channel."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from channels.message import Button, Citation, Reply, Suggestion
from channels.rasa import fold

RECORDED = json.loads((Path(__file__).parent / "recorded_rasa.json").read_text(encoding="utf-8"))


def test_a_custom_message_joins_the_reply_before_it() -> None:
    (reply,) = fold(RECORDED["answered"])
    assert reply == Reply(
        text="不会白交。你在各个省交的年头都算在一起。",
        buttons=(Button("说详细点", '/read_more{"article":"transfer/between-provinces"}'),),
        citations=(
            Citation(
                "城镇企业职工基本养老保险关系转移接续暂行办法",
                "国办发〔2009〕66号",
                "2010-01-01",
                "https://www.gov.cn/zwgk/2009-12/29/content_1499072.htm",
            ),
        ),
        outcome="answered",
        article_id="transfer/between-provinces",
        next_steps=("打12333，选你现在的省。",),
        suggestions=(Suggestion("transfer/how-to-apply", "转移怎么申请"),),
        reviewed_on="2026-11-23",
        language="zh",
    )


def test_fixed_sentences_stay_replies_of_their_own_in_their_order() -> None:
    assert [reply.text for reply in fold(RECORDED["two_sentences"])] == ["好，浙江。", "还想问什么？"]


def test_each_custom_message_joins_its_own_reply() -> None:
    first, second = fold(RECORDED["answer_then_form_question"])
    assert (first.outcome, second.outcome) == ("answered", None)
    assert second.buttons == (Button("不说了", "/cancel"),)


def test_a_picture_joins_the_reply_before_it_and_a_second_one_follows() -> None:
    first, second = fold(RECORDED["pictures"])
    assert (first.text, first.image_url) == ("看图。", "https://example.org/a.png")
    assert (second.text, second.image_url) == ("", "https://example.org/b.png")


ODD: list[tuple[str, list[Any], list[str]]] = [
    ("nothing", [], []),
    ("a custom message before any text", [{"custom": {"outcome": "answered"}}, {"text": "好"}], ["好"]),
    ("an item that is no object", ["text", 7, None, {"text": "好"}], ["好"]),
    ("buttons of the wrong shape", [{"text": "坏", "buttons": "x"}, {"text": "好"}], ["好"]),
    ("a custom message of the wrong shape", [{"text": "好"}, {"custom": {"citations": 3}}], ["好"]),
    ("a custom message with unknown keys", [{"text": "好"}, {"custom": {"mood": "fine"}}], ["好"]),
    ("an outcome with a line end", [{"text": "好"}, {"custom": {"outcome": "a\nb"}}], ["好"]),
]


@pytest.mark.parametrize(("label", "items", "texts"), ODD, ids=[case[0] for case in ODD])
def test_odd_items_are_left_out_and_the_rest_is_kept(label: str, items: list[Any], texts: list[str]) -> None:
    replies = fold(items)
    assert [reply.text for reply in replies] == texts
    assert all(reply.outcome is None for reply in replies)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x"])
def test_a_citation_never_leads_anywhere_but_to_a_web_page(url: str) -> None:
    (reply,) = fold([{"text": "好"}, {"custom": {"citations": [{"title": "t", "source": "s", "url": url}]}}])
    assert reply.citations == (Citation("t", "s"),)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:image/svg+xml,x"])
def test_a_picture_is_never_anything_but_a_web_address(url: str) -> None:
    assert [asdict(reply)["image_url"] for reply in fold([{"text": "好"}, {"image": url}])] == [None]
