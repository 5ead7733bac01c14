"""The embeddable widget in Debian's Chromium, on the page of a platform that is another origin than the assistant."""

import gzip
import importlib.util
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import jwt
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, expect, sync_playwright

from tests.channels.platforms.widget_server import KEY, WIDGET, Assistant, Platform, reply, two_origins

CHROMIUM = shutil.which("chromium")
NODE = shutil.which("node")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "embedding"
DESKTOP, SMALLEST_PHONE = (1100, 800), (320, 640)
MOST_BYTES = 40 * 1024
MOST_TABS = 60
SMALLEST_TARGET = 44
CONTEXTS: dict[str, dict[str, list[str]]] = json.loads((WIDGET / "contexts.json").read_text(encoding="utf-8"))
# What Chromium itself writes about a request that failed, which some tests want it to.
EXPECTED_ERRORS = ("Failed to load resource",)

CHART = {
    "title": "每月能领多少",
    "unit": "元/月",
    "series": ["少交", "多交"],
    "rows": [
        {"label": "60岁退休", "values": [800, 1234], "texts": ["800元", "1,234元"]},
        {"label": "63岁退休", "values": [900, 1500], "texts": ["900元", "1,500元"]},
    ],
}
WHOLE = reply(
    "不会白交。\n\n- 先在新地方交上\n- 再办转移",
    buttons=[{"title": "说详细点", "payload": '/read_more{"article":"a/b"}'}, {"title": "有用", "payload": "/helpful"}],
    citations=[{"title": "暂行办法", "source": "国办发66号", "as_of": "2010-01-01", "url": "https://x.cn/"}],
    next_steps=["打12333问问。"],
    suggestions=[{"article_id": "a/c", "title": "怎么申请"}],
    reviewed_on="2026-11-23",
    article_id="a/b",
    chart=CHART,
)
LISTEN = """window.told = [];
for (const name of ["open", "close", "answer", "error"])
  addEventListener(`shebao:${name}`, (event) => told.push([name, event.detail]));"""
FOCUSED = """() => { let it = document.activeElement;
while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement; return it?.id || it?.textContent || ""; }"""


def require(program: str | None, name: str) -> str:
    """Skip where a program is missing; on CI fail, so that nobody mistakes a skip for a pass."""
    if program is None:
        reason = f"{name} is not installed"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    assert program is not None
    return program


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=require(CHROMIUM, "Chromium"), args=QUIET)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A worker on the platform's page."""

    browser: Browser
    assistant: Assistant
    platform: Platform
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def context(self, size: tuple[int, int] = DESKTOP, **options: Any) -> BrowserContext:
        """A browser with nothing remembered; motion is reduced unless asked for."""
        options = {"reduced_motion": "reduce", "locale": "zh-CN"} | options
        made = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        made.set_default_timeout(8000)
        made.add_init_script(LISTEN)
        self.contexts.append(made)
        return made

    def page(self, within: BrowserContext | None = None, **attributes: str) -> Page:
        """The platform's page with the widget on it, ready; `_` in an attribute's name stands for a hyphen."""
        written = {"server": self.assistant.address, "platform": "rider-app"} | attributes
        self.platform.attributes = {name.replace("_", "-"): value for name, value in written.items()}
        page = self.bare(within)
        page.locator("#shell").wait_for(state="attached")
        return page

    def bare(self, within: BrowserContext | None = None, path: str = "/") -> Page:
        """Whatever the platform serves, with every fault in it written down."""
        page = (within or self.context()).new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._note)
        page.goto(self.platform.address + path if path.startswith("/") else path)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED_ERRORS):
            self.faults.append(message.text)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Assistant, Platform]]:
    """Both servers, on two origins."""
    with two_origins() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, servers: tuple[Assistant, Platform]) -> Iterator[Visit]:
    """Servers that have heard nothing; any script error, and anything that a policy blocked, fails the test."""
    for server in servers:
        server.forget()
    visitor = Visit(browser, *servers)
    yield visitor
    for context in visitor.contexts:
        context.close()
    assert not visitor.faults


def ask(page: Page, text: str) -> None:
    """Type a question and send it with Enter."""
    page.fill("#message", text)
    page.press("#message", "Enter")


def replies(page: Page) -> Locator:
    """Everything the assistant said."""
    return page.locator(".reply")


def element(page: Page, script: str) -> Any:
    """Evaluate with `it`, the widget's element."""
    return page.evaluate(f"(() => {{ const it = document.querySelector('shebao-assistant'); return {script}; }})()")


def told(page: Page, name: str) -> list[dict[str, Any]]:
    """The details of the events of that name so far."""
    return [detail for event, detail in page.evaluate("told") if event == name]


def focused(page: Page) -> str:
    """The id of what has the focus, inside shadow roots too; its text where it has no id."""
    return str(page.evaluate(FOCUSED))


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Move the focus with the keyboard until it is on what has that id or text."""
    for _ in range(MOST_TABS):
        if focused(page) == name:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{name} cannot be reached with {key}")


def until(holds: Callable[[], bool], page: Page, seconds: float = 6) -> None:
    """Wait until something holds, while the page goes on."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came to hold"
        page.wait_for_timeout(30)


# --- On the page of somebody else --------------------------------------------------------------------------------


def test_the_script_alone_puts_nothing_on_the_page(visit: Visit) -> None:
    page = visit.bare()
    page.evaluate("customElements.whenDefined('shebao-assistant').then(() => true)")
    assert page.evaluate("[...document.body.children].map((node) => node.localName)") == ["main"]


