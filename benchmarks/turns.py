"""Times whole turns through the web API: one client, many clients, memory, and stock Rasa in the same run.

`make bench` starts the servers on free ports with the rate limits lifted; `--url` measures others.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import (
    Summary,
    many_clients,
    messages,
    one_client,
    resident_megabytes,
    turn_of_ours,
    turn_of_stock,
)
from benchmarks.running import Running, free_ports, running
from benchmarks.stock_rasa import serve_stock

ROOT = Path(__file__).resolve().parent.parent
UNLIMITED = "1000000/second"


def main() -> None:
    """Measure and print one table, or one JSON object."""
    options = _options()
    if options.load:
        summary = asyncio.run(many_clients(options.url, turn_of_ours, options.clients, options.seconds))
        print(json.dumps(dataclasses.asdict(summary)))
        return
    figures = measure_ours(options)
    if not options.no_stock:
        figures |= measure_stock(options.turns)
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        _print(figures)


def measure_ours(options: argparse.Namespace) -> dict[str, str]:
    """The figures of this project: single turns, then load from a process of its own, then memory."""
    with _our_server(options.url) as server:
        print("Measuring one client …", file=sys.stderr)
        single = asyncio.run(one_client(server.url, turn_of_ours, messages(), options.turns))
        print(f"Measuring {options.clients} clients for {options.seconds:g} s …", file=sys.stderr)
        load = _load(server.url, options.clients, options.seconds)
        memory = resident_megabytes(server.process) if server.process else {}
    figures = {} if not server.process else {"start to ready": f"{server.seconds_to_ready:.1f} s"}
    figures |= _one_client("one client", single)
    figures |= {
        f"{options.clients} clients: turns a second": f"{load.per_second:.1f}",
        f"{options.clients} clients: median": f"{load.median:.0f} ms",
        f"{options.clients} clients: p95": f"{load.p95:.0f} ms",
        f"{options.clients} clients: empty or failed": _faults(load),
    }
    for name, size in memory.items():
        figures[f"memory: {name}"] = f"{size:.0f} MB"
    if memory:
        figures["memory, all processes after the load"] = f"{sum(memory.values()):.0f} MB"
    return figures


def measure_stock(turns: int) -> dict[str, str]:
    """The figures of stock Rasa, one client, its REST channel alone."""
    said = [message for message in messages() if "text" in message]
    with serve_stock() as server:
        print("Measuring stock Rasa, one client …", file=sys.stderr)
        single = asyncio.run(one_client(server.url, turn_of_stock, said, turns))
        memory = sum(resident_megabytes(server.process).values())
    return _one_client("stock Rasa, one client", single) | {"stock Rasa: memory": f"{memory:.0f} MB"}


def _our_server(url: str | None) -> AbstractContextManager[Running]:
    if url is not None:
        return nullcontext(Running(url.rstrip("/"), 0, 0))
    port, rasa_port, actions_port = free_ports(3)
    environment = {
        "SHEBAO_PORT": str(port),
        "SHEBAO_RASA_PORT": str(rasa_port),
        "SHEBAO_ACTIONS_PORT": str(actions_port),
        "SHEBAO_RATE_CONVERSATION": UNLIMITED,
        "SHEBAO_RATE_ADDRESS": UNLIMITED,
    }
    command = (str(ROOT / ".venv/bin/shebao"), "serve")
    address = f"http://127.0.0.1:{port}"
    return running(command, ROOT, address, "/readyz", environment, ROOT / "var/bench/serve.log")


def _load(url: str, clients: int, seconds: float) -> Summary:
    command = [sys.executable, "-m", "benchmarks.turns", "--load", "--url", url]
    command += ["--clients", str(clients), "--seconds", str(seconds)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Summary(**json.loads(result.stdout))


def _one_client(name: str, summary: Summary) -> dict[str, str]:
    return {
        f"{name}: turns": str(summary.turns),
        f"{name}: median": f"{summary.median:.0f} ms",
        f"{name}: p95": f"{summary.p95:.0f} ms",
        f"{name}: empty or failed": _faults(summary),
    }


def _faults(summary: Summary) -> str:
    return ", ".join(f"{count} × {fault}" for fault, count in summary.faults.items()) or "none"


def _print(figures: dict[str, str]) -> None:
    table = Table("figure", "value", title=f"shebao-assistant, {os.cpu_count()} cores, load included")
    for name, value in figures.items():
        table.add_row(name, value)
    Console().print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description=__doc__)
    parser.add_argument("--url", help="a server that runs already (rate limits lifted) instead of a new one")
    parser.add_argument("--turns", type=int, default=250, help="turns of the single client")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60, help="of load")
    parser.add_argument("--no-stock", action="store_true", help="without the comparison with stock Rasa")
    parser.add_argument("--load", action="store_true", help="send the load alone, print one JSON object")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
