"""The web chat in Debian's Chromium against the whole running system, by phone and by keyboard."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, expect, sync_playwright

from tests.running.stack import Stack

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
LOST_CONNECTION = "ERR_INTERNET_DISCONNECTED"  # what Chromium itself reports while there is none
PHONE, SMALLEST_PHONE = (390, 844), (320, 640)
MOST_TABS = 60


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; without it they are skipped, and fail on CI."""
    if CHROMIUM is None:
        reason = "Chromium is not installed (apt-get install chromium)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


class Visitor:
    """A page that has loaded; what goes wrong in it and whom it asks is written down."""

    def __init__(self, browser: Browser, stack: Stack, locale: str, size: tuple[int, int]) -> None:
        self.host = urlsplit(stack.address).netloc
        self.faults: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale, reduced_motion="reduce"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note_console)
        self.page.on("request", self._note_request)
        self.page.goto(stack.address)
        self.page.wait_for_selector("html[data-ready]")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and LOST_CONNECTION not in message.text:
            self.faults.append(message.text)

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def type(self, text: str) -> None:
        """Type into whatever has the focus and press Enter."""
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        """Move the focus with the keyboard until it is on the target."""
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{target} cannot be reached with {key}")

    @property
    def replies(self) -> Locator:
        """Everything the assistant said."""
        return self.page.locator(".reply")

    def fits(self) -> bool:
        """Whether nothing makes the page scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture
def visit(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A visitor with the locale and screen of the test's parameter; a Chinese phone without one."""
    locale, size = getattr(request, "param", ("zh-CN", PHONE))
    visitor = Visitor(browser, stack, locale, size)
    yield visitor
    visitor.context.close()
    assert not visitor.faults


