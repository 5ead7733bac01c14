"""Finds figures typed into prose: a number with a unit belongs in `knowledge/parameters`, where it has a source."""

import re
from collections.abc import Iterator

from actions.answering.answer import Language

_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->", re.DOTALL)
_YEAR = r"(?:19|20)\d\d"
_ZH_UNITS = r"(?:元|块钱?|％|%|个?百分点|年|个月|月份?内|周岁|岁|天|日内|个工作日|级|倍|成|小时)"
_ZH = re.compile(
    rf"(?<![\d.])(?!{_YEAR}年)\d[\d,.]*\s*{_ZH_UNITS}|百分之[零一二三四五六七八九十百两\d]+"
    rf"|(?<![零一二三四五六七八九十百千万第几数])(?:[二三四五六七八九两][十百千万]?|十|[一二三四五六七八九两]?[十百千万]+[零一二三四五六七八九十百]*)"
    rf"(?:元|块钱|年(?!级|度|底|初)|个月|周岁|岁|天|个工作日|倍|成(?!功|立|年|人)|级(?!别))"
)
_EN_NUMBER = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred)"
)
_EN_UNITS = r"(?:%|percent|per cent|yuan|rmb|years?|months?|days?|working days?|weeks?|times|hours?)"
_EN = re.compile(
    rf"(?<![\d.])(?:\d[\d,.]*|\b{_EN_NUMBER}(?:-\w+)?)[\s-]*{_EN_UNITS}(?![a-z])|[¥￥]\s*\d", re.IGNORECASE
)


def problems_of_prose(template: str, language: Language) -> Iterator[str]:
    """One message for each bare figure in a template of that language."""
    prose = _TEMPLATE.sub(" ", template)
    for match in (_ZH if language == "zh" else _EN).finditer(prose):
        figure = match.group().strip()
        yield f"bare figure {figure!r}; use {{{{ figure('area.name') }}}} so that it has a date and a source"
