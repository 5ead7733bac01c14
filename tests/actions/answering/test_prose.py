"""Which numbers in prose are figures that need a source, and which are ordinary words."""

import pytest

from actions.answering.answer import Language
from actions.answering.prose import problems_of_prose

FLAGGED: list[tuple[Language, str, str]] = [
    ("zh", "交20%就行", "20%"),
    ("zh", "每月4986元", "4986元"),
    ("zh", "每月997.2元", "997.2元"),
    ("zh", "一年12,000元", "12,000元"),
    ("zh", "三百块钱", "三百块钱"),
    ("zh", "交满15年", "15年"),
    ("zh", "交满十五年", "十五年"),
    ("zh", "要二十年", "二十年"),
    ("zh", "60岁退休", "60岁"),
    ("zh", "六十岁退休", "六十岁"),
    ("zh", "50周岁", "50周岁"),
    ("zh", "等6个月", "6个月"),
    ("zh", "等三个月", "三个月"),
    ("zh", "30天内报", "30天"),
    ("zh", "三十天内报", "三十天"),
    ("zh", "15个工作日办完", "15个工作日"),
    ("zh", "百分之二十", "百分之二十"),
    ("zh", "赔27倍工资", "27倍"),
    ("zh", "十级伤残", "十级"),
    ("zh", "1级最重", "1级"),
    ("zh", "拿六成", "六成"),
    ("en", "pay 20% of it", "20%"),
    ("en", "pay 20 percent", "20 percent"),
    ("en", "4,986 yuan a month", "4,986 yuan"),
    ("en", "15 years", "15 years"),
    ("en", "fifteen years", "fifteen years"),
    ("en", "a 15-year wait", "15-year"),
    ("en", "within 30 days", "30 days"),
    ("en", "six months later", "six months"),
    ("en", "twenty-five years", "twenty-five years"),
    ("en", "15 working days", "15 working days"),
    ("en", "three times the wage", "three times"),
    ("en", "RMB 500 or ¥500", "¥5"),
    ("en", "two weeks", "two weeks"),
    ("en", "8 hours a day", "8 hours"),
    ("en", "the ten-year rule", "ten-year"),
]

PASSED: list[tuple[Language, str]] = [
    ("zh", "打12333问"),
    ("zh", "2025年1月1日起"),
    ("zh", "从2030年起"),
    ("zh", "一个月交一次"),
    ("zh", "每个月都行"),
    ("zh", "每年一次"),
    ("zh", "两个地方都交过"),
    ("zh", "三条路"),
    ("zh", "几年后再说"),
    ("zh", "第一年"),
    ("zh", "第三个月起"),
    ("zh", "一年以后"),
    ("zh", "三年级的孩子"),
    ("zh", "十分简单"),
    ("zh", "万一出事"),
    ("zh", "成功了"),
    ("zh", '按{{ figure("contribution.flexible.rate") }}交'),
    ("zh", '{% if region_is("CN-SH") %}上海的{% endif %}'),
    ("zh", "<!-- more -->"),
    ("zh", "四川和浙江"),
    ("en", "call 12333"),
    ("en", "from January 2025"),
    ("en", "once a month"),
    ("en", "one place at a time"),
    ("en", "two places"),
    ("en", "three ways"),
    ("en", "every year"),
    ("en", "the first month"),
    ("en", "this year or next"),
    ("en", "some years ago"),
    ("en", "a hundred ways"),
    ("en", '{{ figure("pension.minimum_years") }} at least'),
    ("en", "since 2025, yearly"),
]


@pytest.mark.parametrize(("language", "text", "figure"), FLAGGED)
def test_a_number_with_a_unit_is_flagged(language: Language, text: str, figure: str) -> None:
    assert [m.split("'")[1] for m in problems_of_prose(text, language)] == [figure]


@pytest.mark.parametrize(("language", "text"), PASSED)
def test_ordinary_words_are_not_flagged(language: Language, text: str) -> None:
    assert list(problems_of_prose(text, language)) == []


def test_every_figure_of_a_text_is_flagged() -> None:
    assert len(list(problems_of_prose("交20%，15年，4986元", "zh"))) == 3
