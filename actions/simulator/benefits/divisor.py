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
    seen = rules.figure_if_known(MONTHS, NATION, _first_key(rules, MONTHS), retire.first_day)
    if months == 0 or seen is None:
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
        ages = sorted(int(key) for key in _keys(rules, TABLE))
        raise ImpossibleCase("retire", "age_outside_divisors", least=ages[0], most=ages[-1])
    return figure


def _first_key(rules: Rules, name: str) -> str:
    return next(iter(_keys(rules, name)), "")


def _keys(rules: Rules, name: str) -> list[str]:
    parameter = rules.parameters.all.get(name)
    rows = [dated.value for values in parameter.values.values() for dated in values.values()] if parameter else []
    return [key for row in rows if isinstance(row, dict) for key in row]
