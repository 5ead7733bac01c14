"""What one month costs: the worker's own payment, where it goes, and what stands beside it."""

from decimal import Decimal
from fractions import Fraction

from actions.parameters import NATION, Figure, Unit
from actions.simulator.benefits.contribution_base import base_of, reference_wage
from actions.simulator.benefits.findings import Found, amount_of, plain
from actions.simulator.benefits.retirement import estimate_of
from actions.simulator.case import Scheme
from actions.simulator.cases.contribution import ContributionCase
from actions.simulator.estimate import Amount, Estimate, Remark, Step, cents
from actions.simulator.month import MONTHS_A_YEAR
from actions.simulator.rules import Rules, last_known

ARTICLE = "contribution/monthly-amount"
SUBSIDY = "contribution/subsidy"


def contribution(case: ContributionCase, rules: Rules) -> Estimate:
    """One month of the pension: base times rate for employee and flexible workers, a tier a year for residents.

    Flexible: 20 % of the base, 8 to the personal account and 12 to the pooled fund; employees pay 8 %, the employer the
    rest (Guo Fa [2005] 38 and the notices of the places). Medical insurance and subsidy stand beside it where their
    figures are published. Article contribution/monthly-amount.
    """
    day = case.month.first_day if case.month else rules.on
    rules_then = rules.at(day)
    if case.scheme is Scheme.RESIDENT:
        assert case.tier is not None
        return estimate_of("contribution", case.region, _resident(case.tier, case.region, rules_then), rules)
    assert case.base is not None
    base = base_of(case.base, case.region, rules_then)
    step = amount_of("base", base.amount, Unit.YUAN_PER_MONTH, base.formula, base.figures, "contribution/base-limits")
    found = step + base.found
    if case.scheme is Scheme.EMPLOYEE:
        found += _employee(base.amount, case.region, rules_then)
    else:
        found += _flexible(base.amount, case.region, rules_then)
        found += _medical(case.region, rules_then)
        if case.hard_to_employ:
            found += _subsidy(case.region, rules_then, Fraction(base.amount))
        else:
            found += Found(alternatives=(Remark("ask_for_subsidy"),))
    return estimate_of("contribution", case.region, found, rules)


def plain_amount(found: Found, key: str) -> Decimal:
    """The value of one amount of the parts so far."""
    return next(Decimal(str(amount.value)) for amount in found.amounts if amount.key == key)


def _share(key: str, base: Decimal, name: str, region: str, rules: Rules) -> Found:
    rate = rules.figure(name, region)
    value = cents(Fraction(base) * Fraction(rate.value) / 100)
    return amount_of(key, value, Unit.YUAN_PER_MONTH, f"{base} × {rate.value}%", (rate,), ARTICLE)


def _employee(base: Decimal, region: str, rules: Rules) -> Found:
    own = _share("own_payment", base, "contribution.employee.rate", region, rules)
    employer = _share("employer_payment", base, "contribution.employer.rate", region, rules)
    return own + employer + Found(assumptions=(Remark("own_part_to_account"),))


def _flexible(base: Decimal, region: str, rules: Rules) -> Found:
    own = _share("own_payment", base, "contribution.flexible.rate", region, rules)
    account = rules.figure_if_known("contribution.flexible.account_share", region)
    if account is None:
        return own
    to_account = cents(Fraction(base) * Fraction(account.value) / 100)
    to_pool = plain_amount(own, "own_payment") - to_account
    formula = f"{base} × {account.value}%"
    return (
        own
        + amount_of("to_account", to_account, Unit.YUAN_PER_MONTH, formula, (account,), "words/pooled-fund-and-account")
        + Found(amounts=(Amount("to_pool", to_pool, Unit.YUAN_PER_MONTH),))
    )


def _medical(region: str, rules: Rules) -> Found:
    """Employee medical insurance of flexible workers: a flat amount, or a rate of the medical base; never guessed."""
    flat = rules.figure_if_known("medical.flexible.flat_amount", region)
    if flat is not None:
        return amount_of("medical", plain(flat), Unit.YUAN_PER_MONTH, "", (flat,), "medical/base-and-cost")
    rate = rules.figure_if_known("medical.flexible.rate", region)
    base = rules.figure_if_known("medical.flexible.base", region)
    if rate is None or base is None:
        return Found(warnings=(Remark("medical_not_published"),))
    value = cents(Fraction(base.value) * Fraction(rate.value) / 100)
    stale = Found(assumptions=(last_known(base),)) if base.stale else Found()
    formula = f"{base.value} × {rate.value}%"
    return amount_of("medical", value, Unit.YUAN_PER_MONTH, formula, (base, rate), "medical/base-and-cost") + stale


