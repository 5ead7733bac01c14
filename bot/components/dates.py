"""Months and days: 1990年5月, 90年5月12日, 一九九〇年五月, 1990.5, 1990-05-12, May 1990 → ISO 8601."""

import re
from datetime import date

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from components.extraction import Extraction, Found
from components.numerals import read_digits, read_number

_CN = "零〇○一二三四五六七八九"
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH_WORD = "|".join(f"{m}|{m[:3]}" for m in _MONTHS) + "|sept"
_CHINESE = re.compile(
    rf"(?P<year>(?:19|20)\d\d|\d\d|[{_CN}]{{4}}|[{_CN}]{{2}})\s*年\s*"
    rf"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月份?"
    rf"(?:\s*(?P<day>[12]\d|3[01]|0?[1-9]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s*[日号])?"
)
_NUMERIC = re.compile(
    r"(?<![\d.,])(?P<year>(?:19|20)\d\d)(?P<sep>[-./])(?P<month>1[0-2]|0?[1-9])"
    r"(?:(?P=sep)(?P<day>[12]\d|3[01]|0?[1-9]))?(?![\d.]*\d|\s*(?:元|块|万|千|%|k\b|yuan|rmb|年|个月|岁))"
)
_REVERSED = re.compile(r"(?<![\d./])(?P<month>1[0-2]|0?[1-9])[/.-](?P<year>(?:19|20)\d\d)(?![\d./])")
_COMPACT = re.compile(r"(?<!\d)(?P<year>19[4-9]\d|20[0-4]\d)(?P<month>0[1-9]|1[0-2])(?!\d|\s*(?:元|块|yuan))")
_ENGLISH = re.compile(
    rf"\b(?:(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH_WORD})\b\.?,?\s+"
    rf"(?:(?P<day2>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?(?P<year>(?:19|20)\d\d|'\d\d)\b"
)
_ENGLISH_YEAR_FIRST = re.compile(rf"\b(?P<year>(?:19|20)\d\d),?\s+(?P<month>{_MONTH_WORD})\b")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DateExtractor(Extraction):
    """Entity `date`; a year or a month alone is no date."""

    def find(self, text: str) -> list[Found]:
        """See `Extraction.find`."""
        found: list[Found] = []
        for pattern in (_CHINESE, _ENGLISH, _ENGLISH_YEAR_FIRST, _NUMERIC, _REVERSED, _COMPACT):
            for match in pattern.finditer(text):
                value = _iso(match)
                taken = any(f.start < match.end() and match.start() < f.end for f in found)
                if value and not taken:
                    found.append(Found("date", match.start(), match.end(), value))
        return sorted(found, key=lambda f: f.start)


def _iso(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    year, month = _year(groups["year"]), _month(groups["month"])
    day_text = groups.get("day") or groups.get("day2")
    if year is None or month is None:
        return None
    if not day_text:
        return f"{year:04d}-{month:02d}"
    day = read_number(day_text)
    try:
        return date(year, month, int(day or 0)).isoformat()
    except ValueError:
        return None


def _year(text: str) -> int | None:
    digits = read_digits(text.lstrip("'"))
    if digits is None:
        return None
    year = int(digits)
    if len(digits) == 4:
        return year if 1900 <= year <= 2099 else None
    return 1900 + year if year > 40 else 2000 + year


def _month(text: str) -> int | None:
    for number, name in enumerate(_MONTHS, start=1):
        if text.startswith(name[:3]):
            return number
    value = read_number(text)
    return int(value) if value else None
