"""Which time of day a message names: 早上8点, 晚上七点半, 19:30, half past seven. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from actions.reminders.heard_numbers import EN, EN_HOUR, ZH, number

HOURS_A_DAY, MINUTES_AN_HOUR, NOON, QUARTER, HALF = 24, 60, 12, 15, 30
LATEST_BARE_AFTERNOON = 5  # "3点" without more is the afternoon: nobody wants a message at three in the night
# What a part of the day means without an hour; a wish of the worker's replaces it.
PARTS = {
    "dawn": time(6),
    "morning": time(9),
    "noon": time(12),
    "afternoon": time(15),
    "evening": time(19),
    "night": time(21),
}
_PART_ZH = {
    "凌晨": "dawn", "清早": "morning", "清晨": "morning", "早晨": "morning", "早上": "morning", "上午": "morning",
    "今早": "morning", "明早": "morning", "中午": "noon", "正午": "noon", "下午": "afternoon", "午后": "afternoon",
    "傍晚": "evening", "晚上": "evening", "今晚": "evening", "明晚": "evening", "夜里": "night", "半夜": "night",
    "早": "morning", "晚": "evening",
}  # fmt: skip
_PARTS_WRITTEN = "|".join(_PART_ZH)
_ZH_SIGNS = r"\d零〇一二两俩三四五六七八九十廿"
_MINUTE = (
    r"(?:(?P<half>半)|(?P<quarter>[一三13])刻|过?(?P<minute>\d{2}(?![\d号日天个月])|"
    rf"[二三四五]?十[一二三四五六七八九]?(?![号日天个月])|[零〇][一二三四五六七八九]|{ZH}(?=\s*分))\s*分?)?"
)
_A_LITTLE = r"(?![早晚][一1]点)"  # 早一点, 晚一点: a little earlier or later, not one o'clock
_ZH = re.compile(
    rf"{_A_LITTLE}(?:(?P<part>{_PARTS_WRITTEN})的?\s*|(?<![早晚快慢多少差有前{_ZH_SIGNS}]))"
    rf"(?P<hour>{ZH})\s*(?:点钟?|时(?!候|间)){_MINUTE}"
)
_CLOCK = re.compile(
    rf"(?:(?P<part>{_PARTS_WRITTEN})\s*)?(?<![\d:])(?P<hour>\d{{1,2}})\s*:\s*(?P<minute>\d{{2}})(?!\d)"
    r"\s*(?P<half_day>[ap]\.?m\b)?"
)
_EN_PAST = re.compile(rf"\b(?P<what>half|quarter) (?P<side>past|to) (?P<hour>{EN_HOUR})\b\s*(?P<half_day>[ap]\.?m\b)?")
_EN_HALF_DAY = re.compile(rf"(?P<hour>{EN_HOUR})(?:[:.](?P<minute>\d{{2}}))?\s*(?P<half_day>[ap]\.?m\b)")
_EN_AT = re.compile(
    rf"\b(?:at|after|before|until|till|from|past|and|to) (?P<hour>{EN_HOUR})\b"
    r"(?!\s*(?:days?|weeks?|months?|years?|hours?|min|of\b|:|/|-\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
_EN_OCLOCK = re.compile(rf"(?P<hour>{EN_HOUR})\s*o'?clock\b")
_EN_NOON = re.compile(r"\b(?:noon|midday|lunch ?time)\b")
_EN_PART = re.compile(r"\b(?P<part>morning|afternoon|evening|night|tonight)\b")
_ZH_PART = re.compile(rf"(?P<part>{_PARTS_WRITTEN})")
_SPANS = (
    ("half", re.compile(r"半个?(?:小时|钟头)(?:之?后|以后|再)?|\bin half an hour\b")),
    (
        "hours",
        re.compile(rf"(?P<n>{ZH})\s*个?(?:小时|钟头)(?:之?后|以后|过后|再)|[过等]\s*(?P<n2>{ZH})\s*个?(?:小时|钟头)"),
    ),
    ("hours", re.compile(rf"\b(?:in|after) (?P<n>{EN}) hours?\b|(?P<n2>{EN}) hours? (?:from now|later)\b")),
    ("minutes", re.compile(rf"(?P<n>{ZH})\s*分钟(?:之?后|以后|过后|再)|[过等]\s*(?P<n2>{ZH})\s*分钟")),
    (
        "minutes",
        re.compile(rf"\b(?:in|after) (?P<n>{EN}) min(?:ute)?s?\b|(?P<n2>{EN}) min(?:ute)?s? (?:from now|later)\b"),
    ),
)


class ImpossibleTime(ValueError):
    """An hour or a minute that no clock shows; 0:00 to 23:59 is accepted."""


@dataclass(frozen=True)
class Spoken:
    """One time in a message and where it stands."""

    at: time
    start: int
    end: int


def time_in(text: str) -> time | None:
    """The time that `plain` words name, or that a part of the day stands for; None where they name none."""
    found = times_in(text)
    if found:
        return found[0].at
    if _EN_NOON.search(text):
        return PARTS["noon"]
    part = _part_alone(text)
    return PARTS[part] if part else None


def times_in(text: str) -> list[Spoken]:
    """Every time with an hour, in order; raises ImpossibleTime."""
    found: list[Spoken] = []
    for pattern in (_EN_PAST, _EN_HALF_DAY, _CLOCK, _ZH, _EN_OCLOCK, _EN_AT):
        for match in pattern.finditer(text):
            taken = any(one.start < match.end() and match.start() < one.end for one in found)
            at = None if taken else _read(match, text)
            if at is not None:
                found.append(Spoken(at, match.start(), match.end()))
    return sorted(found, key=lambda one: one.start)


def moment_in(text: str, now: datetime) -> datetime | None:
    """A moment so and so many hours or minutes from now, in full minutes; None where none is named."""
    for unit, pattern in _SPANS:
        found = pattern.search(text)
        if found is None:
            continue
        groups = found.groupdict()
        count = number(groups.get("n") or groups.get("n2") or "") or 0
        minutes = {"half": HALF, "hours": count * MINUTES_AN_HOUR, "minutes": count}[unit]
        return (now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return None


def _part_alone(text: str) -> str | None:
    english = _EN_PART.search(text)
    if english:
        return {"night": "evening", "tonight": "evening"}.get(english["part"], english["part"])
    chinese = _ZH_PART.search(text)
    # 早 and 晚 alone are no time: 早点, 晚点说.
    return _PART_ZH[chinese["part"]] if chinese and len(chinese["part"]) > 1 else None


def _read(match: re.Match[str], text: str) -> time | None:
    groups = match.groupdict()
    hour = number(groups["hour"])
    if hour is None:
        return None
    minute = _minute(groups)
    if groups.get("side") == "to":
        hour, minute = hour - 1, MINUTES_AN_HOUR - (HALF if groups["what"] == "half" else QUARTER)
    part = groups.get("part")
    hour = _hour(hour, _PART_ZH[part] if part else _english_part(text), groups.get("half_day"))
    if not (0 <= hour < HOURS_A_DAY and 0 <= minute < MINUTES_AN_HOUR):
        raise ImpossibleTime(match.group())
    return time(hour, minute)


def _minute(groups: dict[str, str | None]) -> int:
    if groups.get("half") or groups.get("what") == "half":
        return HALF
    if groups.get("what") == "quarter":
        return QUARTER
    quarters = groups.get("quarter")
    if quarters:
        return QUARTER * (number(quarters) or 0)
    return number(groups.get("minute") or "0") or 0


def _english_part(text: str) -> str | None:
    found = _EN_PART.search(text)
    return None if found is None else {"night": "evening", "tonight": "evening"}.get(found["part"], found["part"])


def _hour(hour: int, part: str | None, half_day: str | None) -> int:
    """On the clock of 24 hours; an hour that no clock has stays what it is."""
    if half_day:
        if not 1 <= hour < HOURS_A_DAY:
            return HOURS_A_DAY
        return hour % NOON + (NOON if half_day[0] == "p" else 0) if hour <= NOON else hour
    if hour >= NOON:
        return 0 if hour == NOON and part in ("evening", "night") else hour
    small = 1 <= hour <= LATEST_BARE_AFTERNOON
    late = part == "afternoon" or (part in ("evening", "night") and not small) or (part in ("noon", None) and small)
    return hour + NOON if late else hour
