"""Delivery processes under one parent: replaced when they die, ended when the parent is asked to end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PARENT = """
import sys, time
from channels.delivery_pool import run_pool

def child():
    time.sleep(600)
    return 0

raise SystemExit(run_pool(int(sys.argv[1]), child, lambda line: print(line, flush=True)))
"""


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_a_killed_process_is_replaced_and_all_end_with_the_parent() -> None:
    command = [sys.executable, "-c", PARENT, "3"]
    parent = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: len(children(parent.pid)) == 3)
        first, *others = children(parent.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: first not in children(parent.pid) and len(children(parent.pid)) == 3)
        assert set(others) < set(children(parent.pid))
        family = children(parent.pid)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(20) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in family)
        assert parent.stdout is not None
        assert f"delivery process {first} ended (signal 9)" in parent.stdout.read()
    finally:
        parent.kill()
        parent.wait()
