"""What cannot be: a month of birth outside a life, more months paid than there were."""

from actions.parameters import NATION
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules

OLDEST = 110  # years: nobody older asks


def check_birth(birth: Month, rules: Rules) -> None:
    """Refuses somebody who is not born yet or older than people get."""
    now = Month.of(rules.on)
    if not oldest(rules) <= birth <= now:
        raise ImpossibleCase("birth", "birth_out_of_range", earliest=oldest(rules), latest=now)


def oldest(rules: Rules) -> Month:
    """The earliest month of birth that is taken for true."""
    return Month.of(rules.on).plus(-OLDEST * MONTHS_A_YEAR)


def check_months_paid(field: str, months: int, birth: Month, rules: Rules) -> None:
    """Refuses more months than lie between the lowest age for joining and today."""
    most = max(0, Month.of(rules.on) - first_month(birth, rules))
    if months > most:
        raise ImpossibleCase(field, "months_paid_out_of_range", least=0, most=most, years=most // MONTHS_A_YEAR)


def first_month(birth: Month, rules: Rules) -> Month:
    """The first month that can be paid: at 16. Article enrolment/minimum-age."""
    youngest = rules.figure_if_known("enrolment.minimum_age", NATION)
    return birth if youngest is None else birth.plus(int(youngest.value) * MONTHS_A_YEAR)
