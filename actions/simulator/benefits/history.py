"""What has been paid so far: when each spell was, on what base, and what the account holds of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice

from actions.simulator.benefits.account import Year, as_share, credited
from actions.simulator.benefits.contribution_base import reference_wage
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.benefits.limits import first_month
from actions.simulator.case import Scheme, Spell
from actions.simulator.cases.pension import PensionCase
from actions.simulator.estimate import CannotEstimate, ImpossibleCase, Remark
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules


@dataclass(frozen=True)
class Block:
    """Months in a row of one spell: from `start` on; the base of year y is `base` × growth ** (y − `base_year`)."""

    start: Month
    months: int
    base: Decimal
    base_year: int
    rate: Decimal
    account: Decimal

    @property
    def end(self) -> Month:
        """The month after the last."""
        return self.start.plus(self.months)


def spells_in_time(case: PensionCase, end: Month, retire: Month, rules: Rules) -> list[tuple[int, Month, int]]:
    """(spell, first month, months in a row), in the order of time.

    A spell with `until` lies where it says. The others are taken as paid in their order just before `end`, in months
    that no dated spell has. Refused: months after `end`, months paid twice, and more months than there were: with a
    plan from the lowest age for joining to today; without one, from birth to retirement, since offices count some years
    of heavy work more than once.
    """
    planned = case.plan is not None and retire > end
    first = first_month(case.birth, rules) if planned else case.birth
    _check_total(case, first, end if planned else retire)
    placed = [_dated(i, spell, spell.until, first, end) for i, spell in enumerate(case.history) if spell.until]
    taken: set[int] = set()
    for i, start, months in placed:
        own = {start - end + k for k in range(months)}
        if own & taken:
            raise ImpossibleCase(f"history.{i}.until", "spells_overlap")
        taken |= own
    for i in reversed(range(len(case.history))):
        if case.history[i].until is None and case.history[i].months:
            free = sorted(islice((m for m in count(-1, -1) if m not in taken), case.history[i].months))
            taken.update(free)
            placed += [(i, end.plus(run[0]), len(run)) for run in _runs(free)]
    return sorted(placed, key=lambda block: block[1])


def _check_total(case: PensionCase, first: Month, end: Month) -> None:
    most = max(0, end - first)
    if sum(spell.months for spell in case.history) > most + 1:  # the month of `end` may have been paid already
        raise ImpossibleCase("history", "months_paid_out_of_range", least=0, most=most, years=most // MONTHS_A_YEAR)


def _dated(i: int, spell: Spell, until: Month, first: Month, end: Month) -> tuple[int, Month, int]:
    if not first <= until <= end:
        raise ImpossibleCase(f"history.{i}.until", "paid_outside", earliest=first, latest=end)
    if until - first + 1 < spell.months:
        raise ImpossibleCase(f"history.{i}.months", "paid_outside", earliest=first, latest=end)
    return i, until.plus(1 - spell.months), spell.months


def _runs(months: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for month in months:
        if run and month != run[-1] + 1:
            yield run
            run = []
        run.append(month)
    if run:
        yield run


def index_of(spell: Spell, wage_growth: Decimal, rules: Rules) -> tuple[Fraction, bool]:
    """The base as a share of the reference wage of its time; and whether that wage had to be worked back.

    An amount without a date is held against today's wage.
    """
    if spell.base.ratio is not None:
        return Fraction(spell.base.ratio), False
    assert spell.base.amount is not None
    if spell.until is None:
        return Fraction(spell.base.amount) / reference_wage(spell.region, rules)[0], False
    try:
        then, _, _ = reference_wage(spell.region, rules.at(min(spell.until.first_day, rules.on)))
        return Fraction(spell.base.amount) / then, False
    except CannotEstimate:
        today, _, _ = reference_wage(spell.region, rules)
        grown = Fraction(1 + wage_growth) ** (rules.on.year - spell.until.year)
        return Fraction(spell.base.amount) * grown / today, True


def blocks_of(
    case: PensionCase, placed: list[tuple[int, Month, int]], wage_growth: Decimal, rules: Rules
) -> list[Block]:
    """Each run of months with its base and rates; raises CannotEstimate where no wage of the places is known."""
    found = []
    for i, start, months in placed:
        spell = case.history[i]
        rate, account = rates(spell.scheme, spell.region, rules)
        if spell.base.amount is not None and spell.until is not None:
            base, year = spell.base.amount, spell.until.year
        else:
            index, _ = index_of(spell, wage_growth, rules)
            base, year = plain(index * _wage_today(spell, case, rules)), rules.on.year
        found.append(Block(start, months, base, year, rate, account))
    return found


def _wage_today(spell: Spell, case: PensionCase, rules: Rules) -> Fraction:
    try:
        return reference_wage(spell.region, rules)[0]
    except CannotEstimate:
        return reference_wage(case.region, rules)[0]


def rates(scheme: Scheme, region: str, rules: Rules) -> tuple[Decimal, Decimal]:
    """The worker's own share of the base, and the share that goes to the account; fractions of one."""
    if scheme is Scheme.EMPLOYEE:
        own = as_share(Fraction(rules.figure("contribution.employee.rate", region).value))
        return own, own
    rate = rules.figure("contribution.flexible.rate", region)
    account = rules.figure("contribution.flexible.account_share", region)
    return as_share(Fraction(rate.value)), as_share(Fraction(account.value))


def worked_back(
    blocks: list[Block], end: Month, wage_growth: Decimal, interest: Decimal
) -> tuple[Decimal, tuple[tuple[int, Decimal], ...]]:
    """The account at `end` and the own payments of each year, with the assumed growth and interest."""
    if not blocks:
        return Decimal(0), ()
    start, end = blocks[0].start, max(end, *(block.end for block in blocks))
    balance, paid = Decimal(0), []
    for year in range(start.year, end.plus(-1).year + 1):
        opening, own = balance, Decimal(0)
        balance = credited(opening, Year(year, 0, 1, opening), opening * 0, interest, months_within(year, start, end))
        for block in blocks:
            months = months_within(year, block.start, block.end)
            if months:
                first = block.start.month if block.start.year == year else 1
                base = block.base * (1 + wage_growth) ** (year - block.base_year)
                part = Year(year, months, first, base)
                balance += credited(Decimal(0), part, block.account, interest, 0)
                own += base * months * block.rate
        paid.append((year, own))
    return balance, tuple(paid)


def months_within(year: int, start: Month, end: Month) -> int:
    """Months of the year from `start` to the month before `end`."""
    opens, closes = year * MONTHS_A_YEAR, (year + 1) * MONTHS_A_YEAR
    first, last = start.year * MONTHS_A_YEAR + start.month - 1, end.year * MONTHS_A_YEAR + end.month - 1
    return max(0, min(last, closes) - max(first, opens))


def undated(placed: list[tuple[int, Month, int]], case: PensionCase) -> Found:
    """What is to be said of spells without a date."""
    guessed = any(case.history[i].until is None for i, _, _ in placed)
    return Found(assumptions=(Remark("history_just_before"),)) if guessed else Found()
