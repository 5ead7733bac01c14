"""Cutting a long text into messages, where a reader would pause; every channel that has a limit uses it."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import IntEnum

_BLANK = re.compile(r"\s+")
_NEW_LINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_CLOSING = "”’」』）》】〉〕\"')\\]"
_WIDE = r"\u2e80-\u2fdf\u3000-\u312f\u3190-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_WIDE += r"\U00020000-\U0003ffff"
_STOP = re.compile(rf"(?:[。！？]|[!?.](?=[{_CLOSING}{_WIDE}]))+[{_CLOSING}]*(?!\s)")  # with no white space behind it
_ENDS_SENTENCE = re.compile(rf"[。！？.!?][{_CLOSING}]*\Z")
_NUMBER_OF_A_LIST = re.compile(r"(?:\A|[\n\r])[^\S\n\r]*\(?\w{1,3}[.)]\Z")
_CLAUSE = re.compile(rf"[，；：、…][{_CLOSING}]*(?!\s)")
_TOKEN = re.compile(rf"[^\s{_WIDE}]+")  # a word, a number, a URL: what must stay in one piece
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s。，；：、！？（）《》“”「」【】]+", re.IGNORECASE)
_NEVER_FIRST = frozenset("。，；：、！？…）》】」』”’〉〕%％‰℃年月日元岁")
_NEVER_LAST = frozenset("（《【「『“‘〈〔￥¥$第")
_TAIL = 160  # characters before a cut that are enough to see what ends there


class _Break(IntEnum):
    """How good a place is, the best first."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    PAUSE = 3  # a space, or the comma of a Chinese clause


def split(text: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    """The text in parts of at most `limit`, counted by `measure` (characters, UTF-16 units, bytes, …).

    Cuts after a paragraph where one ends within the limit, otherwise after a line, a sentence, at a space, between
    two Chinese characters, and inside a word or URL only where it alone is over the limit. White space at the cuts
    and the two ends is left out, and nothing else. No part is empty; a blank text has no parts.
    `measure` must not shrink when a text grows. Raises `ValueError` where one character is over the limit.
    """
    parts = []
    rest = text.strip()
    while rest:
        fitting = _fitting(rest, limit, measure)
        if fitting == 0:
            raise ValueError("one character alone is over the limit")
        cut = len(rest) if fitting == len(rest) else _cut(rest, fitting)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return parts


def utf16_units(text: str) -> int:
    """The length of a text in UTF-16 code units, as Telegram and JavaScript count it."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def mended(text: str) -> str:
    """The text with halves of surrogate pairs put together, or replaced (U+FFFD) where a half stands alone."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fitting(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters fit into one part."""
    fits, over = 0, max(limit, 1) + 1
    while over <= len(text) and measure(text[:over]) <= limit:
        fits, over = over, over * 2
    if over > len(text):
        if measure(text) <= limit:
            return len(text)
        over = len(text)
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if measure(text[:middle]) <= limit else (fits, middle)
    return fits


def _cut(text: str, fitting: int) -> int:
    """Where to end the first part: the last of the best places, at most `fitting`."""
    best: dict[_Break, int] = {}
    for kind, place in _places(text, fitting):
        best[kind] = max(place, best.get(kind, 0))
    if best:
        return best[min(best)]
    return _between_characters(text, fitting)


def _places(text: str, fitting: int) -> Iterator[tuple[_Break, int]]:
    seen = fitting + 1  # the character behind the last place tells whether a word goes on
    for blank in _BLANK.finditer(text, 0, seen):
        yield _kind_of(text, blank.start()), blank.start()
    urls = [found.span() for found in _URL.finditer(text, 0, seen)]
    for kind, pattern in ((_Break.SENTENCE, _STOP), (_Break.PAUSE, _CLAUSE)):
        for found in pattern.finditer(text, 0, seen):
            if found.end() <= fitting and not any(start < found.end() < end for start, end in urls):
                yield kind, found.end()


def _kind_of(text: str, place: int) -> _Break:
    """What ends at a place where white space begins."""
    blank = _BLANK.match(text, place)
    lines = len(_NEW_LINE.findall(blank.group())) if blank else 0
    if lines:
        return _Break.LINE if lines == 1 else _Break.PARAGRAPH
    before = text[max(0, place - _TAIL) : place]
    ends = _ENDS_SENTENCE.search(before) and not _NUMBER_OF_A_LIST.search(before)
    return _Break.SENTENCE if ends else _Break.PAUSE


def _between_characters(text: str, fitting: int) -> int:
    """The last place outside a word; then the last one that leaves a written character whole; then any."""
    around = range(fitting, 0, -1)
    whole = [found.span() for pattern in (_TOKEN, _URL) for found in pattern.finditer(text, 0, fitting + 1)]
    inside = {place for start, end in whole for place in range(start + 1, end)}
    free = [place for place in around if place not in inside and not _joined(text, place)]
    for place in free:
        if text[place] not in _NEVER_FIRST and text[place - 1] not in _NEVER_LAST:
            return place
    unbroken = (place for place in around if not _joined(text, place))
    return next(iter(free), next(unbroken, fitting))


def _joined(text: str, place: int) -> bool:
    """Whether the characters on both sides are drawn as one: accents, emoji sequences, flags, surrogate halves."""
    before, after = text[place - 1], text[place]
    if before == "\u200d" or after == "\u200d" or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff":
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    flags = 0
    while flags < place and _half_a_flag(text[place - 1 - flags]):
        flags += 1
    return _half_a_flag(after) and flags % 2 == 1


def _half_a_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
