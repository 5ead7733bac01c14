"""The annuity divisor (计发月数): by how many months the personal account is divided at retirement."""

from decimal import Decimal
from fractions import Fraction

from actions.parameters import NATION, Figure
from actions.simulator.benefits.findings import plain
from actions.simulator.estimate import ImpossibleCase, Remark
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules

TABLE, MONTHS = "pension.divisor", "pension.divisor_months"


def divisor(age_months: int, retire: Month, rules: Rules) -> tuple[Decimal, tuple[Figure, ...], tuple[Remark, ...]]:
    """The divisor for an age in months, with its figures and what was assumed.

    Whole ages: the annex of Guo Fa [2005] 38. From 2025 on a table by months is used; where its value was not seen, it
    is interpolated between whole ages and rounded half up to one decimal, which fits every value that was seen. Before,
    the whole years count. Article pension/personal-account.
    """
    years, months = divmod(age_months, MONTHS_A_YEAR)
    by_months = rules.at(retire.first_day).rows(MONTHS, NATION)
    if months == 0 or not by_months:
        whole = _whole(years, rules, retire)
        return plain(whole), (whole,), ()
    published = rules.figure_if_known(MONTHS, NATION, f"{years}-{months}", retire.first_day)
    if published is not None:
        return plain(published), (published,), ()
    younger, older = _whole(years, rules, retire), _whole(years + 1, rules, retire)
    exact = Fraction(younger.value) - (Fraction(younger.value) - Fraction(older.value)) * months / MONTHS_A_YEAR
    tenths = (exact * 20 + 1) // 2
    return Decimal(int(tenths)) / 10, (younger, older), (Remark("divisor_interpolated"),)


def _whole(years: int, rules: Rules, retire: Month) -> Figure:
    figure = rules.figure_if_known(TABLE, NATION, str(years), retire.first_day)
    if figure is None:
        ages = sorted(int(age) for age in rules.rows(TABLE, NATION))
        raise ImpossibleCase("retire", "age_outside_divisors", least=ages[0], most=ages[-1])
    return figure