def test_everything_the_widget_loads_fits_into_forty_kilobytes(visit: Visit) -> None:
    context = visit.context()
    loaded: dict[str, int] = {}
    whole = re.compile(re.escape(visit.assistant.address) + "/widget")

    def weigh(response: Any) -> None:
        if whole.match(response.url):
            loaded[response.url.rsplit("/", 1)[1]] = len(gzip.compress(response.body(), 6))

    context.on("response", weigh)
    page = visit.page(context, open="")
    visit.assistant.answers["算"] = [WHOLE]
    ask(page, "算")
    expect(replies(page)).to_have_count(1)
    assert {"widget.js", "assistant.js", "parts.css", "contexts.json", "strings.zh.json"} <= loaded.keys()
    assert "strings.en.json" not in loaded
    assert sum(loaded.values()) <= MOST_BYTES, loaded


def test_the_style_of_the_page_and_the_widget_leave_each_other_alone(visit: Visit) -> None:
    page = visit.page(open="")
    style = "((node) => { const s = getComputedStyle(node); return [s.letterSpacing, s.backgroundColor, s.fontSize]; })"
    button = page.evaluate(f"{style}(document.querySelector('shebao-assistant').shadowRoot.getElementById('send'))")
    assert button[0] == "normal"
    assert button[1] != "rgb(255, 0, 0)"
    assert button[2] == "17px"
    assert page.evaluate(f"{style}(document.getElementById('before'))[1]") == "rgb(255, 0, 0)"


LANGUAGES = [
    ("zh", "en", "社保助手"),
    ("en", "zh-CN", "Shebao Assistant"),
    ("EN-us", "zh-CN", "Shebao Assistant"),
    (None, "en-GB", "Shebao Assistant"),
    (None, "zh-CN", "社保助手"),
    (None, "", "社保助手"),
    ("fr", "en", "社保助手"),
    ('"><img src=x>', "en", "社保助手"),
]


@pytest.mark.parametrize(("lang", "page_language", "name"), LANGUAGES)
def test_the_language_is_the_attribute_s_else_the_page_s_else_chinese(
    visit: Visit, lang: str | None, page_language: str, name: str
) -> None:
    visit.platform.language = page_language
    page = visit.page(lang=lang) if lang is not None else visit.page()
    expect(page.locator("#launcher")).to_have_text(name)


def test_another_language_is_spoken_as_soon_as_the_attribute_changes(visit: Visit) -> None:
    page = visit.page(open="", lang="zh")
    element(page, "it.setAttribute('lang', 'en')")
    expect(page.locator("#name")).to_have_text("Shebao Assistant")
    ask(page, "hello")
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.received[0]["language"] == "en"


def test_the_widget_follows_the_language_it_was_answered_in_and_keeps_it(visit: Visit) -> None:
    visit.assistant.answers["hello"] = [reply("Hello.", language="en")]
    page = visit.page(open="", lang="zh")
    ask(page, "hello")
    expect(page.locator("#name")).to_have_text("Shebao Assistant")
    page.reload()
    expect(page.locator("#name")).to_have_text("Shebao Assistant")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_offers_the_questions_of_its_context(visit: Visit, lang: str) -> None:
    page = visit.page(open="", context="accident", lang=lang)
    for context in [*CONTEXTS, "nowhere", "__proto__", "constructor", "accident"]:
        expected = CONTEXTS.get(context, CONTEXTS["default"])[lang]
        element(page, f"it.setAttribute('context', '{context}')")
        assert page.locator("#questions button").all_text_contents() == expected, context
    page.locator("#questions button").first.click()
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.heard == [CONTEXTS["accident"][lang][0]]


def test_every_context_has_three_questions_in_every_language() -> None:
    assert CONTEXTS.keys() == {"default", "payout", "onboarding", "accident", "profile"}
    for questions in CONTEXTS.values():
        assert questions.keys() == {"zh", "en"}
        for asked in questions.values():
            assert len(set(asked)) == 3
            assert all(question.endswith(("？", "?")) and len(question) <= 90 for question in asked)


def test_the_life_events_are_a_menu_of_buttons(visit: Visit) -> None:
    page = visit.page(open="")
    page.locator("#events button").last.click()
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.heard == ["/menu"]


@pytest.mark.parametrize(
    ("theme", "scheme", "dark"), [("light", "dark", False), ("dark", "light", True), ("auto", "dark", True)]
)
def test_the_theme_is_the_attribute_s(visit: Visit, theme: str, scheme: Any, dark: bool) -> None:
    page = visit.page(visit.context(color_scheme=scheme), open="", theme=theme)
    background = "getComputedStyle(it.shadowRoot.getElementById('panel')).backgroundColor"
    assert (element(page, background) == "rgb(16, 22, 21)") is dark
    element(page, "it.setAttribute('theme', 'dark')")
    assert element(page, background) == "rgb(16, 22, 21)"


def test_a_platform_s_own_colours_reach_into_the_widget(visit: Visit) -> None:
    page = visit.page()
    element(page, "it.style.setProperty('--shebao-brand', 'rgb(1, 2, 3)')")
    assert element(page, "getComputedStyle(it.shadowRoot.getElementById('launcher')).backgroundColor") == "rgb(1, 2, 3)"


def test_standing_inline_it_is_a_part_of_the_page_that_stays_open(visit: Visit) -> None:
    page = visit.page(position="inline")
    expect(page.locator("#panel")).to_be_visible()
    expect(page.locator("#launcher")).to_be_hidden()
    expect(page.locator("#close")).to_be_hidden()
    expect(page.locator("#panel")).to_have_attribute("role", "region")
    page.focus("#message")
    page.keyboard.press("Escape")
    element(page, "it.close()")
    expect(page.locator("#panel")).to_be_visible()
    element(page, "it.setAttribute('position', 'bottom-right')")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#launcher")).to_be_visible()


