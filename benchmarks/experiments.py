"""Simulates campaigns whose truth is known and asks the report: does its interval hold the truth, does it find what is
not there? `make bench-experiments` prints both beside the plain Wald interval, on the very same draws.

Everything goes through `effects_of`, which the report is made of. The headline mixes baselines and sizes, small and
lopsided arms among them; the table below it takes each design alone, with more runs.
"""

import argparse
import math
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from rich.console import Console
from rich.table import Table

from actions.reminders.assignment import CONTROL
from actions.reminders.campaign_report import Arm, effects_of
from actions.reminders.power import ALPHA, POWER, needed, power_of

COVERAGE, COVERAGE_SPREAD = 0.95, 0.03
FALSE_MOST = ALPHA + 0.015
Z = NormalDist().inv_cdf(0.975)
BASELINES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
EFFECTS = (-0.03, 0.02, 0.05, 0.08)
SIZES: dict[str, dict[str, int]] = {
    "even, 40 each": {CONTROL: 40, "a": 40},
    "even, 200 each": {CONTROL: 200, "a": 200},
    "even, 2,000 each": {CONTROL: 2000, "a": 2000},
    "small control, 30 and 270": {CONTROL: 30, "a": 270},
    "small treatment, 900 and 100": {CONTROL: 900, "a": 100},
    "two treatments, 300 each": {CONTROL: 300, "a": 300, "b": 300},
    "four treatments, 500 and 125": {CONTROL: 500, "a": 125, "b": 125, "c": 125, "d": 125},
}
PLANNED = ((0.1, 0.03, {CONTROL: 0.5, "a": 0.5}), (0.3, 0.05, {CONTROL: 0.34, "a": 0.33, "b": 0.33}))


@dataclass
class Score:
    """What came out of many campaigns: intervals and those that held the truth; campaigns and those with a finding."""

    intervals: int = 0
    ours_held: int = 0
    wald_held: int = 0
    campaigns: int = 0
    ours_found: int = 0
    wald_found: int = 0


def main() -> None:
    """Measures, prints, and ends with 1 where a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--campaigns", type=int, default=1000, help="campaigns with an effect, and as many without")
    options.add_argument("--each", type=int, default=2000, help="campaigns for each design of the table")
    options.add_argument("--seed", type=int, default=None)
    chosen = options.parse_args()
    seed = secrets.randbelow(2**32) if chosen.seed is None else chosen.seed
    random, started, console = np.random.default_rng(seed), time.perf_counter(), Console()
    mixed = _mixed(random, chosen.campaigns)
    console.print(_table(f"{chosen.campaigns:,} campaigns with an effect, as many without", {"all mixed": mixed}))
    alone = {name: _score(random, [sizes], chosen.each) for name, sizes in SIZES.items()}
    console.print(_table(f"{chosen.each:,} campaigns of each design, with and without an effect", alone))
    console.print(_planned(random, chosen.each))
    coverage, false = mixed.ours_held / mixed.intervals, mixed.ours_found / mixed.campaigns
    well = abs(coverage - COVERAGE) <= COVERAGE_SPREAD and false <= FALSE_MOST
    console.print(f"seed {seed}, {time.perf_counter() - started:.1f} s")
    console.print(
        f"coverage {coverage:.1%} (bar 95 ± 3 %), false findings {false:.1%} (bar at most 5 + 1.5 %): ", end=""
    )
    console.print("met" if well else "MISSED")
    sys.exit(0 if well else 1)


def _mixed(random: np.random.Generator, campaigns: int) -> Score:
    return _score(random, list(SIZES.values()), campaigns)


def _score(random: np.random.Generator, designs: Sequence[dict[str, int]], campaigns: int) -> Score:
    score = Score()
    for arms, baseline, effect in _settings(random, designs, campaigns):
        _with_effect(random, arms, baseline, effect, score)
        _without(random, arms, baseline, score)
    return score


def _settings(
    random: np.random.Generator, designs: Sequence[dict[str, int]], campaigns: int
) -> Iterator[tuple[dict[str, int], float, float]]:
    """A design, a baseline and an effect that is possible with it, each drawn anew."""
    for _ in range(campaigns):
        baseline = float(random.choice(BASELINES))
        possible = [effect for effect in EFFECTS if 0 < baseline + effect < 1]
        yield designs[int(random.integers(len(designs)))], baseline, float(random.choice(possible))


def _drawn(random: np.random.Generator, arms: dict[str, int], baseline: float, effect: float) -> dict[str, Arm]:
    shares = {name: baseline if name == CONTROL else baseline + effect for name in arms}
    return {name: Arm(workers, int(random.binomial(workers, shares[name]))) for name, workers in arms.items()}


def _with_effect(
    random: np.random.Generator, arms: dict[str, int], baseline: float, effect: float, score: Score
) -> None:
    drawn = _drawn(random, arms, baseline, effect)
    for found in effects_of(drawn):
        low, high = _wald(drawn[found.treatment], drawn[CONTROL])
        score.intervals += 1
        score.ours_held += found.paid.low <= effect <= found.paid.high
        score.wald_held += low <= effect <= high


def _without(random: np.random.Generator, arms: dict[str, int], baseline: float, score: Score) -> None:
    drawn = _drawn(random, arms, baseline, 0.0)
    score.campaigns += 1
    score.ours_found += any(found.found for found in effects_of(drawn))
    intervals = [_wald(arm, drawn[CONTROL]) for name, arm in drawn.items() if name != CONTROL]
    score.wald_found += any(low > 0 or high < 0 for low, high in intervals)


def _wald(arm: Arm, control: Arm) -> tuple[float, float]:
    """The interval of most textbooks: difference plus or minus 1.96 standard errors, without any correction."""
    treated, untreated = arm.paid / arm.workers, control.paid / control.workers
    spread = math.sqrt(treated * (1 - treated) / arm.workers + untreated * (1 - untreated) / control.workers)
    return treated - untreated - Z * spread, treated - untreated + Z * spread


def _table(title: str, scores: dict[str, Score]) -> Table:
    table = Table("design", "coverage", "Wald", "false findings", "Wald, uncorrected", title=title)
    for name, score in scores.items():
        held = [held / score.intervals for held in (score.ours_held, score.wald_held)]
        found = [found / score.campaigns for found in (score.ours_found, score.wald_found)]
        table.add_row(name, *(f"{share:.1%}" for share in (*held, *found)))
    return table


def _planned(random: np.random.Generator, campaigns: int) -> Table:
    """Campaigns as large as `needed` asks for: is the effect found as often as promised?"""
    table = Table("baseline", "effect", "workers per arm", "promised at least", "found", title="Size and power")
    for baseline, effect, shares in PLANNED:
        arms = needed(baseline, effect, shares)
        found = 0
        for _ in range(campaigns):
            found += sum(one.found for one in effects_of(_drawn(random, arms, baseline, effect)))
        promised = min(power_of(arms, baseline, effect).values())
        rate = found / campaigns / (len(arms) - 1)
        sizes = ", ".join(f"{name} {workers:,}" for name, workers in arms.items())
        table.add_row(f"{baseline:.0%}", f"{effect:+.0%}", sizes, f"{promised:.1%} ({POWER:.0%} asked)", f"{rate:.1%}")
    return table


if __name__ == "__main__":
    main()
