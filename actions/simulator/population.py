"""The employee pension of a whole population: the rules of `benefits/` over arrays, equal to the cent.

What depends on few distinct values (retirement months, divisors, minimum years, the figures of a place) is asked of the
rules themselves, once for each value; what differs for each person is arithmetic over arrays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from actions.parameters import NATION
from actions.simulator.benefits.career import Growth, growth_of
from actions.simulator.benefits.contribution_base import base_of, reference_wage
from actions.simulator.benefits.divisor import divisor
from actions.simulator.benefits.findings import plain
from actions.simulator.benefits.retirement import minimum_months, statutory
from actions.simulator.case import Base, Category
from actions.simulator.cases.pension import PensionCase
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules

Numbers = NDArray[np.float64]
Months = NDArray[np.int64]
CATEGORIES = (Category.MAN, Category.WOMAN_55, Category.WOMAN_50)
CHUNK = 20_000  # people: what fits the processor's cache
HALF_A_CENT = 0.5 + 1e-6  # a tie that floating point has put a hair below counts as a tie


@dataclass(frozen=True)
class Population:
    """One place's flexible workers who go on paying; arrays of one length. Months are counted from year 0.

    `category`: 0 man, 1 woman with the old age 55, 2 woman with 50. `birth`: year × 12 + month − 1. `months_paid` so
    far, and `ratio`: the base as a share of the reference wage, before and from now on.
    """

    region: str
    category: Months
    birth: Months
    months_paid: Months
    ratio: Numbers

    def __post_init__(self) -> None:
        lengths = {len(column) for column in (self.category, self.birth, self.months_paid, self.ratio)}
        if len(lengths) != 1:
            raise ImpossibleCase("population", "columns_differ", lengths=str(sorted(lengths)))

    def __len__(self) -> int:
        return len(self.birth)


@dataclass(frozen=True)
class Pensions:
    """By person: yuan a month at retirement, months counted, months needed. `total` is 0 where too few are paid."""

    retirement: Months
    basic: Numbers
    account: Numbers
    total: Numbers
    months: Months
    needed: Months


@dataclass(frozen=True)
class _Place:
    """The figures that all people of the place share."""

    now: int
    wage: float
    rate_to_account: float
    accrual: float
    counted: float
    growth: Growth
    decimals: int | None
    up_to: Decimal | None


def pensions(people: Population, rules: Rules) -> Pensions:
    """What `employee_pension.work_out` gives for each person with a history and a plan on the same share.

    Raises ImpossibleCase where somebody's retirement month has come already, CannotEstimate where a figure is missing.
    """
    place = _place(people.region, rules)
    retirement = _retirement(people, rules)
    if len(people) and int(retirement.min()) <= place.now:
        raise ImpossibleCase("birth", "already_retired", count=int((retirement <= place.now).sum()))
    parts = [_chunk(people, retirement, slice(start, start + CHUNK), place, rules) for start in _starts(len(people))]
    columns = zip(*parts, strict=True) if parts else iter(())
    basic, account, total, months, needed = (np.concatenate(column) for column in columns)
    return Pensions(retirement, basic, account, total, months, needed)


def _starts(count: int) -> Iterator[int]:
    yield from range(0, max(count, 1), CHUNK)


def _place(region: str, rules: Rules) -> _Place:
    now = Month.of(rules.on)
    case = PensionCase(category=Category.MAN, birth=now.plus(-30 * MONTHS_A_YEAR), region=region)
    decimals = rules.figure_if_known("pension.rounding.years_decimals", region)
    up_to = rules.figure_if_known("pension.rounding.total_up_to", region)
    return _Place(
        now=_number(now),
        wage=float(reference_wage(region, rules)[0]),
        rate_to_account=float(rules.figure("contribution.flexible.account_share", region).value) / 100,
        accrual=float(rules.figure("pension.accrual_rate", NATION).value) / 100,
        counted=float(rules.figure("pension.calculation_base", region).value),
        growth=growth_of(case, rules),
        decimals=None if decimals is None else int(decimals.value),
        up_to=None if up_to is None else plain(up_to),
    )


def _number(month: Month) -> int:
    return month.year * MONTHS_A_YEAR + month.month - 1


def _month(number: int) -> Month:
    return Month(number // MONTHS_A_YEAR, number % MONTHS_A_YEAR + 1)


def _retirement(people: Population, rules: Rules) -> Months:
    """The statutory month, asked of the rule once for each category and month of birth."""
    span = int(people.birth.max(initial=0)) + 1

    def month_of(key: int) -> int:
        return _number(statutory(CATEGORIES[key // span], _month(key % span), rules).month)

    return _asked_once(people.category * span + people.birth, month_of).astype(np.int64)


def _chunk(
    people: Population, retirement: Months, part: slice, place: _Place, rules: Rules
) -> tuple[Numbers, Numbers, Numbers, Months, Months]:
    birth, paid, ratio, retire = people.birth[part], people.months_paid[part], people.ratio[part], retirement[part]
    base, index = _bases(ratio, people.region, rules)
    balance = _credited(
        np.zeros(len(birth)), ratio * place.wage, place.now - paid, np.full_like(paid, place.now), place
    )
    balance = _credited(balance, base, np.full_like(paid, place.now), retire, place)
    ahead = retire - place.now
    months = paid + ahead
    average = (ratio * paid + index * ahead) / np.maximum(months, 1)
    rises = ahead // MONTHS_A_YEAR
    counted = place.counted * (1 + float(place.growth.wage)) ** rises
    basic = _cents(counted * (1 + average) / 2 * _years(months, place.decimals) * place.accrual)
    account = _cents(balance / _divisors(retire - birth, retire, rules))
    needed = _needed(retire, rules)
    total = np.where(months >= needed, _rounded_up(basic + account, place.up_to), 0.0)
    return basic, account, total, months, needed


def _bases(ratio: Numbers, region: str, rules: Rules) -> tuple[Numbers, Numbers]:
    """Base and index, asked of the rule once for each share."""
    shares, where = np.unique(ratio, return_inverse=True)
    found = [base_of(Base(ratio=Decimal(repr(float(share)))), region, rules) for share in shares]
    amounts = np.array([float(one.amount) for one in found])
    indices = np.array([float(one.index) for one in found])
    return amounts[where], indices[where]


def _credited(balance: Numbers, base: Numbers, start: Months, end: Months, place: _Place) -> Numbers:
    """`account.credited` for every calendar year between `start` and `end`, the base being that of this year.

    The months before the first whole year, the whole years in one step, and the months after the last.
    """
    begins, ends = -(-start // MONTHS_A_YEAR), end // MONTHS_A_YEAR
    until = np.minimum(end, begins * MONTHS_A_YEAR)
    balance = _in_a_year(balance, base, start, until, place)
    balance = _in_whole_years(balance, base, begins, np.maximum(ends - begins, 0), place)
    return _in_a_year(balance, base, np.maximum(until, ends * MONTHS_A_YEAR), end, place)


def _in_a_year(balance: Numbers, base: Numbers, start: Months, end: Months, place: _Place) -> Numbers:
    """`start` and `end` lie in one calendar year."""
    years = start // MONTHS_A_YEAR
    months = end - start
    monthly = base * _wages(years, place)
    weights = months * (MONTHS_A_YEAR - (start - years * MONTHS_A_YEAR)) - months * (months - 1) / 2
    earned = (balance * months + monthly * weights) * (float(place.growth.interest) / MONTHS_A_YEAR)
    found: Numbers = balance + monthly * months + earned
    return found


def _in_whole_years(balance: Numbers, base: Numbers, first: Months, count: Months, place: _Place) -> Numbers:
    """`count` years from January of year `first` on, every month of them paid."""
    interest, wage = float(place.growth.interest), 1 + float(place.growth.wage)
    most = int(count.max(initial=0))
    weight = MONTHS_A_YEAR * (MONTHS_A_YEAR + 1) / 2
    paid = np.zeros(most + 1)  # after so many years, for one yuan a month in the first of them
    for n in range(most):
        paid[n + 1] = paid[n] * (1 + interest) + wage**n * (MONTHS_A_YEAR + weight * interest / MONTHS_A_YEAR)
    kept = (1 + interest) ** np.arange(most + 1)
    found: Numbers = balance * kept[count] + base * _wages(first, place) * paid[count]
    return found


def _wages(years: Months, place: _Place) -> Numbers:
    """What goes to the account for each yuan of this year's base, when wages are those of other years."""
    lowest = int(years.min()) if len(years) else 0
    this_year = place.now // MONTHS_A_YEAR
    span = np.arange(lowest, int(years.max(initial=0)) + 1)
    table = np.array([place.rate_to_account * (1 + float(place.growth.wage)) ** int(n) for n in span - this_year])
    found: Numbers = table[years - lowest]
    return found


