"""What is stopped before anything is looked up: emergencies, distress, other people's data, evasion."""

import re
from collections.abc import Iterable
from functools import lru_cache

from actions.answering.folder import Guard
from actions.answering.tokens import plain


def tripped(guards: tuple[Guard, ...], text: str) -> Guard | None:
    """The first guard one of whose patterns fits, unless one of its `unless` fits too."""
    lowered = plain(text)
    return next((guard for guard in guards if _trips(guard, lowered)), None)


def _trips(guard: Guard, text: str) -> bool:
    def fits(patterns: Iterable[tuple[str, ...]]) -> bool:
        return any(pattern.search(text) for some in patterns for pattern in _compiled(some))

    return fits(guard.patterns.values()) and not fits(guard.unless.values())


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)
