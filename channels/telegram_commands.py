"""`shebao telegram set-webhook | poll | check`: connecting our bot with Telegram, and looking at it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, NoReturn
from urllib.parse import urlsplit, urlunsplit

import typer
from pydantic import ValidationError
from rich.console import Console
from telegram import BotCommand

from channels.channel import Request, SendFailure
from channels.message import Chart
from channels.telegram import WEBHOOK, Labels, TelegramChannel, TelegramSettings
from channels.telegram_polling import COMMANDS, STOP_COMMAND, UPDATES_WANTED, poll

PORTS = (None, 443, 80, 88, 8443)  # the only ones that Telegram calls
LANGUAGES: Mapping[str | None, str] = {None: "zh", "zh": "zh", "en": "en"}  # of the worker's Telegram -> our wording

Handle = Callable[[Request], Awaitable[None]]
HandleFactory = Callable[[TelegramChannel], AbstractAsyncContextManager[Handle]]
Work = Callable[[TelegramChannel, TelegramSettings], Awaitable[None]]
Draw = Callable[[Chart, str], bytes]
UrlOption = Annotated[str, typer.Option("--url", help="our public https address, with or without the path")]

out, err = Console(), Console(stderr=True)


def app_with(
    handle_factory: HandleFactory, descriptions: Labels, labels: Labels, draw: Draw | None = None
) -> typer.Typer:
    """The commands. `handle_factory` gives, for as long as `poll` runs, what takes the polled requests.

    `descriptions` is language -> command without its slash -> what Telegram's menu says of it; a command without
    wording is not in the menu. `labels` and `draw` are those of the channel.
    """
    ours = _Commands(handle_factory, descriptions, labels, draw)
    commands = typer.Typer(no_args_is_help=True, help="Telegram: the webhook, polling, and whether it works.")
    commands.command("set-webhook")(ours.set_webhook)
    commands.command("poll")(ours.poll)
    commands.command("check")(ours.check)
    return commands


@dataclass(frozen=True, slots=True)
class _Commands:
    """What the commands share; the settings are read when one runs."""

    handle_factory: HandleFactory
    descriptions: Labels
    labels: Labels
    draw: Draw | None

    def set_webhook(self, url: UrlOption) -> None:
        """Tell Telegram where to bring what workers write, and set the command menu."""
        address = _webhook(url)

        async def work(channel: TelegramChannel, settings: TelegramSettings) -> None:
            secret = _secret(settings)
            call = channel.bot.set_webhook(address, secret_token=secret, allowed_updates=UPDATES_WANTED)
            await channel.bot.called(call)
            await _set_menu(channel, self.descriptions)
            out.print(f"webhook set: {address}", markup=False, soft_wrap=True)

        self._run(work)

    def poll(self) -> None:
        """Fetch what workers write instead of being called; removes the webhook. Ctrl-C stops it."""

        async def work(channel: TelegramChannel, settings: TelegramSettings) -> None:
            _secret(settings)
            stop = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            async with self.handle_factory(channel) as handle:
                await poll(channel, handle, stop)

        self._run(work)

    def check(self) -> None:
        """Show which bot this is, where Telegram calls us and how that went; set the command menu once more."""

        async def work(channel: TelegramChannel, settings: TelegramSettings) -> None:
            await _show(channel)
            await _set_menu(channel, self.descriptions)
            out.print("command menu: set in Chinese and English")
            _secret(settings)

        self._run(work)

    def _run(self, work: Work) -> None:
        try:
            settings = TelegramSettings()
        except ValidationError as error:
            names = {f"SHEBAO_TELEGRAM_{part}".upper() for wrong in error.errors() for part in wrong["loc"]}
            _fail(f"cannot be used: {', '.join(sorted(names))}")
        if not settings.token.get_secret_value():
            _fail("SHEBAO_TELEGRAM_TOKEN is not set; @BotFather in Telegram gives one")
        try:
            asyncio.run(self._worked(settings, work))
        except SendFailure as failure:
            _fail(f"{type(failure).__name__}: {failure}")

    async def _worked(self, settings: TelegramSettings, work: Work) -> None:
        token, secret = settings.token, settings.webhook_secret
        channel = TelegramChannel(
            token, secret, settings.base_url, settings.timeout_seconds, self.labels, draw=self.draw
        )
        try:
            await work(channel, settings)
        finally:
            await channel.close()


async def _show(channel: TelegramChannel) -> None:
    """Prints what Telegram knows of us; the address may be shown, it holds no secret."""
    bot = channel.bot
    me, info = await bot.called(bot.get_me()), await bot.called(bot.get_webhook_info())
    lines = [
        f"bot: @{me.username}",
        f"webhook: {info.url or 'none; `poll` fetches what workers write'}",
        f"waiting updates: {info.pending_update_count}",
    ]
    if info.last_error_date:
        lines.append(f"last error: {info.last_error_date.isoformat()} {info.last_error_message or ''}".rstrip())
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


async def _set_menu(channel: TelegramChannel, descriptions: Labels) -> None:
    """Sets Telegram's command menu for Chinese, for English and, in Chinese, for every other language."""
    for language, wording in LANGUAGES.items():
        named = descriptions[wording]
        menu = [BotCommand(name, named[name]) for name in (*COMMANDS, STOP_COMMAND) if name in named]
        await channel.bot.called(channel.bot.set_my_commands(menu, language_code=language))


def _webhook(url: str) -> str:
    """The address to tell Telegram; ends the command where Telegram would never call it."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and parts.hostname and parts.port in PORTS
    except ValueError:
        usable = False
    if not usable:
        _fail("--url must begin with https:// and use port 443, 80, 88 or 8443")
    path = parts.path if parts.path.strip("/") else WEBHOOK.path
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _secret(settings: TelegramSettings) -> str:
    secret = settings.webhook_secret.get_secret_value()
    if not secret:
        _fail("SHEBAO_TELEGRAM_WEBHOOK_SECRET is not set; without it every request is refused")
    return secret


def _fail(message: str) -> NoReturn:
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)
