"""The draw: even, the same whenever it is asked, unrelated between campaigns, and closed to who lacks the salt."""

from collections import Counter
from itertools import product

import pytest
from scipy.stats import chi2, kstest

from actions.reminders.assignment import CONTROL, draw, treatment_of

WORKERS = [f"worker-{number}" for number in range(100_000)]
SALT = "a secret of the tests"
THREE = {CONTROL: 0.5, "plain": 0.3, "amount": 0.2}
HALVES = {CONTROL: 0.5, "plain": 0.5}
DRAWN = ["control", "control", "plain", "plain", "plain", "control", "control", "amount"]
ODDS = 0.001  # the draws are fixed, so these tests pass or fail for good; a sound draw fails one in a thousand


def chi_square(seen: Counter[str], expected: dict[str, float]) -> float:
    return sum((seen[name] - count) ** 2 / count for name, count in expected.items())


@pytest.mark.parametrize("shares", [HALVES, THREE, {CONTROL: 0.05, "plain": 0.95}])
def test_a_hundred_thousand_workers_are_spread_by_the_shares(shares: dict[str, float]) -> None:
    seen = Counter(treatment_of("spring", worker, shares, SALT) for worker in WORKERS)
    found = chi_square(seen, {name: share * len(WORKERS) for name, share in shares.items()})
    assert chi2.sf(found, len(shares) - 1) > ODDS


def test_draws_are_even_over_the_whole_range() -> None:
    draws = [draw("spring", worker, SALT) for worker in WORKERS]
    assert min(draws) >= 0
    assert max(draws) < 1
    assert kstest(draws, "uniform").pvalue > ODDS


def test_numbers_that_follow_each_other_are_drawn_independently() -> None:
    drawn = [treatment_of("spring", worker, HALVES, SALT) for worker in WORKERS]
    pairs = Counter(f"{one} {two}" for one, two in zip(drawn[::2], drawn[1::2], strict=True))
    expected = {f"{one} {two}": len(WORKERS) / 8 for one, two in product(HALVES, HALVES)}
    assert chi2.sf(chi_square(pairs, expected), 3) > ODDS


def test_two_campaigns_draw_independently() -> None:
    one = [treatment_of("spring", worker, THREE, SALT) for worker in WORKERS]
    two = [treatment_of("autumn", worker, THREE, SALT) for worker in WORKERS]
    pairs = Counter(f"{first} {second}" for first, second in zip(one, two, strict=True))
    ones, twos = Counter(one), Counter(two)
    expected = {f"{a} {b}": ones[a] * twos[b] / len(WORKERS) for a, b in product(THREE, THREE)}
    assert chi2.sf(chi_square(pairs, expected), 4) > ODDS


def test_another_salt_draws_anew() -> None:
    same = sum(treatment_of("spring", w, HALVES, SALT) == treatment_of("spring", w, HALVES, "other") for w in WORKERS)
    assert abs(same - len(WORKERS) / 2) < 3.3 * (len(WORKERS) / 4) ** 0.5


def test_a_worker_always_gets_the_same_whoever_else_there_is_and_in_whatever_order() -> None:
    forwards = {worker: treatment_of("spring", worker, THREE, SALT) for worker in WORKERS[:1000]}
    backwards = {worker: treatment_of("spring", worker, THREE, SALT) for worker in reversed(WORKERS[:5000])}
    assert all(backwards[worker] == treatment for worker, treatment in forwards.items())


def test_the_order_in_which_shares_are_written_changes_nobody() -> None:
    turned = dict(reversed(THREE.items()))
    assert all(treatment_of("s", w, THREE, SALT) == treatment_of("s", w, turned, SALT) for w in WORKERS[:2000])


def test_the_draw_is_what_it_has_always_been() -> None:
    # Fixed for good: another result would move workers of a running campaign from one treatment to another.
    assert [treatment_of("spring", worker, THREE, SALT) for worker in WORKERS[:8]] == DRAWN


def test_the_border_between_two_ids_is_part_of_the_draw() -> None:
    assert draw("spring", "1-worker", SALT) != draw("spring1", "-worker", SALT)


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"plain": 1.0}, "there is no control share"),
        ({CONTROL: 0.0, "plain": 1.0}, "more than 0 and less than 1"),
        ({CONTROL: 0.5, "plain": -0.5}, "more than 0 and less than 1"),
        ({CONTROL: 0.5, "plain": 0.4}, "add up to 0.9"),
        ({CONTROL: 0.6, "plain": 0.5}, "add up to 1.1"),
    ],
)
def test_shares_that_cannot_be_are_refused(shares: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        treatment_of("spring", "worker", shares, SALT)


def test_thirds_are_a_whole() -> None:
    assert treatment_of("spring", "worker", {CONTROL: 1 / 3, "a": 1 / 3, "b": 1 / 3}, SALT) in {CONTROL, "a", "b"}


def test_a_draw_without_a_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="salt is empty"):
        draw("spring", "worker", "")


def test_a_salt_may_be_long() -> None:
    assert 0 <= draw("spring", "worker", "long " * 100) < 1
