"""How many workers an experiment needs, and what it can find with those it has: two shares, compared two-sided.

The normal approximation with the pooled variance under "no effect" (Fleiss, Statistical Methods for Rates and
Proportions). Several treatments are compared with one control at a stricter level each, the first step of Holm's
correction, so that the figures are on the safe side. Shares and effects are between 0 and 1.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist

from actions.reminders.assignment import CONTROL, check_shares

ALPHA = 0.05  # how often an effect may be found where there is none
POWER = 0.8  # how often an effect of the size that matters should be found
_NORMAL = NormalDist()


def needed(
    baseline: float, smallest_effect: float, shares: Mapping[str, float], alpha: float = ALPHA, power: float = POWER
) -> dict[str, int]:
    """Workers per arm, `control` among them, so that every treatment that raises `baseline` by `smallest_effect` is
    found with at least this power. Raises ValueError where the shares or the figures are impossible.
    """
    check_shares(shares)
    raised = _raised(baseline, smallest_effect)
    if not (0 < alpha < 1 and 0 < power < 1):
        raise ValueError(f"alpha is {alpha:g}, power is {power:g}; both must lie between 0 and 1")
    level = alpha / (len(shares) - 1)
    controls = max(
        _controls(baseline, raised, share / shares[CONTROL], level, power)
        for name, share in shares.items()
        if name != CONTROL
    )
    return {name: math.ceil(controls * share / shares[CONTROL] - 1e-9) for name, share in shares.items()}


def power_of(arms: Mapping[str, int], baseline: float, effect: float, alpha: float = ALPHA) -> dict[str, float]:
    """For each treatment, how often an effect of this size is found with so many workers per arm."""
    raised = _raised(baseline, effect)
    level = alpha / max(len(arms) - 1, 1)
    control = arms[CONTROL]
    return {
        name: _power(baseline, raised, control, workers, level) for name, workers in arms.items() if name != CONTROL
    }


def smallest_found(
    arms: Mapping[str, int], baseline: float, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """The smallest rise of the baseline that every treatment would show with this power; None where none would."""
    if len(arms) < 2 or min(arms.values()) < 1:
        return None
    low, high = 0.0, 1 - baseline
    if min(power_of(arms, baseline, high, alpha).values()) < power:
        return None
    while high - low > 1e-5:
        middle = (low + high) / 2
        enough = min(power_of(arms, baseline, middle, alpha).values()) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def _raised(baseline: float, effect: float) -> float:
    if not 0 < baseline < 1:
        raise ValueError(f"baseline is {baseline:g}; a share between 0 and 1 is accepted")
    if not 0 < effect <= 1 - baseline + 1e-12:
        raise ValueError(f"effect is {effect:g}; with a baseline of {baseline:g} up to {1 - baseline:g} is accepted")
    return min(baseline + effect, 1.0)


def _controls(baseline: float, raised: float, ratio: float, level: float, power: float) -> float:
    """Workers in control for one comparison; the treatment has `ratio` times as many."""
    pooled = (baseline + ratio * raised) / (1 + ratio)
    by_chance = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    with_effect = math.sqrt(baseline * (1 - baseline) + raised * (1 - raised) / ratio)
    reach = _NORMAL.inv_cdf(1 - level / 2) * by_chance + _NORMAL.inv_cdf(power) * with_effect
    return (reach / (raised - baseline)) ** 2


def _power(baseline: float, raised: float, controls: int, treated: int, level: float) -> float:
    if min(controls, treated) < 1:
        return 0.0
    pooled = (baseline * controls + raised * treated) / (controls + treated)
    by_chance = math.sqrt(pooled * (1 - pooled) * (1 / controls + 1 / treated))
    with_effect = math.sqrt(baseline * (1 - baseline) / controls + raised * (1 - raised) / treated)
    return _NORMAL.cdf((raised - baseline - _NORMAL.inv_cdf(1 - level / 2) * by_chance) / with_effect)