def _subsidy(region: str, rules: Rules, base: Fraction) -> Found:
    """The subsidy for people who are hard to employ: a published amount, or a share of what is paid up to a cap."""
    amount = rules.figure_if_known("contribution.subsidy.monthly_amount", region)
    if amount is not None:
        said = (Remark("subsidy_all_branches"), *((last_known(amount),) if amount.stale else ()))
        found = amount_of("subsidy", plain(amount), Unit.YUAN_PER_MONTH, "", (amount,), SUBSIDY)
        return found + Found(assumptions=said)
    share = rules.figure_if_known("contribution.subsidy.share", region)
    if share is None or share.region == NATION:
        return Found(warnings=(Remark("subsidy_not_published"),))
    value, formula, figures = _shared(region, rules, base, share)
    cap = rules.figure_if_known("contribution.subsidy.monthly_cap", region)
    if cap is not None:
        value, figures = min(value, Fraction(cap.value)), (*figures, cap)
    said = (Remark("subsidy_pension_part"),)
    return amount_of("subsidy", cents(value), Unit.YUAN_PER_MONTH, formula, figures, SUBSIDY) + Found(assumptions=said)


def _shared(region: str, rules: Rules, base: Fraction, share: Figure) -> tuple[Fraction, str, tuple[Figure, ...]]:
    """The share of what is paid.

    In some places another share applies to what is paid above the lowest base, in some the base counts only up to a
    share of the reference wage. Article contribution/subsidy.
    """
    rate = rules.figure("contribution.flexible.rate", region)
    percent = Fraction(rate.value) / 100
    above = rules.figure_if_known("contribution.subsidy.share_above_lowest", region)
    lowest = rules.figure_if_known("contribution.base_lower", region)
    if above is not None and lowest is not None:
        least = min(base, Fraction(lowest.value)) * percent
        rest = base * percent - least
        formula = f"{cents(least)} × {share.value} + {cents(rest)} × {above.value}"
        return least * Fraction(share.value) + rest * Fraction(above.value), formula, (rate, share, above, lowest)
    figures: tuple[Figure, ...] = (rate, share)
    ratio = rules.figure_if_known("contribution.subsidy.base_cap_ratio", region)
    if ratio is not None:
        wage, wage_figures, _ = reference_wage(region, rules)
        base, figures = min(base, wage * Fraction(ratio.value) / 100), (*figures, ratio, *wage_figures)
    return base * percent * Fraction(share.value), f"{cents(base * percent)} × {share.value}", figures


def _resident(tier: Decimal, region: str, rules: Rules) -> Found:
    """A tier a year; the government adds a subsidy to the account (Guo Fa [2014] 8). Article resident/tiers."""
    subsidy, found = subsidy_of_tier(tier, region, rules)
    yearly = Found(amounts=(Amount("own_payment_year", tier, Unit.YUAN_PER_YEAR),))
    monthly = Found(amounts=(Amount("own_payment", cents(Fraction(tier) / MONTHS_A_YEAR), Unit.YUAN_PER_MONTH),))
    return yearly + monthly + found + Found(amounts=(Amount("subsidy_year", subsidy, Unit.YUAN_PER_YEAR),))


def subsidy_of_tier(tier: Decimal, region: str, rules: Rules) -> tuple[Decimal, Found]:
    """The yearly subsidy for a tier: the place's own where published, else the national minimum."""
    lowest = rules.figure("resident.tier_lowest", region)
    if tier < Decimal(str(lowest.value)):
        from_tier = Remark("tier_below_lowest", {"lowest": plain(lowest)})
        return Decimal(0), Found(warnings=(from_tier,))
    threshold = rules.figure("resident.tier_higher_subsidy", region)
    higher = tier >= Decimal(str(threshold.value))
    figure = rules.figure("resident.subsidy_from_500" if higher else "resident.subsidy_lowest", region)
    step = Step("subsidy_step", plain(figure), Unit.YUAN_PER_YEAR, "", (figure, threshold), "resident/tiers")
    note = (Remark("subsidy_is_national_minimum"),) if figure.region == NATION else ()
    highest = rules.figure_if_known("resident.tier_highest", region)
    high = highest is not None and tier > Decimal(str(highest.value))
    said = (Remark("tier_above_highest", {"highest": plain(highest)}),) if highest is not None and high else ()
    return plain(figure), Found(steps=(step,), assumptions=note, warnings=said)
