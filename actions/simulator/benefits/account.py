"""The personal account over the years: what is paid in, and the interest that is credited once a year.

Plain numbers of yuan, `Decimal` for one person; the same arithmetic works on arrays.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from actions.simulator.month import MONTHS_A_YEAR


@dataclass(frozen=True)
class Year:
    """One calendar year: the months paid, the first of them, and the base in that year (yuan a month)."""

    year: int
    months: int
    first_month: int
    base: Decimal


def credited(balance: Decimal, year: Year, account_share: Decimal, interest: Decimal, months_open: int) -> Decimal:
    """The balance at the end of a year of which the account was open for `months_open` months.

    The opening balance earns the year's interest; each monthly payment earns from its month to the end of the year (the
    product of months, 月积数). Shares and interest as fractions of one. Guo Fa [2005] 38 has the account credited
    yearly; the way of counting months is the offices' usual one and is stated as an assumption. Article
    pension/personal-account.
    """
    monthly = year.base * account_share
    weights = year.months * (MONTHS_A_YEAR - year.first_month + 1) - year.months * (year.months - 1) // 2
    earned = balance * interest * months_open / MONTHS_A_YEAR + monthly * interest * weights / MONTHS_A_YEAR
    return balance + monthly * year.months + earned


def as_share(percent: Fraction | Decimal) -> Decimal:
    """A percentage as a fraction of one."""
    exact = Fraction(percent) / 100
    return Decimal(exact.numerator) / Decimal(exact.denominator)
