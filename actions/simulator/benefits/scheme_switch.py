"""Employee and resident pension of one person joined at retirement age, and the years that a pension needs."""

from fractions import Fraction

from actions.parameters import Unit
from actions.simulator.benefits.findings import Found, plain
from actions.simulator.cases.transfer import TransferCase
from actions.simulator.estimate import Amount, Remark, Step
from actions.simulator.month import MONTHS_A_YEAR
from actions.simulator.rules import Rules


def resident_years(case: TransferCase, rules: Rules) -> Found:
    """With 15 employee years the resident account joins the employee pension, and its years do not count; with fewer
    the employee years may go to the resident pension, where they count, or the worker pays on.

    Only at the employee scheme's retirement age.
    Ren She Bu Fa [2014] 17, Articles 3, 5, 6 (article transfer/employee-resident).
    """
    if not case.resident_years:
        return Found()
    years = rules.figure("transfer.scheme_switch_years", case.hukou)
    months, needed = sum(spell.months for spell in case.spells), int(Fraction(years.value) * MONTHS_A_YEAR)
    enough = months >= needed
    outcome = "employee_pension" if enough else "resident_pension_or_pay_on"
    formula = f"{months} {'≥' if enough else '<'} {years.value} × {MONTHS_A_YEAR}"
    step = Step("joined_scheme", outcome, None, formula, (years,), "transfer/employee-resident")
    said = Remark("resident_years_do_not_count" if enough else "employee_years_count_there")
    ways = () if enough else (Remark("pay_on_for_employee_pension", {"months": needed - months}),)
    return Found(
        (Amount("joined_scheme", outcome),), (step,), (said, Remark("joined_at_retirement_age_only")),
        (Remark("one_pension_only"),), ways,
    )  # fmt: skip


def minimum_years_met(case: TransferCase, rules: Rules) -> Found:
    """Whether all months together reach the minimum of the year of retirement; the place does not matter for that.

    NPC Standing Committee decision of 2024-09-13 (article pension/minimum-years).
    """
    if case.retire is None:
        return Found()
    years = rules.figure("pension.minimum_years", case.hukou, on=case.retire.first_day)
    needed = int(Fraction(years.value) * MONTHS_A_YEAR)
    missing = max(0, needed - sum(spell.months for spell in case.spells))
    step = Step(
        "months_missing", missing, Unit.MONTHS, f"{plain(years)} × {MONTHS_A_YEAR} = {needed}", (years,),
        "pension/minimum-years",
    )  # fmt: skip
    warnings = (Remark("minimum_years_not_met", {"months": missing}),) if missing else ()
    return Found((Amount("months_missing", missing, Unit.MONTHS),), (step,), warnings=warnings)
