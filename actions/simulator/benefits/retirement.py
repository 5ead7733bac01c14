"""When somebody may retire: the statutory month, the earliest and latest by choice, and the years that are needed."""

from dataclasses import dataclass

from actions.parameters import NATION, Figure, Unit
from actions.simulator.benefits.findings import Found
from actions.simulator.benefits.limits import check_birth, check_months_paid
from actions.simulator.case import Category
from actions.simulator.cases.retirement import RetirementCase
from actions.simulator.estimate import Amount, Estimate, Remark, Step
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules, version_of

_NAMES = {Category.MAN: "men", Category.WOMAN_55: "women_55", Category.WOMAN_50: "women_50"}
ARTICLE = "pension/retirement-age"
MINIMUM = "pension/minimum-years"


@dataclass(frozen=True)
class Retirement:
    """The statutory month, how many months later than under the old age it is, and the figures that led there."""

    month: Month
    old_month: Month
    delay: int
    figures: tuple[Figure, ...]


def statutory(category: Category, birth: Month, rules: Rules) -> Retirement:
    """The statutory retirement month.

    Until the end of 2024: the old age (men 60, women 55 or 50). Who would have reached it later retires one month later
    for every four (women with the old age 50: two) months of later birth, the first of them included, up to 63, 58 or
    55. Measures approved by the decision of 2024-09-13, Art. 1 (npcsc-retirement-2024); article pension/retirement-age.
    """
    name = _NAMES[category]
    old = rules.figure(f"pension.retirement_age.old_{name}", NATION)
    old_month = birth.plus(int(old.value) * MONTHS_A_YEAR)
    step = rules.figure_if_known(f"pension.retirement_age.step_{name}", NATION)
    if step is None or old_month < Month.of(step.since):
        return Retirement(old_month, old_month, 0, (old,))
    new = rules.figure(f"pension.retirement_age.new_{name}", NATION)
    unit = rules.figure("pension.retirement_age.delay_unit", NATION)
    later_born = old_month - Month.of(step.since)
    cap = (int(new.value) - int(old.value)) * MONTHS_A_YEAR
    delay = min((later_born // int(step.value) + 1) * int(unit.value), cap)
    return Retirement(old_month.plus(delay), old_month, delay, (old, step, new))


def earliest(found: Retirement, rules: Rules) -> Month:
    """The earliest month by choice: at most three years before the statutory one, never below the old age.

    The minimum years must be met. Measures of 2024, Art. 3; article pension/early-late. Before the reform there was no
    choice.
    """
    years = rules.figure_if_known("pension.early.max_years", NATION)
    if years is None:
        return found.month
    return max(found.old_month, found.month.plus(-int(years.value) * MONTHS_A_YEAR))


def latest(found: Retirement, rules: Rules) -> Month:
    """The latest month by choice: at most three years after the statutory one, if employer and worker agree.

    Measures of 2024, Art. 3; article pension/early-late.
    """
    years = rules.figure_if_known("pension.late.max_years", NATION)
    return found.month if years is None else found.month.plus(int(years.value) * MONTHS_A_YEAR)


def minimum_months(retire: Month, rules: Rules) -> tuple[int, Figure]:
    """The months that must be paid for a pension, by the year of retirement: 15 years, from 2030 on half a year more
    each year, up to 20. Measures of 2024, Art. 2; article pension/minimum-years.
    """
    figure = rules.figure("pension.minimum_years", NATION, on=retire.first_day)
    return int(figure.value * MONTHS_A_YEAR), figure


def retirement_age(case: RetirementCase, rules: Rules) -> Estimate:
    """The months in which this person may retire, and what is missing until then.

    Article pension/retirement-age.
    """
    check_birth(case.birth, rules)
    if case.months_paid is not None:
        check_months_paid("months_paid", case.months_paid, case.birth, rules)
    found = statutory(case.category, case.birth, rules)
    first, last = earliest(found, rules), latest(found, rules)
    needed, years = minimum_months(found.month, rules)
    age = found.month - case.birth
    parts = Found(
        amounts=(
            Amount("statutory_month", found.month),
            Amount("age_years", age // MONTHS_A_YEAR, Unit.AGE),
            Amount("age_months", age % MONTHS_A_YEAR, Unit.MONTHS),
            Amount("delay_months", found.delay, Unit.MONTHS),
            Amount("earliest_month", first),
            Amount("latest_month", last),
            Amount("minimum_months", needed, Unit.MONTHS),
        ),
        steps=(
            Step(
                "old_age", found.old_month, None, f"{case.birth} + {found.figures[0].value}", found.figures[:1], ARTICLE
            ),
            Step("delay", found.delay, Unit.MONTHS, _delay_formula(found), found.figures[1:], ARTICLE),
            Step("statutory_month", found.month, None, f"{found.old_month} + {found.delay}", found.figures, ARTICLE),
            Step("minimum_years", needed, Unit.MONTHS, f"{years.value} × {MONTHS_A_YEAR}", (years,), MINIMUM),
        ),
    )
    if case.category is not Category.MAN:
        parts += Found(assumptions=(Remark("womans_age_by_post"),))
    if case.months_paid is not None:
        parts += missing_years(case.months_paid, found.month, needed, rules)
    return estimate_of("retirement-age", None, parts, rules)


def _delay_formula(found: Retirement) -> str:
    """As on paper: one month for every so many months of later birth, up to the full delay."""
    if not found.delay:
        return ""
    old, step, new = found.figures
    later_born = found.old_month - Month.of(step.since)
    cap = (int(new.value) - int(old.value)) * MONTHS_A_YEAR
    return f"min(⌊{later_born} ÷ {step.value}⌋ + 1, {cap})"


def missing_years(paid: int, retire: Month, needed: int, rules: Rules) -> Found:
    """What is still to be paid until `retire`, and the ways to close what cannot be paid until then.

    Who is short at the retirement age may go on paying, or move to the resident pension: Measures of 2024, Art. 2,
    Ren She Bu Fa [2014] 17; article pension/short-of-years.
    """
    missing = max(0, needed - paid)
    left = max(0, retire - Month.of(rules.on))
    parts = Found(amounts=(Amount("missing_months", missing, Unit.MONTHS), Amount("months_left", left, Unit.MONTHS)))
    if missing > left:
        short = Remark("short_at_retirement", {"months": missing - left})
        return parts + Found(warnings=(short,), alternatives=ways_to_close())
    if missing:
        return parts + Found(alternatives=(Remark("enough_if_paid_on", {"months": missing}),))
    return parts + Found(alternatives=(Remark("more_years_more_pension"),))


def ways_to_close() -> tuple[Remark, ...]:
    """What somebody can do whose years are short at the retirement age.

    Measures of 2024, Art. 2 (pay on, or at once where that is provided for); Ren She Bu Fa [2014] 17 (move to the
    resident pension). Article pension/short-of-years.
    """
    return (
        Remark("pay_on_after_the_age"),
        Remark("pay_at_once_where_allowed"),
        Remark("move_to_resident_pension"),
    )


def estimate_of(kind: str, region: str | None, found: Found, rules: Rules) -> Estimate:
    """The parts of an estimate as a whole, under the version of the rules."""
    return Estimate(
        kind, rules.on, region, found.amounts, found.steps, _once(found.assumptions), _once(found.warnings),
        _once(found.alternatives), version_of(rules.parameters),
    )  # fmt: skip


def _once(remarks: tuple[Remark, ...]) -> tuple[Remark, ...]:
    """Each remark once, in order."""
    kept: list[Remark] = []
    for remark in remarks:
        if remark not in kept:
            kept.append(remark)
    return tuple(kept)
