"""Cuts a text into the tokens that are matched: Chinese and English words, character n-grams, concepts."""

import logging
import re
import unicodedata

import jieba

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
