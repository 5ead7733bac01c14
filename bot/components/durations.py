"""Durations in whole months (15年, 三年半, two and a half years) and ages in years (50岁, I'm 50)."""

import re
from decimal import Decimal

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from components.extraction import Extraction, Found
from components.numerals import NUMBER, read_number

_ROUGH = r"(?:多|来|好几)?"
_NOT_AFTER = r"(?<![第\d.,年月])"
_YEARS_AND_MONTHS = re.compile(
    rf"{_NOT_AFTER}(?P<years>{NUMBER})\s*{_ROUGH}\s*(?:年(?![\s]*(?:级|代|底|初|轻|纪|龄|后生|出生|生人|"
    rf"生的))|周年)"
    rf"(?:(?P<half>半)|[零又加]?\s*(?P<months>{NUMBER})\s*个月|{_ROUGH})"
)
_HALF_YEAR = re.compile(r"(?P<months>大?半)(?:个?多?年)(?!轻)")
_MONTHS = re.compile(rf"{_NOT_AFTER}(?P<months>{NUMBER})\s*{_ROUGH}\s*个(?P<half>半)?\s*多?月")
_EN_NUMBER = rf"(?P<years>{NUMBER})(?:(?P<half> and a half))?"
_EN_YEARS = re.compile(
    rf"(?<![\d.,$¥])(?:{_EN_NUMBER}|(?P<one>a)(?= year and a half| full year))[ -]?(?:full )?(?:years?|"
    rf"yrs?)\b(?![ -]?old| of age)"
    rf"(?:(?P<half2> and a half)|(?:,? (?:and )?(?P<months>{NUMBER}) months?))?"
)
_EN_MONTHS = re.compile(rf"(?<![\d.,$¥])(?P<months>{NUMBER})(?: and a half)?[ -]?(?:months?|mths?)\b")
_EN_HALF_YEAR = re.compile(r"\b(?P<months>half) a year\b|\b(?P<months2>half) year\b")
_RATE_AFTER = re.compile(r"(?:了|没|前|以?后|之?内|以|多|零|又|半|的?空)")
_SPAN_BEFORE = re.compile(r"(?:了|断|停|满|差|有|过|缺|少|才|仅|就|断缴|断交)$")

_AGES = [
    re.compile(rf"(?<![\d.])(?P<age>{NUMBER})\s*多?\s*(?:周岁|岁)"),
    re.compile(
        r"(?:今年|年龄(?:是|为)?|我都?快?|虚岁)\s*(?P<age>\d\d|"
        r"[二三四五六七八]?十[一二三四五六七八九]?)(?=\s*(?:了|[，。,.!！?？]|$))"
    ),
    re.compile(r"快\s*(?P<age>[1-9]\d|[二三四五六七八]十[一二三四五六七八九]?)\s*了"),
    re.compile(rf"(?P<age>{NUMBER})[ -]?(?:years?|yrs?)[ -](?:old|of age)\b"),
    re.compile(
        rf"\b(?:aged?|turn(?:ed|ing|s)?|retir(?:e|ing|ed) at|i'?m|i am|she is|he is|she's|"
        rf"he's)\s+(?:nearly |almost |already |only |now |just )?"
        rf"(?P<age>\d\d|{NUMBER})(?=\s*(?:[,.!?;]|$|and\b|now\b|but\b|this\b|next\b|years old|with\b|in\b))"
    ),
]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DurationExtractor(Extraction):
    """Entities `duration` (months) and `age` (years)."""

    def find(self, text: str) -> list[Found]:
        """See `Extraction.find`."""
        found: list[Found] = []
        for pattern in _AGES:
            for match in pattern.finditer(text):
                age = read_number(match["age"])
                if age is not None and 10 <= age <= 110 and age == int(age):
                    _keep(found, Found("age", match.start("age"), match.end(), int(age)))
        for pattern in (_YEARS_AND_MONTHS, _EN_YEARS, _HALF_YEAR, _EN_HALF_YEAR, _MONTHS, _EN_MONTHS):
            for match in pattern.finditer(text):
                months = None if _is_rate(match, text) else _months(match)
                if months:
                    _keep(found, Found("duration", match.start(), match.end(), months))
        return sorted(found, key=lambda f: f.start)


def _keep(found: list[Found], new: Found) -> None:
    if not any(f.start < new.end and new.start < f.end for f in found):
        found.append(new)


def _is_rate(match: re.Match[str], text: str) -> bool:
    """一个月交多少, 一年一次: a rhythm, not a span of time."""
    if match.group() not in ("一个月", "一年"):
        return False
    return not (_RATE_AFTER.match(text, match.end()) or _SPAN_BEFORE.search(text[: match.start()]))


def _months(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    half = bool(groups.get("half") or groups.get("half2"))
    if groups.get("one") or groups.get("years"):
        years = read_number(groups["years"]) if groups.get("years") else Decimal(1)
        if years is None or years > 60:
            return None
        extra = read_number(groups["months"]) if groups.get("months") else Decimal(0)
        return None if extra is None else int(years * 12 + extra) + (6 if half else 0)
    text = groups.get("months") or groups.get("months2") or ""
    if text.endswith("半") or text == "half":
        return 6
    months = read_number(text)
    return int(months) if months is not None and months <= 720 else None
