"""Whether an article's place agrees with the one a question names."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from actions.answering.articles import Article
from actions.answering.places import Places, named_in
from actions.answering.regions import Region, Regions

REGIONS = Regions(
    {
        code: Region.model_validate({"name": {"zh": zh, "en": en}})
        for code, zh, en in (
            ("CN-BJ", "北京", "Beijing"),
            ("CN-GD", "广东", "Guangdong"),
            ("CN-GD.shenzhen", "深圳", "Shenzhen"),
        )
    }
)
TITLES = {"everywhere": ("断缴了", "I stopped paying"), "bj": ("北京怎么办", "In Beijing"), "gd": ("广东", "Guangdong")}


def article(zh: str, en: str) -> Article:
    return cast(Article, SimpleNamespace(title=SimpleNamespace(zh=zh, en=en)))


PLACES = Places({name: article(*title) for name, title in TITLES.items()}, list(TITLES), REGIONS)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("断缴了怎么办", [[0, 0, 0], [0, 0, 1], [0, 0, 1]]),
        ("在北京断缴了", [[0, 0, 0], [1, 0, 0], [0, 1, 0]]),
        ("i stopped paying in shenzhen", [[0, 0, 0], [0, 1, 0], [1, 0, 0]]),
        ("从广东到北京", [[0, 0, 0], [1, 0, 0], [1, 0, 0]]),
    ],
)
def test_an_article_about_the_place_named_agrees_and_one_about_another_does_not(
    question: str, expected: list[list[int]]
) -> None:
    assert np.array_equal(PLACES.signs(named_in(question, REGIONS)), expected)