def test_the_page_opens_closes_and_asks_and_is_told_without_a_word_of_the_worker(visit: Visit) -> None:
    visit.assistant.answers["我的秘密"] = [WHOLE]
    page = visit.page()
    element(page, "it.open()")
    expect(page.locator("#panel")).to_be_visible()
    element(page, "it.close()")
    expect(page.locator("#panel")).to_be_hidden()
    element(page, "it.ask('我的秘密')")
    expect(replies(page)).to_have_count(1)
    assert [name for name, _ in page.evaluate("told")] == ["open", "close", "open", "answer"]
    assert told(page, "answer") == [{"outcome": "answered", "article_id": "a/b"}]
    assert "秘密" not in json.dumps(page.evaluate("told"), ensure_ascii=False)


def test_asking_what_is_too_long_leaves_it_to_the_worker(visit: Visit) -> None:
    page = visit.page()
    for length in (500, 501):
        element(page, f"it.ask('社'.repeat({length}))")
    expect(page.locator("#message")).to_have_value("社" * 501)
    expect(replies(page)).to_have_count(1)
    assert told(page, "error") == [{"code": "text_too_long"}]


def test_an_element_that_is_moved_goes_on_where_it_was(visit: Visit) -> None:
    page = visit.page(open="")
    ask(page, "第一句")
    expect(replies(page)).to_have_count(1)
    element(page, "document.body.append(it)")
    expect(replies(page)).to_have_count(1)
    ask(page, "第二句")
    expect(replies(page)).to_have_count(2)
    assert visit.assistant.heard == ["第一句", "第二句"]


def test_a_widget_that_cannot_be_loaded_says_so_and_comes_when_it_can(visit: Visit) -> None:
    context = visit.context()
    context.route("**/parts.css", lambda route: route.abort())
    visit.platform.attributes = {"server": visit.assistant.address}
    page = visit.bare(context)
    until(lambda: told(page, "error") == [{"code": "load_failed"}], page)
    assert page.locator("#launcher").count() == 0
    context.unroute("**/parts.css")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#launcher")).to_be_visible()


def test_a_language_that_changes_while_the_widget_loads_is_taken(visit: Visit) -> None:
    context = visit.context()
    held: list[Route] = []
    context.route("**/parts.css", lambda route: held.append(route))
    visit.platform.attributes = {"server": visit.assistant.address, "lang": "zh"}
    page = visit.bare(context)
    until(lambda: bool(held), page)
    element(page, "it.setAttribute('lang', 'en')")
    for route in held:
        route.continue_()
    expect(page.locator("#launcher")).to_have_text("Shebao Assistant")


def test_the_demo_page_shows_attributes_methods_and_events(visit: Visit) -> None:
    page = visit.bare(path=visit.assistant.address + "/widget/demo.html")
    page.locator("html[data-ready]").wait_for()
    page.select_option("[name=lang]", "en")
    expect(page.locator("#launcher")).to_have_text("Shebao Assistant")
    expect(page.locator("#markup")).to_contain_text('lang="en"')
    page.click("#ask")
    expect(replies(page)).to_have_count(1)
    expect(page.locator("#events li").first).to_contain_text("shebao:answer")
    assert visit.assistant.heard == ["断缴了怎么办"]


def test_every_attribute_variable_context_event_and_error_is_documented() -> None:
    document = SAMPLES.with_suffix(".md").read_text(encoding="utf-8")
    script = (WIDGET / "assistant.js").read_text(encoding="utf-8")
    styles = "".join((WIDGET / name).read_text(encoding="utf-8") for name in ("colours.css", "assistant.css"))
    listed = re.search(r"observedAttributes = \[(.*?)\]", script)
    assert listed is not None
    names = set(re.findall(r'"([a-z-]+)"', listed[1])) | CONTEXTS.keys()
    names |= {f"shebao:{event}" for event in re.findall(r'#tell\("(\w+)"', script)}
    names |= set(re.findall(r'code: "(\w+)"', script)) | set(re.findall(r"var\((--shebao-[a-z-]+)", styles))
    assert {name for name in names if f"`{name}`" not in document} == set()
    for color in re.findall(r"var\((--shebao-[a-z-]+), (#\w+)\)", styles):
        assert all(f"`{part}`" in document for part in color), color


# --- The chat ----------------------------------------------------------------------------------------------------


def test_an_answer_comes_with_steps_sources_that_open_a_chart_and_its_table(visit: Visit) -> None:
    visit.assistant.answers["换省了"] = [WHOLE]
    page = visit.page(open="")
    ask(page, "换省了")
    card = replies(page)
    expect(card.locator(".plain li")).to_have_count(2)
    expect(card.locator(".steps li")).to_have_text(["打12333问问。"])
    expect(card.locator('a[href="tel:12333"]')).to_have_text("12333")
    expect(card.locator("svg[role=img]")).to_have_attribute("aria-label", re.compile("60岁退休 800元 / 1,234元"))
    card.locator(".twin summary").click()
    expect(card.locator(".twin tbody td").first).to_have_text("800元")
    card.locator(".sources summary").click()
    source = card.locator(".sources a")
    expect(source).to_contain_text("暂行办法")
    expect(source).to_have_attribute("rel", "noopener noreferrer")
    card.get_by_role("button", name="有用").click()
    expect(card).to_have_count(2)
    card.first.get_by_role("button", name="怎么申请").click()
    expect(card).to_have_count(3)
    assert visit.assistant.heard == ["换省了", "/helpful", '/read{"article":"a/c"}']


