"""Amounts in yuan: 4500, 四千五, 4.5k, 5000块, 3,500 yuan, ¥4500, 五千多, 一万二 → a decimal as text."""

import re
from decimal import Decimal

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from components.extraction import Extraction, Found
from components.numerals import ARABIC, NUMBER, read_number

_UNIT = r"(?:块钱|块|元钱|元|圆|人民币|rmb\b|cny\b|yuan\b|kuai\b)"
_SLANG = {"k": 1000, "w": 10_000, "": 1}
_WITH_SIGN = re.compile(rf"(?:¥|\brmb\s?|\bcny\s?)\s*(?P<number>{ARABIC})\s*(?P<slang>[kw](?![a-z]))?")
_WITH_UNIT = re.compile(
    rf"(?<![\d.])(?P<number>{NUMBER})\s*(?P<slang>[kw])?\s*(?:多|来|"
    rf"几)?\s*{_UNIT}(?P<tail>[一二三四五六七八九])?(?![半厘])"
)
_SLANG_ONLY = re.compile(rf"(?<![\d.a-z])(?P<number>{ARABIC})\s?(?P<slang>[kw])(?![a-z0-9])")
_BARE = re.compile(
    rf"(?<![\d.,年月第a-z/-])(?P<number>{NUMBER})(?P<rough>多|来块|出头|左右)?"
    r"(?![\d.]*\d|\s*(?:[年月日号岁个次人天级倍点单家条位份成折%/-]|周岁|小时|公里|years?|months?|days?|"
    r"hours?|times|people|percent|"
    r"orders?|km|st\b|nd\b|rd\b|th\b))"
)
_CONTEXT = re.compile(
    r"工资|收入|挣|赚|基数|薪|到手|每月|一个月|月入|交了?$|缴|拿|领|价|钱|income|earn|salary|wage|make|"
    r"made|get\b|paid|pay\b|a month|per month|monthly|base"
)
_PHONE_OR_CODE = {Decimal(12333), Decimal(110), Decimal(120), Decimal(119), Decimal(4050), Decimal(996)}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MoneyExtractor(Extraction):
    """Entity `money`; a bare number counts where the message speaks of pay, or is nothing else."""

    def find(self, text: str) -> list[Found]:
        """See `Extraction.find`."""
        found: list[Found] = []
        for pattern in (_WITH_SIGN, _WITH_UNIT, _SLANG_ONLY, _BARE):
            for match in pattern.finditer(text):
                amount = _amount(match)
                if amount is None or any(f.start < match.end() and match.start() < f.end for f in found):
                    continue
                if pattern is _BARE and not _speaks_of_money(match, amount, text):
                    continue
                found.append(Found("money", match.start(), match.end(), format(amount, "f")))
        return sorted(found, key=lambda f: f.start)


def _amount(match: re.Match[str]) -> Decimal | None:
    groups = match.groupdict()
    number = read_number(groups["number"])
    if number is None:
        return None
    amount = number * _SLANG[groups.get("slang") or ""]
    if groups.get("tail"):
        amount += (read_number(groups["tail"]) or 0) / Decimal(10)
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount.normalize()


def _speaks_of_money(match: re.Match[str], amount: Decimal, text: str) -> bool:
    if amount < 100 or amount in _PHONE_OR_CODE or amount > 10_000_000:
        return False
    alone = not re.sub(
        r"[\s，。,.!！?？~～吧呢啊了差不多大概about around]", "", text[: match.start()] + text[match.end() :]
    )
    looks_like_year = re.fullmatch(r"(?:19|20)\d\d", match["number"]) is not None
    near = text[max(0, match.start() - 24) : match.start()]
    if alone:
        return not looks_like_year
    return bool(
        _CONTEXT.search(near) or (not looks_like_year and _CONTEXT.search(text[match.end() : match.end() + 16]))
    )
