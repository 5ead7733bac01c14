"""Moving between provinces: which place pays the pension, what moves there, and what a new place would open.

A place is a province: the rule is about moving between provinces. Months paid on a temporary account count for the
pension, but not for the place that holds the account.
"""

from dataclasses import dataclass
from fractions import Fraction

from actions.parameters import Figure, Unit
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.benefits.moved_money import account, pool
from actions.simulator.benefits.scheme_switch import minimum_years_met, resident_years
from actions.simulator.case import Category
from actions.simulator.cases.transfer import PlaceSpell, TransferCase
from actions.simulator.estimate import Amount, Estimate, ImpossibleCase, Remark, Step, Value
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.rules import Rules, version_of


def transfer(case: TransferCase, rules: Rules) -> Estimate:
    """Which place pays, the months that count, the money that moves, the way there and how long it may take.

    Guo Ban Fa [2009] 66, Articles 3 to 6 (articles transfer/where-claim, transfer/what-moves, transfer/time-limits).
    """
    refuse_impossible(case, rules)
    stays = tuple(_stay(case, rules, position) for position in range(len(case.spells)))
    place, reason = paying_place(case, rules, stays)
    found = reason + _months(case, stays) + account(case, place) + pool(case, rules, place)
    found += new_account(case, rules, stays) + resident_years(case, rules) + minimum_years_met(case, rules)
    found += _procedure(rules, place, stays)
    return Estimate(
        kind="transfer", on=rules.on, region=place, amounts=found.amounts, steps=found.steps,
        assumptions=found.assumptions, warnings=found.warnings, alternatives=found.alternatives,
        rule_set=version_of(rules.parameters),
    )  # fmt: skip


@dataclass(frozen=True)
class Stay:
    """A spell by its province, and whether the account there was a temporary one."""

    province: str
    months: int
    temporary: bool


def province(region: str) -> str:
    """The province of a city, a province itself."""
    return region.split(".")[0]


def refuse_impossible(case: TransferCase, rules: Rules) -> None:
    """More months than have passed since the lowest age for joining cannot be; no one retires before birth."""
    for position, spell in enumerate(case.spells):
        if province(spell.region) == "CN":
            raise ImpossibleCase(f"spells.{position}.region", "a_province_is_needed")
    if province(case.hukou) == "CN":
        raise ImpossibleCase("hukou", "a_province_is_needed")
    if case.birth is None:
        return
    joining = rules.figure("enrolment.minimum_age", case.hukou)
    end = max(case.retire or Month.of(rules.on), Month.of(rules.on))
    most = end - case.birth - int(joining.value) * MONTHS_A_YEAR + 1
    total = sum(spell.months for spell in case.spells)
    if total > max(most, 0):
        raise ImpossibleCase("spells", "more_months_than_possible", total=total, most=max(most, 0))


def temporary_age(category: Category, rules: Rules, region: str) -> Figure:
    """The age from which a place that is not the hukou's opens a temporary account only: men 50, women 40.

    Guo Ban Fa [2009] 66, Article 5 (article transfer/temporary-account).
    """
    name = "men" if category is Category.MAN else "women"
    return rules.figure(f"transfer.temporary_age_{name}", region)


def _stay(case: TransferCase, rules: Rules, position: int) -> Stay:
    spell = case.spells[position]
    before = {province(earlier.region) for earlier in case.spells[:position]}
    return Stay(province(spell.region), spell.months, _is_temporary(case, spell, rules, before))


def _is_temporary(case: TransferCase, spell: PlaceSpell, rules: Rules, before: set[str]) -> bool:
    if spell.temporary is not None:
        return spell.temporary
    here = province(spell.region)
    if not before or here in before or here == province(case.hukou):
        return False  # the first place of all, a place that has the record already, or home
    return spell.since is not None and _too_old(case, rules, spell.since, spell.region)


def _too_old(case: TransferCase, rules: Rules, when: Month, region: str) -> bool:
    if case.birth is None or case.category is None:
        return False
    limit = temporary_age(case.category, rules, region)
    return when - case.birth >= int(limit.value) * MONTHS_A_YEAR


def paying_place(case: TransferCase, rules: Rules, stays: tuple[Stay, ...]) -> tuple[str, Found]:
    """The hukou's province where the record lies there; else the place of the record with ten years; else the last
    place before it with ten years; where no place has ten years, the hukou's province.

    Guo Ban Fa [2009] 66, Article 6 (articles transfer/where-claim, transfer/ten-year-rule).
    """
    home = province(case.hukou)
    years = rules.figure("transfer.same_place_years", home)
    needed = int(Fraction(years.value) * MONTHS_A_YEAR)
    settled = [stay for stay in stays if not stay.temporary]
    there = {stay.province: sum(s.months for s in settled if s.province == stay.province) for stay in settled}
    record = settled[-1].province if settled else home
    enough = [stay.province for stay in settled if there[stay.province] >= needed]
    if record == home:
        place, why, formula = home, "record_is_at_home", f"{home}: {there.get(home, 0)}"
    elif record in enough:
        place, why, formula = record, "record_has_the_years", f"{there[record]} ≥ {years.value} × {MONTHS_A_YEAR}"
    elif enough:
        place, why = enough[-1], "last_place_with_the_years"
        formula = f"{record}: {there[record]} < {needed}; {place}: {there[place]} ≥ {needed}"
    else:
        place, why = home, "no_place_has_the_years"
        formula = "; ".join(f"{name}: {months} < {needed}" for name, months in there.items())
    step = Step("paying_place", place, None, formula, (years,), "transfer/where-claim")
    values: dict[str, Value] = {"years": plain(years), "place": place}
    found = Found((Amount("paying_place", place),), (step,), (Remark(why, values),))
    return place, found + _short_of(record, home, there, needed)