def test_the_place_is_chosen_in_the_widget_too(visit: Visit) -> None:
    page = visit.page(open="")
    page.click("#region")
    page.click('[data-region="CN-ZJ"]')
    page.click('[data-region="CN-ZJ.hangzhou"]')
    expect(page.locator("#region-label")).to_have_text("在杭州交社保")
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.heard == ['/change_region{"region":"CN-ZJ.hangzhou"}']


def test_typing_is_shown_until_the_answer_is_there(visit: Visit) -> None:
    context = visit.context()
    held: list[Any] = []
    context.route("**/api/v1/messages", lambda route: held.append(route))
    page = visit.page(context, open="")
    ask(page, "在吗")
    expect(page.locator("#typing")).to_be_visible()
    expect(page.locator("#typing-text")).to_have_text("正在查……")
    until(lambda: bool(held), page)
    held[0].continue_()
    expect(replies(page)).to_have_count(1)
    expect(page.locator("#typing")).to_be_hidden()


def test_what_is_said_without_a_connection_goes_out_once_each_when_it_is_back(visit: Visit) -> None:
    page = visit.page(open="")
    page.context.set_offline(True)
    for text in ("第一句", "第二句", "第三句"):
        ask(page, text)
    expect(page.locator(".said .state").first).to_have_text("没发出去，会自动再发")
    expect(page.locator("#connection")).to_be_visible()
    assert visit.assistant.heard == []
    page.context.set_offline(False)
    expect(replies(page)).to_have_text([re.compile(text) for text in ("第一句", "第二句", "第三句")])
    expect(page.locator("#connection")).to_be_hidden()
    assert [message["text"] for message in visit.assistant.received] == ["第一句", "第二句", "第三句"]
    assert told(page, "error")[0] == {"code": "offline"}


def test_an_answer_that_is_lost_on_the_way_is_asked_for_again_under_the_same_id(visit: Visit) -> None:
    context = visit.context()
    lost: list[dict[str, Any]] = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(json.loads(route.request.post_data))
        httpx.post(visit.assistant.address + "/api/v1/messages", json=lost[0], trust_env=False)
        route.abort("internetdisconnected")

    context.route("**/api/v1/messages", lose_the_first)
    page = visit.page(context, open="")
    ask(page, "换省了")
    expect(replies(page)).to_have_count(1)
    assert len(visit.assistant.received) == 2
    assert visit.assistant.heard == ["换省了"]


def test_what_had_not_gone_out_before_a_reload_goes_out_after_it(visit: Visit) -> None:
    context = visit.context()
    context.route("**/api/v1/messages", lambda route: route.abort())
    page = visit.page(context, open="")
    ask(page, "等一下")
    expect(page.locator(".said .state")).to_have_text("没发出去，会自动再发")
    context.unroute("**/api/v1/messages")
    page.reload()
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.heard == ["等一下"]


def test_a_reload_keeps_the_history_of_this_platform_until_the_worker_starts_over(visit: Visit) -> None:
    context = visit.context()
    page = visit.page(context, open="")
    ask(page, "换省了")
    expect(replies(page)).to_have_count(1)
    page.close()
    page = visit.page(context, open="")
    expect(replies(page)).to_have_text([re.compile("答：换省了")])
    other = visit.page(context, open="", platform="another-app")
    expect(other.locator("#greeting")).to_be_visible()
    expect(replies(other)).to_have_count(0)
    page.click("#reset")
    page.click("#confirm-yes")
    expect(page.locator("#greeting")).to_be_visible()
    page.reload()
    expect(page.locator("#greeting")).to_be_visible()
    assert "换省" not in str(page.evaluate("JSON.stringify(localStorage)"))
    assert visit.assistant.heard == ["换省了"]


def test_a_conversation_nobody_touched_for_a_month_is_not_shown_again(visit: Visit) -> None:
    page = visit.page(open="")
    ask(page, "换省了")
    expect(replies(page)).to_have_count(1)
    page.evaluate(
        "for (const [key, value] of Object.entries(localStorage)) "
        "localStorage[key] = JSON.stringify({...JSON.parse(value), touched: Date.now() - 31 * 864e5})"
    )
    page.reload()
    expect(page.locator("#greeting")).to_be_visible()
    expect(replies(page)).to_have_count(0)


def test_two_tabs_show_the_same_conversation(visit: Visit) -> None:
    context = visit.context()
    first, second = visit.page(context, open=""), visit.page(context, open="")
    ask(first, "第一句")
    expect(replies(second)).to_have_text([re.compile("第一句")])
    ask(second, "第二句")
    expect(replies(first)).to_have_count(2)
    first.click("#reset")
    first.click("#confirm-yes")
    expect(second.locator("#greeting")).to_be_visible()
    expect(replies(second)).to_have_count(0)
    assert visit.assistant.heard == ["第一句", "第二句"]
    assert visit.assistant.received[1]["conversation_id"]


def test_a_browser_that_keeps_nothing_still_chats(visit: Visit) -> None:
    context = visit.context()
    context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } })")
    page = visit.page(context, open="")
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)


PASTE = """(() => { const held = new DataTransfer();
held.items.add(new File(["x"], "id-card.png", { type: "image/png" }));
WORDS
const about = { clipboardData: held, dataTransfer: held, bubbles: true, composed: true, cancelable: true };
const event = new KIND("NAME", about);
return !it.shadowRoot.getElementById("message").dispatchEvent(event); })()"""


@pytest.mark.parametrize(("kind", "name"), [("ClipboardEvent", "paste"), ("DragEvent", "drop")])
def test_a_picture_is_refused_with_a_sentence_and_goes_nowhere(visit: Visit, kind: str, name: str) -> None:
    page = visit.page(open="")
    script = PASTE.replace("KIND", kind).replace("NAME", name).replace("WORDS", "")
    assert element(page, script) is True
    expect(page.locator(".reply.notice")).to_contain_text("图片我看不了")
    page.reload()
    expect(page.locator(".reply.notice")).to_have_count(0)
    assert visit.assistant.received == []


