"""The pension of the employee scheme: for employees and for flexible workers alike."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

from actions.parameters import NATION, Figure, Unit
from actions.simulator.benefits.career import Career, Growth, career_of, growth_of, years_between
from actions.simulator.benefits.divisor import divisor
from actions.simulator.benefits.findings import Found, amount_of, plain
from actions.simulator.benefits.limits import check_birth
from actions.simulator.benefits.outlook import outlook
from actions.simulator.benefits.retirement import (
    earliest,
    estimate_of,
    latest,
    minimum_months,
    statutory,
    ways_to_close,
)
from actions.simulator.cases.pension import PensionCase
from actions.simulator.estimate import Amount, Estimate, ImpossibleCase, Remark, cents
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules, last_known

ARTICLE = "pension/formula"


@dataclass(frozen=True)
class Pension:
    """A pension at `retire`: its parts in yuan a month of that day, and the working life that led to it."""

    retire: Month
    basic: Decimal
    account: Decimal
    transitional: Decimal
    total: Decimal
    career: Career
    growth: Growth
    needed: int
    found: Found
    deemed: int = 0

    @property
    def months(self) -> int:
        """Months that count towards the minimum: those paid, and service that counts as paid."""
        return self.career.months + self.deemed

    @property
    def enough(self) -> bool:
        """Whether the minimum years are reached."""
        return self.months >= self.needed


def pension(case: PensionCase, rules: Rules) -> Estimate:
    """The monthly pension with its parts, what it costs, when the money is back, and how sure the figure is.

    Basic part and account part: Guo Fa [2005] 38, section 6. Articles pension/formula, pension/personal-account.
    """
    worked = work_out(case, rules)
    parts = worked.found + worked.growth.found + worked.career.found
    if not worked.enough:
        found = _too_few_years(worked) + parts
    else:
        found = _received(worked, rules) + parts + outlook(worked, case, rules)
        found += sensitivity(case, worked, rules)
    return estimate_of("pension", case.region, found, rules)


def work_out(case: PensionCase, rules: Rules, growth: Growth | None = None, later: int = 0) -> Pension:
    """The pension of a case; `later` months after the month it names. Raises ImpossibleCase or CannotEstimate."""
    check_birth(case.birth, rules)
    growth = growth or growth_of(case, rules)
    retire = retirement_month(case, rules).plus(later)
    dividing, divisor_figures, divisor_said = divisor(retire - case.birth, retire, rules)
    career = career_of(case, retire, growth, rules)
    needed, _ = minimum_months(retire, rules)
    counted, base_figures, base_found = calculation_base(case, retire, growth, rules)
    basic, basic_found = basic_part(case, career, counted, base_figures, rules)
    account = cents(Fraction(career.balance) / Fraction(dividing))
    formula = f"{cents(career.balance)} ÷ {dividing}"
    account_found = amount_of(
        "account_pension", account, Unit.YUAN_PER_MONTH, formula, divisor_figures, "pension/personal-account"
    )
    transitional, transitional_found = transitional_part(case, career, counted, rules)
    total = _rounded_total(basic + account + transitional, case.region, retire, rules)
    found = base_found + basic_found + account_found + transitional_found + Found(assumptions=divisor_said)
    found += _left_out(case.region, rules)
    return Pension(retire, basic, account, transitional, total, career, growth, needed, found, case.deemed_months)


def retirement_month(case: PensionCase, rules: Rules) -> Month:
    """The month that the case names; refused where it lies before the earliest or after the latest by choice.

    A month in the past is a settlement that has been made, also by an early retirement for heavy work: it is taken.
    """
    if isinstance(case.retire, Month):
        found = statutory(case.category, case.birth, rules)
        first, last = earliest(found, rules), latest(found, rules)
        if case.retire > Month.of(rules.on) and not first <= case.retire <= last:
            raise ImpossibleCase("retire", "retire_out_of_range", earliest=first, latest=last)
        return case.retire
    found = statutory(case.category, case.birth, rules)
    return {"statutory": found.month, "earliest": earliest(found, rules), "latest": latest(found, rules)}[case.retire]


def calculation_base(
    case: PensionCase, retire: Month, growth: Growth, rules: Rules
) -> tuple[Decimal, tuple[Figure, ...], Found]:
    """The place's calculation base at retirement: published, or the last published one grown with wages.

    Article pension/calculation-base.
    """
    if case.calculation_base is not None:
        return case.calculation_base, (), Found(assumptions=(Remark("calculation_base_given"),))
    now = Month.of(rules.on)
    day = min(rules.on, retire.first_day)
    figure = rules.figure("pension.calculation_base", case.region, on=day)
    rises = years_between(now, retire)
    value = plain(figure) * (1 + growth.wage) ** rises
    said: tuple[Remark, ...] = (last_known(figure),) if figure.stale else ()
    if rises:
        said += (Remark("calculation_base_grown", {"years": rises}),)
    return value, (figure,), Found(assumptions=said)


def basic_part(
    case: PensionCase, career: Career, counted: Decimal, figures: tuple[Figure, ...], rules: Rules
) -> tuple[Decimal, Found]:
    """Calculation base × (1 + average index) / 2 × years × 1 %.

    Guo Fa [2005] 38, section 6: half of the sum of the local wage and the person's own indexed wage, one per cent for
    each year. Months count as twelfths, in some places to two decimals of a year. Article pension/formula.
    """
    accrual = rules.figure("pension.accrual_rate", NATION)
    years = years_counted(career.months + case.deemed_months, case.region, rules)
    exact = Fraction(counted) * (1 + career.index) / 2 * years * Fraction(accrual.value) / 100
    index = Decimal(round(float(career.index), 4)).quantize(Decimal("0.0001")).normalize()
    written = _to_two_decimals(years)
    formula = f"{cents(counted)} × (1 + {index:f}) ÷ 2 × {written} × {accrual.value}%"
    return cents(exact), amount_of(
        "basic_pension", cents(exact), Unit.YUAN_PER_MONTH, formula, (*figures, accrual), ARTICLE
    )


def years_counted(months: int, region: str, rules: Rules) -> Fraction:
    """Months as years: exact twelfths, or rounded half up to the decimals that the place uses."""
    decimals = rules.figure_if_known("pension.rounding.years_decimals", region)
    exact = Fraction(months, MONTHS_A_YEAR)
    if decimals is None:
        return exact
    unit = Decimal(1).scaleb(-int(decimals.value))
    written = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(unit, ROUND_HALF_UP)
    return Fraction(written)


def transitional_part(case: PensionCase, career: Career, counted: Decimal, rules: Rules) -> tuple[Decimal, Found]:
    """For service before personal accounts began: a share of a wage for each such year, where the province's share is
    published.

    The wage is the person's own indexed wage; in some provinces the calculation base counts in it for a part. Article
    pension/transitional.
    """
    if not case.deemed_months:
        return Decimal(0), Found()
    rate = rules.figure_if_known("pension.transitional.rate", case.region)
    if rate is None:
        return Decimal(0), Found(warnings=(Remark("transitional_not_published"),))
    part = rules.figure_if_known("pension.transitional.base_share", case.region)
    base_share = Fraction(0) if part is None else Fraction(part.value)
    wage = Fraction(counted) * (base_share + (1 - base_share) * career.index)
    years = years_counted(case.deemed_months, case.region, rules)
    value = cents(wage * years * Fraction(rate.value) / 100)
    formula = f"{cents(wage)} × {_to_two_decimals(years)} × {rate.value}%"
    figures = (rate,) if part is None else (part, rate)
    step = amount_of("transitional_pension", value, Unit.YUAN_PER_MONTH, formula, figures, "pension/transitional")
    return value, step + Found(assumptions=(Remark("transitional_by_average_index"),))


def _to_two_decimals(years: Fraction) -> Decimal:
    return Decimal(round(float(years), 4)).quantize(Decimal("0.01"))


def _left_out(region: str, rules: Rules) -> Found:
    """A local extra whose full rule is not published is named, and not added."""
    known = rules.figure_if_known("pension.local_extra.lowest_rate", region)
    return Found() if known is None else Found(warnings=(Remark("local_extra_not_included"),))


def _rounded_total(total: Decimal, region: str, retire: Month, rules: Rules) -> Decimal:
    up_to = rules.figure_if_known("pension.rounding.total_up_to", region)
    if up_to is None:
        return total
    unit = plain(up_to)
    return (total / unit).to_integral_value(ROUND_UP) * unit


def today(worked: Pension, now: Month) -> Decimal:
    """The monthly pension in the money of `now`: prices rise once a year until retirement."""
    return cents(worked.total / (1 + worked.growth.inflation) ** years_between(now, worked.retire))


def _received(worked: Pension, rules: Rules) -> Found:
    """The pension in the money of its day and of today."""
    now = Month.of(rules.on)
    amounts: tuple[Amount, ...] = (Amount("monthly_pension", worked.total, Unit.YUAN_PER_MONTH, worked.retire),)
    if worked.retire > now:
        amounts = (Amount("monthly_pension_today", today(worked, now), Unit.YUAN_PER_MONTH, now), *amounts)
    months = Amount("months_counted", worked.months, Unit.MONTHS)
    return Found(amounts=(*amounts, Amount("retirement_month", worked.retire), months))


def _too_few_years(worked: Pension) -> Found:
    """No monthly pension yet: what it would be if the missing months were paid on the same base."""
    missing = worked.needed - worked.months
    share = Fraction(worked.needed, worked.months) if worked.months else Fraction(0)
    basic = Fraction(worked.basic) * share
    parts = Found(
        amounts=(
            Amount("retirement_month", worked.retire),
            Amount("months_counted", worked.months, Unit.MONTHS),
            Amount("months_short", missing, Unit.MONTHS),
        ),
        warnings=(Remark("no_pension_yet", {"months": missing}),),
        alternatives=ways_to_close(),
    )
    if not share:
        return parts
    closed = cents(basic + Fraction(worked.account) * share)
    return parts + Found(amounts=(Amount("if_closed_monthly_pension", closed, Unit.YUAN_PER_MONTH, worked.retire),))


def sensitivity(case: PensionCase, worked: Pension, rules: Rules) -> Found:
    """The pension in today's money if wages or interest went otherwise, or somebody retired a year earlier or later."""
    if worked.retire <= Month.of(rules.on) or case.plan is None:
        return Found()
    point = plain(rules.figure("simulator.sensitivity_points", NATION)) / 100
    growth = worked.growth
    moved = {
        "if_wages_grow_less": work_out(case, rules, replace(growth, wage=growth.wage - point)),
        "if_wages_grow_more": work_out(case, rules, replace(growth, wage=growth.wage + point)),
        "if_interest_is_lower": work_out(case, rules, replace(growth, interest=growth.interest - point)),
        "if_interest_is_higher": work_out(case, rules, replace(growth, interest=growth.interest + point)),
    }
    found = statutory(case.category, case.birth, rules)
    for key, months in (("if_a_year_earlier", -MONTHS_A_YEAR), ("if_a_year_later", MONTHS_A_YEAR)):
        month = worked.retire.plus(months)
        if month > Month.of(rules.on) and earliest(found, rules) <= month <= latest(found, rules):
            moved[key] = work_out(case, rules, growth, months)
    now = Month.of(rules.on)
    return Found(
        amounts=tuple(Amount(key, today(p, now), Unit.YUAN_PER_MONTH, now) for key, p in moved.items() if p.enough)
    )
