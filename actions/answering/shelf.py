"""Keeps the library in force up to date with the folder while answers are given: staff save a file, workers read it.

A folder with a broken file changes nothing: the last good version goes on answering, and says so.
"""

import logging
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from actions.answering.embedder import Embedder
from actions.answering.folder import InvalidKnowledge, read_knowledge
from actions.answering.library import assemble, keep, open_library
from actions.answering.lint import check

log = logging.getLogger(__name__)

Fingerprint = dict[str, tuple[int, int]]


class Shelf:
    """The library in force. `refresh` is called again and again; everybody else reads `library`.

    `problem` says why the folder as it lies there is not in force, or is empty. `loaded_at` is when it came into force.
    """

    def __init__(self, folder: Path, index_folder: Path, embedder: Embedder, now: Callable[[], datetime]) -> None:
        self.folder, self._index_folder, self._embedder, self._now = folder, index_folder, embedder, now
        self._one_at_a_time = threading.Lock()
        self._seen = self._in_force = fingerprint(folder)
        self.library = open_library(folder, index_folder, embedder, self._today())
        self.loaded_at = now()
        self.problem = ""
        self.loads, self.refusals = 1, 0

    def refresh(self) -> bool:
        """Takes the folder into force if it changed and lies still; whether it did. Never raises for a bad file."""
        with self._one_at_a_time:
            before, self._seen = self._seen, fingerprint(self.folder)
            if self._seen == self._in_force or self._seen != before:  # nothing new, or somebody is still writing
                return False
            problem = self._problem(_articles_alone(self._in_force, self._seen) if not self.problem else None)
            self._in_force = self._seen
            if problem:
                self._refuse(problem)
                return False
            return self._take()

    def _take(self) -> bool:
        tools = self.library.tools
        try:
            knowledge = read_knowledge(self.folder)
            fresh = assemble(knowledge, self._embedder, self._today(), tools.index, tools.judges)
        except (InvalidKnowledge, OSError) as error:
            self._refuse(str(error))
            return False
        self.library, self.loaded_at, self.problem = fresh, self._now(), ""
        self.loads += 1
        log.info("the knowledge folder was changed and is in force: %d articles", len(knowledge.articles))
        if fresh.tools.index is not tools.index:
            keep(fresh, self._index_folder)
        return True

    def _problem(self, only: frozenset[str] | None) -> str:
        try:
            found = [p for p in check(self.folder, self._today(), thorough=False, only=only) if p.severity == "error"]
        except OSError as error:  # a file went away while it was read
            return str(error)
        more = f" (and {len(found) - 1} more; `shebao knowledge check` lists them)" if len(found) > 1 else ""
        return f"{found[0].path}: {found[0].message}{more}" if found else ""

    def _refuse(self, problem: str) -> None:
        self.problem = problem
        self.refusals += 1
        log.error("the knowledge folder has a problem, so its last good version goes on answering: %s", problem)

    def _today(self) -> date:
        return self._now().date()


def _articles_alone(before: Fingerprint, now: Fingerprint) -> frozenset[str] | None:
    """Ids of the articles that were written, where nothing else of the folder changed; None where more did."""
    changed = {path for path in {*before, *now} if before.get(path) != now.get(path)}
    if all(path.startswith("articles/") and path in now for path in changed):
        return frozenset(path.removeprefix("articles/").removesuffix(".md") for path in changed)
    return None


def fingerprint(folder: Path) -> Fingerprint:
    """Changes when a file of the folder is written, added or taken away; costs one look at each file."""
    found: Fingerprint = {}
    for path in folder.rglob("*"):
        if path.suffix in {".md", ".yml"}:
            try:
                state = path.stat()
            except OSError:
                continue
            found[path.relative_to(folder).as_posix()] = (state.st_mtime_ns, state.st_size)
    return found
