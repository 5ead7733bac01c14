"""The supervisor with tiny servers of the standard library: restarts, endings, signals, orphans, ports."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from channels.child import Service
from channels.settings import Settings
from channels.supervisor import LOG_SIZE_LIMIT, own_services, used_port

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")

SERVER = """
import http.server, os, signal, subprocess, sys, time
kind, port = sys.argv[1], int(sys.argv[2])

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        if self.path == "/hang":
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
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if kind == "parent":
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open("helper.pid", "w").write(str(helper.pid))
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from channels.child import Patience, Service
from channels.supervisor import supervise

hasty = Patience(
    start=20, silence=0.5, stop=0.5, steady=60, check=0.05, answer=0.3, pause=0.01, deaths=3, first_deaths=2
)
folder = Path(sys.argv[1])
services = []
for kind, port in (word.split(":") for word in sys.argv[2:]):
    command = (sys.executable, "server.py", kind, port)
    services.append(Service(f"{kind} server", command, folder, int(port), "SHEBAO_PORT", "/", "/"))
sys.exit(asyncio.run(supervise(services, folder / "log", hasty, when_ready="all ready")))
"""


class Supervised:
    """A supervisor in a process of its own, with one small server of each kind that was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "server.py").write_text(SERVER, encoding="utf-8")
        self.process: subprocess.Popen[str] | None = None

    def start(self, *kinds: str) -> list[int]:
        """Start one server of each kind; the list of their ports."""
        ports = [free_port() for _ in kinds]
        words = [f"{kind}:{port}" for kind, port in zip(kinds, ports, strict=True)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(self._folder), *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return ports

    def lines_until_ready(self) -> list[str]:
        """What was said until the supervisor knows that all servers are ready."""
        assert self.process is not None
        assert self.process.stdout is not None
        lines = [self.process.stdout.readline()]
        while lines[-1] not in ("all ready\n", ""):
            lines.append(self.process.stdout.readline())
        return lines

    def send(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end: exit code, what was said, what was complained about."""
        assert self.process is not None
        said, complaints = self.process.communicate(timeout=20)
        return self.process.returncode, said, complaints


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    one = Supervised(tmp_path)
    yield one
    if one.process is not None and one.process.poll() is None:
        one.process.kill()
        one.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def process_at(port: int, path: str = "/", timeout: float = 0.5) -> int | None:
    """The process id that the server at this port answers with; None where there is no answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return int(answer.read())
    except OSError:
        return None


def lives(process: int) -> bool:
    """Whether a process is there and is not only waiting to be buried."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(question: Callable[[], T | None]) -> T:
    """What the question says as soon as it says anything, within fifteen seconds."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def answering(port: int) -> int:
    """The process id of the server at this port, once it answers."""
    return until(lambda: process_at(port))


def another(port: int, before: int) -> Callable[[], int | None]:
    """Whether another process than before answers at this port."""
    return lambda: now if (now := process_at(port)) != before else None


def test_a_server_that_dies_is_started_again(supervised: Supervised) -> None:
    (port,) = supervised.start("good")
    first = answering(port)
    process_at(port, "/die")
    assert until(another(port, first)) != first
    supervised.send(signal.SIGTERM)
    code, said, _ = supervised.end()
    assert code == 0
    assert "good server ended by itself with exit code 7; starting it again" in said


def test_a_server_that_was_killed_is_started_again(supervised: Supervised) -> None:
    port, other = supervised.start("good", "calm")
    first, untouched = answering(port), answering(other)
    os.kill(first, signal.SIGKILL)
    assert until(another(port, first)) != first
    assert process_at(other) == untouched


def test_a_server_that_no_longer_answers_is_started_again(supervised: Supervised) -> None:
    (port,) = supervised.start("good")
    supervised.lines_until_ready()
    first = answering(port)
    process_at(port, "/hang", timeout=0.05)
    assert until(another(port, first)) != first


def test_a_server_that_keeps_dying_ends_the_whole_with_its_last_words(supervised: Supervised) -> None:
    port, _ = supervised.start("good", "broken")
    code, _, complaints = supervised.end()
    assert code == 1
    assert "broken server ended by itself with exit code 3, 2 times in a row" in complaints
    assert "| the model file is missing" in complaints
    assert process_at(port) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_server(supervised: Supervised, number: signal.Signals) -> None:
    ports = supervised.start("good", "stubborn")
    processes = [answering(port) for port in ports]
    supervised.send(number)
    code, _, complaints = supervised.end()
    assert (code, complaints) == (0, "")
    assert not any(map(lives, processes))


def test_what_a_server_started_itself_ends_with_it(supervised: Supervised, tmp_path: Path) -> None:
    (port,) = supervised.start("parent")
    answering(port)
    helper = int((tmp_path / "helper.pid").read_text())
    assert lives(helper)
    supervised.send(signal.SIGTERM)
    supervised.end()
    assert until(lambda: not lives(helper))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_killed_supervisor_leaves_no_orphan(supervised: Supervised) -> None:
    ports = supervised.start("good", "stubborn")
    processes = [answering(port) for port in ports]
    supervised.send(signal.SIGKILL)
    supervised.end()
    assert until(lambda: not any(map(lives, processes)))


def test_readiness_of_all_is_said_last(supervised: Supervised) -> None:
    supervised.start("good", "calm")
    lines = supervised.lines_until_ready()
    assert {line.split(" is ready")[0] for line in lines[1:3]} == {"good server", "calm server"}
    assert lines[3:] == ["all ready\n"]


def test_a_long_log_is_put_aside_at_the_start(supervised: Supervised, tmp_path: Path) -> None:
    log = tmp_path / "log/good-server.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (LOG_SIZE_LIMIT + 1))
    (port,) = supervised.start("good")
    answering(port)
    assert log.stat().st_size == 0
    assert log.with_suffix(".log.1").stat().st_size == LOG_SIZE_LIMIT + 1


def test_a_used_port_is_named_with_the_setting_that_chooses_another(supervised: Supervised) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = Service("Rasa", ("true",), ROOT, port, "SHEBAO_RASA_PORT", "/", "/")
        complaint = used_port([service])
    assert complaint is not None
    assert complaint.startswith(f"Port {port} (Rasa) is used by another program")
    assert "SHEBAO_RASA_PORT=" in complaint
    assert used_port([service]) is None


def test_two_servers_may_not_share_a_port() -> None:
    services = [Service(name, ("true",), ROOT, free_port(), "SHEBAO_PORT", "/", "/") for name in "ab"]
    same = [services[0], Service("c", ("true",), ROOT, services[0].port, "SHEBAO_RASA_PORT", "/", "/")]
    assert used_port(services) is None
    assert "SHEBAO_RASA_PORT=" in (used_port(same) or "")


def test_the_servers_are_rasa_the_action_server_and_last_the_channel_server() -> None:
    services = own_services(Settings(port=8123, rasa_port=5123, actions_port=5124))
    assert [(one.name, one.port) for one in services] == [
        ("Rasa", 5123),
        ("Action server", 5124),
        ("Channel server", 8123),
    ]
    assert services[0].environment["SHEBAO_ACTIONS_URL"] == "http://127.0.0.1:5124"
    assert services[2].url("/readyz") == "http://127.0.0.1:8123/readyz"


def test_a_server_that_runs_elsewhere_is_not_started() -> None:
    services = own_services(Settings(rasa_url="http://rasa:5005", actions_url="http://actions:5055"))
    assert [one.name for one in services] == ["Channel server"]
