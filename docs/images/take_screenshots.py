"""Takes the pictures of the web chat in this folder again, from an assistant that runs (`make serve`).

    .venv/bin/python docs/images/take_screenshots.py [http://127.0.0.1:8000]

Debian's Chromium must be installed: apt-get install chromium fonts-noto-cjk
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent
PHONE = {"width": 390, "height": 844}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
CONVERSATIONS = {
    "chat-zh.png": ("zh-CN", ["我在浙江送外卖", "每个月最少交多少养老保险"]),
    "calculator-zh.png": ("zh-CN", ["帮我算算退休能领多少", "女，90年5月生，杭州送外卖，交了6年最低档", "自己交的"]),
    "chat-en.png": (
        "en-GB",
        ["I worked in Sichuan and now deliver food in Zhejiang, what happens to my years?"],
    ),
}


def main(address: str) -> None:
    """One picture for each conversation."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for name, (locale, messages) in CONVERSATIONS.items():
            take(chromium, address, FOLDER / name, locale, messages)
        chromium.close()


def take(chromium: Browser, address: str, picture: Path, locale: str, messages: list[str]) -> None:
    """Say the messages one after the other and photograph what a phone shows then."""
    context = chromium.new_context(
        viewport=PHONE, locale=locale, reduced_motion="reduce", device_scale_factor=2, has_touch=True
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    for number, message in enumerate(messages, 1):
        page.fill("#message", message)
        page.press("#message", "Enter")
        page.locator(".said[data-state=sent]").nth(number - 1).wait_for()
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=picture)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
