"""The resident pension: a flat basic pension and one's own account, from sixty on."""

from decimal import Decimal
from fractions import Fraction

from actions.parameters import NATION, Unit
from actions.simulator.benefits.account import as_share
from actions.simulator.benefits.contribution import subsidy_of_tier
from actions.simulator.benefits.findings import Found, amount_of, plain
from actions.simulator.benefits.limits import check_birth
from actions.simulator.benefits.retirement import estimate_of
from actions.simulator.cases.resident import ResidentCase
from actions.simulator.estimate import Amount, Estimate, ImpossibleCase, Remark, cents
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules, last_known

ARTICLE = "resident/amount"


def resident_pension(case: ResidentCase, rules: Rules) -> Estimate:
    """Basic pension of the place (at least the national minimum) and account ÷ 139, from 60 with 15 years paid.

    Guo Fa [2014] 8. The basic pension is that of today: rises to come are not known. Article resident/amount.
    """
    check_birth(case.birth, rules)
    age = rules.figure("resident.pension_age", NATION)
    retire = case.birth.plus(int(age.value) * MONTHS_A_YEAR)
    now = Month.of(rules.on)
    check_tier(case.tier, rules)
    ahead = max(0, (retire - now) // MONTHS_A_YEAR)
    years, needed = case.years_paid + ahead, rules.figure("resident.minimum_years", NATION)
    account, found = _account(case, years, rules)
    basic, basic_found = _basic(case, rules)
    by = rules.figure("resident.divisor", NATION)
    part = cents(Fraction(account) / Fraction(by.value))
    found += basic_found
    found += amount_of("account_pension", part, Unit.YUAN_PER_MONTH, f"{cents(account)} ÷ {by.value}", (by,), ARTICLE)
    paid = case.tier * years
    total = basic + part
    first = (Amount("monthly_pension", total, Unit.YUAN_PER_MONTH, now), Amount("retirement_month", retire))
    found = Found(amounts=first) + found
    found += Found(
        amounts=(
            Amount("years_counted", years, Unit.YEARS),
            Amount("total_paid", paid, Unit.YUAN),
        ),
        assumptions=(Remark("basic_pension_of_today"),),
        alternatives=(
            Remark("move_to_employee_pension"),
            Remark("moved_account_without_years"),
            Remark("higher_tier_more_account"),
        ),
    )
    missing = int(needed.value) - years
    if missing > 0:
        found += Found(warnings=(Remark("resident_years_short", {"years": missing}),))
    return estimate_of("resident-pension", case.region, found, rules)


def check_tier(tier: Decimal, rules: Rules) -> None:
    """Raises ImpossibleCase below the lowest tier of the nation (yuan a year)."""
    lowest = plain(rules.figure("resident.tier_lowest", NATION))
    if tier < lowest:
        raise ImpossibleCase("tier", "tier_below_lowest", lowest=lowest)


def _account(case: ResidentCase, years: int, rules: Rules) -> tuple[Decimal, Found]:
    """Own tier and subsidy each year, with the last published interest."""
    if case.account_balance is not None:
        return case.account_balance, Found(assumptions=(Remark("balance_given"),))
    subsidy, found = subsidy_of_tier(case.tier, case.region, rules)
    rate = rules.figure("pension.account.bookkeeping_rate", NATION)
    interest, balance = as_share(Fraction(rate.value)), Decimal(0)
    for _ in range(years):
        balance = balance * (1 + interest) + case.tier + subsidy
    step = amount_of(
        "account_balance", cents(balance), Unit.YUAN, f"({case.tier} + {subsidy}) × {years}", (rate,), "resident/tiers"
    )
    return balance, found + step + Found(assumptions=(Remark("resident_interest", {"percent": plain(rate)}),))


def _basic(case: ResidentCase, rules: Rules) -> tuple[Decimal, Found]:
    if case.basic_pension is not None:
        return case.basic_pension, Found(amounts=(Amount("basic_pension", case.basic_pension, Unit.YUAN_PER_MONTH),))
    figure = rules.figure("resident.basic_pension", case.region)
    found = amount_of("basic_pension", plain(figure), Unit.YUAN_PER_MONTH, "", (figure,), ARTICLE)
    if figure.region == NATION and case.region != NATION:
        found += Found(assumptions=(Remark("basic_is_national_minimum"),))
    return plain(figure), found + (Found(assumptions=(last_known(figure),)) if figure.stale else Found())