def test_words_that_are_pasted_with_a_picture_are_taken(visit: Visit) -> None:
    page = visit.page(open="")
    script = PASTE.replace("KIND", "ClipboardEvent").replace("NAME", "paste")
    assert element(page, script.replace("WORDS", "held.setData('text/plain', '断缴了');")) is False
    expect(page.locator(".reply.notice")).to_have_count(0)


# --- A person answers --------------------------------------------------------------------------------------------


def hand_over(visit: Visit, **options: Any) -> Page:
    """A page whose conversation was just handed over, with a clock that only the test puts forward."""
    visit.assistant.answers["找真人"] = [reply("好，给你找真人。", outcome="handoff_requested")]
    context = visit.context(**options)
    context.clock.install(time=0)
    context.clock.pause_at(3600)
    page = visit.page(context, open="")
    ask(page, "找真人")
    expect(replies(page)).to_have_count(1)
    return page


def line(number: int, text: str, said_by: str = "desk") -> dict[str, Any]:
    """A line of the desk as the server writes it."""
    return {"id": number, "text": text, "said_by": said_by, "said_at": "2026-11-23T10:00:00Z"}


def poll(page: Page, assistant: Assistant, seconds: float) -> None:
    """Let the time pass that brings the next look."""
    before = len(assistant.polls)
    page.clock.run_for(int(seconds * 1000))
    until(lambda: len(assistant.polls) > before, page)
    page.wait_for_timeout(80)


def test_what_a_person_writes_appears_until_the_conversation_is_closed(visit: Visit) -> None:
    page = hand_over(visit)
    poll(page, visit.assistant, 5)
    visit.assistant.lines = [line(7, "你好，我是小王。")]
    visit.assistant.handoff = "claimed"
    poll(page, visit.assistant, 6)
    expect(page.locator(".colleague")).to_have_text([re.compile("工作人员（真人）.*我是小王")])
    visit.assistant.lines.append(line(9, "办好了，再见。"))
    visit.assistant.handoff = None
    poll(page, visit.assistant, 5)
    expect(page.locator(".colleague")).to_have_count(2)
    assert visit.assistant.polls == [0, 0, 7]
    page.clock.run_for(60_000)
    page.wait_for_timeout(100)
    assert len(visit.assistant.polls) == 3
    page.reload()
    expect(page.locator(".colleague")).to_have_count(2)


