"""How many workers an experiment needs: published figures, and what must hold between size, effect and power."""

import pytest

from actions.reminders.assignment import CONTROL
from actions.reminders.power import needed, power_of, smallest_found

HALVES = {CONTROL: 0.5, "plain": 0.5}


@pytest.mark.parametrize(
    ("baseline", "effect", "power", "per_arm"),
    [
        # R 4, help page of stats::power.prop.test: p1 = .50, p2 = .75, power = .90 gives n = 76.7.
        (0.5, 0.25, 0.9, 77),
        # statsmodels, samplesize_proportions_2indep_onetail(0.003, 0.02, 0.8, alternative="two-sided") gives 36692.3.
        (0.02, 0.003, 0.8, 36693),
    ],
)
def test_the_size_is_the_published_one(baseline: float, effect: float, power: float, per_arm: int) -> None:
    assert needed(baseline, effect, HALVES, power=power) == {CONTROL: per_arm, "plain": per_arm}


def test_the_power_is_the_published_one() -> None:
    # R 4, help page of stats::power.prop.test: n = 50, p1 = .50, p2 = .75 gives power = 0.740.
    assert power_of({CONTROL: 50, "plain": 50}, 0.5, 0.25)["plain"] == pytest.approx(0.740, abs=5e-4)


@pytest.mark.parametrize(
    ("baseline", "effect", "treated", "control", "alone", "of_two"),
    [
        # statsmodels 0.15.0, power_proportions_2indep(effect, baseline, treated, ratio=control / treated) with alpha
        # 0.05, and 0.025 for one of two treatments. It counts rejections on the wrong side too, hence the tolerance.
        (0.20, 0.05, 400, 400, 0.394819, 0.291525),
        (0.20, 0.05, 400, 800, 0.508603, 0.400097),
        (0.20, 0.05, 400, 200, 0.270658, 0.183849),
        (0.75, 0.03, 3000, 750, 0.421778, 0.318551),
        (0.50, 0.10, 150, 600, 0.593415, 0.480257),
    ],
)
def test_arms_of_unequal_size_have_the_power_that_statsmodels_gives(
    baseline: float, effect: float, treated: int, control: int, alone: float, of_two: float
) -> None:
    assert power_of({CONTROL: control, "a": treated}, baseline, effect)["a"] == pytest.approx(alone, abs=5e-4)
    two = power_of({CONTROL: control, "a": treated, "b": treated}, baseline, effect)
    assert two == pytest.approx({"a": of_two, "b": of_two}, abs=5e-4)


DESIGNS = [
    HALVES,
    {CONTROL: 0.2, "plain": 0.8},
    {CONTROL: 0.34, "plain": 0.33, "amount": 0.33},
    {CONTROL: 0.7, "plain": 0.1, "amount": 0.1, "plan": 0.1},
]


@pytest.mark.parametrize("shares", DESIGNS)
@pytest.mark.parametrize(("baseline", "effect"), [(0.05, 0.02), (0.3, 0.03), (0.9, 0.04)])
def test_what_is_needed_is_enough_and_hardly_more(shares: dict[str, float], baseline: float, effect: float) -> None:
    arms = needed(baseline, effect, shares)
    assert min(power_of(arms, baseline, effect).values()) >= 0.8
    fewer = {name: int(workers * 0.98) - 1 for name, workers in arms.items()}
    assert min(power_of(fewer, baseline, effect).values()) < 0.8


def test_more_treatments_need_more_workers_each() -> None:
    one = needed(0.3, 0.05, HALVES)
    three = needed(0.3, 0.05, {CONTROL: 0.25, "a": 0.25, "b": 0.25, "c": 0.25})
    assert min(three.values()) > one["plain"]


def test_a_lopsided_draw_needs_more_workers_in_all() -> None:
    even, lopsided = needed(0.3, 0.05, HALVES), needed(0.3, 0.05, {CONTROL: 0.1, "plain": 0.9})
    assert sum(lopsided.values()) > 2 * sum(even.values())


@pytest.mark.parametrize("baseline", [0.02, 0.3, 0.8])
def test_the_smallest_effect_found_is_the_one_that_the_workers_were_enough_for(baseline: float) -> None:
    arms = needed(baseline, 0.05, HALVES)
    assert smallest_found(arms, baseline) == pytest.approx(0.05, abs=2e-4)


@pytest.mark.parametrize("arms", [{CONTROL: 4, "plain": 4}, {CONTROL: 1000, "plain": 0}, {CONTROL: 1000}])
def test_a_handful_of_workers_shows_nothing(arms: dict[str, int]) -> None:
    assert smallest_found(arms, 0.5) is None


def test_an_empty_arm_has_no_power() -> None:
    assert power_of({CONTROL: 100, "plain": 0}, 0.5, 0.2) == {"plain": 0.0}


@pytest.mark.parametrize(
    ("baseline", "effect", "says"),
    [
        (0.0, 0.1, "baseline is 0; a share between 0 and 1"),
        (1.0, 0.1, "baseline is 1; a share between 0 and 1"),
        (0.5, 0.0, "effect is 0; .* up to 0.5 is accepted"),
        (0.95, 0.1, "effect is 0.1; with a baseline of 0.95 up to 0.05 is accepted"),
    ],
)
def test_an_effect_that_cannot_be_is_refused(baseline: float, effect: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        needed(baseline, effect, HALVES)


def test_a_power_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        needed(0.5, 0.1, HALVES, power=1.0)
