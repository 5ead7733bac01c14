"""The supervisor with tiny servers of the standard library: restarts, endings, signals, orphans, ports."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels.child import Patience, Service
from channels.settings import Settings
from channels.supervisor import own_services, supervise, used_port

HASTY = Patience(start=10, silence=0.3, stop=0.5, steady=60, check=0.05, pause=0.01, deaths=3, first_deaths=2)

SERVER = """
import http.server, os, sys
kind, port = sys.argv[1], int(sys.argv[2])

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        if self.path == "/hang":
            import time
            time.sleep(60)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *arguments):
        pass

if kind == "broken":
    print("the model file is missing")
    sys.exit(3)
if kind == "stubborn":
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from channels.child import Patience
from channels.supervisor import supervise
from tests.test_supervisor import HASTY, service

folder = Path(sys.argv[1])
services = [service(folder, kind, int(port)) for kind, port in (word.split(":") for word in sys.argv[2:])]
sys.exit(asyncio.run(supervise(services, folder / "log", HASTY, when_ready="ready")))
"""


def service(folder: Path, kind: str, port: int) -> Service:
    """A small server of the given kind as the supervisor starts it."""
    script = folder / "server.py"
    script.write_text(SERVER, encoding="utf-8")
    command = (sys.executable, str(script), kind, str(port))
    return Service(f"{kind} server", command, folder, port, "SHEBAO_PORT", "/", "/")


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
        assert isinstance(number, int)
        return number


def ask(port: int, path: str = "/", timeout: float = 5.0) -> int | None:
    """The server's process id; None where it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return int(answer.read())
    except OSError:
        return None


def until[T](question: Callable[[], T | None]) -> T:
    """What the question says as soon as it says anything, within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if (answer := question()) is not None:
            return answer
        time.sleep(0.02)
    raise AssertionError("waited in vain")