def test_nobody_looks_for_news_without_a_handoff_or_while_the_page_is_not_seen(visit: Visit) -> None:
    page = hand_over(visit)
    hide = "Object.defineProperty(document, 'visibilityState', { value: '%s', configurable: true });"
    page.evaluate(hide % "hidden" + "document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(60_000)
    page.wait_for_timeout(100)
    assert visit.assistant.polls == []
    page.evaluate(hide % "visible" + "document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: visit.assistant.polls == [0], page)


def test_looking_goes_on_after_a_reload_and_gets_slower_while_the_server_fails(visit: Visit) -> None:
    page = hand_over(visit)
    page.reload()
    page.locator("#shell").wait_for(state="attached")
    page.wait_for_timeout(300)  # a page may be told only now that it is seen, and look at once
    visit.assistant.polls.clear()
    visit.assistant.news_status = 500
    poll(page, visit.assistant, 6)
    page.clock.run_for(5_500)  # it would have looked by now, had it gone on as before
    page.wait_for_timeout(100)
    assert len(visit.assistant.polls) == 1
    poll(page, visit.assistant, 5)
    visit.assistant.news_status = 404
    poll(page, visit.assistant, 21)
    page.clock.run_for(120_000)
    page.wait_for_timeout(100)
    assert len(visit.assistant.polls) == 3


def test_a_line_that_comes_while_the_panel_is_closed_is_told_at_the_launcher(visit: Visit) -> None:
    page = hand_over(visit)
    page.click("#close")
    visit.assistant.lines = [line(1, "在吗？")]
    poll(page, visit.assistant, 5)
    expect(page.locator("#fresh")).to_have_text("有新回复")
    page.click("#launcher")
    expect(page.locator("#fresh")).to_have_text("")
    expect(page.locator(".colleague")).to_be_visible()


# --- For everybody -----------------------------------------------------------------------------------------------

LOOKS = [
    (scheme, lang, size)
    for scheme in ("light", "dark")
    for lang, size in (("zh", DESKTOP), ("en", DESKTOP), ("zh", SMALLEST_PHONE), ("en", SMALLEST_PHONE))
]


def grave_findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical in the widget."""
    found = Axe().run(page, context="shebao-assistant").response["violations"]
    return [
        f"{finding['id']}: {[node['html'] for node in finding['nodes']]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("scheme", "lang", "size"), LOOKS)
def test_axe_finds_nothing_grave(visit: Visit, scheme: Any, lang: str, size: tuple[int, int]) -> None:
    visit.assistant.answers["算"] = [WHOLE | {"language": lang}, reply("先打120。", outcome="handoff_emergency")]
    page = visit.page(visit.context(size, color_scheme=scheme), lang=lang)
    assert grave_findings(page) == []
    element(page, "it.open()")
    assert grave_findings(page) == []
    ask(page, "算")
    expect(replies(page)).to_have_count(2)
    page.locator(".sources summary").click()
    page.locator(".twin summary").click()
    page.fill("#message", "社" * 501)
    assert grave_findings(page) == []
    page.click("#reset")
    assert grave_findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave_where_a_message_waits_and_a_person_writes(visit: Visit, scheme: Any) -> None:
    page = hand_over(visit, color_scheme=scheme)
    visit.assistant.lines = [line(1, "我是小王。")]
    poll(page, visit.assistant, 5)
    expect(page.locator(".colleague")).to_be_visible()
    page.clock.resume()  # axe itself needs one that runs
    page.context.set_offline(True)
    ask(page, "等一下")
    ask(page, "再等一下")
    expect(page.locator(".said .state").nth(1)).to_have_text("没发出去，会自动再发")
    assert grave_findings(page) == []


def test_a_whole_visit_by_keyboard_alone(visit: Visit) -> None:
    visit.assistant.answers["换省了"] = [WHOLE]
    page = visit.page()
    tab_to(page, "before")
    tab_to(page, "launcher")
    page.keyboard.press("Enter")
    assert focused(page) == "message"
    expect(page.locator("#panel")).to_have_attribute("role", "dialog")
    page.keyboard.type("换省了")
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(1)
    tab_to(page, "说详细点", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(2)
    summary = str(page.locator(".sources summary").first.text_content())
    tab_to(page, summary, "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator(".sources li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert focused(page) == "launcher"
    assert visit.assistant.heard == ["换省了", '/read_more{"article":"a/b"}']


def test_escape_in_a_sheet_closes_only_the_sheet(visit: Visit) -> None:
    page = visit.page(open="")
    page.focus("#region")
    page.keyboard.press("Enter")
    expect(page.locator("#picker")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator("#panel")).to_be_visible()
    assert focused(page) == "region"
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def test_the_focus_returns_to_the_button_of_the_page_that_opened_the_panel(visit: Visit) -> None:
    page = visit.page()
    page.focus("#before")
    element(page, "it.open()")
    assert focused(page) == "message"
    page.keyboard.press("Escape")
    assert focused(page) == "before"


def test_a_panel_that_is_open_from_the_start_takes_no_focus_and_one_beside_the_page_lets_it_go(visit: Visit) -> None:
    page = visit.page(open="")
    expect(page.locator("#panel")).to_be_visible()
    assert focused(page) not in ("message", "panel")
    expect(page.locator("#panel")).not_to_have_attribute("aria-modal", "true")
    page.focus("#before")
    assert focused(page) == "before"


def test_a_panel_that_fills_the_screen_keeps_the_focus_in_front(visit: Visit) -> None:
    page = visit.page(visit.context(SMALLEST_PHONE))
    page.click("#launcher")
    expect(page.locator("#panel")).to_have_attribute("aria-modal", "true")
    box = page.locator("#panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 320, "height": 640}
    passed = []
    for key in ["Tab"] * 25 + ["Shift+Tab"] * 25:
        page.keyboard.press(key)
        passed.append(focused(page))
    assert "before" not in passed
    assert {"reset", "close", "region", "message"} <= set(passed)


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways, in the page or the panel."""
    return bool(
        element(
            page,
            "['panel', 'scroller'].every((id) => { const node = it.shadowRoot.getElementById(id); "
            "return node.scrollWidth <= node.clientWidth; })",
        )
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("letters", ["16px", "32px"], ids=["as it is", "twice as large"])
def test_the_smallest_phone_needs_no_sideways_scrolling(visit: Visit, lang: str, letters: str) -> None:
    visit.assistant.answers["算"] = [WHOLE]
    page = visit.page(visit.context(SMALLEST_PHONE), lang=lang)
    element(page, f"it.style.setProperty('--shebao-font-size', '{letters}')")
    page.click("#launcher")
    assert fits(page)
    ask(page, "算")
    expect(replies(page)).to_have_count(1)
    page.locator(".sources summary").click()
    page.locator(".twin summary").click()
    assert fits(page)
    sizes = page.locator("#panel :is(button, summary):visible").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )
    assert min(sizes) >= SMALLEST_TARGET
    scroller = page.locator("#scroller").bounding_box()
    assert scroller is not None
    assert scroller["height"] >= 120


def test_the_log_is_announced_politely(visit: Visit) -> None:
    page = visit.page(open="")
    expect(page.locator("#log")).to_have_attribute("role", "log")
    expect(page.locator("#log")).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize(("motion", "name"), [("reduce", "none"), ("no-preference", "rise")])
def test_nothing_moves_for_who_wants_it_still(visit: Visit, motion: Any, name: str) -> None:
    page = visit.page(visit.context(reduced_motion=motion), open="")
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)
    assert replies(page).evaluate("node => getComputedStyle(node).animationName") == name


def test_shapes_stay_to_be_seen_in_forced_colours(visit: Visit) -> None:
    page = visit.page(visit.context(forced_colors="active"))
    edges = "node => getComputedStyle(node).borderTopWidth"
    assert page.locator("#launcher").evaluate(edges) == "1px"
    page.click("#launcher")
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)
    for shape in (".said p", "#send", "#panel", ".reply"):
        assert page.locator(shape).first.evaluate(edges) != "0px", shape


# --- Hostile words -----------------------------------------------------------------------------------------------

HOSTILE = [
    "<img src=x onerror=hacked()>",
    "<script>hacked()</script>",
    '"><svg onload=hacked()>',
    "<iframe src=javascript:hacked()></iframe>",
    "javascript:hacked()",
    " javascript:hacked()",
    "java\tscript:hacked()",
    "data:text/html,<script>hacked()</script>",
    "vbscript:hacked()",
    "blob:hacked()",
    "{{constructor.constructor('hacked()')()}}",
    "</template><style>*{display:none}</style>",
    "- <a href=javascript:hacked()>x</a>",
    "' onmouseover='hacked()",
]


