"""`shebao telegram …` connects the bot, says how it stands, and shows no secret."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from channels.channel import Request
from channels.telegram import TelegramChannel
from channels.telegram_commands import app_with
from channels.telegram_polling import COMMANDS
from tests.channels.platforms.telegram_server import (
    SECRET,
    TOKEN,
    WORDS,
    Refusal,
    TelegramServer,
    message,
    running,
)

MENU = {"zh": dict.fromkeys((*COMMANDS, "stop"), "说明"), "en": {"menu": "What I can help with", "stop": "Stop"}}
Handle = Callable[[Request], Awaitable[None]]


@pytest.fixture(scope="module")
def platform() -> Iterator[TelegramServer]:
    with running() as server:
        yield server


@pytest.fixture
def telegram(platform: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> TelegramServer:
    """The server with nothing said to it yet, and the settings that lead to it."""
    platform.forget()
    monkeypatch.setenv("SHEBAO_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("SHEBAO_TELEGRAM_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("SHEBAO_TELEGRAM_BASE_URL", platform.base_url)
    monkeypatch.setenv("SHEBAO_TELEGRAM_TIMEOUT_SECONDS", "2")
    return platform


class Taken:
    """Stands for the dispatcher: keeps what it was given and then ends the command as Ctrl-C would."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.open = False

    @asynccontextmanager
    async def __call__(self, channel: TelegramChannel) -> AsyncIterator[Handle]:
        async def handle(request: Request) -> None:
            channel.verify(request, datetime(2026, 11, 23, tzinfo=UTC))
            self.events += [event.message_id or "" for event in channel.parse(request).events]
            signal.raise_signal(signal.SIGINT)

        self.open = True
        yield handle
        self.open = False


def run(*words: str, taken: Taken | None = None) -> tuple[int, str]:
    """The exit code of a command, and everything it said."""
    commands: typer.Typer = app_with(taken or Taken(), MENU, WORDS)
    result = CliRunner().invoke(commands, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert TOKEN not in result.output
    assert SECRET not in result.output
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("url", "webhook"),
    [
        ("https://shebao.example", "https://shebao.example/channels/telegram/webhook"),
        ("https://shebao.example/", "https://shebao.example/channels/telegram/webhook"),
        ("https://shebao.example:8443/x/y", "https://shebao.example:8443/x/y"),
    ],
)
def test_set_webhook_tells_telegram_our_address_and_secret(url: str, webhook: str, telegram: TelegramServer) -> None:
    assert run("set-webhook", "--url", url) == (0, f"webhook set: {webhook}\n")
    assert (telegram.webhook, telegram.webhook_secret) == (webhook, SECRET)
    assert [call.method for call in telegram.calls] == ["setWebhook", *["setMyCommands"] * 3]


@pytest.mark.parametrize(
    "url",
    ["http://shebao.example", "shebao.example", "https://", "https://x.example:8080", "https://x:y", "https://[1"],
)
def test_an_address_that_telegram_would_never_call_is_refused(url: str, telegram: TelegramServer) -> None:
    code, said = run("set-webhook", "--url", url)
    assert (code, telegram.calls) == (1, [])
    assert "https://" in said


def test_check_shows_the_bot_its_webhook_and_the_last_error(telegram: TelegramServer) -> None:
    telegram.webhook = "https://shebao.example/channels/telegram/webhook"
    telegram.updates = [message(1, text="一"), message(2, text="二")]
    telegram.last_error = (1_795_000_000, "Connection refused")
    code, said = run("check")
    assert code == 0
    assert said.splitlines() == [
        "bot: @shebao_bot",
        "webhook: https://shebao.example/channels/telegram/webhook",
        "waiting updates: 2",
        "last error: 2026-11-18T11:06:40+00:00 Connection refused",
        "command menu: set in Chinese and English",
    ]


def test_check_without_a_webhook_says_so(telegram: TelegramServer) -> None:
    code, said = run("check")
    assert code == 0
    assert "webhook: none" in said
    assert "last error" not in said


def test_the_command_menu_is_set_for_chinese_english_and_everybody_else(telegram: TelegramServer) -> None:
    run("check")
    assert telegram.commands.keys() == {"", "zh", "en"}
    assert [command["command"] for command in telegram.commands["zh"]] == [*COMMANDS, "stop"]
    assert telegram.commands[""] == telegram.commands["zh"]
    assert telegram.commands["en"] == [
        {"command": "menu", "description": "What I can help with"},
        {"command": "stop", "description": "Stop"},
    ]


def test_poll_hands_updates_on_until_it_is_interrupted(telegram: TelegramServer) -> None:
    telegram.updates = [message(7, text="一")]
    taken = Taken()
    assert run("poll", taken=taken) == (0, "")
    assert taken.events == ["7"]
    assert not taken.open


COMMAND_LINES = [("check",), ("poll",), ("set-webhook", "--url", "https://x.example")]
MISTAKES = [
    ("TOKEN", "", "SHEBAO_TELEGRAM_TOKEN is not set"),
    ("TOKEN", "not a token", "cannot be used: SHEBAO_TELEGRAM_TOKEN"),
    ("TOKEN", "1:wrong", "CredentialsRefused"),
    ("WEBHOOK_SECRET", "", "SHEBAO_TELEGRAM_WEBHOOK_SECRET is not set"),
    ("WEBHOOK_SECRET", "not one", "cannot be used: SHEBAO_TELEGRAM_WEBHOOK_SECRET"),
    ("BASE_URL", "http://127.0.0.1:9/bot", "ConnectionFailed"),
]


@pytest.mark.parametrize(
    ("words", "name", "value", "said"),
    # polling waits until an address that is not there comes back
    [(w, *mistake) for w in COMMAND_LINES for mistake in MISTAKES if (w[0], mistake[0]) != ("poll", "BASE_URL")],
)
def test_a_mistake_in_the_settings_is_one_line_and_no_traceback(
    words: tuple[str, ...], name: str, value: str, said: str, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SHEBAO_TELEGRAM_{name}", value)
    code, told = run(*words)
    assert code == 1
    assert said in told.splitlines()[-1]


def test_what_telegram_refuses_is_told_by_its_name(telegram: TelegramServer) -> None:
    telegram.faults["getMe"].append(Refusal(429, "Too Many Requests: retry after 9", retry_after=9))
    code, said = run("check")
    assert code == 1
    assert "ConnectionThrottled" in said
