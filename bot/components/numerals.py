"""Reading numbers the way workers write them: 4500, 4.5k, 四千五, 一万二, 3千5, twenty-five.

Pure text work, no Rasa in it; the extractors of money, durations and dates share it.
"""

import re
from decimal import Decimal

_DIGITS = {"零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10_000, "亿": 100_000_000}

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
]
_ONES += ["fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_WORDS = {word: value for value, word in enumerate(_ONES)}
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS |= {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=False)}
_SCALES = {"hundred": 100, "thousand": 1000}

ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE = rf"(?:(?:{ARABIC})[百千万亿])*(?:{ARABIC}|[{''.join(_DIGITS)}十百千万亿廿]+)+"
_word = "|".join(sorted([*_WORDS, *_SCALES], key=len, reverse=True))
ENGLISH = rf"\b(?:a )?(?:{_word})(?:[ -](?:and )?(?:{_word}))*\b"
NUMBER = rf"(?:{ENGLISH}|{CHINESE})"

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xFFE5: 0xA5,
    0x2019: 0x27,
}
_FULL_WIDTH = {code: target for code, target in _FULL_WIDTH.items() if chr(code) not in "，。！？；：（）"}
_PART = re.compile(rf"({ARABIC})|(.)")


def half_width(text: str) -> str:
    """The text with full-width digits, letters and signs made narrow and lower case; every offset stays."""
    narrow = text.translate(_FULL_WIDTH)
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in narrow)


def read_number(text: str) -> Decimal | None:
    """The value of a number in digits, Chinese numerals, a mixture, or English words; None if it is none."""
    text = text.strip().lower()
    if re.fullmatch(ARABIC, text):
        return Decimal(text.replace(",", ""))
    if re.fullmatch(r"[a-z -]+", text):
        return _read_english(text)
    return _read_chinese(text.replace("廿", "二十"))


def read_digits(text: str) -> str | None:
    """A number spelled digit by digit (一九九〇, 九零, 1990) as ASCII digits; None if it is anything else."""
    if re.fullmatch(rf"[\d{''.join(_DIGITS)}]+", text):
        return "".join(c if c.isascii() else str(_DIGITS[c]) for c in text)
    return None


def _read_english(text: str) -> Decimal | None:
    total, group = 0, 0
    for word in re.split(r"[ -]+", text):
        if word in _WORDS:
            group += _WORDS[word]
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word == "thousand":
            total, group = total + max(group, 1) * 1000, 0
        elif word not in ("and", "a"):
            return None
    return Decimal(total + group) if total + group else None


def _read_chinese(text: str) -> Decimal | None:
    """Digits times units; a last digit without one counts a tenth of the unit before (四千五 = 4500)."""
    total = group = Decimal(0)
    digit: Decimal | None = None
    unit_before, after_zero = Decimal(0), False
    for arabic, char in _PART.findall(text):
        if arabic or char in _DIGITS:
            value = Decimal(arabic.replace(",", "")) if arabic else Decimal(_DIGITS[char])
            if digit not in (None, Decimal(0)):
                return None
            after_zero = after_zero or (digit == 0 and value != 0) or value == 0
            digit = value
        elif char in _SMALL_UNITS:
            unit_before = Decimal(_SMALL_UNITS[char])
            group += (Decimal(1) if digit is None else digit) * unit_before
            digit, after_zero = None, False
        elif char in _LARGE_UNITS:
            unit_before = Decimal(_LARGE_UNITS[char])
            total += (group + (digit or 0) or Decimal(1)) * unit_before
            group, digit, after_zero = Decimal(0), None, False
        else:
            return None
    if digit:
        group += digit * unit_before / 10 if unit_before > 10 and not after_zero and digit < 10 else digit
    return _plain(total + group)


def _plain(value: Decimal) -> Decimal | None:
    """Without exponent or needless zeros (12000, 4500.5); a sum of nothing is no number."""
    if not value:
        return None
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()
