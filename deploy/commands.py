"""Runs the programs that set-up needs, and turns what they say when they fail into a reason and a mend.

Their full output goes to one log; the terminal shows only that they are at work.
"""

import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HEARTBEAT = 30.0  # seconds between two signs of life where the output is not a terminal

# What pip is told in its environment, and the name under which uv knows the same.
UV_NAMES = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
    "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
}
LISTS = ("UV_FIND_LINKS",)  # separated by spaces for pip, by commas for uv

DISK_FULL = ("The disk is full", "free some space, or clone to another disk, and run the same command again")
READ_ONLY = (
    "This folder may not be written to",
    "clone into a folder of your own, or give yourself the right",
)
Reasons = tuple[tuple[str, str, str], ...]  # what a program says, the reason behind it, the mend
FOLDER_REASONS: Reasons = (
    (r"no space left on device|disk quota exceeded", *DISK_FULL),
    (r"read-only file system|permission denied", *READ_ONLY),
)
PACKAGE_REASONS: Reasons = (
    *FOLDER_REASONS,
    (
        r"ensurepip is not available|no module named '?(venv|ensurepip)",
        "This Python comes without its venv module",
        "install it (Debian: apt-get install python3-venv), and run the same command again",
    ),
    (
        r"hash(es)? mismatch|do not match the hashes|in --require-hashes mode",
        "A downloaded package is not the one that the lock file names",
        "clear the caches (pip cache purge; .tools/bin/uv cache clean) and try again; if it stays, report it",
    ),
    (
        r"failed to fetch|error sending request|dns error|connection (refused|reset|broken|error)|timed out"
        r"|newconnectionerror|name resolution|unreachable|tunnel|could not connect|client error \(connect\)"
        r"|certificate verify|invalid peer certificate|no matching distribution found",
        "The package registry cannot be reached, or lacks a package",
        "check the network or the proxy, or name a mirror (PIP_INDEX_URL, UV_DEFAULT_INDEX), and run the "
        "same command again",
    ),
    (
        r"no interpreter found|python 3\.11.*not found",
        "Rasa needs Python 3.11, and neither this machine nor uv's download has one",
        "install Python 3.11, or let uv reach its Python downloads, and run the same command again",
    ),
    (
        r"no wheels with a matching|has no wheels|platform .* not supported|can't be installed because",
        "A package has no build for this kind of machine",
        "use a 64-bit Linux or macOS on x86 or ARM",
    ),
)


class SetUpError(Exception):
    """Set-up cannot go on: one line with the reason, one with the mend."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


def explain(output: str, title: str, log: Path, reasons: Reasons = PACKAGE_REASONS) -> SetUpError:
    """The reason and the mend behind a failed program's output; its last line where it is not a known one."""
    for pattern, reason, mend in reasons:
        if re.search(pattern, output, re.IGNORECASE):
            return SetUpError(f"{reason} ({title})", mend)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return SetUpError(f"{title}: {lines[-1] if lines else 'failed silently'}", f"read the whole output in {log}")


def explain_os(error: OSError) -> SetUpError:
    """The same for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SetUpError(*DISK_FULL)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetUpError(f"{READ_ONLY[0]}: {error.filename}", READ_ONLY[1])
    return SetUpError(str(error), "run the same command again; if it stays, report it")


def package_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for pip and uv: what pip was told is told to uv too, unless uv has its own setting."""
    result = dict(environment)
    for pip_name, uv_name in UV_NAMES.items():
        if value := environment.get(pip_name):
            result.setdefault(uv_name, ",".join(value.split()) if uv_name in LISTS else value)
    result.setdefault("PIP_DEFAULT_TIMEOUT", "30")  # an unreachable registry is noticed within two minutes
    result.setdefault("PIP_RETRIES", "2")
    result.pop("VIRTUAL_ENV", None)  # a shell's own environment must not decide where packages go
    return result


def run(
    command: Sequence[str | Path],
    title: str,
    folder: Path,
    log: Path,
    environment: Mapping[str, str],
    reasons: Reasons = PACKAGE_REASONS,
) -> None:
    """Run one program to its end, its output going to the log; raise SetUpError when it fails."""
    with log.open("ab") as output:
        output.write(f"\n--- {title}: {' '.join(map(str, command))}\n".encode())
        output.flush()
        begin = output.tell()
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except FileNotFoundError as error:
            raise SetUpError(f"{title}: {error.filename} is missing", "run `make clean`, then again") from error
        try:
            code = _wait(process)
        finally:
            _end(process)
    if code:
        with log.open("rb") as written:
            written.seek(begin)
            raise explain(written.read().decode("utf-8", "replace"), title, log, reasons)


def _wait(process: "subprocess.Popen[bytes]") -> int:
    started = said = time.monotonic()
    on_terminal = sys.stdout.isatty()
    while True:
        try:
            code = process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            if on_terminal:
                print(f"\r      {now - started:.0f} s ", end="", flush=True)
            elif now - said >= HEARTBEAT:
                said = now
                print(f"      … {now - started:.0f} s", flush=True)
        else:
            if on_terminal:
                print("\r\033[K", end="", flush=True)
            return code


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def new_log(folder: Path) -> Path:
    """An empty log file for this set-up; the previous one is not kept."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "set-up.log"
    log.write_bytes(b"")
    return log


def inherited_environment() -> dict[str, str]:
    """The environment of this process, prepared for pip, uv and the project's own programs."""
    environment = package_environment(os.environ)
    environment.update(PYTHONUNBUFFERED="1", RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3")
    return environment
