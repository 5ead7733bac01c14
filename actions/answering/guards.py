"""The rules of `guards.yml` that end a question before anything is looked up."""

import re
from collections.abc import Iterable

from actions.answering.folder import Guard
from actions.answering.tokens import plain


def tripped(guards: Iterable[Guard], text: str) -> Guard | None:
    """The first rule whose pattern is in the text and none of whose exceptions is."""
    lowered = plain(text)
    return next((guard for guard in guards if _trips(guard, lowered)), None)


def _trips(guard: Guard, text: str) -> bool:
    hit = any(re.search(pattern, text) for patterns in guard.patterns.values() for pattern in patterns)
    return hit and not any(re.search(pattern, text) for patterns in guard.unless.values() for pattern in patterns)
