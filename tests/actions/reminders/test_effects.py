"""The arithmetic of effects: published intervals, corrections and tests."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from actions.reminders.effects import chance, chance_of_draw, corrected, difference, wilson


@pytest.mark.parametrize(
    ("hits", "workers", "control_hits", "control_workers", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        # statsmodels 0.15.0, confint_proportions_2indep(7, 25, 2, 90, method="newcomb").
        (7, 25, 2, 90, 0.10992, 0.45421),
    ],
)
def test_the_interval_is_the_published_one(
    hits: int, workers: int, control_hits: int, control_workers: int, low: float, high: float
) -> None:
    found = difference(hits, workers, control_hits, control_workers)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_an_interval_of_one_share_is_the_published_one() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=6e-5)


@given(st.data())
def test_an_interval_holds_its_difference_and_stays_within_what_can_be(data: st.DataObject) -> None:
    workers, control = data.draw(st.integers(1, 400)), data.draw(st.integers(1, 400))
    found = difference(data.draw(st.integers(0, workers)), workers, data.draw(st.integers(0, control)), control)
    assert -1 - 1e-12 <= found.low <= found.difference + 1e-12
    assert found.difference - 1e-12 <= found.high <= 1 + 1e-12


@given(st.integers(0, 60), st.integers(0, 60))
def test_turning_the_arms_round_turns_the_interval_round(hits: int, control_hits: int) -> None:
    one, other = difference(hits, 60, control_hits, 90), difference(control_hits, 90, hits, 60)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_more_workers_make_a_narrower_interval() -> None:
    few, many = difference(10, 100, 5, 100), difference(100, 1000, 50, 1000)
    assert many.high - many.low < few.high - few.low


def test_nobody_and_everybody_have_an_interval_too() -> None:
    found = difference(20, 20, 0, 20)
    assert found.difference == 1
    assert found.low < 1


@pytest.mark.parametrize("table", [(30, 100, 20, 100), (5, 40, 12, 400), (800, 1000, 90, 130)])
def test_the_chance_is_that_of_the_chi_square_test_with_one_worker_less(table: tuple[int, int, int, int]) -> None:
    hits, workers, control_hits, control = table
    rows = [[hits, workers - hits], [control_hits, control - control_hits]]
    pearson = chi2_contingency(rows, correction=False).statistic
    everybody = workers + control
    expected = math.erfc(math.sqrt(pearson * (everybody - 1) / everybody / 2))
    assert chance(*table) == pytest.approx(expected)


@pytest.mark.parametrize("hits", [0, 50])
def test_where_nobody_or_everybody_paid_there_is_nothing_but_chance(hits: int) -> None:
    assert chance(hits, 50, hits, 50) == 1


def test_holm_is_the_worked_example_of_the_textbook() -> None:
    # Four p-values as in R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 0.03, 0.06, 0.06, 0.02.
    assert corrected({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )


def test_a_single_treatment_needs_no_correction() -> None:
    assert corrected({"plain": 0.03}) == {"plain": 0.03}


def test_a_corrected_chance_is_never_more_than_certain() -> None:
    assert corrected({"a": 0.7, "b": 0.9}) == {"a": 1.0, "b": 1.0}


def test_no_treatment_has_no_chance() -> None:
    assert corrected({}) == {}


def test_a_draw_far_from_its_share_is_hardly_chance() -> None:
    assert chance_of_draw(500, 1000, 0.5) == 1
    assert chance_of_draw(531, 1000, 0.5) == pytest.approx(0.05, abs=0.002)
    assert chance_of_draw(600, 1000, 0.5) < 1e-9
    assert chance_of_draw(0, 0, 0.5) == 1
