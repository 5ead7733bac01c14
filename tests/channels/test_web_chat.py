"""The web chat as a worker uses it: Debian's Chromium, our server, and a Rasa that does as it is told."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from channels.app import create_app
from channels.settings import Settings
from tests.channels.channel_world import REGIONS

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")

ANSWER: list[dict[str, Any]] = [
    {"text": "不会白交。", "buttons": [{"title": "说详细点", "payload": '/read_more{"article":"a/b"}'}]},
    {
        "custom": {
            "outcome": "answered",
            "language": "zh",
            "citations": [{"title": "暂行办法", "source": "国办发66号", "as_of": "2010-01-01", "url": "https://x.cn/"}],
            "next_steps": ["打12333问问。"],
            "suggestions": [{"article_id": "a/c", "title": "怎么申请"}],
            "reviewed_on": "2026-11-23",
        }
    },
]
EVIL = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>"


@dataclass
class Site:
    """A running channel server and what its Rasa heard."""

    address: str = ""
    heard: list[str] = field(default_factory=list)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def rasa(self, request: httpx.Request) -> httpx.Response:
        """Answers as told for a message, otherwise with a whole answer."""
        if request.method == "PUT":  # a conversation is deleted
            return httpx.Response(200, json={})
        message = json.loads(request.content)["message"]
        self.heard.append(message)
        return httpx.Response(200, json=self.answers.get(message, ANSWER))


@pytest.fixture
def site() -> Iterator[Site]:
    """The server on a free port."""
    running = Site()
    app = create_app(
        Settings(rate_conversation="1000/minute", rate_address="1000/minute"),
        rasa_transport=httpx.MockTransport(running.rasa),
        actions_transport=httpx.MockTransport(lambda _: httpx.Response(200, json=REGIONS)),
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    running.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield running
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of the page."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """The chat on a small Chinese phone; any script error or blocked content fails the test."""
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, locale="zh-CN", reduced_motion="reduce", has_touch=True
    )
    opened = context.new_page()
    opened.set_default_timeout(8000)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: _note_fault(message, faults))
    opened.goto(site.address)
    opened.wait_for_selector("html[data-ready]")
    yield opened
    context.close()
    assert not faults


def _note_fault(message: ConsoleMessage, faults: list[str]) -> None:
    if message.type == "error" and "ERR_INTERNET_DISCONNECTED" not in message.text:
        faults.append(message.text)


def ask(page: Page, text: str) -> None:
    """Type a question and send it with Enter."""
    page.fill("#message", text)
    page.press("#message", "Enter")


def test_a_question_is_answered_with_steps_sources_and_related_articles(page: Page, site: Site) -> None:
    ask(page, "换省了怎么办")
    reply = page.locator(".reply")
    expect(reply).to_contain_text("不会白交。")
    expect(reply.locator(".steps li")).to_have_text(["打12333问问。"])
    expect(reply.locator('a[href="tel:12333"]')).to_have_text("12333")
    expect(reply.locator(".sources ul")).not_to_be_visible()
    reply.locator("summary").click()
    expect(reply.locator(".sources li")).to_contain_text("暂行办法")
    expect(reply.locator(".sources li")).to_contain_text("2010年1月1日起")
    expect(reply.locator(".checked")).to_have_text("2026年11月23日核对过")
    reply.get_by_role("button", name="怎么申请").click()
    expect(page.locator(".reply")).to_have_count(2)
    assert site.heard == ["换省了怎么办", '/read{"article":"a/c","language":"zh"}']


def test_a_button_is_pressed_with_the_keyboard_alone(page: Page, site: Site) -> None:
    ask(page, "换省了怎么办")
    page.locator(".reply").wait_for()
    page.get_by_role("button", name="说详细点").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_have_count(2)
    assert site.heard[1] == '/read_more{"article":"a/b","language":"zh"}'


def test_shift_enter_breaks_the_line_and_sends_nothing(page: Page, site: Site) -> None:
    page.fill("#message", "一")
    page.press("#message", "Shift+Enter")
    expect(page.locator("#message")).to_have_value("一\n")
    assert site.heard == []


def test_what_looks_like_markup_is_only_text(page: Page, site: Site) -> None:
    custom = {"citations": [{"title": EVIL, "source": EVIL}], "next_steps": [EVIL], "language": "zh"}
    site.answers[EVIL] = [
        {"text": EVIL, "buttons": [{"title": EVIL, "payload": "/menu"}]},
        {"custom": custom},
    ]
    ask(page, EVIL)
    expect(page.locator(".reply > p")).to_have_text(EVIL)
    expect(page.locator(".said p")).to_have_text(EVIL)
    assert page.title() == "社保助手"
    assert page.locator("#conversation script, #conversation .reply img").count() == 0


def test_messages_written_without_a_connection_go_out_once_each_when_it_is_back(page: Page, site: Site) -> None:
    page.context.set_offline(True)
    ask(page, "第一句")
    ask(page, "第二句")
    expect(page.locator(".said .state").first).to_have_text("没发出去，会自动再发")
    expect(page.locator("#connection")).to_be_visible()
    assert site.heard == []
    page.context.set_offline(False)
    expect(page.locator(".reply")).to_have_count(2)
    expect(page.locator("#connection")).to_be_hidden()
    assert site.heard == ["第一句", "第二句"]


def test_an_answer_lost_on_the_way_back_is_fetched_without_asking_twice(page: Page, site: Site) -> None:
    lost: list[str] = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.post_data)
        httpx.post(site.address + "/api/v1/messages", json=json.loads(lost[0]), trust_env=False)
        route.abort("internetdisconnected")

    page.route("**/api/v1/messages", lose_the_first)
    ask(page, "换省了怎么办")
    expect(page.locator(".reply")).to_have_count(1)
    assert site.heard == ["换省了怎么办"]


def test_a_reload_keeps_the_conversation(page: Page, site: Site) -> None:
    ask(page, "换省了怎么办")
    page.locator(".reply").wait_for()
    page.reload()
    expect(page.locator(".reply")).to_contain_text("不会白交。")
    assert site.heard == ["换省了怎么办"]


def test_the_place_is_chosen_by_province_and_city(page: Page, site: Site) -> None:
    page.click("#region")
    page.click('[data-region="CN-ZJ"]')
    page.click('[data-region="CN-ZJ.hangzhou"]')
    expect(page.locator("#region-label")).to_have_text("在杭州交社保")
    expect(page.locator(".reply")).to_have_count(1)
    assert site.heard == ['/change_region{"region":"CN-ZJ.hangzhou","language":"zh"}']


def test_escape_closes_the_place_picker_and_gives_the_focus_back(page: Page) -> None:
    page.focus("#region")
    page.keyboard.press("Enter")
    expect(page.locator("#picker")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator("#region")).to_be_focused()


def test_the_whole_page_and_the_bot_switch_the_language(page: Page, site: Site) -> None:
    page.click("#language")
    expect(page.locator("h1")).to_have_text("Shebao Assistant")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("#questions button").first.click()
    page.locator(".reply").wait_for()
    assert site.heard[0] == '/change_language{"language":"en"}'


def test_a_private_number_does_not_stay_in_the_page_either(page: Page) -> None:
    ask(page, "我的电话13800138000能查吗")
    expect(page.locator(".said p")).to_have_text("我的电话***能查吗")
    expect(page.locator(".reply.notice")).to_contain_text("手机号")
    assert "13800138000" not in str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_deleted_data_is_gone_from_the_page(page: Page, site: Site) -> None:
    deleted: list[dict[str, Any]] = [
        {"text": "都删了。"},
        {"custom": {"outcome": "data_deleted", "language": "zh"}},
    ]
    site.answers["删掉"] = deleted
    ask(page, "换省了怎么办")
    page.locator(".reply").wait_for()
    ask(page, "删掉")
    expect(page.locator(".reply")).to_have_text(["社保助手说都删了。"])
    assert "换省" not in str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_an_over_long_text_is_counted_and_cannot_be_sent(page: Page) -> None:
    page.fill("#message", "社" * 490)
    expect(page.locator("#counter")).to_have_text("还能写 10 个字")
    page.fill("#message", "社" * 501)
    expect(page.locator("#counter")).to_have_text("多了 1 个字")
    expect(page.locator("#send")).to_be_disabled()


def test_the_smallest_phone_needs_no_sideways_scrolling_and_every_target_is_big_enough(page: Page) -> None:
    ask(page, "换省了怎么办")
    page.locator(".reply").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    heights = page.locator("button:visible, summary:visible").evaluate_all(
        "elements => elements.map(element => element.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_starting_again_clears_the_page_and_opens_another_conversation(page: Page, site: Site) -> None:
    ask(page, "换省了怎么办")
    page.locator(".reply").wait_for()
    page.click("#reset")
    page.click("#confirm-yes")
    expect(page.locator("#greeting")).to_be_visible()
    expect(page.locator(".reply")).to_have_count(0)
    assert '"conversationId":null' in page.evaluate("sessionStorage.getItem('shebao-chat')")
