"""Cuts a text into the tokens that are matched: Chinese and English words, character n-grams, concepts."""

import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import jieba
import numpy as np
from numpy.typing import NDArray

from actions.answering.glossary import Glossary

_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z]+(?:'[a-z]+)?|\d+")
_TYPED_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'"})


def plain(text: str) -> str:
    """One spelling for full-width, upper-case and curly characters, and single spaces."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_TYPED_APOSTROPHES)
    return re.sub(r"\s+", " ", folded).strip()


class Tokeniser:
    """Tokens of a text; `c:` marks a concept of the glossary, `g:` a character n-gram."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self.name = hashlib.sha256(repr(glossary.entries).encode()).hexdigest()[:16]  # changes when tokens may
        jieba.setLogLevel(logging.WARNING)
        self._cut = jieba.Tokenizer()
        self._cut.initialize()
        for word in glossary.chinese_words():
            self._cut.add_word(word)

    def tokens(self, text: str) -> list[str]:
        """Tokens of a text, repeated as often as they occur."""
        lowered = plain(text)
        found = [f"c:{concept}" for concept in self._glossary.concepts_in(lowered)]
        for run in _RUNS.findall(lowered):
            if run.isascii():
                found.extend(_english(run))
            else:
                found.extend(self._cut.lcut_for_search(run))
                found.extend(f"g:{run[i : i + size]}" for size in (1, 2) for i in range(len(run) - size + 1))
        return found


def _english(word: str) -> list[str]:
    padded = f"<{word}>"
    grams = [f"g:{padded[i : i + 4]}" for i in range(len(padded) - 3)] if len(word) > 3 else []
    return [word, *grams]


@dataclass(frozen=True)
class TokenTable:
    """Token lists of many texts, each distinct token held once. `starts` has one more element than there are texts."""

    vocabulary: list[str]
    ids: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, token_lists: Iterable[list[str]]) -> "TokenTable":
        """The table of these lists."""
        place: dict[str, int] = {}
        lists = list(token_lists)
        rows = [[place.setdefault(token, len(place)) for token in tokens] for tokens in lists]
        ids = np.fromiter((token for row in rows for token in row), dtype=np.int32)
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        table = cls(list(place), ids, starts)
        table.__dict__["lists"] = lists
        return table

    def rearranged(self, texts: Iterable[int | list[str]]) -> "TokenTable":
        """A table of rows of this one (by number) and of new token lists, in the order given."""
        place = {token: i for i, token in enumerate(self.vocabulary)}
        rows, lists = [], []
        for text in texts:
            if isinstance(text, int):
                rows.append(self.ids[self.starts[text] : self.starts[text + 1]])
                lists.append(self.lists[text])
            else:
                rows.append(np.array([place.setdefault(token, len(place)) for token in text], dtype=np.int32))
                lists.append(text)
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        table = TokenTable(list(place), np.concatenate([*rows, np.empty(0, np.int32)]), starts)
        table.__dict__["lists"] = lists
        return table

    @cached_property
    def lists(self) -> list[list[str]]:
        """What `of` was given."""
        bounds = zip(self.starts[:-1], self.starts[1:], strict=True)
        return [[self.vocabulary[token] for token in self.ids[first:last]] for first, last in bounds]
