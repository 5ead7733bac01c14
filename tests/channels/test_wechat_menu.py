"""The menu of the account, and the commands that put it up and check the account."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from channels.channel import Request, Response
from channels.payloads import read_payload
from channels.sentences import Sentence, Sentences
from channels.wechat import WeChatChannel, WeChatSettings
from channels.wechat_commands import MENU_SECTION, commands
from channels.wechat_menu import (
    LAYOUT,
    PAYLOADS,
    InvalidMenu,
    Names,
    conditional_menu_of,
    menu_of,
)
from tests.channels.platforms.wechat_server import (
    AES_KEY,
    APP_ID,
    APP_SECRET,
    TOKEN,
    WeChatServer,
    callback_app,
    served,
    server_app,
)

NAMES: Names = {
    "working": {"zh": "干活的事", "en": "My work"},
    "trouble": {"zh": "遇到难处", "en": "Trouble"},
    "life": {"zh": "家里和钱", "en": "My life"},
    "started_platform_work": {"zh": "刚开始跑单", "en": "New to apps"},
    "first_job": {"zh": "第一次上班", "en": "My first job"},
    "changed_job": {"zh": "换工作了", "en": "New job"},
    "moved_province": {"zh": "换省干活", "en": "New province"},
    "several_platforms": {"zh": "跑好几个平台", "en": "Several apps"},
    "injured_at_work": {"zh": "干活受伤了", "en": "Hurt at work"},
    "lost_work": {"zh": "没活干了", "en": "Lost my work"},
    "income_dropped": {"zh": "挣少了交不起", "en": "I earn less"},
    "contribution_gap": {"zh": "社保断了", "en": "I stopped"},
    "handoff": {"zh": "找人问问", "en": "Ask a person"},
    "having_baby": {"zh": "要生孩子了", "en": "Having a baby"},
    "near_retirement": {"zh": "快退休了", "en": "Near retiring"},
    "returning_home": {"zh": "回老家", "en": "Going home"},
    "simulate": {"zh": "算一算", "en": "Work it out"},
    "change_language": {"zh": "换成英文", "en": "Use Chinese"},
}
EVENT = {"id": "lost_work", "title": {"zh": "没活干了", "en": "I lost my work"}}
ONE = {"trouble": ("lost_work",)}


@pytest.fixture(scope="module")
def life_events(real_knowledge: Path) -> list[dict[str, Any]]:
    written = yaml.safe_load((real_knowledge / "life_events.yml").read_text(encoding="utf-8"))
    return list(written["life_events"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_life_event_is_one_tap_away_in_both_languages(language: Any, life_events: list[dict[str, Any]]) -> None:
    menu = menu_of(life_events, PAYLOADS, NAMES, language)
    taps = [button for top in menu["button"] for button in top["sub_button"]]
    assert [top["name"] for top in menu["button"]] == [NAMES[heading][language] for heading in LAYOUT]
    assert {tap["key"] for tap in taps} == {f"/{event['id']}" for event in life_events} | set(PAYLOADS.values())
    assert all(str(read_payload(tap["key"])) == tap["key"] for tap in taps)
    assert {tap["type"] for tap in taps} == {"click"}


def small(name: str, language: str = "zh", heading: str = "难处") -> dict[str, Any]:
    names = {"trouble": {language: heading}, "lost_work": {language: name}}
    return menu_of([EVENT], {}, names, language, ONE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "fits"),
    [("字" * 6, True), ("字" * 7, True), ("字" * 8, False), ("a" * 14, True), ("a" * 15, False)],
)
def test_a_name_under_a_heading_has_seven_chinese_characters(name: str, fits: bool) -> None:
    if fits:
        assert small(name)["button"][0]["sub_button"][0]["name"] == name
    else:
        with pytest.raises(InvalidMenu, match="lost_work"):
            small(name)


@pytest.mark.parametrize(
    ("heading", "fits"),
    [("一二三", True), ("一二三四", True), ("一二三四五", False), ("a" * 8, True), ("a" * 9, False)],
)
def test_a_heading_has_four_chinese_characters(heading: str, fits: bool) -> None:
    if fits:
        assert small("没活干了", heading=heading)["button"][0]["name"] == heading
    else:
        with pytest.raises(InvalidMenu, match="trouble"):
            small("没活干了", heading=heading)


def test_a_name_that_is_narrow_but_long_in_bytes_is_refused() -> None:
    with pytest.raises(InvalidMenu):
        small("没活干了", heading="\U00010330" * 5)


def test_a_life_event_without_a_short_name_keeps_its_title() -> None:
    menu = menu_of([EVENT], {}, {"trouble": {"zh": "难处"}}, "zh", ONE)
    assert menu["button"][0]["sub_button"] == [{"type": "click", "name": "没活干了", "key": "/lost_work"}]


@pytest.mark.parametrize(
    ("events", "payloads", "layout", "told"),
    [
        ([EVENT, EVENT | {"id": "new_event"}], {}, ONE, "new_event"),
        ([], {}, ONE, "lost_work"),
        ([EVENT], {}, {"trouble": ("lost_work",), "empty": ()}, "empty"),
        ([EVENT], {}, {"trouble": ("lost_work",) * 6}, "trouble"),
        ([EVENT], {}, {f"trouble{n}": ("lost_work",) for n in range(4)}, "headings"),
        ([EVENT], {}, {"unnamed": ("lost_work",)}, "unnamed"),
        ([EVENT], {"long": "/" + "a" * 128}, {"trouble": ("lost_work", "long")}, "long"),
        ([], {}, {}, "headings"),
    ],
)
def test_a_menu_that_wechat_would_refuse_names_what_is_wrong(
    events: list[Any], payloads: dict[str, str], layout: dict[str, tuple[str, ...]], told: str
) -> None:
    with pytest.raises(InvalidMenu, match=told):
        menu_of(events, payloads, {"trouble": {"zh": "难处"}, "long": {"zh": "长"}}, "zh", layout)


@pytest.mark.parametrize(("length", "fits"), [(127, True), (128, True), (129, False)])
def test_a_key_has_128_bytes(length: int, fits: bool) -> None:
    names = {"trouble": {"zh": "难处"}, "long": {"zh": "长"}}
    layout = {"trouble": ("lost_work", "long")}
    if fits:
        assert menu_of([EVENT], {"long": "/" * length}, names, "zh", layout)
    else:
        with pytest.raises(InvalidMenu):
            menu_of([EVENT], {"long": "/" * length}, names, "zh", layout)


def test_a_menu_for_some_says_for_whom() -> None:
    assert conditional_menu_of({"button": []}) == {"button": [], "matchrule": {"language": "en"}}
    assert conditional_menu_of({"button": []}, tag_id="2") == {"button": [], "matchrule": {"tag_id": "2"}}


# The commands


@pytest.fixture(scope="module")
def platform() -> Iterator[WeChatServer]:
    wechat = WeChatServer(lambda: datetime.now(UTC))
    with served(server_app(wechat)) as wechat.url:
        yield wechat


@pytest.fixture
def wechat(platform: WeChatServer, real_knowledge: Path, monkeypatch: pytest.MonkeyPatch) -> WeChatServer:
    """An account that is set up, with the names of this file."""
    platform.reset()
    given = {"APP_ID": APP_ID, "APP_SECRET": APP_SECRET, "TOKEN": TOKEN, "AES_KEY": AES_KEY, "BASE_URL": platform.url}
    for name, value in given.items():
        monkeypatch.setenv(f"SHEBAO_WECHAT_{name}", value)
    monkeypatch.setenv("SHEBAO_KNOWLEDGE_DIR", str(real_knowledge))
    sentences = Sentences({MENU_SECTION: {name: Sentence(**both) for name, both in NAMES.items()}})
    monkeypatch.setattr("channels.wechat_commands.load_sentences", lambda: sentences)
    return platform


def run(*words: str) -> tuple[int, str, str]:
    """`shebao wechat` with these words: exit code, output, errors; no secret in either."""
    result = CliRunner().invoke(commands, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    said = result.stdout + result.stderr
    assert [word for word in (APP_SECRET, AES_KEY, f"{TOKEN} ") if word in said] == []
    return result.exit_code, result.stdout, result.stderr


def test_the_menus_go_up_for_all_and_for_readers_of_english(wechat: WeChatServer) -> None:
    code, out, err = run("set-menu", "--english-tag", "2")
    assert (code, out, err) == (0, "the menu in Chinese is up\nthe menu in English is up\n", "")
    assert wechat.menu is not None
    assert [top["name"] for top in wechat.menu["button"]] == ["干活的事", "遇到难处", "家里和钱"]
    (english,) = wechat.conditional_menus
    assert (english["matchrule"], english["button"][0]["name"]) == ({"tag_id": "2"}, "My work")
    assert "干活的事".encode() in wechat.raw[0]


def test_that_wechat_refuses_a_menu_by_language_is_said(wechat: WeChatServer) -> None:
    code, out, err = run("set-menu")
    assert (code, out) == (1, "the menu in Chinese is up\n")
    assert "65320" in err
    assert "--english-tag" in err
    assert wechat.menu is not None


def test_the_menu_can_go_up_in_chinese_alone(wechat: WeChatServer) -> None:
    assert run("set-menu", "--no-english") == (0, "the menu in Chinese is up\n", "")
    assert wechat.conditional_menus == []


def test_a_dry_run_calls_nobody(wechat: WeChatServer) -> None:
    code, out, _ = run("set-menu", "--dry-run", "--english-tag", "2")
    chinese, english = json.loads(out)
    assert code == 0
    assert chinese["button"][0]["name"] == "干活的事"
    assert english["matchrule"] == {"tag_id": "2"}
    assert wechat.calls == []


def test_a_missing_name_is_told_before_anything_goes_up(wechat: WeChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.wechat_commands.load_sentences", lambda: Sentences({}))
    code, out, err = run("set-menu")
    assert (code, out) == (1, "")
    assert MENU_SECTION in err
    assert wechat.calls == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("APP_SECRET", "", "not set: SHEBAO_WECHAT_APP_SECRET"),
        ("TOKEN", "", "not set: SHEBAO_WECHAT_TOKEN"),
        ("AES_KEY", AES_KEY + "x", "SHEBAO_WECHAT_AES_KEY"),
        ("APP_SECRET", "wrong", "CredentialsRefused"),
        ("BASE_URL", "http://127.0.0.1:9", "ConnectionFailed"),
    ],
)
def test_what_is_wrong_with_the_account_is_one_line(
    variable: str, value: str, told: str, wechat: WeChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SHEBAO_WECHAT_{variable}", value)
    code, out, err = run("check")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert told in err


def test_a_good_account_is_said_to_be_good(wechat: WeChatServer) -> None:
    code, out, err = run("check")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "app id and secret: accepted, the token is good for 119 minutes",
        "messages: encrypted",
    ]


def our_server(token: str) -> Any:
    settings = WeChatSettings.model_validate({"app_id": APP_ID, "token": token, "aes_key": AES_KEY})
    channel = WeChatChannel(settings, {}, None, lambda: datetime.now(UTC))

    async def receive(request: Request) -> Response:
        try:
            channel.verify(request, datetime.now(UTC))
        except Exception:
            return Response(status=403)
        return channel.parse(request).response or Response()

    return callback_app(receive)


@pytest.mark.parametrize("path", ["", "/", "/channels/wechat/callback"])
def test_our_own_callback_is_called_as_wechat_calls_it(path: str, wechat: WeChatServer) -> None:
    with served(our_server(TOKEN)) as url:
        code, out, err = run("check", "--url", url + path)
    assert (code, err) == (0, "")
    assert out.endswith("callback: answers as WeChat wants\n")


def test_a_callback_with_another_token_is_found_out(wechat: WeChatServer) -> None:
    with served(our_server("another")) as url:
        code, _, err = run("check", "--url", url)
    assert code == 1
    assert "status 403" in err


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "no address", "http://[::"])
def test_a_callback_that_does_not_answer_is_one_line(url: str, wechat: WeChatServer) -> None:
    code, _, err = run("check", "--url", url)
    assert (code, err.count("\n")) == (1, 1)
    assert "does not answer" in err
