"""`shebao chat` as the person at the keyboard sees it."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from rich.console import Console

from channels.sentences import load_sentences
from channels.terminal import Chat

ID = "0123456789abcdef0123456789abcdef"
EMPTY: dict[str, Any] = {
    "buttons": [],
    "image_url": None,
    "citations": [],
    "outcome": None,
    "article_id": None,
    "next_steps": [],
    "suggestions": [],
    "reviewed_on": None,
    "language": None,
}


def turn(**reply: object) -> httpx.Response:
    """A successful answer with one reply."""
    return httpx.Response(200, json={"conversation_id": ID, "replies": [EMPTY | {"text": "好。"} | reply]})


class Session:
    """Types the lines, plays the server's answers, keeps what was sent and shown."""

    def __init__(self, *answers: httpx.Response | type[httpx.TransportError]) -> None:
        self._answers = iter(answers)
        self.sent: list[dict[str, Any]] = []
        self.waited: list[float] = []

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(json.loads(request.content))
        answer = next(self._answers)
        if isinstance(answer, httpx.Response):
            return answer
        raise answer("gone", request=request)

    def run(self, *lines: str, language: str = "zh") -> str:
        """What stood on the screen at the end."""
        screen = io.StringIO()
        console = Console(file=screen, width=100, highlight=False)
        with httpx.Client(transport=httpx.MockTransport(self._serve), base_url="http://test") as client:
            Chat(
                client,
                console,
                load_sentences(),
                "en" if language == "en" else "zh",
                read_line=_typist(iter(lines)),
                wait=self.waited.append,
            ).run()
        return screen.getvalue()


def _typist(lines: Iterator[str]) -> Callable[[str], str]:
    def read_line(_: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    return read_line


def test_an_answer_shows_its_steps_sources_and_numbered_buttons() -> None:
    session = Session(
        turn(
            text="不会白交。",
            buttons=[{"title": "说详细点", "payload": '/read_more{"article":"a/b"}'}],
            citations=[{"title": "办法", "source": "国办发66号", "as_of": "2010-01-01", "url": "https://x.cn"}],
            next_steps=["打12333"],
            suggestions=[{"article_id": "a/c", "title": "怎么申请"}],
            reviewed_on="2026-11-23",
        )
    )
    screen = session.run("换省了怎么办", "/quit")
    for shown in ("不会白交。", "→ 打12333", "办法 · 国办发66号", "2010-01-01起", "https://x.cn"):
        assert shown in screen
    for shown in ("1  说详细点", "2  怎么申请", "2026-11-23核对过", "再见。"):
        assert shown in screen


def test_a_button_is_chosen_by_its_number_and_any_other_number_is_text() -> None:
    buttons = [{"title": "菜单", "payload": "/menu"}]
    session = Session(turn(buttons=buttons), turn(buttons=buttons), turn())
    session.run("你好", "1", "2")
    assert [message.get("payload") or message.get("text") for message in session.sent] == [
        "你好",
        "/menu",
        "2",
    ]
    assert [message.get("conversation_id") for message in session.sent] == [None, ID, ID]


def test_a_related_article_is_read_by_its_number() -> None:
    session = Session(turn(suggestions=[{"article_id": "a/c", "title": "怎么申请"}]), turn())
    session.run("你好", "1")
    assert session.sent[1]["payload"] == '/read{"article":"a/c"}'


def test_a_message_lost_on_the_way_is_sent_again_under_the_same_id() -> None:
    session = Session(httpx.ConnectError, httpx.Response(502), turn(text="到了。"))
    screen = session.run("你好", "", "", "")
    assert len({message["message_id"] for message in session.sent}) == 1
    assert [message["text"] for message in session.sent] == ["你好"] * 3
    assert screen.count("连不上服务器") == 2
    assert "到了。" in screen


def test_a_server_that_asks_to_wait_is_waited_for() -> None:
    slow = httpx.Response(429, headers={"Retry-After": "7"}, json={})
    session = Session(slow, turn(text="到了。"))
    screen = session.run("你好")
    assert session.waited == [7.0]
    assert "到了。" in screen


def test_a_refusal_is_read_in_the_language_of_the_chat() -> None:
    refused = {"error": {"code": "text_too_long", "message": {"zh": "太长了。", "en": "Too long."}}}
    screen = Session(httpx.Response(422, json=refused)).run("hello", language="en")
    assert "Too long." in screen
    assert "太长了。" not in screen


def test_markup_in_an_answer_is_shown_as_it_is() -> None:
    assert "[bold]x[/bold]" in Session(turn(text="[bold]x[/bold]")).run("你好")


def test_leaving_and_the_end_of_input_end_the_chat_without_a_message() -> None:
    for lines in (["/quit"], ["/EXIT"], []):
        session = Session()
        assert "再见。" in session.run(*lines)
        assert session.sent == []
