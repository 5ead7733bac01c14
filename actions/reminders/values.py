"""The closed set of values that a text may hold, such as `{amount}`: each in words, with the figures it came from.

A value that cannot be had raises CannotSay: it is left unsaid, not guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from actions.parameters import Figure, MissingFigure, Unit
from actions.reminders import estimates
from actions.reminders.dated_triggers import end_of
from actions.reminders.facts import months_needed, retirement_month
from actions.reminders.model import CannotSay, Facts, Language
from actions.reminders.occurrences import Occurrence
from actions.reminders.pension_triggers import months_missing
from actions.reminders.periods import month_number, month_of
from actions.reminders.spoken import spoken_day, spoken_duration, spoken_month, spoken_period
from actions.reminders.telling import Telling
from actions.simulator.benefits.findings import plain
from actions.simulator.month import MONTHS_A_YEAR
from actions.simulator.spelling import in_words

SUBSIDY_SHARE = "contribution.subsidy.share"


class Said(NamedTuple):
    """A value in words, and the figures that it came from."""

    words: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What a message is about: the worker's facts, the day, the occurrence where one was found, and the language."""

    facts: Facts
    on: date
    occurrence: Occurrence | None
    language: Language
    telling: Telling

    def fact(self, name: str) -> str:
        """A fact; raises CannotSay where it is not known."""
        value = self.facts.get(name)
        if not value:
            raise CannotSay(name)
        return value

    def figure(self, name: str, region: str) -> Figure:
        """The figure in force; raises CannotSay."""
        try:
            return self.telling.parameters.figure(name, region, self.on)
        except MissingFigure:
            raise CannotSay(name) from None

    def own_figure(self, name: str) -> Figure:
        """The figure of the worker's place, not that of the whole nation; raises CannotSay."""
        figure = self.figure(name, self.fact("region"))
        if figure.region not in (self.facts["region"], self.facts["region"].partition(".")[0]):
            raise CannotSay(name)
        return figure

    def money(self, value: Decimal, unit: Unit = Unit.YUAN) -> str:
        """An amount as people write it."""
        return in_words(value, unit, self.language)


def _place(about: Situation) -> Said:
    return Said(about.telling.name_of(about.fact("region"), about.language))


def _old_place(about: Situation) -> Said:
    return Said(about.telling.name_of(about.fact("moved_from"), about.language))


def _deadline(about: Situation) -> Said:
    if about.occurrence is None or about.occurrence.anchor is None:
        raise CannotSay("deadline")
    return Said(spoken_day(about.occurrence.anchor, about.on, about.language))


def _unpaid(about: Situation) -> tuple[int, int]:
    """The first and last month of the period that are still to be paid."""
    found = about.occurrence
    if found is None or found.since is None or found.until is None:
        raise CannotSay("period")
    last_paid = about.facts.get("last_paid")
    since = max(found.since, month_number(last_paid) + 1) if last_paid else found.since
    if since > found.until:
        raise CannotSay("period")
    return since, found.until


def _period(about: Situation) -> Said:
    return Said(spoken_period(*_unpaid(about), about.on, about.language))


def _amount(about: Situation) -> Said:
    """What is to be paid now: for all months of the period that are not paid, or the year's tier."""
    found = estimates.own_payment(about.facts, about.telling.parameters, about.on)
    if about.facts.get("scheme") == "resident":
        return Said(about.money(found.value), found.figures)
    since, until = _unpaid(about)
    return Said(about.money(found.value * (until - since + 1)), found.figures)


def _monthly(about: Situation) -> Said:
    """What one month costs; the resident pension is paid by the year."""
    if about.facts.get("scheme") == "resident":
        raise CannotSay("monthly")
    found = estimates.own_payment(about.facts, about.telling.parameters, about.on)
    return Said(about.money(found.value, Unit.YUAN_PER_MONTH), found.figures)


def _base(about: Situation) -> Said:
    found = estimates.base_amount(about.facts, about.telling.parameters, about.on)
    return Said(about.money(found.value), found.figures)


def _lowest_base(about: Situation) -> Said:
    figure = about.own_figure("contribution.base_lower")
    return Said(about.money(plain(figure)), (figure,))