def evil(hostile: str) -> dict[str, Any]:
    """A reply that holds the same words wherever a reply can hold words."""
    row = {"label": hostile, "values": [1], "texts": [hostile]}
    return reply(
        hostile,
        buttons=[{"title": hostile, "payload": hostile}],
        citations=[{"title": hostile, "source": hostile, "as_of": hostile, "url": hostile}],
        next_steps=[hostile],
        suggestions=[{"article_id": hostile, "title": hostile}],
        image_url=hostile,
        outcome=hostile,
        article_id=hostile,
        reviewed_on=hostile,
        language=hostile,
        region=hostile,
        chart={"title": hostile, "unit": hostile, "series": [hostile], "rows": [row]},
    )


def test_what_looks_like_markup_is_only_text_wherever_it_stands(visit: Visit) -> None:
    context = visit.context()
    context.add_init_script("window.hacked = () => { window.wasHacked = true; }")
    first = HOSTILE[0]
    page = visit.page(context, open="", context=first, theme=first, position=first, platform=first, lang=first)
    visit.assistant.lines = [line(number, text, text) for number, text in enumerate(HOSTILE, 1)]
    for number, text in enumerate(HOSTILE, 1):
        visit.assistant.answers[text.strip()] = [evil(text)]
        ask(page, text)
        expect(page.locator(".said p").last).to_have_text(text.strip())
        expect(page.locator(".reply:not(.colleague)")).to_have_count(number)
    visit.assistant.answers["找真人"] = [reply("好", outcome="handoff_requested")]
    ask(page, "找真人")
    expect(page.locator(".colleague")).to_have_count(len(HOSTILE), timeout=9000)
    page.reload()
    expect(page.locator(".colleague")).to_have_count(len(HOSTILE))
    for summary in page.locator(".sources summary").all():
        summary.press("Enter")
    assert page.evaluate("window.wasHacked") is None
    assert page.locator("#log :is(script, style, iframe, img, a:not([href^='https:']))").count() == 0
    names = "log => [...log.querySelectorAll('*')].flatMap(node => node.getAttributeNames())"
    assert [name for name in page.locator("#log").evaluate(names) if name.startswith("on")] == []


def test_only_web_addresses_become_links_and_pictures_come_from_the_server(visit: Visit) -> None:
    def cite(url: str) -> dict[str, Any]:
        return {"title": url, "source": "s", "as_of": None, "url": url}

    urls = ["https://a.cn/", "http://b.cn/", "ftp://c.cn/", "//d.cn/", "/e", "JAVASCRIPT:1", ""]
    visit.assistant.answers["看"] = [reply("好", citations=[cite(url) for url in urls], image_url="/widget/icon.svg")]
    page = visit.page(open="")
    ask(page, "看")
    expect(replies(page)).to_have_count(1)
    links = page.locator(".sources a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == ["https://a.cn/", "http://b.cn/"]
    picture = replies(page).locator("img").evaluate("image => image.src")
    assert picture == visit.assistant.address + "/widget/icon.svg"


# --- Who the worker is -------------------------------------------------------------------------------------------


def subjects(assistant: Assistant) -> list[str | None]:
    """Whose token came with each request; None where there was none."""
    return [
        jwt.decode(header.removeprefix("Bearer "), KEY, ["HS256"], audience="shebao-assistant")["sub"]
        if header
        else None
        for header in assistant.tokens
    ]


def test_every_message_carries_the_token_of_the_platform_s_back_end(visit: Visit) -> None:
    page = visit.page(open="", token_url="/shebao-token")
    for number, text in enumerate(("第一句", "第二句"), 1):
        ask(page, text)
        expect(replies(page)).to_have_count(number)
    assert subjects(visit.assistant) == ["rider-1", "rider-1"]
    assert visit.platform.asked == 1
    kept = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)") + page.content()
    assert str(visit.assistant.tokens[0]).split(".")[1] not in kept


def test_a_token_is_renewed_before_it_ends(visit: Visit) -> None:
    context = visit.context()
    context.clock.install(time=0)
    context.clock.pause_at(3600)
    page = visit.page(context, open="", token_url="/shebao-token")
    for number, minutes in enumerate((0, 8.9, 0.2), 1):
        page.clock.fast_forward(int(minutes * 60_000))
        ask(page, f"第{number}句")
        expect(replies(page)).to_have_count(number)
    assert visit.platform.asked == 2
    first, second, third = visit.assistant.tokens
    assert first == second != third


def test_a_token_that_the_server_refuses_is_renewed_and_the_message_goes_out_once(visit: Visit) -> None:
    page = visit.page(open="", token_url="/shebao-token")
    ask(page, "第一句")
    expect(replies(page)).to_have_count(1)
    visit.assistant.refused_tokens.add(str(visit.assistant.tokens[0]))
    ask(page, "第二句")
    expect(replies(page)).to_have_count(2)
    assert [message["text"] for message in visit.assistant.received] == ["第一句", "第二句"]
    assert visit.platform.asked == 2
    assert len(visit.assistant.tokens) == 3
    assert told(page, "error") == []


def test_a_message_goes_without_a_token_where_the_server_takes_none(visit: Visit) -> None:
    visit.assistant.refuses_all_tokens = True
    page = visit.page(open="", token_url="/shebao-token")
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)
    assert [header is not None for header in visit.assistant.tokens] == [True, True, False]
    assert told(page, "error") == [{"code": "token_refused"}]


@pytest.mark.parametrize(("worker", "status"), [(None, 200), ("rider-1", 404)])
def test_a_worker_the_platform_does_not_know_is_answered_all_the_same(
    visit: Visit, worker: str | None, status: int
) -> None:
    visit.platform.worker, visit.platform.token_status = worker, status
    page = visit.page(open="", token_url="/shebao-token")
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.tokens == [None]
    assert told(page, "error") == [{"code": "token_unavailable"}]


