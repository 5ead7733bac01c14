"""Digests that tell whether a step has anything to do, and the lock that lets one set-up run at a time."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

IGNORED = {"__pycache__", ".rasa", ".pytest_cache"}


def digest(paths: Iterable[Path], *words: str) -> str:
    """One digest over words, file names and file contents; folders count with all their files."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        for file in _files(path):
            total.update(f"\0{file.relative_to(path.parent)}\0".encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not IGNORED.intersection(file.parts) and not file.name.startswith(".")
    )


class Stamp:
    """A file that says for which digest a step was last done; it is taken away while the step runs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def says(self, wanted: str) -> bool:
        """Whether the step was done to its end for this digest."""
        return self.exists() and self.path.read_text(encoding="ascii", errors="replace").strip() == wanted

    def exists(self) -> bool:
        """Whether the step was done to its end for any digest; False after an interruption."""
        return self.path.is_file()

    def take_away(self) -> None:
        """Forget that the step was done, before it begins."""
        self.path.unlink(missing_ok=True)

    def write(self, done: str) -> None:
        """Record that the step was done, after it ended well."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(f"{done}\n", encoding="ascii")


@contextmanager
def only_one(path: Path, when_waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file for the time of a set-up; wait for another one that holds it, after saying so.

    The operating system gives the lock back when its holder ends in any way.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            when_waiting(lock.read().strip())
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
