"""Mends English words that the folder does not know, where one slip of the finger away there is one that it knows.

Slips are one letter left out, added, changed, or two swapped. Chinese needs none of this: its wrong characters are
near the right ones in sound, and character n-grams of the rest of the question carry it.
"""

import re
from collections.abc import Mapping

SHORTEST = 5  # letters of a word that may be mended; shorter ones have too many neighbours
USED_AT_LEAST = 3  # times in the folder: a rare word may itself be a slip
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


class Spelling:
    """The words of a folder, found again from their misspellings. `counts`: how often each word is used there."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._near: dict[str, list[str]] = {}
        for word, count in self._counts.items():
            if count >= USED_AT_LEAST and len(word) >= SHORTEST - 1 and _WORD.fullmatch(word):
                for shortened in {word, *_shortened(word)}:
                    self._near.setdefault(shortened, []).append(word)

    def mended(self, text: str) -> str:
        """`text` (in lower case) with every unknown word replaced that has a known neighbour; the commonest wins."""
        return _WORD.sub(lambda found: self._mended(found.group()), text)

    def _mended(self, word: str) -> str:
        if len(word) < SHORTEST or "'" in word or word in self._counts:
            return word
        reached = {known for shortened in {word, *_shortened(word)} for known in self._near.get(shortened, ())}
        neighbours = [known for known in reached if _one_slip(word, known)]
        return max(neighbours, key=lambda known: (self._counts[known], known), default=word)


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _one_slip(typed: str, known: str) -> bool:
    """Whether one letter left out, added, changed, or two neighbours swapped, lead from one to the other."""
    if len(typed) != len(known):
        shorter, longer = sorted((typed, known), key=len)
        return len(longer) - len(shorter) == 1 and shorter in _shortened(longer)
    differ = [i for i, (a, b) in enumerate(zip(typed, known, strict=True)) if a != b]
    if len(differ) == 2:
        first, second = differ
        return second - first == 1 and typed[first] == known[second] and typed[second] == known[first]
    return len(differ) == 1
