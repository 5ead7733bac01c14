"""What staff are told to look at again: both sides of every limit."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.answering.folder import read_knowledge
from actions.answering.review import Due, needing_review
from tests.folders import TODAY, article, change

TRANSFER, AMOUNT = "transfer/between-provinces", "contribution/monthly-amount"
OLD_FIGURE = "contribution.base_lower is older than 13 months for CN-ZJ"
DUE = date(2027, 5, 23)  # every article of the small folder
DAY = timedelta(days=1)
Usage = dict[str, dict[str, Any]]


def due(folder: Path, on: date = TODAY, ahead: int = 0, usage: Usage | None = None) -> list[Due]:
    return needing_review(read_knowledge(folder), on, timedelta(days=ahead), usage or {})


def why(folder: Path, article_id: str, on: date = TODAY, ahead: int = 0, usage: Usage | None = None) -> list[str]:
    return [reason for one in due(folder, on, ahead, usage) if one.article_id == article_id for reason in one.why]


def verdicts(helpful: int, unhelpful: int, *reasons: tuple[str, int]) -> dict[str, Any]:
    return {"answers": 20, "helpful": helpful, "unhelpful": unhelpful, "reasons": reasons}


def test_an_article_with_nothing_wrong_is_not_listed(small_folder: Path) -> None:
    assert due(small_folder) == [Due(AMOUNT, (OLD_FIGURE,), TODAY, DUE)]


# The review


@pytest.mark.parametrize(
    ("on", "ahead", "reasons"),
    [
        (DUE - 31 * DAY, 30, []),
        (DUE - 30 * DAY, 30, ["review falls due soon"]),
        (DUE - DAY, 0, []),
        (DUE, 0, ["review was due 0 days ago"]),
        (DUE + 40 * DAY, 30, ["review was due 40 days ago"]),
    ],
)
def test_a_review_is_told_when_it_falls_due(small_folder: Path, on: date, ahead: int, reasons: list[str]) -> None:
    assert why(small_folder, TRANSFER, on, ahead) == reasons


# The figures


@pytest.mark.parametrize(
    ("on", "reasons"),
    [
        (date(2026, 2, 1), []),
        (date(2026, 2, 2), ["contribution.base_lower is older than 13 months for CN-ZJ"]),
        (date(2027, 8, 2), ["contribution.base_lower is older than 13 months for CN-SH, CN-ZJ"]),
    ],
)
def test_a_yearly_figure_is_told_when_it_grew_old_and_where(small_folder: Path, on: date, reasons: list[str]) -> None:
    assert [reason for reason in why(small_folder, AMOUNT, on) if "older" in reason] == reasons


def test_a_figure_that_holds_for_good_does_not_grow_old(small_folder: Path) -> None:
    assert [reason for reason in why(small_folder, TRANSFER, date(2030, 1, 1)) if "older" in reason] == []


def test_a_figure_in_the_longer_part_counts_too(small_folder: Path) -> None:
    change(article(small_folder, TRANSFER), "再申请转移。", '再申请转移，{{ figure("contribution.base_lower") }}。')
    assert why(small_folder, TRANSFER) == [OLD_FIGURE]


# What workers say


@pytest.mark.parametrize(
    ("used", "reasons"),
    [
        (verdicts(0, 2), []),
        (verdicts(0, 3), ["3 of 3 said it did not help"]),
        (verdicts(3, 2), []),
        (verdicts(6, 4), ["4 of 10 said it did not help"]),
        (verdicts(7, 4), []),
        (verdicts(1, 5, ("wrong", 3), ("unclear", 1)), ["5 of 6 said it did not help (wrong 3, unclear 1)"]),
    ],
)
def test_an_answer_that_often_did_not_help_is_told_with_the_reasons(
    small_folder: Path, used: dict[str, Any], reasons: list[str]
) -> None:
    assert why(small_folder, TRANSFER, usage={TRANSFER: used}) == reasons


def test_several_reasons_for_one_article_are_one_entry_with_its_numbers(small_folder: Path) -> None:
    (found,) = [one for one in due(small_folder, DUE, usage={AMOUNT: verdicts(1, 4)}) if one.article_id == AMOUNT]
    assert len(found.why) == 3
    assert (found.answers, found.helpful, found.unhelpful) == (20, 1, 4)


def test_the_most_used_article_comes_first(small_folder: Path) -> None:
    usage = {TRANSFER: {"answers": 9}, "pension/old-rule": {"answers": 5, "unhelpful": 1}, AMOUNT: {"answers": 5}}
    assert [one.article_id for one in due(small_folder, DUE, usage=usage)] == [
        TRANSFER,
        "pension/old-rule",
        AMOUNT,
        "pension/minimum-years",
    ]


def test_usage_of_an_article_that_is_gone_changes_nothing(small_folder: Path) -> None:
    assert due(small_folder, usage={"no/such": verdicts(0, 9)}) == due(small_folder)
