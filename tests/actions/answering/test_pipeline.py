"""The steps of answering, one by one and as a whole, on the small folder."""

from dataclasses import replace
from datetime import date

import pytest

from actions.answering import pipeline
from actions.answering.answer import Answer, Outcome, Question
from actions.answering.pipeline import STEPS, Step, Tools, run
from tests.actions.answering.steps import ask, draft, through
from tests.folders import TODAY

TRANSFER = "跨省转移怎么转"
OLD_RULE_HELD = date(2022, 6, 1)


# The list and its runner


def test_the_steps_stand_in_the_order_of_the_design() -> None:
    assert [step.__name__ for step in STEPS] == [
        "guard",
        "detect_language",
        "normalise",
        "look_up_document",
        "expand_terms",
        "retrieve",
        "fuse",
        "apply_region_and_date",
        "judge",
        "compose",
    ]


def test_the_first_step_that_answers_is_the_last_one_taken(tools: Tools) -> None:
    ending = Answer(Outcome.CLARIFY, "enough", "en")
    ends: Step = lambda seen, _: replace(seen, answer=ending)  # noqa: E731
    breaks: Step = lambda seen, _: replace(seen, answer=None, text=seen.nothing)  # type: ignore[attr-defined]  # noqa: E731
    assert run(draft("x"), tools, (ends, breaks)).answer is ending


def test_without_an_answer_every_step_is_taken(tools: Tools) -> None:
    first: Step = lambda seen, _: replace(seen, text=f"{seen.text}1")  # noqa: E731
    second: Step = lambda seen, _: replace(seen, text=f"{seen.text}2")  # noqa: E731
    assert run(draft("x"), tools, (first, second)).text == "x12"


def test_every_step_taken_is_timed_and_no_other(tools: Tools) -> None:
    assert list(ask(tools, TRANSFER).timings_ms) == [step.__name__ for step in STEPS]
    assert list(ask(tools, "救命啊").timings_ms) == ["guard"]
    assert list(ask(tools, "明天下雨吗").timings_ms) == [step.__name__ for step in STEPS[:-1]]


# guard


def test_personal_numbers_are_masked_before_any_rule_or_leg_sees_them(tools: Tools) -> None:
    seen = through(tools, "13812345678的跨省转移怎么转", "retrieve")
    assert "13812345678" not in seen.text
    assert all("138" not in token for token in seen.tokens)


def test_a_masked_number_does_not_keep_a_question_from_its_answer(tools: Tools) -> None:
    assert ask(tools, "跨省转移怎么转，电话13812345678").article_id == "transfer/between-provinces"


def test_a_guarded_text_is_not_looked_up(tools: Tools) -> None:
    ended = run(draft("我不想活了，跨省转移怎么转"), tools)
    assert ended.answer is not None
    assert ended.answer.outcome is Outcome.HANDOFF_DISTRESS
    assert ended.hits is None


# detect_language


@pytest.mark.parametrize(
    ("text", "wish", "language"),
    [
        (TRANSFER, None, "zh"),
        ("do my years move with me", None, "en"),
        (TRANSFER, "en", "en"),
        ("12333", None, "zh"),
    ],
)
def test_the_wish_then_the_script_decides_the_language(
    tools: Tools, text: str, wish: str | None, language: str
) -> None:
    assert pipeline.detect_language(draft(text, language=wish), tools).language == language


def test_a_text_without_letters_is_answered_in_the_language_of_the_talk(tools: Tools) -> None:
    assert pipeline.answer(Question("12333?", TODAY), tools, "en").language == "en"


# normalise


@pytest.mark.parametrize(
    ("text", "home", "region"),
    [
        ("最少交多少", None, None),
        ("最少交多少", "CN-SH", "CN-SH"),
        ("浙江最少交多少", None, "CN-ZJ"),
        ("浙江最少交多少", "CN-SH", "CN-ZJ"),
        ("从四川到浙江怎么转", "CN-SC", "CN-ZJ"),
        ("浙江和江苏哪个贵", "CN-SH", "CN-SH"),
        ("lowest in Shenzhen", None, "CN-GD.shenzhen"),
    ],
)
def test_a_named_place_goes_before_the_place_where_the_worker_pays(
    tools: Tools, text: str, home: str | None, region: str | None
) -> None:
    assert pipeline.normalise(draft(text, region=home), tools).region == region


# expand_terms


def test_places_are_no_tokens_and_sayings_bring_their_concept(tools: Tools) -> None:
    tokens = through(tools, "浙江新农保怎么交", "expand_terms").tokens
    assert "浙江" not in tokens
    assert "c:resident_pension" in tokens


# retrieve, fuse


def test_candidates_are_in_order_and_add_up_to_at_most_one(tools: Tools) -> None:
    scores = [candidate.score for candidate in through(tools, TRANSFER, "fuse").candidates]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1.0001


