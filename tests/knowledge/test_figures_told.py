"""Every figure that a worker reads is a parameter's value for their place and day, or worked out from such values."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.answering.answer import Language, Question
from actions.answering.articles import article_files
from actions.answering.embedder import embedder_of
from actions.answering.figures import as_words, number
from actions.answering.folder import Knowledge, read_knowledge
from actions.answering.library import Library, open_library
from actions.answering.passages import LANGUAGES
from actions.answering.rendering import Renderer
from actions.parameters import Figure
from actions.settings import Settings
from tests.folders import PROJECT, TODAY

FOLDER = PROJECT / "knowledge"
IDS = [path.relative_to(FOLDER / "articles").with_suffix("").as_posix() for path in article_files(FOLDER / "articles")]
PLACES = (None, "CN-BJ", "CN-SH", "CN-ZJ", "CN-GD", "CN-GD.shenzhen", "CN-SC", "CN-JS")
DAYS = (date(2025, 3, 1), TODAY)
ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "places_and_dates.yml").read_text("utf-8"))
WITH_A_UNIT = {
    "zh": re.compile(r"\d[\d,]*(?:\.\d+)?(?=元|%|岁|个月|天|个工作日)"),
    "en": re.compile(r"\d[\d,]*(?:\.\d+)?(?=%| yuan| months?\b| days?\b| working days?\b)"),
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_knowledge(FOLDER)


@pytest.fixture(scope="module")
def library() -> Library:
    """The real folder with the real embedder; the index of `make serve` where it fits."""
    settings = Settings()
    return open_library(FOLDER, settings.index_dir, embedder_of(settings.embedding_model), TODAY)


def worked_out(figures: tuple[Figure, ...]) -> Iterator[Figure]:
    """What templates may make of one figure or of two."""
    for one, other in product(figures, repeat=2):
        for combine in (Figure.__mul__, Figure.__add__, Figure.__sub__):
            try:
                yield combine(one, other)
            except (TypeError, ValueError, ArithmeticError):
                continue
    for one, times in product(figures, range(2, 13)):
        yield one * times


@pytest.mark.parametrize("article_id", IDS)
def test_every_number_with_a_unit_is_a_parameter_s(article_id: str, knowledge: Knowledge) -> None:
    renderer = Renderer(knowledge.parameters)
    article = knowledge.articles[article_id]
    for language, place, day in product(LANGUAGES, PLACES, DAYS):
        body = article.bodies[language]
        for part in (body.short, body.more):
            rendered = renderer.render(part, language, place, day)
            told = {found.replace(",", "") for found in WITH_A_UNIT[language].findall(rendered.text)}
            told -= set(numbers_of(rendered.figures, language))
            told -= set(numbers_of(worked_out(rendered.figures), language)) if told else set()
            assert not told, (language, place, day, told, rendered.text)


def numbers_of(figures: Iterable[Figure], language: Language) -> Iterator[str]:
    """All numbers that stand in the words of the figures, without thousands separators."""
    for figure in figures:
        yield number(figure.value).replace(",", "")
        yield from (found.replace(",", "") for found in re.findall(r"\d[\d,]*(?:\.\d+)?", as_words(figure, language)))


def test_the_table_has_six_places_and_three_days_for_each_of_the_main_questions() -> None:
    assert len(ROWS) >= 60
    for question in ("缴费基数下限是多少", "缴费基数上限多少", "how much do I pay a month on the lowest base"):
        asked = [(row["region"], row["day"]) for row in ROWS if row["q"] == question]
        assert len(set(asked)) == 18


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['q']} {row['region']} {row['day']}" for row in ROWS])
def test_the_same_question_gets_the_figure_of_the_place_and_the_day(row: dict[str, Any], library: Library) -> None:
    answer = library.answer(Question(row["q"], row["day"], row["language"], row["region"]))
    others = {
        other["says"]
        for other in ROWS
        if other["q"] == row["q"] and other["says"] not in (None, row["says"]) and "最低基础" not in row["q"]
    }
    assert row["says"] is None or row["says"] in answer.text, answer.text
    assert not [wrong for wrong in others if re.search(rf"(?<!\d){re.escape(wrong)}", answer.text)], answer.text
