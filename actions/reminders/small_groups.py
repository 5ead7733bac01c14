"""Keeps small groups out of a table in such a way that nobody can compute them back.

A group with too few workers in any arm is told only as part of "others". Who knows the totals could subtract what is
shown, so "others" always holds at least two groups and enough workers in every arm; otherwise the next smallest group
joins it. Where that leaves nothing but the total, the table is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

OTHERS = "others"
Sizes = Mapping[str, int]  # arm -> workers


@dataclass(frozen=True, slots=True)
class Shown:
    """Which groups may be told one by one, and which only together."""

    alone: tuple[str, ...]
    together: tuple[str, ...]


def may_be_shown(groups: Mapping[str, Sizes], fewest: int) -> Shown:
    """The groups, largest first, with at least `fewest` workers in every arm, and those that are hidden in "others".

    Nothing at all where a table would tell no more than the total.
    """
    by_size = sorted(groups, key=lambda name: (sum(groups[name].values()), name))
    hidden = [name for name in by_size if min(groups[name].values()) < fewest]
    alone = [name for name in by_size if name not in hidden]
    while hidden and alone and not _safe(groups, hidden, fewest):
        hidden.append(alone.pop(0))
    if len(alone) + bool(hidden) < 2 or not _safe(groups, hidden, fewest):
        return Shown((), ())
    return Shown(tuple(reversed(alone)), tuple(hidden))


def _safe(groups: Mapping[str, Sizes], hidden: list[str], fewest: int) -> bool:
    if not hidden:
        return True
    together = [sum(groups[name][arm] for name in hidden) for arm in groups[hidden[0]]]
    return len(hidden) > 1 and min(together) >= fewest
