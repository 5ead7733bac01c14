"""What a campaign did: each treatment beside control, for everybody who was drawn, sent to or not (intention to treat).

The report holds nothing of an arm or a group that is too small to be told, so that it can be printed and passed on
whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from actions.reminders.assignment import CONTROL
from actions.reminders.effects import Difference, chance, chance_of_draw, corrected, difference
from actions.reminders.power import ALPHA
from actions.reminders.small_groups import OTHERS, may_be_shown

FEWEST_SHOWN = 20
UNEVEN = 0.001  # a sound draw looks this odd once in a thousand campaigns
UNKNOWN = "unknown"
Trait = Literal["occupation", "gender"]
TRAITS: tuple[Trait, ...] = ("occupation", "gender")


@dataclass(frozen=True, slots=True)
class Observation:
    """One worker who was drawn: the treatment (or `control`), what they did, and what is known of them."""

    treatment: str
    outcome: bool
    opted_out: bool
    complained: bool
    sent: bool
    occupation: str | None
    gender: str | None


@dataclass(frozen=True, slots=True)
class Arm:
    """How many workers of an arm did what."""

    workers: int = 0
    paid: int = 0
    opted_out: int = 0
    complained: int = 0
    sent: int = 0

    def __add__(self, other: "Arm") -> "Arm":
        return Arm(
            self.workers + other.workers,
            self.paid + other.paid,
            self.opted_out + other.opted_out,
            self.complained + other.complained,
            self.sent + other.sent,
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """One treatment beside control.

    `chance`: how often so large a difference comes about by chance; `corrected`: the same, given how many treatments
    were tried. `found`: more than chance, by the corrected figure and by the interval.
    """

    treatment: str
    workers: int
    sent: int
    paid: Difference
    opted_out: Difference
    complained: Difference
    chance: float
    corrected: float

    @property
    def found(self) -> bool:
        """Whether more or fewer paid than chance explains."""
        return self.corrected <= ALPHA and not self.paid.may_be_none

    @property
    def relative(self) -> float | None:
        """The difference as a share of what control does without us; None where nobody in control paid."""
        return self.paid.difference / self.paid.control if self.paid.control else None


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """One treatment beside control among the workers of one group: to look at, not to decide by."""

    group: str
    treatment: str
    workers: int
    control_workers: int
    paid: Difference
    opted_out: Difference
    complained: Difference


@dataclass(frozen=True, slots=True)
class Report:
    """What may be told of a campaign. `hidden`: arms with fewer than `fewest` workers; without control, no effects.

    `groups` is empty for a trait whose table would give a small group away. `uneven`: arms that have so many or so few
    workers that rows must have been lost or doubled on the way, which no arithmetic on what is left can mend.
    """

    fewest: int
    control_workers: int | None
    effects: tuple[Effect, ...]
    groups: Mapping[Trait, tuple[GroupEffect, ...]]
    hidden: tuple[str, ...]
    uneven: tuple[str, ...] = ()


def report(
    rows: Iterable[Observation], fewest: int = FEWEST_SHOWN, shares: Mapping[str, float] | None = None
) -> Report:
    """The report of everybody who was drawn.

    `fewest`: how many workers a cell must have to be told. `shares`: those of the campaign, to check the draw by.
    """
    totals: dict[str, Arm] = defaultdict(Arm)
    groups: dict[Trait, dict[str, dict[str, Arm]]] = {trait: defaultdict(lambda: defaultdict(Arm)) for trait in TRAITS}
    for row, workers in _counted(rows).items():
        arm = Arm(workers, *(workers * flag for flag in (row.outcome, row.opted_out, row.complained, row.sent)))
        totals[row.treatment] += arm
        groups["occupation"][row.occupation or UNKNOWN][row.treatment] += arm
        groups["gender"][row.gender or UNKNOWN][row.treatment] += arm
    effects = effects_of(totals, fewest)
    told = [effect.treatment for effect in effects]
    control = totals[CONTROL].workers
    return Report(
        fewest,
        control if control >= fewest else None,
        effects,
        {trait: _group_effects(groups[trait], told, fewest) for trait in TRAITS},
        tuple(sorted(name for name, arm in totals.items() if arm.workers < fewest)),
        _uneven(totals, shares or {}),
    )


def effects_of(arms: Mapping[str, Arm], fewest: int = FEWEST_SHOWN) -> tuple[Effect, ...]:
    """Each treatment beside control, by name; arms with fewer than `fewest` workers are left out.

    Every treatment counts for the correction, told or not.
    """
    control = arms.get(CONTROL, Arm())
    if control.workers < max(fewest, 1):
        return ()
    treated = {name: arm for name, arm in sorted(arms.items()) if name != CONTROL and arm.workers}
    chances = {name: chance(arm.paid, arm.workers, control.paid, control.workers) for name, arm in treated.items()}
    adjusted = corrected(chances)
    return tuple(
        Effect(name, arm.workers, arm.sent, *_differences(arm, control), chances[name], adjusted[name])
        for name, arm in treated.items()
        if arm.workers >= fewest
    )


def _differences(arm: Arm, control: Arm) -> tuple[Difference, Difference, Difference]:
    """Of paying, of saying stop and of complaining."""
    return (
        difference(arm.paid, arm.workers, control.paid, control.workers),
        difference(arm.opted_out, arm.workers, control.opted_out, control.workers),
        difference(arm.complained, arm.workers, control.complained, control.workers),
    )


def _uneven(arms: Mapping[str, Arm], shares: Mapping[str, float]) -> tuple[str, ...]:
    everybody = sum(arm.workers for arm in arms.values())
    chances = {name: chance_of_draw(arms.get(name, Arm()).workers, everybody, share) for name, share in shares.items()}
    return tuple(name for name, p in chances.items() if p < UNEVEN / len(shares))


def _counted(rows: Iterable[Observation]) -> dict[Observation, int]:
    """How many workers are alike in everything: a million rows are a few hundred kinds."""
    kinds: dict[Observation, int] = defaultdict(int)
    for row in rows:
        kinds[row] += 1
    return kinds


def _group_effects(
    groups: Mapping[str, Mapping[str, Arm]], treatments: list[str], fewest: int
) -> tuple[GroupEffect, ...]:
    arms = [CONTROL, *treatments]
    cells = {name: {arm: group.get(arm, Arm()) for arm in arms} for name, group in groups.items()}
    shown = may_be_shown({n: {arm: c.workers for arm, c in cell.items()} for n, cell in cells.items()}, fewest)
    rows = {name: cells[name] for name in shown.alone}
    if shown.together:
        rows[OTHERS] = {arm: sum((cells[name][arm] for name in shown.together), Arm()) for arm in arms}
    return tuple(
        GroupEffect(
            name,
            treatment,
            row[treatment].workers,
            row[CONTROL].workers,
            *_differences(row[treatment], row[CONTROL]),
        )
        for name, row in rows.items()
        for treatment in treatments
    )
