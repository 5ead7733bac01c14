"""Several delivery processes under one parent, which has everything loaded: one that dies is replaced in milliseconds.

The parent only forks and waits; it opens no connection and runs no loop, so that a child begins clean.
"""

import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from types import FrameType

log = logging.getLogger(__name__)

SECONDS_TO_STOP = 30.0
SHORT_LIFE, PAUSE = 1.0, 1.0  # a child that lived so few seconds is replaced after a pause, not at once

Child = Callable[[], int]


class _Stop(Exception):
    """Somebody asked the parent to stop."""


def run_pool(processes: int, child: Child, say: Callable[[str], None]) -> int:
    """Keeps so many children alive until Ctrl-C or SIGTERM; gives the exit code. `child` gives that of one child."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _raise_stop)
    running: dict[int, float] = {}
    gc.collect()
    gc.freeze()  # pages that children share are not written to by the collector
    try:
        while True:
            while len(running) < processes:
                running[_fork(child)] = time.monotonic()
            pid, status = os.wait()
            lived = time.monotonic() - running.pop(pid, 0.0)
            say(f"delivery process {pid} ended ({_how(status)}) and is replaced")
            if lived < SHORT_LIFE:
                time.sleep(PAUSE)
    except _Stop:
        return _stopped(running)


def _raise_stop(number: int, frame: FrameType | None) -> None:
    raise _Stop


def _fork(child: Child) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        code = child()
    except Exception:  # the child ends with it; without this line nobody would know why
        log.exception("a delivery process failed")
    finally:
        os._exit(code)


def _stopped(running: dict[int, float]) -> int:
    """Asks every child to end, waits, and kills those that do not."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while running and time.monotonic() < deadline:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        running.pop(pid, None)
        time.sleep(0.05)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return 0


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit code {code}"
