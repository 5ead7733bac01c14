"""What a typed message looks like before anything else reads it: one line of visible characters.

Control, zero-width, direction and tag characters can hide an instruction from the person who reads the log,
and a leading slash would let typed text pass as one of Rasa's own intents.
"""

import re
import unicodedata

from channels.message import Language

# Unassigned and private characters, controls, format characters (zero width, bidi, tags) and half surrogates.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Invisible although Unicode files them under letters, marks or symbols: Hangul fillers, blank Braille,
# combining grapheme joiner, Khmer inherent vowels, variation selectors.
_UNSEEN = re.compile("[\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile(r"\s+")
_LEADING_SLASHES = re.compile(r"^[\s/]+")
# NFKC would make these Latin; Chinese sentences keep theirs.
_CHINESE_PUNCTUATION = re.compile("([，！？：；（）…])")
# More than three marks on one letter is decoration that breaks the screen, in no language of ours a word.
_STACKED_MARKS = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")


def clean(text: str) -> str:
    """The visible text on one line, compatibility forms folded (NFKC), never beginning with a slash."""
    spaced = _SPACES.sub(" ", text)
    seen = _UNSEEN.sub("", "".join(_visible(character) for character in spaced))
    folded = "".join(_fold(part) for part in _CHINESE_PUNCTUATION.split(seen))
    stable = _UNSEEN.sub("", "".join(_visible(character) for character in folded))
    return _LEADING_SLASHES.sub("", _STACKED_MARKS.sub(r"\1", _SPACES.sub(" ", stable))).strip()


def _fold(part: str) -> str:
    return part if _CHINESE_PUNCTUATION.fullmatch(part) else unicodedata.normalize("NFKC", part)


def _visible(character: str) -> str:
    return "" if unicodedata.category(character) in _UNSEEN_CATEGORIES else character


def script_language(text: str) -> Language | None:
    """`zh` or `en` where the script leaves no doubt, otherwise None."""
    han = sum("\u3400" <= character <= "\u9fff" for character in text)
    latin = sum(character.isascii() and character.isalpha() for character in text)
    if han and han * 2 >= latin:
        return "zh"
    return "en" if latin >= 2 and not han else None
