"""Work injury: what is paid for a disability grade or after a death, by whom, and what is not published.

Employees have the Regulation on Work-Injury Insurance (State Council Order 586). For platform workers the national
pilot names the kinds of benefit but no level, so the estimate says that; without either only private cover remains.
"""

from dataclasses import dataclass
from fractions import Fraction

from actions.parameters import Unit
from actions.simulator.benefits.findings import Found, amount_of, plain
from actions.simulator.benefits.injury_elsewhere import local_pilot, platform, without_cover
from actions.simulator.cases.injury import InjuryCase, Nursing, Relation
from actions.simulator.estimate import Amount, Estimate, ImpossibleCase, Remark, Step, cents
from actions.simulator.month import Month
from actions.simulator.rules import Rules, last_known, version_of

AVERAGE_WAGE = "contribution.average_wage"


def injury(case: InjuryCase, rules: Rules) -> Estimate:
    """Each benefit after a work injury or a death at work, who pays it and from when.

    Regulation on Work-Injury Insurance, Articles 17 and 33 to 39 (article injury/grades, injury/death); for orders of
    a platform Ren She Bu Fa [2025] 24 (article injury/platform-protection).
    """
    month = case.month or Month.of(rules.on)
    if month > Month.of(rules.on):
        raise ImpossibleCase("month", "month_in_the_future", latest=Month.of(rules.on))
    then = rules.at(rules.on if month == Month.of(rules.on) else month.first_day)
    if case.relation is Relation.EMPLOYEE:
        found = _employee(case, then, month)
    else:
        found = platform(then, case.region) if case.relation is Relation.PLATFORM else without_cover(then)
        found += local_pilot(then, case.region)
    return Estimate(
        kind="injury", on=rules.on, region=case.region, amounts=found.amounts, steps=found.steps,
        assumptions=found.assumptions, warnings=found.warnings, alternatives=found.alternatives,
        rule_set=version_of(rules.parameters),
    )  # fmt: skip


@dataclass(frozen=True)
class OwnWage:
    """The wage that benefits are counted on, exact, and what is told of it."""

    value: Fraction
    found: Found


def own_wage(case: InjuryCase, then: Rules) -> OwnWage:
    """The average contribution wage of the year before, not below 60 % nor above 300 % of the area's average wage.

    Regulation, Article 64 (article injury/own-wage). Where the average wage is not published, the wage counts as given.
    """
    given = Fraction(case.own_wage)
    average = then.figure_if_known(AVERAGE_WAGE, case.region)
    if average is None:
        return OwnWage(given, Found(warnings=(Remark("area_wage_not_published", {"place": case.region}),)))
    floor = then.figure("injury.wage_floor_ratio", case.region)
    ceiling = then.figure("injury.wage_ceiling_ratio", case.region)
    lowest, highest = (Fraction(average.value) * Fraction(bound.value) / 100 for bound in (floor, ceiling))
    counted = min(max(given, lowest), highest)
    formula = f"{floor.value}% × {average.value} ≤ {case.own_wage} ≤ {ceiling.value}% × {average.value}"
    warnings = []
    if counted != given:
        key = "wage_raised_to_floor" if counted > given else "wage_cut_to_ceiling"
        warnings.append(Remark(key, {"given": case.own_wage, "counted": cents(counted)}))
        formula = f"{(floor if counted > given else ceiling).value}% × {average.value}"
    figures = (average, floor, ceiling)
    step = Step("own_wage", cents(counted), Unit.YUAN_PER_MONTH, formula, figures, "injury/own-wage")
    assumed = (Remark("area_wage_is_reference_wage"), *((last_known(average),) if average.stale else ()))
    shown = (Amount("own_wage", cents(counted), Unit.YUAN_PER_MONTH),)
    return OwnWage(counted, Found(shown, (step,), assumed, tuple(warnings)))


def _employee(case: InjuryCase, then: Rules, month: Month) -> Found:
    wage = own_wage(case, then)
    paid = _after_death(case, then, month, wage) if case.death else _after_injury(case, then, wage)
    days = then.figure("injury.employer_deadline_days", case.region)
    years = then.figure("injury.worker_deadline_years", case.region)
    deadlines = Remark("claim_deadlines", {"days": plain(days), "years": plain(years)})
    uninsured = () if case.insured else (Remark("employer_did_not_insure"),)
    return wage.found + paid + Found(warnings=uninsured, alternatives=(deadlines,))


def _after_injury(case: InjuryCase, then: Rules, wage: OwnWage) -> Found:
    found = lump_sum(case, then, wage) + monthly_allowance(case, then, wage)
    leave = then.figure_if_known("injury.paid_leave_months", case.region)
    if leave is not None:
        found += Found(assumptions=(Remark("employer_pays_until_graded", {"months": plain(leave)}),))
    if owed_by_employer(case, then):
        found += Found(alternatives=(Remark("grant_on_leaving_by_province"),))
    return found + nursing(case, then)


def owed_by_employer(case: InjuryCase, then: Rules) -> bool:
    """From grade 5 on the employer owes the monthly allowance (grades 5 and 6) and a grant on leaving (5 to 10).

    Regulation, Articles 36 and 37 (article injury/leaving-job).
    """
    first = then.figure("injury.employer_pays_from_grade", case.region)
    return case.grade is not None and case.grade >= first.value


def lump_sum(case: InjuryCase, then: Rules, wage: OwnWage) -> Found:
    """Once, after the assessment: 27 months of own wage for grade 1 down to 7 for grade 10, from the fund.

    Regulation, Articles 35 to 37 (article injury/grades).
    """
    months = then.figure("injury.lump_sum", case.region, str(case.grade))
    value = cents(wage.value * Fraction(months.value))
    formula = f"{cents(wage.value)} × {months.value}"
    step = Step("lump_sum", value, Unit.YUAN, formula, (months,), "injury/grades")
    return Found((Amount("lump_sum", value, Unit.YUAN), _payer("lump_sum", case)), (step,))


