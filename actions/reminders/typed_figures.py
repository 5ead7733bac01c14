"""What is wrong with a text for workers: unknown placeholders, figures typed into it, dashes.

A figure typed into a text has neither date nor source; a placeholder has both.
"""

import re
from collections.abc import Collection, Iterator

from actions.reminders.model import Language

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# A lone 一 is as often "a" as "one"; 第二天 and 十几天 are no figures. 12333 has no unit.
_ZH = re.compile(
    r"(?:\d[\d,.]*|(?<![第几数万])[二三四五六七八九十百千万两][零一二三四五六七八九十百千万]*)\s*"
    r"(?:元|块|％|%|个?百分点|年|个月|月|日|号|周岁|岁|天|个工作日|倍|成|小时|周|星期)|百分之|[¥￥]\s*\d"
)
_EN = re.compile(
    r"(?:\d[\d,.]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|sixty|"
    r"hundred|thousand|half)(?:-\w+)?)[\s-]*"
    r"(?:%|percent|per cent|yuan|rmb|years?|months?|weeks?|(?:working )?days?|times|hours?)(?![a-z])|[¥￥]\s*\d",
    re.IGNORECASE,
)
_FIGURES: dict[Language, re.Pattern[str]] = {"zh": _ZH, "en": _EN}


def placeholders(text: str) -> frozenset[str]:
    """The names between braces."""
    return frozenset(PLACEHOLDER.findall(text))


def text_problems(text: str, language: Language, accepted: Collection[str]) -> Iterator[str]:
    """One message for each problem; `accepted`: the placeholders there are."""
    for name in sorted(placeholders(text) - set(accepted)):
        yield f"there is no placeholder {{{name}}}; accepted: {', '.join(sorted(accepted))}"
    prose = PLACEHOLDER.sub(" ", text)
    if "{" in prose or "}" in prose:
        yield "a brace stands alone; accepted: placeholders such as {amount}"
    for figure in _FIGURES[language].finditer(prose):
        yield f"typed figure {figure.group().strip()!r}; accepted: a placeholder, which has its date and source"
    if "—" in prose:
        yield "a dash; accepted: two sentences, or a comma"
