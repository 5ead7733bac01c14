"""The door to answering: an article by its id, once more for a place, life events, urgent words."""

from datetime import date
from pathlib import Path

import pytest

from actions.answering.answer import Outcome, Question
from actions.answering.folder import InvalidKnowledge
from actions.answering.library import Library
from tests.folders import TODAY, article, change, change_yaml, open_small

OLD_RULE_HELD = date(2022, 6, 1)
TRANSFER, AMOUNT, OLD = "transfer/between-provinces", "contribution/monthly-amount", "pension/old-rule"


def asking(text: str) -> Question:
    return Question(text, TODAY)


# read


def test_an_article_is_read_by_its_id(small_library: Library) -> None:
    answer = small_library.read(TRANSFER, "zh", None, TODAY)
    assert (answer.outcome, answer.article_id, answer.score) == (Outcome.ANSWERED, TRANSFER, 1.0)
    assert answer.text.startswith("不会丢")
    assert answer.has_more


def test_reading_more_shows_the_longer_part_only(small_library: Library) -> None:
    answer = small_library.read(TRANSFER, "en", None, TODAY, more=True)
    assert answer.text == "Pay in the new place first, then apply."
    assert not answer.has_more


@pytest.mark.parametrize(
    ("article_id", "on", "outcome"),
    [
        ("no/such", TODAY, Outcome.UNANSWERABLE_NO_SOURCE),
        ("", TODAY, Outcome.UNANSWERABLE_NO_SOURCE),
        ("../../etc/passwd", TODAY, Outcome.UNANSWERABLE_NO_SOURCE),
        (OLD, TODAY, Outcome.UNANSWERABLE_OUTDATED),
        (OLD, OLD_RULE_HELD, Outcome.ANSWERED),
    ],
)
def test_what_cannot_be_read_ends_by_name(small_library: Library, article_id: str, on: date, outcome: Outcome) -> None:
    assert small_library.read(article_id, "zh", None, on).outcome is outcome


def test_an_unverified_article_is_never_read(small_folder: Path, tmp_path: Path) -> None:
    change(article(small_folder, TRANSFER), "confidence: verified", "confidence: unverified")
    library = open_small(small_folder, tmp_path / "index")
    assert library.read(TRANSFER, "zh", None, TODAY).outcome is Outcome.UNANSWERABLE_NO_SOURCE


@pytest.mark.parametrize(
    ("region", "amount"),
    [("CN-ZJ", "997.2元"), ("CN-ZJ.hangzhou", "997.2元"), ("CN-SH", "1509.2元"), ("CN-JS", "990.4元")],
)
def test_the_amount_is_that_of_the_place(small_library: Library, region: str, amount: str) -> None:
    assert amount in small_library.read(AMOUNT, "zh", region, TODAY).text


# read again


def test_an_article_that_depends_on_the_place_is_given_again(small_library: Library) -> None:
    answer = small_library.read_again(AMOUNT, "zh", "CN-ZJ", TODAY)
    assert answer.article_id == AMOUNT
    assert "997.2元" in answer.text


@pytest.mark.parametrize("article_id", [TRANSFER, "no/such", OLD])
def test_an_article_that_says_the_same_everywhere_is_not_given_again(small_library: Library, article_id: str) -> None:
    assert small_library.read_again(article_id, "zh", "CN-ZJ", TODAY).article_id is None


# life events


def test_a_tap_on_a_life_event_shows_its_opening_and_its_articles(small_library: Library) -> None:
    answer = small_library.life_event("moved_province", "zh", None)
    assert (answer.outcome, answer.text) == (Outcome.CLARIFY, "别担心。")
    assert [(s.article_id, s.title) for s in answer.suggestions] == [(TRANSFER, "年限还在吗")]


def test_the_news_that_something_happened_shows_the_life_event(small_library: Library) -> None:
    answer = small_library.life_event("moved_province", "zh", asking("我换了个省"))
    assert answer.text == "别担心。"


def test_the_life_event_answers_in_the_language_of_the_news(small_library: Library) -> None:
    assert small_library.life_event("moved_province", "zh", asking("I moved to a new province")).text == "Do not worry."


