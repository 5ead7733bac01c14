"""How many SMS a text takes, as 3GPP TS 23.038 counts: GSM 7-bit where every character has a place in its tables,
UCS-2 otherwise. A text of more than one SMS has less room in each, since each carries its number in the row.
"""

from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

# 3GPP TS 23.038 section 6.2.1: the default alphabet, and the characters that take an escape before them.
GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")

# 140 octets hold 160 septets or 70 UTF-16 units; the header of a text in parts takes 6 octets.
ALONE: dict[Encoding, int] = {"gsm7": 160, "ucs2": 70}
IN_PARTS: dict[Encoding, int] = {"gsm7": 153, "ucs2": 67}


@dataclass(frozen=True, slots=True)
class Segmentation:
    """`units` in the text's own encoding (septets or UTF-16 units), without what stays empty; `segments` in SMS."""

    encoding: Encoding
    units: int
    segments: int


def encoding_of(text: str) -> Encoding:
    """The cheaper encoding that holds the whole text."""
    return "gsm7" if all(c in GSM7_BASIC or c in GSM7_EXTENSION for c in text) else "ucs2"


def segments(text: str, encoding: Encoding | None = None) -> Segmentation:
    """How many SMS a text takes; an empty text takes none.

    `encoding` is for a network that uses one for every text (`ucs2` in mainland China); GSM 7-bit is only to be
    named for a text that it holds.
    """
    used: Encoding = encoding or encoding_of(text)
    costs = _costs(text, used)
    units = sum(costs)
    if units <= ALONE[used]:
        return Segmentation(used, units, 1 if units else 0)
    return Segmentation(used, units, -(-_filled(costs, IN_PARTS[used]) // IN_PARTS[used]))


def capacity(max_segments: int) -> int:
    """How many Chinese characters that many SMS hold; what `measure` is to be compared with."""
    return ALONE["ucs2"] if max_segments == 1 else IN_PARTS["ucs2"] * max_segments


def measure(text: str, max_segments: int, encoding: Encoding | None = None) -> int:
    """How full a text makes `max_segments` SMS, in places for Chinese characters whatever its encoding.

    `measure(text, n) <= capacity(n)` exactly where `segments(text).segments <= n`. A text that grows never gets a
    smaller measure. A place that no half of a character may take counts as used.
    """
    used: Encoding = encoding or encoding_of(text)
    costs = _costs(text, used)
    if max_segments == 1:
        filled, room = sum(costs), ALONE[used]
    else:
        filled, room = _filled(costs, IN_PARTS[used]), IN_PARTS[used] * max_segments
    return -(-filled * capacity(max_segments) // room)


def _costs(text: str, encoding: Encoding) -> list[int]:
    """The units of each character; two belong together and are never parted."""
    if encoding == "gsm7":
        return [2 if character in GSM7_EXTENSION else 1 for character in text]
    return [2 if character > "\uffff" else 1 for character in text]


def _filled(costs: list[int], segment: int) -> int:
    """The units used up, with those left empty at the end of a segment because the next character needs two."""
    filled = 0
    for cost in costs:
        left = segment - filled % segment
        filled += cost if cost <= left else left + cost
    return filled
