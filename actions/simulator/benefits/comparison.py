"""Ways of going on side by side: what each costs a month, and what it pays."""

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from actions.parameters import NATION, Unit
from actions.simulator.benefits.account import as_share
from actions.simulator.benefits.career import years_between
from actions.simulator.benefits.employee_pension import work_out
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.benefits.limits import check_birth, check_months_paid
from actions.simulator.benefits.resident_pension import resident_pension
from actions.simulator.benefits.retirement import estimate_of, ways_to_close
from actions.simulator.case import Base, Scheme, Spell
from actions.simulator.cases.compare import CompareCase, Way
from actions.simulator.cases.pension import PensionCase, Plan
from actions.simulator.cases.resident import ResidentCase
from actions.simulator.estimate import Amount, Estimate, Remark, cents
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules


def compare(case: CompareCase, rules: Rules) -> Estimate:
    """Each way with its cost a month, its pension in today's money, all that is paid, and the months until it is back.

    Without ways of one's own: as employee, as flexible worker on the lowest base, and the resident pension on the tier
    from which the higher subsidy is paid (the report's Table 4 with this person's figures). Article
    enrolment/three-ways.
    """
    check_birth(case.birth, rules)
    check_months_paid("months_paid", case.months_paid, case.birth, rules)
    found = Found()
    for way in case.ways or three_ways(rules):
        found += _resident(way, case, rules) if way.scheme is Scheme.RESIDENT else _employee(way, case, rules)
    return estimate_of("compare", case.region, found, rules)


def three_ways(rules: Rules) -> tuple[Way, ...]:
    """The three ways into a pension."""
    lowest = plain(rules.figure("contribution.base_floor_ratio", NATION)) / 100
    tier = plain(rules.figure("resident.tier_higher_subsidy", NATION))
    return (
        Way(name="employee", scheme=Scheme.EMPLOYEE, base=Base(ratio=lowest)),
        Way(name="flexible", scheme=Scheme.FLEXIBLE, base=Base(ratio=lowest)),
        Way(name="resident", scheme=Scheme.RESIDENT, tier=tier),
    )


def _employee(way: Way, case: CompareCase, rules: Rules) -> Found:
    assert way.base is not None
    region = way.region or case.region
    spells = (
        Spell(scheme=Scheme.FLEXIBLE, region=case.region, months=case.months_paid, base=case.base_so_far or way.base),
    )
    worked = work_out(
        PensionCase(
            category=case.category,
            birth=case.birth,
            region=region,
            retire=way.retire,
            history=spells if case.months_paid else (),
            plan=Plan(scheme=way.scheme, base=way.base, gaps=way.gaps),  # type: ignore[arg-type]
        ),
        rules,
    )
    paid = cents(worked.career.paid)
    first = worked.career.paid_by_year[0][1] if worked.career.paid_by_year else Decimal(0)
    months = _months_of_first_year(rules, worked.retire)
    monthly = cents(first / months) if months else Decimal(0)
    rises = years_between(Month.of(rules.on), worked.retire)
    today = cents(worked.total / (1 + worked.growth.inflation) ** rises)
    amounts = _row(way.name, monthly, today if worked.enough else Decimal(0), paid, worked.total, worked.retire, rules)
    found = worked.found + worked.growth.found + worked.career.found
    said = Found(assumptions=found.assumptions, warnings=found.warnings)
    if not worked.enough:
        said += _too_short(way.name, worked.needed - worked.months)
        said += Found(alternatives=ways_to_close())
    if way.scheme is Scheme.EMPLOYEE:
        said += Found(assumptions=(Remark("employer_pays_the_rest"),))
    return Found(amounts=amounts, steps=found.steps) + said


def _months_of_first_year(rules: Rules, retire: Month) -> int:
    now = Month.of(rules.on)
    return max(0, min(retire, Month(now.year + 1, 1)) - now)


def _resident(way: Way, case: CompareCase, rules: Rules) -> Found:
    assert way.tier is not None
    estimate = resident_pension(ResidentCase(region=way.region or case.region, birth=case.birth, tier=way.tier), rules)
    pension, basic, account, paid = (
        Decimal(str(estimate.amount(key)))
        for key in ("monthly_pension", "basic_pension", "account_pension", "total_paid")
    )
    monthly = cents(Fraction(way.tier) / MONTHS_A_YEAR)
    retire = estimate.amount("retirement_month")
    assert isinstance(retire, Month)
    inflation = as_share(plain(rules.figure("simulator.inflation", NATION)))
    today = cents(basic + account / (1 + inflation) ** years_between(Month.of(rules.on), retire))
    short = int(rules.figure("resident.minimum_years", NATION).value) - int(str(estimate.amount("years_counted")))
    amounts = _row(way.name, monthly, today if short <= 0 else Decimal(0), paid, pension, retire, rules)
    said = Found(assumptions=estimate.assumptions, warnings=estimate.warnings)
    if short > 0:
        said += _too_short(way.name, short * MONTHS_A_YEAR)
    if case.months_paid:
        said += Found(warnings=(Remark("employee_months_left_out", {"months": case.months_paid}),))
    return Found(amounts=amounts, steps=estimate.steps) + said


def _too_short(name: str, months: int) -> Found:
    return Found(warnings=(Remark("way_too_short", {"plan": name, "months": months}),))


def _row(
    name: str, monthly: Decimal, today: Decimal, paid: Decimal, then: Decimal, retire: Month, rules: Rules
) -> tuple[Amount, ...]:
    amounts = [
        Amount(f"{name}.paid_per_month", monthly, Unit.YUAN_PER_MONTH),
        Amount(f"{name}.monthly_pension", today, Unit.YUAN_PER_MONTH, Month.of(rules.on)),
        Amount(f"{name}.retirement_month", retire),
        Amount(f"{name}.total_paid", paid, Unit.YUAN),
    ]
    if today and paid:
        months = int((paid / then).to_integral_value(ROUND_CEILING))
        amounts.append(Amount(f"{name}.payback_months", months, Unit.MONTHS))
    return tuple(amounts)