def _divisors(age: Months, retire: Months, rules: Rules) -> Numbers:
    latest = _month(int(retire.max()))
    return _asked_once(age, lambda one: float(divisor(one, latest, rules)[0]))


def _needed(retire: Months, rules: Rules) -> Months:
    return _asked_once(retire // MONTHS_A_YEAR, lambda year: minimum_months(Month(year, 1), rules)[0]).astype(np.int64)


def _asked_once(values: Months, ask: Callable[[int], float]) -> Numbers:
    """What a rule says to each value, asked once for each that occurs. The values are months or years: few."""
    lowest = int(values.min()) if len(values) else 0
    places = values - lowest
    answers = np.zeros(int(places.max(initial=0)) + 1)
    for place in np.flatnonzero(np.bincount(places, minlength=1)).tolist():
        answers[place] = ask(lowest + place)
    found: Numbers = answers[places]
    return found


def _years(months: Months, decimals: int | None) -> Numbers:
    years: Numbers = months / MONTHS_A_YEAR
    if decimals is None:
        return years
    rounded: Numbers = np.floor(years * 10**decimals + HALF_A_CENT) / 10**decimals
    return rounded


def _cents(value: Numbers) -> Numbers:
    rounded: Numbers = np.floor(value * 100 + HALF_A_CENT) / 100
    return rounded


def _rounded_up(value: Numbers, up_to: Decimal | None) -> Numbers:
    if up_to is None:
        return _cents(value)
    each = float(Fraction(1) / Fraction(up_to))
    rounded: Numbers = np.ceil(value * each - 1e-6) / each
    return rounded
