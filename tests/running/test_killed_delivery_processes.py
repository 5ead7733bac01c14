"""Reminders while delivery processes die: the benchmark's own run, small, over real PostgreSQL and RabbitMQ."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BROKER = ("127.0.0.1", 5672)
COUNT = 1500


def broker_answers() -> bool:
    try:
        with socket.create_connection(BROKER, timeout=2):
            return True
    except OSError:
        return False


def test_nothing_is_lost_or_doubled_while_processes_are_killed() -> None:
    if not broker_answers() and os.environ.get("CI") != "true":
        pytest.skip(f"no RabbitMQ at {BROKER[0]}:{BROKER[1]}")
    command = [sys.executable, "-m", "benchmarks.reminders", "kills", "--count", str(COUNT)]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert f"rows: {{'sent': {COUNT}}}" in run.stdout
    assert "lost 0, doubled 0" in run.stdout
    killed = re.search(r"(\d+) processes killed", run.stdout)
    assert killed is not None
    assert int(killed[1]) >= 1
