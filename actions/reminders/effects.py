"""The difference between two shares, how sure it is, and whether it is more than chance. Pure arithmetic on counts.

The interval is Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10); the test is the
chi-square test with Campbell's N-1 (Statistics in Medicine 26, 2007); several treatments are corrected by Holm's
method. `benchmarks/experiments.py` measures why these.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Difference:
    """A share among the treated less the share in control, with the interval around the difference. All in 0 to 1."""

    treated: float
    control: float
    difference: float
    low: float
    high: float

    @property
    def may_be_none(self) -> bool:
        """Whether the interval holds 0, so that there may be no difference at all."""
        return self.low <= 0 <= self.high


def difference(hits: int, workers: int, control_hits: int, control_workers: int, level: float = LEVEL) -> Difference:
    """The difference between two shares with its interval; both arms have at least one worker."""
    treated, control = hits / workers, control_hits / control_workers
    low, high = wilson(hits, workers, level)
    control_low, control_high = wilson(control_hits, control_workers, level)
    gap = treated - control
    return Difference(
        treated,
        control,
        gap,
        gap - math.hypot(treated - low, control_high - control),
        gap + math.hypot(high - treated, control - control_low),
    )


def wilson(hits: int, workers: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of one share."""
    z = _NORMAL.inv_cdf((1 + level) / 2)
    share, room = hits / workers, z * z / workers
    middle = (share + room / 2) / (1 + room)
    reach = z / (1 + room) * math.sqrt(share * (1 - share) / workers + room / (4 * workers))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def chance(hits: int, workers: int, control_hits: int, control_workers: int) -> float:
    """How often a difference this large would come about by chance alone (two-sided p-value)."""
    everybody = workers + control_workers
    pooled = (hits + control_hits) / everybody
    if pooled in (0, 1):
        return 1.0
    spread = math.sqrt(pooled * (1 - pooled) * (1 / workers + 1 / control_workers) * everybody / (everybody - 1))
    return math.erfc(abs(hits / workers - control_hits / control_workers) / spread / math.sqrt(2))


def chance_of_draw(workers: int, everybody: int, share: float) -> float:
    """How often a draw with this share gives an arm so many workers, or a number as unlikely (two-sided p-value)."""
    spread = math.sqrt(everybody * share * (1 - share))
    return math.erfc(abs(workers - everybody * share) / spread / math.sqrt(2)) if spread else 1.0


def corrected(chances: Mapping[str, float]) -> dict[str, float]:
    """Holm's correction: with several treatments, one of them looks good by chance more easily."""
    found: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(chances, key=lambda name: (chances[name], name))):
        highest = max(highest, min(1.0, (len(chances) - place) * chances[name]))
        found[name] = highest
    return found