def monthly_allowance(case: InjuryCase, then: Rules, wage: OwnWage) -> Found:
    """Every month: a share of own wage, for grades 1 to 4 from the fund and never below the local minimum wage;
    for grades 5 and 6 from the employer where it has no suitable work; none for grades 7 to 10.

    Regulation, Articles 35 and 36 (article injury/monthly-benefit).
    """
    share = then.figure_if_known("injury.monthly_allowance", case.region, str(case.grade))
    if share is None:
        return Found(warnings=(Remark("no_monthly_allowance"),))
    value = cents(wage.value * Fraction(share.value) / 100)
    formula = f"{cents(wage.value)} × {share.value}%"
    step = Step("monthly_allowance", value, Unit.YUAN_PER_MONTH, formula, (share,), "injury/monthly-benefit")
    by_employer = owed_by_employer(case, then)
    payer = Amount("monthly_allowance_paid_by", "employer") if by_employer else _payer("monthly_allowance", case)
    said = Remark("allowance_only_without_suitable_work" if by_employer else "topped_up_to_minimum_wage")
    return Found((Amount("monthly_allowance", value, Unit.YUAN_PER_MONTH), payer), (step,), assumptions=(said,))


def nursing(case: InjuryCase, then: Rules) -> Found:
    """Monthly help with daily life, a share of the area's average wage by how much help is needed.

    Regulation, Article 34. The shares are told only where a source confirms them.
    """
    if case.nursing is Nursing.NONE:
        return Found()
    share = then.figure_if_known("injury.nursing_allowance", case.region, case.nursing.value)
    average = then.figure_if_known(AVERAGE_WAGE, case.region)
    if share is None or average is None:
        return Found(warnings=(Remark("nursing_not_told"),))
    value = cents(Fraction(average.value) * Fraction(share.value) / 100)
    return amount_of(
        "nursing_allowance", value, Unit.YUAN_PER_MONTH, f"{average.value} × {share.value}%", (average, share)
    )


def _after_death(case: InjuryCase, then: Rules, month: Month, wage: OwnWage) -> Found:
    return death_grant(case, then, month) + funeral_grant(case, then) + dependants_allowance(case, then, wage)


def death_grant(case: InjuryCase, then: Rules, month: Month) -> Found:
    """Once: 20 times the national urban disposable income a person of the year before the death.

    Regulation, Article 39 (article injury/death). A year whose income no source confirms is not told.
    """
    grant = then.figure_if_known("injury.death_grant", case.region)
    multiple = then.figure_if_known("injury.death_grant_multiple", case.region)
    if grant is None or multiple is None:
        return Found(warnings=(Remark("death_grant_not_told", {"year": str(month.year)}),))
    value = cents(Fraction(grant.value))
    income = plain(Fraction(grant.value) / Fraction(multiple.value))
    step = Step("death_grant", value, Unit.YUAN, f"{income} × {multiple.value}", (grant, multiple), "injury/death")
    late = (last_known(grant),) if grant.stale or grant.since.year != month.year else ()
    return Found((Amount("death_grant", value, Unit.YUAN), _payer("death_grant", case)), (step,), late)


def funeral_grant(case: InjuryCase, then: Rules) -> Found:
    """Once: six months of the area's average wage of the year before.

    Regulation, Article 39 (article injury/death).
    """
    months = then.figure("injury.funeral_months", case.region)
    average = then.figure_if_known(AVERAGE_WAGE, case.region)
    if average is None:
        return Found(warnings=(Remark("funeral_grant_in_months", {"months": plain(months)}),))
    value = cents(Fraction(average.value) * Fraction(months.value))
    found = amount_of(
        "funeral_grant", value, Unit.YUAN, f"{average.value} × {months.value}", (average, months), "injury/death"
    )
    return found + Found((_payer("funeral_grant", case),))


def dependants_allowance(case: InjuryCase, then: Rules, wage: OwnWage) -> Found:
    """Every month: 40 % of own wage to the spouse and 30 % to each other dependant, together not above the own wage.

    Regulation, Article 39 (article injury/death).
    """
    who = case.dependants
    if not who.spouse and not who.others:
        return Found(alternatives=(Remark("dependants_may_be_paid"),))
    spouse = then.figure_if_known("injury.dependants_spouse", case.region)
    other = then.figure_if_known("injury.dependants_other", case.region)
    if spouse is None or other is None:
        return Found(warnings=(Remark("dependants_not_told"),))
    share = (Fraction(spouse.value) if who.spouse else Fraction(0)) + who.others * Fraction(other.value)
    value = cents(min(wage.value, wage.value * share / 100))
    parts = ([f"{spouse.value}%"] if who.spouse else []) + ([f"{who.others} × {other.value}%"] if who.others else [])
    formula = f"{cents(wage.value)} × ({' + '.join(parts)})"
    if share > 100:
        formula += f" = {cents(wage.value * share / 100)} > {cents(wage.value)}"
    figures = (*((spouse,) if who.spouse else ()), *((other,) if who.others else ()))
    found = amount_of("dependants_allowance", value, Unit.YUAN_PER_MONTH, formula, figures, "injury/death")
    capped = (Remark("dependants_capped_at_wage", {"wage": cents(wage.value)}),) if share > 100 else ()
    said = (Remark("dependants_start_not_published"), Remark("orphans_get_more"))
    return found + Found((_payer("dependants_allowance", case),), warnings=capped, assumptions=said)


def _payer(key: str, case: InjuryCase) -> Amount:
    return Amount(f"{key}_paid_by", "fund" if case.insured else "employer")
