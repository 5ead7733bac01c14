"""The folder that is really told to workers: valid, readable everywhere, short, with the right figures."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.answering.answer import Language, Outcome
from actions.answering.articles import article_files
from actions.answering.compose import compose_answer
from actions.answering.figures import as_words
from actions.answering.folder import Knowledge, read_knowledge
from actions.answering.lint import check
from actions.answering.passages import LANGUAGES
from actions.answering.rendering import Renderer
from actions.parameters import MissingFigure
from tests.folders import PROJECT, TODAY

PLACES = (None, "CN-BJ", "CN-SH", "CN-ZJ", "CN-GD", "CN-SC", "CN-JS", "CN-GD.shenzhen")
LEFTOVERS = ("{{", "}}", "{%", "None元", "None yuan", "<!--", "\ue000", "Undefined", "Fraction(", "Decimal(")
LONGEST_CHINESE = 180  # characters
LONGEST_ENGLISH = 100  # words
LONGEST_PAYLOAD = 64  # bytes: Telegram Bot API

FOLDER = PROJECT / "knowledge"
IDS = [path.relative_to(FOLDER / "articles").with_suffix("").as_posix() for path in article_files(FOLDER / "articles")]
SHOWN: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "figures_shown.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read_knowledge(FOLDER)


@pytest.fixture(scope="module")
def renderer(knowledge: Knowledge) -> Renderer:
    return Renderer(knowledge.parameters)


def length(text: str, language: Language) -> int:
    """Chinese characters and digits, or English words: what a reader has to read."""
    if language == "zh":
        return len(re.findall(r"[\u3400-\u9fff]|\d+|[A-Za-z]+", text))
    return len(text.split())


def test_the_check_finds_no_errors() -> None:
    assert [problem for problem in check(FOLDER, TODAY) if problem.severity == "error"] == []


@pytest.mark.parametrize("article_id", IDS)
def test_an_article_reads_well_in_every_place_and_language(
    article_id: str, knowledge: Knowledge, renderer: Renderer
) -> None:
    article = knowledge.articles[article_id]
    for language in LANGUAGES:
        for place in PLACES:
            for more in (False, True):
                if more and not article.bodies[language].more:
                    continue
                said = compose_answer(article, language, place, TODAY, knowledge, renderer, more)
                where = (article_id, language, place, "more" if more else "short")
                assert said.outcome in (Outcome.ANSWERED, Outcome.UNANSWERABLE_REGION), where
                texts = (
                    said.text,
                    *said.next_steps,
                    *(s.title for s in said.suggestions),
                    *(c.title for c in said.citations),
                )
                assert not [mark for text in texts for mark in LEFTOVERS if mark in text], (where, said.text)
                assert not re.search(r"[。，、！？]{2,}|(?<!\.)\.\.(?!\.)|,,|  |，。|\s[,.](?=\s|$)", said.text), (
                    where,
                    said.text,
                )
                assert not re.search(r"\d(元|年|岁|个月|天|%)\s*(元|年|岁|个月|天|%)", said.text), (
                    where,
                    said.text,
                )
                assert not re.search(r"(yuan|years|months|days|%) (yuan|years|months|days|percent)\b", said.text), (
                    where,
                    said.text,
                )


@pytest.mark.parametrize("article_id", IDS)
def test_an_article_answers_a_worker_of_whom_nothing_is_known(
    article_id: str, knowledge: Knowledge, renderer: Renderer
) -> None:
    article = knowledge.articles[article_id]
    if article.regions == ("CN",) and article.applies_on(TODAY):
        for language in LANGUAGES:
            assert compose_answer(article, language, None, TODAY, knowledge, renderer).outcome is Outcome.ANSWERED


@pytest.mark.parametrize("article_id", IDS)
def test_the_short_part_of_an_article_is_short(article_id: str, knowledge: Knowledge, renderer: Renderer) -> None:
    article = knowledge.articles[article_id]
    for language, longest in (("zh", LONGEST_CHINESE), ("en", LONGEST_ENGLISH)):
        for place in PLACES:
            shown = renderer.render(article.bodies[language].short, language, place, TODAY).text  # type: ignore[index, arg-type]
            assert length(shown, language) <= longest, (language, place, shown)  # type: ignore[arg-type]


@pytest.mark.parametrize("article_id", IDS)
def test_an_article_s_id_fits_a_button(article_id: str) -> None:
    for intent in ("read", "read_more"):
        assert len(f'/{intent}{{"article":"{article_id}"}}'.encode()) <= LONGEST_PAYLOAD


@pytest.mark.parametrize("article_id", IDS)
def test_a_figure_of_an_article_is_known_somewhere(article_id: str, knowledge: Knowledge, renderer: Renderer) -> None:
    """A sentence that no place ever sees is a mistake in a figure's name, row or region."""
    article = knowledge.articles[article_id]
    places = [None, *knowledge.regions.all]
    for language in LANGUAGES:
        body = article.bodies[language]
        for part in (body.short, body.more):
            rendered = [renderer.render(part, language, place, TODAY) for place in places]
            never = set.intersection(*(set(r.missing) for r in rendered))
            assert never == set(), language


def test_every_citation_can_be_named(knowledge: Knowledge) -> None:
    unnamed = {
        dated.source
        for parameter in knowledge.parameters.all.values()
        for values in parameter.values.values()
        for dated in values.values()
        if dated.source not in knowledge.sources
    }
    assert unnamed == set()


def test_the_table_of_figures_covers_both_sides_and_many_places() -> None:
    assert len(SHOWN) >= 30
    assert len({row["region"] for row in SHOWN}) >= 10


@pytest.mark.parametrize(
    "row", SHOWN, ids=[f"{r['figure']} {r.get('key', '')} {r['region']} {r['day']}" for r in SHOWN]
)
def test_a_worker_is_shown_the_figure_of_their_place_and_day(row: dict[str, Any], knowledge: Knowledge) -> None:
    assert isinstance(row["day"], date)
    if row["shown"] is None:
        with pytest.raises(MissingFigure):
            knowledge.parameters.figure(row["figure"], row["region"], row["day"], row.get("key"))
        return
    figure = knowledge.parameters.figure(row["figure"], row["region"], row["day"], row.get("key"))
    assert as_words(figure, "zh") == row["shown"]
    assert figure.stale is row.get("stale", False)


def test_every_life_event_leads_to_articles_that_answer_today(knowledge: Knowledge) -> None:
    for event in knowledge.life_events.values():
        for button in event.buttons:
            assert knowledge.articles[button.article].applies_on(TODAY), (event.id, button.article)


def test_every_article_can_be_reached_by_a_question_in_both_languages(knowledge: Knowledge) -> None:
    for article in knowledge.articles.values():
        for language in LANGUAGES:
            assert len(article.questions.in_language(language)) >= 6, article.id