def test_a_back_end_that_is_down_for_a_moment_costs_no_signature(visit: Visit) -> None:
    visit.platform.token_status = 503
    page = visit.page(open="", token_url="/shebao-token")
    until(lambda: visit.platform.asked == 1, page)
    visit.platform.token_status = 200
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)
    assert subjects(visit.assistant) == ["rider-1"]


def test_a_back_end_that_stays_down_does_not_keep_the_worker_waiting_for_ever(visit: Visit) -> None:
    visit.platform.token_status = 503
    page = visit.page(open="", token_url="/shebao-token")
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)
    assert visit.assistant.tokens == [None]


def test_a_token_that_the_page_brings_is_sent_and_null_logs_out(visit: Visit) -> None:
    page = visit.page(open="")
    page.evaluate("token => document.querySelector('shebao-assistant').setToken(token)", visit.platform.sign())
    ask(page, "第一句")
    expect(replies(page)).to_have_count(1)
    element(page, "it.setToken(null)")
    expect(page.locator("#greeting")).to_be_visible()
    expect(replies(page)).to_have_count(0)
    ask(page, "第二句")
    expect(replies(page)).to_have_count(1)
    assert subjects(visit.assistant) == ["rider-1", None]
    assert "conversation_id" not in visit.assistant.received[1]


@pytest.mark.parametrize("next_one", ["rider-2", None])
def test_the_next_worker_on_the_same_phone_sees_nothing_of_the_last_one(visit: Visit, next_one: str | None) -> None:
    context = visit.context()
    page = visit.page(context, open="", token_url="/shebao-token")
    ask(page, "我的秘密")
    expect(replies(page)).to_have_count(1)
    page.reload()
    expect(replies(page)).to_have_count(1)
    visit.platform.worker = next_one
    page.reload()
    expect(page.locator("#greeting")).to_be_visible()
    expect(replies(page)).to_have_count(0)
    assert "秘密" not in str(page.evaluate("JSON.stringify(localStorage)"))


@pytest.mark.parametrize("junk", ["x", "a.b.c", "..", "a.e30.c", "a.bnVsbA.c", "ä.ö.ü"])
def test_a_token_that_is_none_breaks_nothing(visit: Visit, junk: str) -> None:
    visit.assistant.refuses_all_tokens = True
    page = visit.page(open="")
    page.evaluate("token => document.querySelector('shebao-assistant').setToken(token)", junk)
    ask(page, "你好")
    expect(replies(page)).to_have_count(1)


# --- The platform's own back end ---------------------------------------------------------------------------------

SAMPLE_LINES = 60


def check(token: str) -> None:
    """A token as the assistant wants it."""
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "k7"}
    claims = jwt.decode(
        token, KEY, ["HS256"], audience="shebao-assistant", options={"require": ["iss", "sub", "iat", "exp"]}
    )
    assert claims["iss"] == "taxi-app"
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["sub"] == "rider-81923"
    assert claims["facts"] == {"region": "CN-ZJ", "occupation": "rider", "language": "zh"}


@pytest.fixture
def sample_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What both samples read."""
    for name, value in {"KEY": KEY, "PLATFORM": "taxi-app", "KEY_ID": "k7"}.items():
        monkeypatch.setenv(f"SHEBAO_{name}", value)


def sample_in_python() -> ModuleType:
    """The module, read anew."""
    spec = importlib.util.spec_from_file_location("sample_backend", SAMPLES / "backend.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("sample_settings")
def test_the_sample_in_python_signs_for_who_is_logged_in() -> None:
    with TestClient(sample_in_python().app) as client:
        stranger = client.get("/shebao-token", headers={"Cookie": "session=guessed"})
        worker = client.get("/shebao-token", headers={"Cookie": "session=demo-session"})
    assert stranger.status_code == 401
    assert worker.headers["Cache-Control"] == "no-store"
    check(worker.json()["token"])


@pytest.mark.usefixtures("sample_settings")
def test_the_sample_in_node_signs_for_who_is_logged_in() -> None:
    started = subprocess.Popen(
        [require(NODE, "Node"), str(SAMPLES / "backend.mjs")], env={**os.environ, "PORT": "0"}, stdout=subprocess.PIPE
    )
    try:
        assert started.stdout is not None
        address = started.stdout.readline().decode().strip()
        with httpx.Client(trust_env=False) as client:
            stranger = client.get(address, headers={"Cookie": "session=guessed"})
            worker = client.get(address, headers={"Cookie": "theme=dark; session=demo-session"})
            nowhere = client.get(address.replace("/shebao-token", "/"))
    finally:
        started.kill()
        started.communicate()
    assert (stranger.status_code, nowhere.status_code) == (401, 404)
    assert worker.headers["Cache-Control"] == "no-store"
    check(worker.json()["token"])


@pytest.mark.usefixtures("sample_settings")
def test_the_samples_refuse_a_key_that_is_too_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_KEY", "too short")
    with pytest.raises(SystemExit, match="32 bytes"):
        sample_in_python()
    ended = subprocess.run([require(NODE, "Node"), str(SAMPLES / "backend.mjs")], capture_output=True, timeout=20)
    assert ended.returncode != 0
    assert b"too short" not in ended.stderr


@pytest.mark.parametrize("sample", ["backend.py", "backend.mjs"])
def test_a_sample_stays_short_enough_to_be_read(sample: str) -> None:
    assert len((SAMPLES / sample).read_text(encoding="utf-8").splitlines()) <= SAMPLE_LINES
