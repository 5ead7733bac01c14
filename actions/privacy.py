"""Removes what nobody should send to a chat: identity, phone and bank-card numbers, e-mail addresses.

A leaf: standard library only, so that the gateway and the answering steps share one rule.
Numbers are masked before a message is stored, logged or sent on.
"""

import re
import unicodedata
from dataclasses import dataclass

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

_SEPARATED = r"(?:[\s\-.·]{0,2}\d)"
_ID_18 = re.compile(r"(?<!\d)[1-9]" + _SEPARATED + r"{16}[\s\-]{0,2}(?:[Xx](?![A-Za-z])|\d(?!\d))")
_ID_15 = re.compile(r"(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?\s?(?:00)?86[\s\-]{0,2})?1[3-9]\d[\s\-.]{0,2}\d{4}[\s\-.]{0,2}\d{4}(?!\d)")
_CARD = re.compile(r"(?<!\d)[3-69]" + _SEPARATED + r"{12,18}(?!\d)")  # no year starts like a card
_ZH_DIGIT = "一二三四五六七八九零〇幺"
_PHONE_SPELT = re.compile(
    rf"(?<!\d)1(?:[\s\-.,，、]\d){{10}}(?!\d)|(?<![{_ZH_DIGIT}])[一幺][三四五六七八九][{_ZH_DIGIT}]{{9}}(?![{_ZH_DIGIT}])"
)
_PHONE_BRACKETED = re.compile(r"[(（]1[3-9]\d[)）]\s?\d{4}\s?\d{4}(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")


@dataclass(frozen=True)
class Masked:
    """A text with personal numbers replaced by `[kind]`, and the kinds that were found."""

    text: str
    kinds: tuple[str, ...] = ()


def mask(text: str) -> Masked:
    """The text without identity, phone and card numbers or e-mail addresses; full-width digits count too."""
    folded = "".join(_fold(character) for character in text)
    kinds: list[str] = []
    spans: list[tuple[int, int, str]] = []
    for kind, pattern, accepts in _RULES:
        for match in pattern.finditer(folded):
            if accepts(_digits(match.group())) and not any(s < match.end() and match.start() < e for s, e, _ in spans):
                spans.append((match.start(), match.end(), kind))
                kinds.append(kind)
    masked = text
    for start, end, kind in sorted(spans, reverse=True):
        masked = f"{masked[:start]}[{kind}]{masked[end:]}"
    return Masked(masked, tuple(dict.fromkeys(kinds)))


def _fold(character: str) -> str:
    """One character for one character, so that offsets in the folded text hold in the original."""
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _digits(text: str) -> str:
    return re.sub(r"[^0-9Xx]", "", text).upper()


def _is_identity_number(digits: str) -> bool:
    if len(digits) != 18 or not digits[:17].isdigit():
        return False
    looks_like_birthday = "1900" <= digits[6:10] <= "2099" and "01" <= digits[10:12] <= "12"
    checksum = ID_CHECKS[sum(int(d) * w for d, w in zip(digits, ID_WEIGHTS, strict=False)) % 11]
    return looks_like_birthday or checksum == digits[17]


def _is_card_number(digits: str) -> bool:
    """Luhn, ISO/IEC 7812; 13 to 19 digits."""
    if not (13 <= len(digits) <= 19 and digits.isdigit()):
        return False
    doubled = [int(d) * (1 + position % 2) for position, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _any(_: str) -> bool:
    return True


_RULES = (
    ("id_number", _ID_18, _is_identity_number),
    ("id_number", _ID_15, _any),
    ("phone", _PHONE, _any),
    ("phone", _PHONE_SPELT, _any),
    ("phone", _PHONE_BRACKETED, _any),
    ("bank_card", _CARD, _is_card_number),
    ("email", _EMAIL, _any),
)
