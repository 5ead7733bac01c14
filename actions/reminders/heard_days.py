"""Which day a message names: 每月10号, 三天后, 下周一, 月底, in two weeks, the 15th of next month. Pure.

A day of the month (`day`), perhaps with its month, or one certain day (`on`). Whether the calendar has it is
`recurrence.py`'s word; only what cannot be a day at all, or is over, is an ImpossibleDay already here.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from actions.reminders.heard_numbers import EN, ORDINAL, ZH, number
from actions.reminders.recurrence import LAST_DAY, MONTHS_A_YEAR, YEARS_AHEAD, ImpossibleDay

DAYS_A_WEEK, HALF_A_MONTH, HALF_A_YEAR, MIDDLE_OF_THE_MONTH = 7, 15, 6, 15
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTH_NAMES) + "|sept"
_ORDINAL_SIGN = r"(?:st|nd|rd|th)"
_NO_DAY = r"(?!\s+(?:one|reminder|time|item|half))"
_EN_DAY = rf"(?:(?P<day>\d{{1,3}}){_ORDINAL_SIGN}|(?:the |on |day )(?P<word>{ORDINAL}|\d{{1,2}})){_NO_DAY}\b"

_NAMED = (
    (re.compile(r"大后天"), 3),
    (re.compile(r"(?<!大)后[天日儿]|\bday after tomorrow\b"), 2),
    (re.compile(r"明[天日早晚儿]|(?<!day after )\btomorrow\b"), 1),
    (re.compile(r"今[天日早晚儿]|\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b"), 0),
    (re.compile(r"昨[天日晚]|\byesterday\b"), -1),
    (re.compile(r"(?<!大)前[天日]"), -2),
)
_AFTER = r"(?:之?后|以后|过后|再)"
_SPANS = (
    ("half_month", re.compile(rf"半个月{_AFTER}|[过隔]半个月|\bin half a month\b|\bin a fortnight\b")),
    ("half_year", re.compile(rf"半年{_AFTER}|[过隔]半年|\bin half a year\b")),
    ("days", re.compile(rf"(?P<n>{ZH})\s*天{_AFTER}|[过隔]\s*(?P<n2>{ZH})\s*天")),
    ("days", re.compile(rf"\b(?:in|after) (?P<n>{EN}) days?\b|(?P<n2>{EN}) days? (?:from now|later)\b")),
    ("weeks", re.compile(rf"(?P<n>{ZH})\s*个?(?:周|星期|礼拜){_AFTER}|[过隔]\s*(?P<n2>{ZH})\s*个?(?:周|星期|礼拜)")),
    ("weeks", re.compile(rf"\b(?:in|after) (?P<n>{EN}) weeks?\b|(?P<n2>{EN}) weeks? (?:from now|later)\b")),
    ("months", re.compile(rf"(?P<n>{ZH})\s*个月{_AFTER}|[过隔]\s*(?P<n2>{ZH})\s*个月")),
    ("months", re.compile(rf"\b(?:in|after) (?P<n>{EN}) months?\b|(?P<n2>{EN}) months? (?:from now|later)\b")),
    ("years", re.compile(rf"(?P<n>{ZH})\s*年{_AFTER}|\b(?:in|after) (?P<n2>{EN}) years?\b")),
)
_WEEKDAY_ZH = re.compile(r"(?P<far>下下|下|这|本)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])")
_WEEK_ZH = re.compile(r"(?P<far>下下|下)个?(?:周|星期|礼拜)")
_EN_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_EN = re.compile(r"\b(?P<day>mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b")
_WEEK_EN = re.compile(r"\bnext week\b")
_FULL = re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_MONTH_ZH = re.compile(
    rf"(?:(?P<year>\d{{4}}|[今明后去前])\s*年\s*)?的?(?P<month>{ZH})\s*月份?\s*(?:的?(?P<day>{ZH})\s*[日号])?"
)
_NEXT_MONTH_ZH = re.compile(rf"(?P<far>下下个?月|下个?月|次月|这个?月|本月)(?:的|份)?\s*(?:(?P<day>{ZH})\s*[日号])?")
_NEXT_MONTH_EN = re.compile(r"\b(?P<far>next|this|coming) month\b")
_DAY_ZH = re.compile(rf"(?P<day>{ZH})\s*[号日](?!线)")
_DAY_EN = re.compile(_EN_DAY)
_MONTH_DAY_EN = re.compile(
    rf"\b(?P<month>{_MONTH})\b\.?\s+(?:the )?(?P<day>\d{{1,2}}|{ORDINAL}){_ORDINAL_SIGN}?\b(?:,?\s+(?P<year>\d{{4}}))?"
)
_DAY_MONTH_EN = re.compile(
    rf"\b(?P<day>\d{{1,2}}|{ORDINAL}){_ORDINAL_SIGN}?\s+(?:of\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>\d{{4}}))?"
)
_MONTH_EN = re.compile(
    rf"\b(?:in|by|of|every|each|next|from|before|until) (?P<month>{_MONTH})\b(?:\s+(?P<year>\d{{4}}))?"
)
_LAST = re.compile(
    r"月底|月末|月尾|最后一天|最后1天|\bend of (?:the |each |every |this |next )?month\b|\bmonth'?s? end\b|"
    r"\bmonth-end\b|\blast day\b"
)
_FIRST = re.compile(r"月初|月头|\b(?:beginning|start|first) of (?:the |each |every |this |next )?month\b")
_MIDDLE = re.compile(r"月中|\bmiddle of (?:the |each |every |this |next )?month\b|\bmid-?month\b")
_YEAR_END = re.compile(r"年底|年末|\bend of (?:the|each|every|this) year\b")
_YEAR_START = re.compile(r"年初|\b(?:beginning|start) of (?:the|each|every|next) year\b")
_BARE = re.compile(rf"^\D*?(?P<n>\d{{1,3}}|{ZH})\D*$")
_YEARS = {"今": 0, "明": 1, "后": 2, "去": -1, "前": -2}
_FAR = {"下下": 2, "下": 1, "次": 1, "next": 1, "coming": 1}


@dataclass(frozen=True)
class Days:
    """What was heard. `on`: one certain day; otherwise a day of the month, of the named month where there is one."""

    on: date | None = None
    day: int | None = None
    month: int | None = None


def days_in(text: str, today: date, asked: str | None = None) -> Days:
    """The day that `plain` words name; nothing where they name none. Raises ImpossibleDay."""
    for look in (_dated, _near, _spanned, _of_a_near_month, _of_a_month, _weekday):
        found = look(text, today)
        if found is not None:
            return _possible(found)
    day = _day_of_month(text)
    if day is not None:
        return _possible(Days(day=day))
    bare = _BARE.match(text) if asked in ("day", "month") else None
    value = number(bare["n"]) if bare else None
    if value is None:
        return Days()
    return _possible(Days(month=value) if asked == "month" else Days(day=value))


def _dated(text: str, today: date) -> Days | None:
    found = _FULL.search(text)
    return _certain(int(found["year"]), int(found["month"]), int(found["day"]), today) if found else None


def _near(text: str, today: date) -> Days | None:
    for pattern, ahead in _NAMED:
        if pattern.search(text):
            return Days(on=_not_over(today + timedelta(days=ahead), today))
    return None


def _spanned(text: str, today: date) -> Days | None:
    for unit, pattern in _SPANS:
        found = pattern.search(text)
        if found is None:
            continue
        groups = found.groupdict()
        count = number(groups.get("n") or groups.get("n2") or "") or 0
        return Days(on=_ahead(unit, count, today))
    return None


def _ahead(unit: str, count: int, today: date) -> date:
    """A day so far from today; further than anybody plans is a slip of the finger."""
    if unit in ("days", "weeks", "half_month"):
        days = {"days": count, "weeks": DAYS_A_WEEK * count, "half_month": HALF_A_MONTH}[unit]
        return _not_too_far(today + timedelta(days=days), today)
    months = {"half_year": HALF_A_YEAR, "months": count, "years": MONTHS_A_YEAR * count}[unit]
    if months > YEARS_AHEAD * MONTHS_A_YEAR:
        raise ImpossibleDay("year", today.year + months // MONTHS_A_YEAR, today.year, today.year + YEARS_AHEAD)
    year, month = divmod(today.year * MONTHS_A_YEAR + today.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _of_a_near_month(text: str, today: date) -> Days | None:
    """下个月15号, the 15th of next month: one certain day; without a day its first."""
    found = _NEXT_MONTH_ZH.search(text) or _NEXT_MONTH_EN.search(text)
    if found is None:
        return None
    far = next((months for word, months in _FAR.items() if found["far"].startswith(word)), 0)
    year, month = divmod(today.year * MONTHS_A_YEAR + today.month - 1 + far, MONTHS_A_YEAR)
    written = found.groupdict().get("day")
    day = number(written) if written else _day_of_month(text)
    if day is None and not far:
        return None
    if day == LAST_DAY and _LAST.search(text):
        day = monthrange(year, month + 1)[1]
    return _certain(year, month + 1, 1 if day is None else day, today)


def _of_a_month(text: str, today: date) -> Days | None:
    for pattern in (_MONTH_ZH, _MONTH_DAY_EN, _DAY_MONTH_EN, _MONTH_EN):
        found = pattern.search(text)
        if found is None:
            continue
        groups = found.groupdict()
        month = _month(groups["month"])
        if month is None:
            continue
        written, year = groups.get("day"), _year(groups.get("year"), today)
        day = number(written) if written else _day_of_month(text)
        if year is not None:
            return _certain(year, month, 1 if day is None else day, today)
        return Days(day=day, month=month)
    if _YEAR_END.search(text):
        return Days(day=_day_of_month(text), month=MONTHS_A_YEAR)
    return Days(day=_day_of_month(text), month=1) if _YEAR_START.search(text) else None


def _weekday(text: str, today: date) -> Days | None:
    """The coming such day; in Chinese 下周一 is Monday of the week that begins next."""
    monday = today - timedelta(days=today.weekday())
    found = _WEEKDAY_ZH.search(text)
    if found:
        weekday = min("一二三四五六日".find(found["day"].replace("天", "日").replace("末", "六")), DAYS_A_WEEK - 1)
        if found["far"] is None:
            return Days(on=_coming(weekday, today))
        weeks = _FAR.get(found["far"], 0)
        return Days(on=_not_over(monday + timedelta(days=weekday, weeks=weeks), today))
    week = _WEEK_ZH.search(text)
    if week or (_WEEK_EN.search(text) and not _WEEKDAY_EN.search(text)):
        return Days(on=monday + timedelta(weeks=_FAR[week["far"]] if week else 1))
    named = _WEEKDAY_EN.search(text)
    return Days(on=_coming(_EN_WEEKDAYS.index(named["day"][:3]), today)) if named else None


def _coming(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % DAYS_A_WEEK + 1)


def _day_of_month(text: str) -> int | None:
    if _LAST.search(text):
        return LAST_DAY
    if _FIRST.search(text):
        return 1
    if _MIDDLE.search(text):
        return MIDDLE_OF_THE_MONTH
    chinese = _DAY_ZH.search(text)
    if chinese:
        return number(chinese["day"])
    english = _DAY_EN.search(text)
    return number(english["day"] or english["word"]) if english else None


def _month(written: str) -> int | None:
    for place, name in enumerate(_MONTH_NAMES, 1):
        if written.startswith(name[:3]):
            return place
    return number(written)


def _year(written: str | None, today: date) -> int | None:
    if written is None:
        return None
    return today.year + _YEARS[written] if written in _YEARS else int(written)


def _certain(year: int, month: int, day: int, today: date) -> Days:
    if not today.year <= year <= today.year + YEARS_AHEAD:
        raise ImpossibleDay("year", year, today.year, today.year + YEARS_AHEAD)
    if not 1 <= month <= MONTHS_A_YEAR:
        raise ImpossibleDay("month", month, 1, MONTHS_A_YEAR)
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ImpossibleDay("day", day, 1, last)
    return Days(on=_not_over(date(year, month, day), today))


def _possible(found: Days) -> Days:
    for part, given, highest in (("day", found.day, LAST_DAY), ("month", found.month, MONTHS_A_YEAR)):
        if given is not None and not 1 <= given <= highest:
            raise ImpossibleDay("day" if part == "day" else "month", given, 1, highest)
    return found


def _not_too_far(day: date, today: date) -> date:
    if day.year > today.year + YEARS_AHEAD:
        raise ImpossibleDay("year", day.year, today.year, today.year + YEARS_AHEAD)
    return day


def _not_over(day: date, today: date) -> date:
    if day < today:
        raise ImpossibleDay("date", day, today)
    return day
