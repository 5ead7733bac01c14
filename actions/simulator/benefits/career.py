"""A working life in the employee scheme: what is paid, the average index, and the account at retirement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from actions.parameters import NATION
from actions.simulator.benefits.account import Year, as_share, credited
from actions.simulator.benefits.contribution_base import base_of, reference_wage
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.benefits.history import (
    blocks_of,
    index_of,
    months_within,
    rates,
    spells_in_time,
    undated,
    worked_back,
)
from actions.simulator.cases.pension import Gap, PensionCase
from actions.simulator.estimate import CannotEstimate, Remark
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules


@dataclass(frozen=True)
class Growth:
    """What is assumed of the years to come, as fractions of one a year; the past is worked back with its own two."""

    wage: Decimal
    interest: Decimal
    inflation: Decimal
    found: Found
    past_wage: Decimal
    past_interest: Decimal


@dataclass(frozen=True)
class Career:
    """At retirement: months paid, average index, account, own payments by year, the last base (yuan a month).

    `paid_by_year` are the payments to come, `paid_earlier` those of the past, `paid_before` their sum; not `all_known`:
    what was paid in the past cannot be told.
    """

    months: int
    future_months: int
    index: Fraction
    balance: Decimal
    paid_by_year: tuple[tuple[int, Decimal], ...]
    paid_before: Decimal
    last_base: Decimal | None
    found: Found
    paid_earlier: tuple[tuple[int, Decimal], ...] = ()
    all_known: bool = True

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
    return Growth(wage, interest, inflation, Found(assumptions=tuple(said)), wage, interest)


def career_of(case: PensionCase, retire: Month, growth: Growth, rules: Rules) -> Career:
    """The whole working life up to the month before `retire`."""
    now = Month.of(rules.on)
    past = _past(case, retire, growth, rules)
    if case.plan is None or retire <= now:
        index = Fraction(case.average_index) if case.average_index is not None else past.index
        said = Found(warnings=(Remark("plan_after_retirement"),)) if case.plan is not None else Found()
        return replace(past, index=index, found=past.found + said)
    start = max([now, *(spell.until.plus(1) for spell in case.history if spell.until)])
    base = base_of(case.plan.base, case.region, rules)
    rate, account = rates(case.plan.scheme, case.region, rules)
    balance, paid, months, last = past.balance, [], 0, base.amount
    for year in years_of(start, retire, base.amount, case.plan.gaps, growth.wage):
        open_months = months_within(year.year, start, retire)
        balance = credited(balance, year, account, growth.interest, open_months)
        paid.append((year.year, year.base * year.months * rate))
        months, last = months + year.months, year.base
    total = past.months + months
    weighted = past.index * past.months + base.index * months
    index = weighted / total if total else base.index
    if case.average_index is not None:
        index = Fraction(case.average_index)
    found = past.found + base.found + Found(assumptions=(Remark("base_rises_with_wages"), Remark("account_by_months")))
    return replace(
        past, months=total, future_months=months, index=index, balance=balance, paid_by_year=tuple(paid),
        last_base=last, found=found,
    )  # fmt: skip


def years_of(now: Month, retire: Month, base: Decimal, gaps: tuple[Gap, ...], wage: Decimal) -> Iterator[Year]:
    """The calendar years from `now` to the month before `retire`, with the months paid and the base of each."""
    missed = {(gap.start - now) + i for gap in gaps for i in range(gap.months)}
    factor = Decimal(1)
    for year in range(now.year, retire.year + 1):
        first, end = max(now, Month(year, 1)), min(retire, Month(year + 1, 1))
        months, passed = end - first, first - now
        if months > 0:
            paid: Sequence[int] = range(first.month, first.month + months)
            if missed:
                paid = [month for month in paid if passed + month - first.month not in missed]
            yield Year(year, len(paid), paid[0] if paid else 1, base * factor)
        factor *= 1 + wage


def _past(case: PensionCase, retire: Month, growth: Growth, rules: Rules) -> Career:
    """What was paid so far; an account that is not told is worked back from bases and today's interest."""
    if not case.history:
        return Career(0, 0, Fraction(1), case.account_balance or Decimal(0), (), Decimal(0), None, Found())
    now = Month.of(rules.on)
    end = min(now, retire)
    placed = spells_in_time(case, end, retire, rules)
    months = sum(spell.months for spell in case.history)
    index, found = _past_index(case, months, growth, rules)
    balance, known = case.account_balance or Decimal(0), False
    paid: tuple[tuple[int, Decimal], ...] = ()
    if case.account_balance is None or (case.plan is not None and retire > now):
        found += undated(placed, case)
        try:
            blocks = blocks_of(case, placed, growth.past_wage, rules)
            worked, paid = worked_back(blocks, end, growth.past_wage, growth.past_interest)
            known = True
        except CannotEstimate:
            if case.account_balance is None:
                raise
            worked = Decimal(0)
        if case.account_balance is None:
            balance, found = worked, found + Found(assumptions=(Remark("balance_worked_back"),))
    before = sum((amount for _, amount in paid), Decimal(0))
    return Career(months, 0, index, balance, (), before, None, found, paid, known)


def _past_index(case: PensionCase, months: int, growth: Growth, rules: Rules) -> tuple[Fraction, Found]:
    """The average of the spells' shares by months, or the one that the case names."""
    if case.average_index is not None:
        return Fraction(case.average_index), Found()
    weighted, worked_back_wage, found = Fraction(0), False, Found()
    for spell in case.history:
        index, guessed = index_of(spell, growth.past_wage, rules)
        weighted, worked_back_wage = weighted + index * spell.months, worked_back_wage or guessed
        if spell.base.amount is not None and not spell.until:
            found += reference_wage(spell.region, rules)[2]
    said = Found(assumptions=(Remark("past_wage_worked_back"),)) if worked_back_wage else Found()
    return (weighted / months if months else Fraction(1)), found + said


def years_between(now: Month, then: Month) -> int:
    """Whole calendar years between two months: how often wages and prices have risen."""
    return (then - now) // MONTHS_A_YEAR if then > now else 0
