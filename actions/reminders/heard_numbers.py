"""Small numbers and slips of the finger in what a worker writes: 十五, 25, twenty-fifth, 題醒."""

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
ZH = r"(?:\d{1,4}|[零〇一二两俩三四五六七八九十廿]{1,3})"
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_ENGLISH = {word: number for number, word in enumerate(_ONES)} | {"twenty": 20, "thirty": 30}
_ENGLISH_WRITTEN = "|".join(sorted(_ENGLISH, key=len, reverse=True))
EN_HOUR = rf"(?:\d{{1,2}}|\b(?:{_ENGLISH_WRITTEN})\b)"
EN = rf"(?:\d{{1,4}}|\b(?:{_ENGLISH_WRITTEN}|an?|a couple of)\b)"
_ARTICLES = {"a": 1, "an": 1, "a couple of": 2}
_FIRST_NINE = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth"),
    *("eighteenth", "nineteenth", "twentieth"),
)
ORDINALS = (
    {word: number for number, word in enumerate((*_FIRST_NINE, *_TEENS), 1)}
    | {f"twenty{mark}{word}": 20 + number for number, word in enumerate(_FIRST_NINE, 1) for mark in "- "}
    | {"thirtieth": 30, "thirty-first": 31, "thirty first": 31}
)
ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
# Traditional characters and the slips that phones make of the words of a reminder.
_SLIPS = str.maketrans("號點個後週繳時間題為請訂發別說給幾兩", "号点个后周缴时间题为请订发别说给几两")
_MISHEARD = (
    (re.compile(r"题醒|提行|提星|提腥|提酲|提型"), "提醒"),
    (re.compile(r"叫社保|缴社宝|交社宝|交射保"), "交社保"),
    (re.compile(r"\b(?:remaind|remid|remnid|remnd|reminde|rimind|remimd)\b"), "remind"),
    (re.compile(r"\b(?:tomorow|tommorow|tommorrow|tomorrw|tmrw|tmr)\b"), "tomorrow"),
    (re.compile(r"\b(?:evry|ev'ry|everey)\b"), "every"),
    (re.compile(r"\b(?:mounth|monht|mnth)\b"), "month"),
)
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2019: 0x27}
_TWENTY = "廿"


def plain(text: str) -> str:
    """The text in narrow, small, simplified letters, with the commonest slips put right."""
    written = text.translate(_WIDE).lower().translate(_SLIPS)
    for pattern, meant in _MISHEARD:
        written = pattern.sub(meant, written)
    return written


def number(written: str) -> int | None:
    """The value of digits, a Chinese numeral below a hundred or an English word; None for anything else."""
    if written.isdecimal():
        return int(written)
    if written in _ENGLISH:
        return _ENGLISH[written]
    if written in _ARTICLES:
        return _ARTICLES[written]
    return ORDINALS.get(written) or _chinese(written.replace(_TWENTY, "二十"))


def _chinese(written: str) -> int | None:
    tens, has_ten, ones = written.partition("十")
    if any(part and part not in _DIGITS for part in (tens, ones)) or not written:
        return None
    if not has_ten:
        return _DIGITS[tens]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