def test_a_candidate_tells_which_text_it_was_found_by(tools: Tools) -> None:
    best = through(tools, TRANSFER, "fuse").candidates[0]
    assert (best.article_id, best.matched) == ("transfer/between-provinces", TRANSFER)
    assert best.dense == pytest.approx(1.0, abs=1e-3)


def test_topics_out_of_scope_are_no_candidates(tools: Tools) -> None:
    candidates = through(tools, "公积金怎么提取", "fuse").candidates
    assert {candidate.article_id for candidate in candidates} <= set(tools.knowledge.articles)


# apply_region_and_date


def reasons(tools: Tools, on: date, region: str | None) -> dict[str, str | None]:
    seen = through(tools, "上一辈的规定", "fuse", on=on, region=region)
    placed = pipeline.apply_region_and_date(replace(seen, region=region), tools)
    return {candidate.article_id: candidate.rejected for candidate in placed.candidates}


@pytest.mark.parametrize(
    ("on", "region", "reason"),
    [
        (TODAY, "CN-SH", "outdated"),
        (date(2018, 12, 31), "CN-SH", "outdated"),
        (OLD_RULE_HELD, "CN-SH", None),
        (OLD_RULE_HELD, "CN-ZJ", "region"),
        (OLD_RULE_HELD, None, "region"),
        (TODAY, "CN-ZJ", "outdated"),
    ],
)
def test_a_rejected_candidate_keeps_its_reason(tools: Tools, on: date, region: str | None, reason: str | None) -> None:
    found = reasons(tools, on, region)
    assert found["pension/old-rule"] == reason
    assert found["pension/minimum-years"] is None


def test_rejected_candidates_are_handed_out_with_the_answer(tools: Tools) -> None:
    answer = ask(tools, "上海以前的比例")
    assert answer.candidates[0].article_id == "pension/old-rule"
    assert answer.candidates[0].rejected == "outdated"


# compose


def test_the_answer_has_the_figures_of_the_place_that_was_named(tools: Tools) -> None:
    answer = ask(tools, "浙江灵活就业一个月最少交多少钱")
    assert "997.2元" in answer.text
    assert "浙江" in answer.text
    assert answer.region == "CN-ZJ"


def test_a_stale_figure_says_from_when_it_is(tools: Tools) -> None:
    assert "2025年1月1日" in ask(tools, "浙江灵活就业一个月最少交多少钱").text
    assert "2025年1月1日" not in ask(tools, "浙江灵活就业一个月最少交多少钱", on=date(2025, 6, 1)).text


def test_without_a_place_the_answer_asks_for_it_and_leaves_the_local_sentence_out(tools: Tools) -> None:
    answer = ask(tools, "灵活就业一个月最少交多少钱")
    assert answer.asks_region
    assert answer.text.startswith("按你选的基数交20%。\n")
    assert "元" not in answer.text


def test_a_figure_brings_its_own_source_and_date_first(tools: Tools) -> None:
    answer = ask(tools, "浙江灵活就业一个月最少交多少钱")
    assert [(c.source, c.as_of) for c in answer.citations] == [
        ("example-law", date(2006, 1, 1)),
        ("example-notice", date(2025, 1, 1)),
    ]
    assert answer.citations[0].title == "示例法 例〔2010〕1号"
    assert answer.citations[0].url == "https://example.gov.cn/law"


def test_an_article_past_its_review_still_answers_and_says_how_old_it_is(tools: Tools) -> None:
    answer = ask(tools, TRANSFER, on=date(2027, 5, 23))
    assert answer.outcome is Outcome.ANSWERED
    assert "2026年11月23日" in answer.text
    assert "2026年11月23日" not in ask(tools, TRANSFER, on=date(2027, 5, 22)).text


def test_the_answer_names_next_steps_related_articles_and_the_rest(tools: Tools) -> None:
    answer = ask(tools, TRANSFER)
    assert answer.next_steps == ("打12333问一下",)
    assert [s.article_id for s in answer.suggestions] == ["contribution/monthly-amount"]
    assert answer.has_more
    assert answer.reviewed_on == date(2026, 11, 23)
    assert 0 < answer.score <= 1


def test_the_answer_is_in_the_language_of_the_question(tools: Tools) -> None:
    answer = ask(tools, "what happens to my old years when I move province")
    assert answer.text.startswith("Nothing is lost")
    assert answer.next_steps == ("Call 12333 and ask",)
    assert answer.title == "Moving your pension record"


def test_the_day_decides_the_figure(tools: Tools) -> None:
    assert "15年零6个月" in ask(tools, "养老保险最少交几年", on=date(2030, 1, 1)).text
    assert "零6个月" not in ask(tools, "养老保险最少交几年", on=date(2029, 12, 31)).text
