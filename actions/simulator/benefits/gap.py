"""What it costs to stop paying for a while."""

from decimal import Decimal

from actions.parameters import Unit
from actions.simulator.benefits.career import years_between
from actions.simulator.benefits.employee_pension import Pension, work_out
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.benefits.retirement import estimate_of, missing_years, ways_to_close
from actions.simulator.cases.gap import GapCase
from actions.simulator.cases.pension import Gap
from actions.simulator.estimate import Amount, Estimate, ImpossibleCase, Remark, cents
from actions.simulator.month import Month
from actions.simulator.rules import Rules


def gap(case: GapCase, rules: Rules) -> Estimate:
    """Years, pension and medical cover with and without the gap.

    Years that were paid are kept; the pension is smaller because fewer years count and the account holds less. Article
    contribution/gap; medical waiting periods by place, article medical/waiting-period.
    """
    assert case.plan is not None
    start = case.gap_from or Month.of(rules.on)
    if start < Month.of(rules.on):
        raise ImpossibleCase("gap_from", "gap_in_the_past", earliest=Month.of(rules.on))
    holes = (*case.plan.gaps, Gap(start=start, months=case.gap_months))
    stopped = case.model_copy(update={"plan": case.plan.model_copy(update={"gaps": holes})})
    through, with_gap = work_out(case, rules), work_out(stopped, rules)
    found = with_gap.growth.found + with_gap.career.found + with_gap.found
    parts = Found(steps=found.steps, assumptions=found.assumptions, warnings=found.warnings)
    parts += _difference(through, with_gap, rules)
    parts += _least_time(through, with_gap, rules)
    return estimate_of("gap", case.region, parts + _medical(case, rules), rules)


def _least_time(through: Pension, stopped: Pension, rules: Rules) -> Found:
    """What is missing of the minimum years, and whether the gap itself is what makes them short."""
    paid = stopped.months - stopped.career.future_months
    found = missing_years(paid, stopped.retire, stopped.needed, rules)
    if stopped.enough or not through.enough:
        return found
    short = Remark("gap_makes_short", {"months": stopped.needed - stopped.months})
    return Found(amounts=found.amounts, warnings=(short,), alternatives=ways_to_close())


def _difference(through: Pension, stopped: Pension, rules: Rules) -> Found:
    rises = years_between(Month.of(rules.on), through.retire)
    deflated = (1 + through.growth.inflation) ** rises

    def today(pension: Pension) -> Decimal:
        return cents(pension.total / deflated) if pension.enough else Decimal(0)

    now = Month.of(rules.on)
    less = today(through) - today(stopped)
    saved = cents(through.career.paid - stopped.career.paid)
    return Found(
        amounts=(
            Amount("pension_lost", less, Unit.YUAN_PER_MONTH, now),
            Amount("pension_without_gap", today(through), Unit.YUAN_PER_MONTH, now),
            Amount("pension_with_gap", today(stopped), Unit.YUAN_PER_MONTH, now),
            Amount("not_paid", saved, Unit.YUAN),
            Amount("months_counted", stopped.months, Unit.MONTHS),
        ),
        alternatives=(Remark("years_are_kept"), Remark("lower_base_instead")),
        warnings=(Remark("city_rights_not_known"),),
    )


def _medical(case: GapCase, rules: Rules) -> Found:
    """The waiting period after a gap in the medical insurance, where the place publishes one."""
    waiting = rules.figure_if_known("medical.flexible.waiting_months", case.region)
    if waiting is None:
        return Found(warnings=(Remark("medical_gap_not_published"),))
    grace = rules.figure_if_known("medical.flexible.resume_grace_months", case.region)
    if grace is not None and case.gap_months <= int(grace.value):
        return Found(warnings=(Remark("medical_resumes_in_time", {"months": plain(grace)}),))
    return Found(warnings=(Remark("medical_waits", {"months": plain(waiting)}),))
