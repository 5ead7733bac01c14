"""Starts Rasa, the action server and the channel server, keeps them alive and stops them together.

A server that keeps dying ends the whole with its last words; Ctrl-C and SIGTERM end every server in order.
"""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import SecretStr

from channels.child import Child, Patience, Service
from channels.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LOG_SIZE_LIMIT = 5_000_000  # bytes; a longer log is put aside at the next start

# One thread a server: the three share two cores, and threads that wait for one another bring nothing.
FRUGAL = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",
    "SANIC_WORKERS": "1",
    "ACTION_SERVER_SANIC_WORKERS": "1",
}
QUIET_RASA = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


def run(settings: Settings) -> int:
    """Run everything until Ctrl-C or SIGTERM; return the exit code."""
    if not settings.rasa_token.get_secret_value():
        settings = settings.model_copy(update={"rasa_token": SecretStr(secrets.token_urlsafe(32))})
    services = own_services(settings)
    web_chat = services[-1].url("").rstrip("/")
    ready = f"Everything is ready; Ctrl-C stops it. Logs are in var/log. The web chat:\n{web_chat}"
    return asyncio.run(supervise(services, ROOT / "var/log", when_ready=ready))


def own_services(settings: Settings, root: Path = ROOT) -> tuple[Service, ...]:
    """The three servers; Rasa or the action server is left out where the settings name another address."""
    services = []
    if not settings.rasa_url:
        services.append(_rasa(settings, root / "bot"))
    if not settings.actions_url:
        services.append(_action_server(settings, root))
    return (*services, _channel_server(settings, root))


def _rasa(settings: Settings, folder: Path) -> Service:
    options = (
        "--model",
        "models/shebao.tar.gz",
        "--endpoints",
        "endpoints.yml",
        "--credentials",
        "credentials.yml",
    )
    command = (str(folder / ".venv/bin/python"), "serve.py", "run", "--interface", "127.0.0.1")
    return Service(
        name="Rasa",
        command=(*command, "--port", str(settings.rasa_port), *options),
        folder=folder,
        port=settings.rasa_port,
        port_variable="SHEBAO_RASA_PORT",
        ready_path="/",
        alive_path="/",
        environment=_environment(settings, QUIET_RASA | {"SHEBAO_ACTIONS_URL": settings.actions_address}),
    )


def _action_server(settings: Settings, folder: Path) -> Service:
    return Service(
        name="Action server",
        command=(sys.executable, "-m", "actions.server"),
        folder=folder,
        port=settings.actions_port,
        port_variable="SHEBAO_ACTIONS_PORT",
        ready_path="/healthz",
        alive_path="/healthz",
        environment=_environment(settings, {}),
    )


def _channel_server(settings: Settings, folder: Path) -> Service:
    return Service(
        name="Channel server",
        command=(sys.executable, "-m", "channels.app"),
        folder=folder,
        port=settings.port,
        port_variable="SHEBAO_PORT",
        ready_path="/readyz",
        alive_path="/healthz",
        host=settings.host,
        environment=_environment(settings, {}),
    )


def _environment(settings: Settings, own: dict[str, str]) -> dict[str, str]:
    addresses = {
        "SHEBAO_HOST": settings.host,
        "SHEBAO_PORT": str(settings.port),
        "SHEBAO_RASA_PORT": str(settings.rasa_port),
        "SHEBAO_ACTIONS_PORT": str(settings.actions_port),
        "SHEBAO_RASA_TOKEN": settings.rasa_token.get_secret_value(),
    }
    frugal = {name: os.environ.get(name, value) for name, value in FRUGAL.items()}
    return {"PYTHONUNBUFFERED": "1"} | frugal | addresses | own


async def supervise(
    services: Iterable[Service],
    log_folder: Path,
    patience: Patience | None = None,
    say: Callable[[str], None] | None = None,
    when_ready: str = "",
) -> int:
    """Run the services until a signal (exit code 0) or until one of them cannot be kept alive (exit code 1).

    `when_ready` is said once, when every service has become ready.
    """
    services = tuple(services)
    patience = patience or Patience()
    say = say or _say
    if complaint := used_port(services):
        _complain(complaint)
        return 1
    say(f"Starting {', '.join(service.name for service in services)} …")
    asked = _signals_that_stop()
    children = [Child(one, _log_file(log_folder, one.name), patience, say) for one in services]
    keeping = [asyncio.create_task(child.keep_alive()) for child in children]
    announcing = asyncio.create_task(_announce(children, say, when_ready))
    stopping = asyncio.create_task(asked.wait())
    try:
        await asyncio.wait([stopping, *keeping], return_when=asyncio.FIRST_COMPLETED)
        failures = [str(task.exception()) for task in keeping if task.done()]
    finally:
        if asked.is_set():
            say("Stopping …")
        for task in (*keeping, announcing, stopping):
            task.cancel()
        await asyncio.gather(*keeping, announcing, stopping, return_exceptions=True)
        await asyncio.gather(*(child.stop() for child in children))
    for failure in failures:
        _complain(failure)
    return 1 if failures else 0


def used_port(services: Iterable[Service]) -> str | None:
    """One line on the first port that another program holds, with the mend; None if all are free."""
    taken: set[int] = set()
    for service in services:
        if service.port in taken or not _is_free(service.host, service.port):
            higher = (port for port in range(service.port + 1, 65536) if port not in taken)
            other = next((port for port in higher if _is_free(service.host, port)), service.port + 1)
            return (
                f"Port {service.port} ({service.name}) is used by another program, or not allowed. "
                f"Stop that program, or choose another port: {service.port_variable}={other} make serve"
            )
        taken.add(service.port)
    return None


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


async def _announce(children: list[Child], say: Callable[[str], None], when_ready: str) -> None:
    for child in children:
        await child.ready.wait()
    say(when_ready)


def _signals_that_stop() -> asyncio.Event:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def _log_file(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name.lower().replace(' ', '-')}.log"
    if log.exists() and log.stat().st_size > LOG_SIZE_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    log.touch()
    return log


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
