"""Slips of the finger in English words."""

import pytest

from actions.answering.spelling import Spelling

FOLDER = Spelling(
    {"much": 40, "month": 50, "pension": 90, "tension": 3, "rider": 9, "don't": 4, "g:mont": 60, "rare": 1}
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how mutch do i pay a mounth", "how much do i pay a month"),
        ("pensoin", "pension"),
        ("pensio", "pension"),
        ("penssion", "pension"),
        ("benzion", "benzion"),
        ("rider", "rider"),
        ("dont", "dont"),
        ("raree", "raree"),
        ("养老 pention 多少", "养老 pension 多少"),
    ],
)
def test_one_slip_is_mended_and_two_are_not(typed: str, meant: str) -> None:
    assert FOLDER.mended(typed) == meant


def test_the_commonest_of_several_neighbours_wins() -> None:
    assert FOLDER.mended("xension") == "pension"


def test_short_words_and_contractions_stay_as_they_are() -> None:
    assert FOLDER.mended("i hav don't ask") == "i hav don't ask"
