"""The access token: asked for once, kept until just before its end, shared between processes on one machine."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.channel import ConnectionFailed
from channels.wechat_token import AccessToken, AccessTokens, FileTokenStore, InMemoryTokenStore, TokenStore, WeChatApi

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class WeChat:
    """Gives out tokens 1, 2, … and counts; takes its time."""

    def __init__(self) -> None:
        self.given = 0
        self.forced = 0
        self.now = NOW

    async def __call__(self, force: bool) -> AccessToken:
        await asyncio.sleep(0.01)
        self.given += 1
        self.forced += force
        return AccessToken(SecretStr(f"token-{self.given}"), self.now + timedelta(seconds=7200))

    def clock(self) -> datetime:
        return self.now


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    return InMemoryTokenStore() if request.param == "memory" else FileTokenStore(tmp_path / "state" / "token.json")


async def test_many_who_ask_at_once_get_one_token(store: TokenStore) -> None:
    wechat = WeChat()
    tokens = AccessTokens(wechat, store, wechat.clock)
    got = await asyncio.gather(*(tokens.get() for _ in range(50)))
    assert ({token.value.get_secret_value() for token in got}, wechat.given) == ({"token-1"}, 1)


async def test_many_whose_token_was_refused_get_one_new_one(store: TokenStore) -> None:
    wechat = WeChat()
    tokens = AccessTokens(wechat, store, wechat.clock)
    old = await tokens.get()
    got = await asyncio.gather(*(tokens.get(refused=old) for _ in range(50)))
    assert ({token.value.get_secret_value() for token in got}, wechat.given, wechat.forced) == ({"token-2"}, 2, 0)


@pytest.mark.parametrize(("seconds", "given"), [(0, 1), (6899, 1), (6900, 2), (7199, 2), (7201, 2)])
async def test_a_token_is_replaced_five_minutes_before_its_end(store: TokenStore, seconds: int, given: int) -> None:
    wechat = WeChat()
    tokens = AccessTokens(wechat, store, wechat.clock)
    await tokens.get()
    wechat.now = NOW + timedelta(seconds=seconds)
    await tokens.get()
    assert wechat.given == given


async def test_two_processes_share_a_file(tmp_path: Path) -> None:
    wechat = WeChat()
    path = tmp_path / "token.json"
    ours, theirs = (AccessTokens(wechat, FileTokenStore(path), wechat.clock) for _ in range(2))
    first, second = await asyncio.gather(ours.get(), theirs.get())
    assert (first, wechat.given) == (second, 1)
    renewed = await ours.get(refused=first)
    assert (await theirs.get(refused=first), wechat.given) == (renewed, 2)


HOLD = """
import fcntl, os, sys, time
handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `token.json`."""
    words = [sys.executable, "-c", HOLD, str(tmp_path / "token.json.lock"), "30"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_a_process_that_holds_the_lock_is_waited_for_but_not_for_ever(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    path = tmp_path / "token.json"
    wechat = WeChat()
    with pytest.raises(TimeoutError):
        await AccessTokens(wechat, FileTokenStore(path, wait_seconds=0.05), wechat.clock).get()
    waiting = asyncio.create_task(AccessTokens(wechat, FileTokenStore(path), wechat.clock).get())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    holder.kill()  # who dies lets go
    assert (await waiting).value.get_secret_value() == "token-1"


async def test_only_the_owner_reads_the_file_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    store = FileTokenStore(path)
    mask = os.umask(0)
    try:
        await AccessTokens(WeChat(), store, lambda: NOW).get()
    finally:
        os.umask(mask)
    assert modes_in(tmp_path) == {"token.json": 0o600, "token.json.lock": 0o600}


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({"token": "t"}),
        json.dumps({"token": "t", "expires_at": "soon"}),
        json.dumps({"token": "t", "expires_at": 5}),
        json.dumps({"token": "t", "expires_at": "2026-11-23T06:00:00"}),
        json.dumps({"token": "", "expires_at": "2026-11-23T06:00:00+00:00"}),
    ],
)
async def test_a_file_that_cannot_be_understood_counts_as_none(tmp_path: Path, written: str) -> None:
    path = tmp_path / "token.json"
    path.write_text(written)
    wechat = WeChat()
    token = await AccessTokens(wechat, FileTokenStore(path), wechat.clock).get()
    assert token.value.get_secret_value() == "token-1"
    assert await FileTokenStore(path).get() == token


async def test_what_was_begun_by_a_process_that_died_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    path.with_name(f"token.json.{os.getpid()}.new").write_text("half")
    await FileTokenStore(path).put(AccessToken(SecretStr("t"), NOW))
    assert await FileTokenStore(path).get() == AccessToken(SecretStr("t"), NOW)


async def test_a_store_that_cannot_be_used_is_a_failure_to_retry(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    store = FileTokenStore(tmp_path / "file" / "token.json")
    api = WeChatApi("http://127.0.0.1:9", "wx", SecretStr("secret"), 1.0, store, lambda: NOW)
    with pytest.raises(ConnectionFailed):
        await api.call("/cgi-bin/menu/create", {})
    await api.aclose()
    assert len(caplog.records) == 1
    assert str(tmp_path) not in caplog.text


def test_a_token_does_not_show_itself() -> None:
    assert "secret" not in repr(AccessToken(SecretStr("secret"), NOW))
