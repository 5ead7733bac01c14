"""`kill -9` of Rasa or the action server in the middle of turns: an honest sentence each time, and back by itself."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running.stack import Stack, require_set_up

LONGEST_TURN = 5.0  # seconds: WeChat waits no longer
BACK_WITHIN = 240.0  # nothing is promised of the time; a slow machine loads the models for a minute
WORKERS = 3
PAUSE = 0.05  # seconds between two questions: nobody asks thousands of times while a server comes back
QUESTION = "我从四川到浙江送外卖，以前交的社保怎么办"
ARTICLE = "transfer/between-provinces"
MARKS_OF_A_FAULT = ("Traceback", "Exception", "Error", "None", "{", "<html")


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of its own: what is killed here must not disturb the other tests."""
    require_set_up()
    with Stack(tmp_path_factory.mktemp("killed")) as running:
        yield running


@dataclass
class Turns:
    """Workers who keep asking from threads until they are told to stop, and what they were told."""

    stack: Stack
    answers: list[tuple[float, httpx.Response]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Ask on and on in one conversation."""
        with httpx.Client(trust_env=False) as client:
            while not self.stopped.is_set():
                began = time.monotonic()
                try:
                    answer = self.stack.post(client, {"text": QUESTION})
                except httpx.HTTPError as error:
                    self.faults.append(repr(error))
                    return
                self.answers.append((time.monotonic() - began, answer))
                self.stopped.wait(PAUSE)

    def outcomes(self) -> set[str]:
        """How the turns ended."""
        return {reply["outcome"] for _, answer in self.answers for reply in answer.json()["replies"]}


def process_at(port: int) -> int:
    """The process that listens on a port (as /proc tells)."""
    wanted = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    inodes = {line.split()[9] for line in lines if line.split()[1] == wanted and line.split()[3] == "0A"}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = os.readlink(link)
        except OSError:
            continue
        if any(target == f"socket:[{inode}]" for inode in inodes):
            return int(link.parts[2])
    raise AssertionError(f"nobody listens on port {port}")


def is_honest(reply: dict[str, Any]) -> bool:
    """A whole sentence in Chinese without anything of a program in it."""
    text = reply["text"]
    return len(text) > 10 and "。" in text and not any(mark in text for mark in MARKS_OF_A_FAULT)


@pytest.mark.parametrize("victim", ["rasa", "actions"])
def test_a_killed_server_costs_no_turn_its_sentence_and_comes_back_by_itself(own_stack: Stack, victim: str) -> None:
    port = {"rasa": own_stack.rasa_port, "actions": own_stack.actions_port}[victim]
    killed = process_at(port)
    turns = Turns(own_stack)
    asking = [threading.Thread(target=turns.ask) for _ in range(WORKERS)]
    for thread in asking:
        thread.start()
    wait_for(lambda: len(turns.answers) > WORKERS, "the first answers")
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: not own_stack.is_ready(), "the failure to be seen")
    own_stack.wait_until_ready(BACK_WITHIN)
    turns.stopped.set()
    for thread in asking:
        thread.join(timeout=LONGEST_TURN * 2)

    assert not turns.faults
    assert {answer.status_code for _, answer in turns.answers} == {200}
    assert max(seconds for seconds, _ in turns.answers) <= LONGEST_TURN
    assert all(answer.json()["replies"] for _, answer in turns.answers)
    assert all(is_honest(reply) for _, answer in turns.answers for reply in answer.json()["replies"])
    assert "answered" in turns.outcomes()
    assert any(str(outcome).startswith("error_") for outcome in turns.outcomes())
    assert process_at(port) != killed
    lost, again = tried_again(own_stack, turns)
    assert again["conversation_id"] == lost["conversation_id"]
    assert [(reply["outcome"], reply["article_id"]) for reply in again["replies"]] == [("answered", ARTICLE)]


def tried_again(stack: Stack, turns: Turns) -> tuple[dict[str, Any], dict[str, Any]]:
    """A turn that was lost, and what its button "Try again" brings."""
    lost = next(answer.json() for _, answer in reversed(turns.answers) if is_apology(answer.json()))
    with httpx.Client(trust_env=False) as client:
        again = stack.post(client, {"payload": "/retry", "conversation_id": lost["conversation_id"]}).json()
    return lost, again


def is_apology(turn: dict[str, Any]) -> bool:
    """Whether a turn ended with a sentence of the gateway's own and its button "Try again"."""
    return any(button["payload"] == "/retry" for reply in turn["replies"] for button in reply["buttons"])


def test_nothing_that_was_started_outlives_the_whole(own_stack: Stack) -> None:
    ports = (own_stack.port, own_stack.rasa_port, own_stack.actions_port)
    children = [process_at(port) for port in ports]
    own_stack.stop()
    assert own_stack.process is not None
    assert own_stack.process.returncode == 0
    assert not [pid for pid in children if is_running(pid)]


def is_running(pid: int) -> bool:
    """Whether a process is there and no corpse."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def wait_for(condition: Any, what: str, deadline: float = 60.0) -> None:
    """Until a condition holds."""
    ends = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < ends, f"waited {deadline:.0f} s in vain for {what}"
        time.sleep(0.02)