def _highest_base(about: Situation) -> Said:
    figure = about.own_figure("contribution.base_upper")
    return Said(about.money(plain(figure)), (figure,))


def _paid(about: Situation) -> Said:
    return Said(spoken_duration(int(about.fact("months_paid")), about.language))


def _missing(about: Situation) -> Said:
    months = months_missing(about.facts, about.telling.parameters, about.on)
    if months is None or months <= 0:
        raise CannotSay("missing")
    return Said(spoken_duration(months, about.language))


def _retires(about: Situation) -> str:
    month = retirement_month(about.facts, about.telling.parameters, about.on)
    if month is None:
        raise CannotSay("retirement")
    return month


def _minimum(about: Situation) -> Said:
    """The minimum of the year in which the worker retires."""
    retires = _retires(about)
    months = months_needed(retires, about.telling.parameters, about.on)
    if months is None:
        raise CannotSay("minimum")
    figure = about.telling.parameters.figure("pension.minimum_years", "CN", date.fromisoformat(f"{retires}-01"))
    return Said(spoken_duration(months, about.language), (figure,))


def _retirement(about: Situation) -> Said:
    return Said(spoken_month(month_number(_retires(about)), about.on, about.language))


def _left(about: Situation) -> Said:
    """The time until retirement."""
    months = month_number(_retires(about)) - month_of(about.on)
    if months <= 0:
        raise CannotSay("left")
    return Said(spoken_duration(months, about.language))


def _last_paid(about: Situation) -> Said:
    return Said(spoken_month(month_number(about.fact("last_paid")), about.on, about.language))


def _gap(about: Situation) -> Said:
    """Whole months without a payment, up to the last full month."""
    months = month_of(about.on) - month_number(about.fact("last_paid")) - 1
    if months <= 0:
        raise CannotSay("gap")
    return Said(spoken_duration(months, about.language))


def _subsidy(about: Situation) -> Said:
    found = estimates.subsidy(about.facts, about.telling.parameters, about.on)
    return Said(about.money(found.value, Unit.YUAN_PER_MONTH), found.figures)


def _subsidy_share(about: Situation) -> Said:
    figure = about.own_figure(SUBSIDY_SHARE)
    return Said(about.money(plain(figure), figure.unit), (figure,))


def _subsidy_ends(about: Situation) -> Said:
    figure = about.own_figure(SUBSIDY_SHARE)
    end = end_of(SUBSIDY_SHARE, about.fact("region"), about.on, about.telling.parameters)
    if end is None:
        raise CannotSay("subsidy_ends")
    return Said(spoken_day(end, about.on, about.language), (figure,))


def _tier(about: Situation) -> Said:
    found = estimates.tier_of(about.fact("tier"), about.fact("region"), about.telling.parameters, about.on)
    if found is None:
        raise CannotSay("tier")
    return Said(about.money(found.value), found.figures)


def _pension(about: Situation) -> Said:
    found = estimates.pension(about.facts, about.telling.parameters, about.on)
    return Said(about.money(found.value), found.figures)


def _employer_limit(about: Situation) -> Said:
    return _national(about, "injury.employer_deadline_days")


def _worker_limit(about: Situation) -> Said:
    return _national(about, "injury.worker_deadline_years")


def _national(about: Situation, name: str) -> Said:
    figure = about.figure(name, "CN")
    value = plain(figure)
    if figure.unit is Unit.YEARS:
        return Said(spoken_duration(int(value * MONTHS_A_YEAR), about.language), (figure,))
    return Said(about.money(value, figure.unit), (figure,))


VALUES: Mapping[str, Callable[[Situation], Said]] = {
    "amount": _amount,
    "base": _base,
    "deadline": _deadline,
    "employer_limit": _employer_limit,
    "gap": _gap,
    "highest_base": _highest_base,
    "last_paid": _last_paid,
    "left": _left,
    "lowest_base": _lowest_base,
    "minimum": _minimum,
    "missing": _missing,
    "monthly": _monthly,
    "old_place": _old_place,
    "paid": _paid,
    "pension": _pension,
    "period": _period,
    "place": _place,
    "retirement": _retirement,
    "subsidy": _subsidy,
    "subsidy_ends": _subsidy_ends,
    "subsidy_share": _subsidy_share,
    "tier": _tier,
    "worker_limit": _worker_limit,
}