def test_a_definite_question_is_answered_instead(small_library: Library) -> None:
    answer = small_library.life_event("moved_province", "zh", asking("养老保险最少交几年，多少年"))
    assert (answer.outcome, answer.article_id) == (Outcome.ANSWERED, "pension/minimum-years")


def test_a_question_without_an_answer_still_shows_the_life_event(small_library: Library) -> None:
    answer = small_library.life_event("moved_province", "zh", asking("那公积金怎么取出来"))
    assert answer.text == "别担心。"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("我刚被车撞了起不来", Outcome.HANDOFF_EMERGENCY),
        ("我不想活了", Outcome.HANDOFF_DISTRESS),
        ("想找个公司挂靠", Outcome.REFUSED_EVASION),
        ("查我同事的社保", Outcome.REFUSED_OTHER_PERSON),
    ],
)
def test_urgent_words_go_before_the_life_event(small_library: Library, text: str, outcome: Outcome) -> None:
    assert small_library.life_event("injured_at_work", "zh", asking(text)).outcome is outcome


def test_an_unknown_life_event_answers_the_words(small_library: Library) -> None:
    answer = small_library.life_event("won_the_lottery", "zh", asking("跨省转移怎么转"))
    assert answer.article_id == TRANSFER


def test_an_unknown_life_event_without_words_has_no_source(small_library: Library) -> None:
    assert small_library.life_event("won_the_lottery", "zh", None).outcome is Outcome.UNANSWERABLE_NO_SOURCE


# urgent


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("救命", Outcome.HANDOFF_EMERGENCY),
        ("I want to die", Outcome.HANDOFF_DISTRESS),
        ("转人工", None),
        ("怎么骗补贴", None),
        ("跨省转移", None),
        ("", None),
    ],
)
def test_only_emergencies_and_distress_are_urgent(small_library: Library, text: str, outcome: Outcome | None) -> None:
    answer = small_library.urgent(text, "zh")
    assert (answer.outcome if answer else None) is outcome


# ranking, opening


def test_ranking_looks_at_no_guard_and_no_floor(small_library: Library) -> None:
    assert small_library.rank("救命，跨省转移怎么转", TODAY)[0] == TRANSFER
    assert len(small_library.rank("明天下雨吗", TODAY)) == 4


def test_entries_are_those_of_articles(small_library: Library) -> None:
    assert {e.article_id for e in small_library.entries()} == set(small_library.knowledge.articles)


def test_a_folder_without_calibration_questions_does_not_open(small_folder: Path, tmp_path: Path) -> None:
    (small_folder / "evaluation" / "calibration-en.yml").unlink()
    with pytest.raises(InvalidKnowledge, match="'en' needs questions"):
        open_small(small_folder, tmp_path / "index")


@pytest.mark.parametrize(
    ("name", "key", "value", "message"),
    [
        ("answering.yml", "choices_at_most", 9, "choices_at_most"),
        ("texts.yml", "outcomes", {"sorry": {"zh": "a", "en": "b"}}, "outcomes"),
        ("life_events.yml", "life_events", [{"id": "x"}], "life_events.0.title"),
    ],
)
def test_a_broken_file_stops_the_opening_and_is_named(
    small_folder: Path, tmp_path: Path, name: str, key: str, value: object, message: str
) -> None:
    change_yaml(small_folder / name, **{key: value})
    with pytest.raises(InvalidKnowledge) as error:
        open_small(small_folder, tmp_path / "index")
    assert name in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "sources.yml",
        "texts.yml",
        "guards.yml",
        "out_of_scope.yml",
        "answering.yml",
        "glossary.yml",
        "regions.yml",
    ],
)
def test_a_missing_file_stops_the_opening_and_is_named(small_folder: Path, tmp_path: Path, name: str) -> None:
    (small_folder / name).unlink()
    with pytest.raises(InvalidKnowledge, match=name.replace(".", r"\.")):
        open_small(small_folder, tmp_path / "index")