def _short_of(record: str, home: str, there: dict[str, int], needed: int) -> Found:
    """How many months are missing for the place of the record to pay by itself."""
    if record == home or there[record] >= needed:
        return Found()
    values: dict[str, Value] = {"months": needed - there[record], "place": record}
    return Found(alternatives=(Remark("pay_on_until_the_years", values),))


def _months(case: TransferCase, stays: tuple[Stay, ...]) -> Found:
    """Years paid anywhere, on temporary accounts too, are added up (Article 3)."""
    total = sum(stay.months for stay in stays)
    formula = " + ".join(str(stay.months) for stay in stays)
    step = Step("total_months", total, Unit.MONTHS, formula, (), "transfer/between-provinces")
    cities = {spell.region for spell in case.spells}
    warnings = []
    if len({province(city) for city in cities}) < len(cities):
        warnings.append(Remark("cities_of_one_province"))
    if len({stay.province for stay in stays}) < len(stays):
        warnings.append(Remark("several_spells_in_one_place"))
    said = (Remark("dates_decide_temporary"),) if _undecided(case) else ()
    return Found((Amount("total_months", total, Unit.MONTHS),), (step,), said, tuple(warnings))


def _undecided(case: TransferCase) -> bool:
    """Whether a later place might have been a temporary account and nothing says so."""
    home = province(case.hukou)
    later = [s for s in case.spells[1:] if province(s.region) not in (home, province(case.spells[0].region))]
    known = case.birth is not None and case.category is not None
    return any(s.temporary is None and (s.since is None or not known) for s in later)


def new_account(case: TransferCase, rules: Rules, stays: tuple[Stay, ...]) -> Found:
    """What a place would open for somebody who moves there: an ordinary account, or a temporary one by age.

    Guo Ban Fa [2009] 66, Article 5 (article transfer/temporary-account).
    """
    if case.moving_to is None:
        return Found()
    if case.birth is None or case.category is None:
        raise ImpossibleCase("birth" if case.birth is None else "category", "needed_for_a_move")
    there, when = province(case.moving_to), case.moving_in or Month.of(rules.on)
    if there == "CN":
        raise ImpossibleCase("moving_to", "a_province_is_needed")
    settled = {stay.province for stay in stays if not stay.temporary}
    temporary = there not in {province(case.hukou), *settled} and _too_old(case, rules, when, case.moving_to)
    limit = temporary_age(case.category, rules, case.moving_to)
    age, odd = divmod(when - case.birth, MONTHS_A_YEAR)
    reached = "≥" if _too_old(case, rules, when, case.moving_to) else "<"
    formula = f"{age} + {odd}/{MONTHS_A_YEAR} {reached} {limit.value}"
    kind = "temporary" if temporary else "ordinary"
    step = Step("new_account", kind, None, formula, (limit,), "transfer/temporary-account")
    said: dict[str, Value] = {"place": there, "age": plain(limit)}
    warnings = (Remark("temporary_account_there", said),) if temporary else ()
    assumed = (Remark("paid_so_far_only"),)
    return Found((Amount("new_account", kind),), (step,), assumed, warnings)


def _procedure(rules: Rules, place: str, stays: tuple[Stay, ...]) -> Found:
    """Apply once, in the place that takes the record or on line; three steps of fifteen working days at most.

    Guo Ban Fa [2009] 66, Article 8 (articles transfer/how-to-apply, transfer/time-limits).
    """
    if {stay.province for stay in stays} == {place}:
        return Found(assumptions=(Remark("nothing_to_transfer", {"place": place}),))
    step = rules.figure("transfer.working_days_step", place)
    total = rules.figure("transfer.working_days_total", place)
    times = Fraction(total.value) / Fraction(step.value)
    days = plain(total)
    shown = Step(
        "working_days", days, Unit.WORKING_DAYS, f"{times} × {step.value}", (step, total), "transfer/time-limits"
    )
    found = Found((Amount("working_days", days, Unit.WORKING_DAYS),), (shown,))
    found += Found(alternatives=(Remark("apply_at_the_new_place", {"place": place}),))
    fast = rules.figure_if_known("transfer.fast_working_days", place)
    if fast is not None:
        found += Found(alternatives=(Remark("linked_offices_are_faster", {"days": plain(fast)}),))
    return found
