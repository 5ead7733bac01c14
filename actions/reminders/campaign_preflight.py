"""What a campaign would do, before it does it: whom it reaches, what keeps it from the others, what it costs, and
whether so many workers can show an effect at all. The counts come from the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from actions.reminders.assignment import CONTROL
from actions.reminders.campaigns import Campaign
from actions.reminders.model import Reason
from actions.reminders.power import needed, power_of, smallest_found

HARDEST_BASELINE = 0.5  # where shares spread most, so that no other baseline needs more workers


@dataclass(frozen=True, slots=True)
class Load:
    """What a channel would carry: messages, and the SMS segments they take (0 where nothing is charged by segment)."""

    messages: int
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted for a campaign.

    `arms`: workers per arm as they would be drawn, `control` among them. `suppressed`: how many of the treated would
    not be sent to, by reason. `baseline`: the share that pays without the campaign; None: not known.
    """

    audience: int
    arms: Mapping[str, int]
    suppressed: Mapping[Reason, int] = field(default_factory=dict)
    loads: Mapping[str, Load] = field(default_factory=dict)
    baseline: float | None = None

    @property
    def treated(self) -> int:
        """How many would be told something, were nothing in the way."""
        return sum(workers for name, workers in self.arms.items() if name != CONTROL)


@dataclass(frozen=True, slots=True)
class CampaignPreflight:
    """The report before the start.

    `missing`: what keeps it a draft. `cost`: yuan, of the channels with a price; `unpriced`: channels that send
    segments and have none. `needed`, `power`: None while the campaign does not say what is worth finding.
    `smallest_found`: the smallest effect that would show; None where none would.
    """

    campaign: Campaign
    on: date
    missing: tuple[str, ...]
    counts: Counts
    reaches: int
    cost: Decimal
    unpriced: tuple[str, ...]
    baseline: float
    needed: Mapping[str, int] | None
    power: Mapping[str, float] | None
    smallest_found: float | None

    @property
    def big_enough(self) -> bool | None:
        """Whether every arm has the workers it needs; None where that cannot be said yet."""
        if self.needed is None:
            return None
        return all(self.counts.arms.get(name, 0) >= workers for name, workers in self.needed.items())


def preflight(campaign: Campaign, counts: Counts, on: date, prices: Mapping[str, Decimal]) -> CampaignPreflight:
    """The report; `prices`: yuan for one segment by channel, as far as they are set.

    Raises ValueError where the counts contradict one another.
    """
    _check(campaign, counts)
    baseline = HARDEST_BASELINE if counts.baseline is None else counts.baseline
    charged = {name: load.segments for name, load in counts.loads.items() if load.segments}
    sizes, power = _sizes(campaign, counts, baseline)
    return CampaignPreflight(
        campaign,
        on,
        campaign.gaps(on),
        counts,
        counts.treated - sum(counts.suppressed.values()),
        sum((prices[name] * segments for name, segments in charged.items() if name in prices), Decimal(0)),
        tuple(name for name in charged if name not in prices),
        baseline,
        sizes,
        power,
        smallest_found(counts.arms, baseline) if CONTROL in counts.arms and 0 < baseline < 1 else None,
    )


def _sizes(
    campaign: Campaign, counts: Counts, baseline: float
) -> tuple[Mapping[str, int] | None, Mapping[str, float] | None]:
    """Workers needed and power; None where the shares or the effect do not allow for any."""
    if campaign.smallest_effect is None:
        return None, None
    effect = campaign.smallest_effect / 100
    try:
        return needed(baseline, effect, campaign.shares), power_of(counts.arms, baseline, effect)
    except ValueError:
        return None, None


def _check(campaign: Campaign, counts: Counts) -> None:
    if set(counts.arms) != set(campaign.shares):
        raise ValueError(f"arms are {sorted(counts.arms)}; accepted: the campaign's own, {sorted(campaign.shares)}")
    if sum(counts.arms.values()) != counts.audience:
        raise ValueError(f"the arms have {sum(counts.arms.values())} workers, the audience {counts.audience}")
    if sum(counts.suppressed.values()) > counts.treated:
        raise ValueError(f"more are suppressed than the {counts.treated} who would be told something")
