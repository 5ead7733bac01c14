"""`shebao wechat …`: put the menu up, and check the account. No secret is ever shown.

The names on the buttons stand in `sentences.yml`, section `wechat_menu`.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import httpx
import typer
import yaml
from pydantic import ValidationError
from rich.console import Console

from actions.settings import Settings as KnowledgeSettings
from channels.channel import MessageInvalid, SendFailure
from channels.sentences import load_sentences
from channels.wechat import CALLBACK_PATH, WeChatSettings
from channels.wechat_crypto import Envelope
from channels.wechat_menu import PAYLOADS, InvalidMenu, MenuLanguage, Names, conditional_menu_of, menu_of
from channels.wechat_token import InMemoryTokenStore, WeChatApi

commands = typer.Typer(no_args_is_help=True, help="The WeChat service account.")
out, err = Console(), Console(stderr=True)

MENU_SECTION = "wechat_menu"
Done = TypeVar("Done")


@commands.command("set-menu")
def set_menu(
    english_tag: Annotated[
        str, typer.Option("--english-tag", help="the id of the followers' tag that gets the menu in English")
    ] = "",
    english: Annotated[bool, typer.Option(help="also put up the menu in English")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show the menus as JSON")] = False,
) -> None:
    """Put up the menu in Chinese, and one in English.

    WeChat refuses a menu by the language of a phone (errcode 65320), so give the readers of English a tag.
    """
    chinese, for_english = _menu("zh"), conditional_menu_of(_menu("en"), tag_id=english_tag)
    if dry_run:
        out.print_json(json.dumps([chinese, *([for_english] if english else [])], ensure_ascii=False))
        return
    settings = _settings()

    async def put_up(api: WeChatApi) -> None:
        await api.call("/cgi-bin/menu/create", chinese)
        _say("the menu in Chinese is up")
        if english:
            try:
                await api.call("/cgi-bin/menu/addconditional", for_english)
            except MessageInvalid as failure:
                _fail(f"the menu in English is not up: {failure}; give its readers a tag and name it: --english-tag")
            _say("the menu in English is up")

    _with_api(settings, put_up)


@commands.command()
def check(
    url: Annotated[str, typer.Option(help="the public address of this server, such as https://example.org")] = "",
) -> None:
    """Ask for a token, and, with --url, call our own callback as WeChat does when its address is saved."""
    settings = _settings()
    token = _with_api(settings, lambda api: api.token())
    minutes = int((token.expires_at - _now()).total_seconds() // 60)
    _say(f"app id and secret: accepted, the token is good for {minutes} minutes")
    _say(f"messages: {'encrypted' if settings.aes_key else 'not encrypted; set SHEBAO_WECHAT_AES_KEY'}")
    if url:
        _call_back(settings, url.rstrip("/").removesuffix(CALLBACK_PATH) + CALLBACK_PATH)
        _say("callback: answers as WeChat wants")


def _call_back(settings: WeChatSettings, address: str) -> None:
    envelope = Envelope(settings.app_id, settings.token, None, settings.max_age_seconds)
    echo = secrets.token_hex(10)
    try:
        with httpx.Client(timeout=settings.timeout_seconds, trust_env=False) as client:
            answer = client.get(f"{address}?{envelope.signed_query(echo, _now())}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _fail(f"callback: {address} does not answer: {type(error).__name__}")
    if answer.status_code != httpx.codes.OK or answer.text != echo:
        _fail(f"callback: {address} does not echo (status {answer.status_code}); is its SHEBAO_WECHAT_TOKEN ours?")


def _menu(language: MenuLanguage) -> dict[str, Any]:
    path = KnowledgeSettings().knowledge_dir / "life_events.yml"
    try:
        events = yaml.safe_load(path.read_text(encoding="utf-8"))["life_events"]
        return menu_of(events, PAYLOADS, _names(), language)
    except InvalidMenu as error:
        _fail(f"{error}; the names are in sentences.yml, section {MENU_SECTION}")
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        _fail(f"{path.name} cannot be read as life events: {type(error).__name__}")


def _names() -> Names:
    sentences = load_sentences()
    try:
        found = sentences.names(MENU_SECTION)
    except KeyError:
        return {}
    return {name: sentences.both(MENU_SECTION, name).model_dump() for name in found}


def _settings() -> WeChatSettings:
    try:
        settings = WeChatSettings()
    except ValidationError as error:
        _fail("; ".join(f"SHEBAO_WECHAT_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()))
    wanted = {
        "APP_ID": settings.app_id,
        "APP_SECRET": settings.app_secret.get_secret_value(),
        "TOKEN": settings.token.get_secret_value(),
    }
    if missing := [f"SHEBAO_WECHAT_{name}" for name, value in wanted.items() if not value]:
        _fail(f"not set: {', '.join(missing)}")
    return settings


def _with_api(settings: WeChatSettings, task: Callable[[WeChatApi], Awaitable[Done]]) -> Done:
    """Do something with the account, or end with one line; a token of its own, so that a kept one cannot hide."""

    async def run() -> Done:
        api = WeChatApi(
            settings.base_url,
            settings.app_id,
            settings.app_secret,
            settings.timeout_seconds,
            InMemoryTokenStore(),
            _now,
        )
        try:
            return await task(api)
        finally:
            await api.aclose()

    try:
        return asyncio.run(run())
    except SendFailure as failure:
        _fail(f"{type(failure).__name__}: {failure}")


def _now() -> datetime:
    return datetime.now(UTC)


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _fail(message: str) -> NoReturn:
    """One line on standard error, exit code 1."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)
