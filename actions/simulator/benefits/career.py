"""A working life in the employee scheme: what is paid, the average index, and the account at retirement."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from actions.parameters import NATION, Figure
from actions.simulator.benefits.account import Year, as_share, credited
from actions.simulator.benefits.contribution_base import base_of, reference_wage
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.case import Scheme
from actions.simulator.cases.pension import Gap, PensionCase
from actions.simulator.estimate import Remark
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules


@dataclass(frozen=True)
class Growth:
    """What is assumed of the years to come, as fractions of one a year."""

    wage: Decimal
    interest: Decimal
    inflation: Decimal
    found: Found


@dataclass(frozen=True)
class Career:
    """At retirement: months paid, average index, account, own payments by year, the last base (yuan a month)."""

    months: int
    future_months: int
    index: Fraction
    balance: Decimal
    paid_by_year: tuple[tuple[int, Decimal], ...]
    paid_before: Decimal
    last_base: Decimal | None
    found: Found

    @property
    def paid(self) -> Decimal:
        """Everything that the person pays or has paid, in the money of each year."""
        return self.paid_before + sum((amount for _, amount in self.paid_by_year), Decimal(0))


def growth_of(case: PensionCase, rules: Rules) -> Growth:
    """The case's own growth rates; without them the assumptions of `knowledge/parameters/simulator`.

    For the account that is the last published bookkeeping rate.
    """
    said: list[Remark] = []

    def rate(own: Decimal | None, name: str, key: str) -> Decimal:
        percent = own if own is not None else plain(rules.figure(name, NATION))
        said.append(Remark(key, {"percent": percent}))
        return as_share(percent)

    wage = rate(case.wage_growth, "simulator.wage_growth", "wage_growth")
    interest = rate(case.account_interest, "pension.account.bookkeeping_rate", "account_interest")
    inflation = rate(case.inflation, "simulator.inflation", "inflation")
    return Growth(wage, interest, inflation, Found(assumptions=tuple(said)))


def career_of(case: PensionCase, retire: Month, growth: Growth, rules: Rules) -> Career:
    """The whole working life up to the month before `retire`."""
    now = Month.of(rules.on)
    past = _past(case, growth, rules)
    if case.plan is None or retire <= now:
        index = Fraction(case.average_index) if case.average_index is not None else past.index
        return replace(past, index=index)
    base = base_of(case.plan.base, case.region, rules)
    rate, account = _rates(case, rules)
    balance, paid, months, last = past.balance, [], 0, base.amount
    for year in years_of(now, retire, base.amount, case.plan.gaps, growth.wage):
        open_months = _months_open(year.year, now, retire)
        balance = credited(balance, year, as_share(Fraction(account.value)), growth.interest, open_months)
        paid.append((year.year, year.base * year.months * as_share(Fraction(rate.value))))
        months, last = months + year.months, year.base
    total = past.months + months
    weighted = past.index * past.months + base.index * months
    index = weighted / total if total else base.index
    if case.average_index is not None:
        index = Fraction(case.average_index)
    found = past.found + base.found + Found(assumptions=(Remark("base_rises_with_wages"), Remark("account_by_months")))
    return Career(total, months, index, balance, tuple(paid), past.paid_before, last, found)


def years_of(now: Month, retire: Month, base: Decimal, gaps: tuple[Gap, ...], wage: Decimal) -> Iterator[Year]:
    """The calendar years from `now` to the month before `retire`, with the months paid and the base of each."""
    missed = {gap.start.plus(i) for gap in gaps for i in range(gap.months)}
    factor = Decimal(1)
    for year in range(now.year, retire.year + 1):
        first, end = max(now, Month(year, 1)), min(retire, Month(year + 1, 1))
        paid = [m for m in range(first.month, first.month + max(0, end - first)) if Month(year, m) not in missed]
        if end - first > 0:
            yield Year(year, len(paid), paid[0] if paid else 1, base * factor)
        factor *= 1 + wage


def _months_open(year: int, now: Month, retire: Month) -> int:
    first, end = max(now, Month(year, 1)), min(retire, Month(year + 1, 1))
    return max(0, end - first)


def _rates(case: PensionCase, rules: Rules) -> tuple[Figure, Figure]:
    """The worker's own rate, and the part of the base that goes to the account."""
    if case.plan is not None and case.plan.scheme is Scheme.EMPLOYEE:
        own = rules.figure("contribution.employee.rate", case.region)
        return own, own
    return (
        rules.figure("contribution.flexible.rate", case.region),
        rules.figure("contribution.flexible.account_share", case.region),
    )


def _past(case: PensionCase, growth: Growth, rules: Rules) -> Career:
    """What was paid so far; an account that is not told is worked back from bases and today's interest."""
    months = sum(spell.months for spell in case.history)
    if not case.history:
        return Career(0, 0, Fraction(1), case.account_balance or Decimal(0), (), Decimal(0), None, Found())
    known = case.account_balance is not None and case.average_index is not None
    if known:
        balance = case.account_balance or Decimal(0)
        return Career(months, 0, Fraction(case.average_index or 1), balance, (), Decimal(0), None, Found())
    indices = [(spell, _index_of(spell.base.ratio, spell.base.amount, spell.region, rules)) for spell in case.history]
    weighted = sum((index * spell.months for spell, index in indices), Fraction(0))
    index = weighted / months if months else Fraction(1)
    wage, _, found = reference_wage(case.region, rules)
    balance, paid = _worked_back(case, months, Decimal(float(index * wage)), growth, rules)
    found += Found(assumptions=(Remark("history_just_before"),))
    if case.account_balance is not None:
        balance = case.account_balance
    else:
        found += Found(assumptions=(Remark("balance_worked_back"),))
    return Career(months, 0, index, balance, (), paid, None, found)


def _index_of(ratio: Decimal | None, amount: Decimal | None, region: str, rules: Rules) -> Fraction:
    if ratio is not None:
        return Fraction(ratio)
    assert amount is not None
    return Fraction(amount) / reference_wage(region, rules)[0]


def _worked_back(
    case: PensionCase, months: int, base: Decimal, growth: Growth, rules: Rules
) -> tuple[Decimal, Decimal]:
    """Account and own payments of months that end now, with wages falling back at the assumed growth."""
    now = Month.of(rules.on)
    start = now.plus(-months)
    then = base / (1 + growth.wage) ** (now.year - start.year)
    rate, account = _rates(case, rules)
    balance, paid = Decimal(0), Decimal(0)
    for year in years_of(start, now, then, (), growth.wage):
        open_months = _months_open(year.year, start, now)
        balance = credited(balance, year, as_share(Fraction(account.value)), growth.interest, open_months)
        paid += year.base * year.months * as_share(Fraction(rate.value))
    return balance, paid


def years_between(now: Month, then: Month) -> int:
    """Whole calendar years between two months: how often wages and prices have risen."""
    return (then - now) // MONTHS_A_YEAR if then > now else 0