def test_a_chinese_conversation_by_keyboard_alone(visit: Visitor) -> None:
    page = visit.page
    visit.tab_to(page.locator("#message"))
    visit.type("每个月最少交多少养老保险")
    expect(visit.replies).to_have_count(1)
    expect(visit.replies.first).to_contain_text("20%")
    summary = visit.replies.first.locator("summary")
    visit.tab_to(summary, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(visit.replies.first.locator(".sources li").first).to_be_visible()
    expect(visit.replies.first.locator(".checked")).to_contain_text("核对过")
    visit.tab_to(visit.replies.first.get_by_role("button", name="告诉你我在哪"))
    page.keyboard.press("Enter")
    expect(page.locator("#picker")).to_be_visible()
    visit.tab_to(page.locator("#picker-search"))
    visit.type("浙江")
    visit.tab_to(page.locator('#picker-list [data-region="CN-ZJ"]'))
    page.keyboard.press("Enter")
    expect(page.locator("#region-label")).to_have_text("在浙江交社保")
    expect(visit.replies).to_have_count(3)
    expect(visit.replies.nth(2)).to_contain_text("997.2元")
    assert visit.fits()


@pytest.mark.parametrize("visit", [("en-GB", PHONE)], indirect=True)
def test_an_english_conversation_by_keyboard_alone(visit: Visitor) -> None:
    page = visit.page
    expect(page.locator("h1")).to_have_text("Shebao Assistant")
    visit.tab_to(page.locator("#message"))
    visit.type("I worked in Sichuan and now deliver food in Zhejiang, what happens to my years?")
    expect(visit.replies.first).to_contain_text("Nothing is lost")
    visit.tab_to(visit.replies.first.locator("summary"), "Shift+Tab")
    page.keyboard.press("Space")
    expect(visit.replies.first.locator(".sources li").first).to_be_visible()
    visit.tab_to(visit.replies.first.get_by_role("button", name="Tell me more"))
    page.keyboard.press("Enter")
    expect(visit.replies).to_have_count(2)
    related = visit.replies.first.locator(".related button").first
    visit.tab_to(related, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(visit.replies).to_have_count(3)
    expect(visit.replies.nth(2)).to_have_attribute("lang", "en")
    assert visit.fits()


@pytest.mark.parametrize("visit", [("zh-CN", SMALLEST_PHONE)], indirect=True)
def test_the_smallest_phone_shows_menu_form_and_long_answers_without_sideways_scrolling(visit: Visitor) -> None:
    page = visit.page
    assert visit.fits()
    page.locator("#events button").last.click()
    expect(visit.replies.first.locator(".buttons button")).to_have_count(12)
    assert visit.fits()
    visit.replies.first.get_by_role("button", name="干活受伤了").click()
    expect(visit.replies.nth(1).locator(".buttons button")).to_have_count(3)
    visit.replies.nth(1).locator(".buttons button").first.click()
    expect(visit.replies).to_have_count(3)
    page.locator("summary").last.click()
    assert visit.fits()
    page.locator("#region").click()
    expect(page.locator("#picker-list button").first).to_be_visible()
    assert visit.fits()


def test_the_page_follows_the_language_that_is_spoken_and_switches_at_a_press(visit: Visitor) -> None:
    page = visit.page
    page.fill("#message", "How many years do I need to pay at least?")
    page.press("#message", "Enter")
    expect(visit.replies.first).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Shebao Assistant")
    page.click("#language")
    expect(page.locator("h1")).to_have_text("社保助手")
    expect(visit.replies.nth(1)).to_contain_text("咱们说中文")
    page.fill("#message", "menu")
    page.press("#message", "Enter")
    expect(visit.replies.nth(2)).to_have_attribute("lang", "zh-CN")


@pytest.mark.parametrize("visit", [("zh-CN", PHONE), ("en-GB", PHONE)], indirect=True, ids=["zh", "en"])
def test_the_questions_on_the_first_page_are_answered_or_asked_back_about(visit: Visitor) -> None:
    page = visit.page
    questions = page.locator("#questions button").all_text_contents()
    page.locator("#questions button").first.click()
    expect(visit.replies).to_have_count(1)
    for number, question in enumerate(questions[1:], 2):
        page.fill("#message", question)
        page.press("#message", "Enter")
        expect(visit.replies).to_have_count(number)
    outcomes = visit.replies.evaluate_all("replies => replies.map(reply => reply.dataset.outcome)")
    missed = [q for q, outcome in zip(questions, outcomes, strict=True) if outcome not in ("answered", "clarify")]
    assert missed == []


def test_what_is_said_without_a_connection_is_answered_once_each_when_it_is_back(visit: Visitor) -> None:
    page = visit.page
    page.fill("#message", "我在浙江")
    page.press("#message", "Enter")
    expect(visit.replies).to_have_count(1)
    visit.context.set_offline(True)
    expect(page.locator("#connection")).to_be_visible()
    for text in ("每个月最少交多少养老保险", "养老保险最少要交多少年"):
        page.fill("#message", text)
        page.press("#message", "Enter")
    expect(page.locator(".said")).to_have_count(3)
    expect(visit.replies).to_have_count(1)
    visit.context.set_offline(False)
    expect(visit.replies).to_have_count(3)
    expect(page.locator("#connection")).to_be_hidden()
    expect(visit.replies.nth(1)).to_contain_text("997.2元")
    expect(visit.replies.nth(2)).to_contain_text("15年")
    page.fill("#message", "我的数据")
    page.press("#message", "Enter")
    expect(visit.replies.nth(3)).to_contain_text("问过的话2条")
    expect(page.locator(".said")).to_have_count(4)


def test_a_private_number_leaves_neither_page_nor_database_with_a_trace(visit: Visitor, stack: Stack) -> None:
    page = visit.page
    page.fill("#message", "我的手机号13712345678，养老保险最少要交多少年")
    page.press("#message", "Enter")
    expect(visit.replies).to_have_count(2)
    expect(visit.replies.first).to_contain_text("手机号")
    expect(visit.replies.nth(1)).to_contain_text("15年")
    assert "13712345678" not in page.content()
    assert not [row for row in stack.stored() if "13712345678" in row]
