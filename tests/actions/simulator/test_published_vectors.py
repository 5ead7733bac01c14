"""Every row of the published tables: retirement months, minimum years, annuity divisors, settled pensions."""

import csv
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from actions.simulator.benefits.career import Career
from actions.simulator.benefits.divisor import divisor
from actions.simulator.benefits.employee_pension import basic_part, pension, work_out
from actions.simulator.benefits.findings import Found
from actions.simulator.benefits.resident_pension import resident_pension
from actions.simulator.benefits.retirement import minimum_months, statutory
from actions.simulator.case import Category
from actions.simulator.cases.pension import PensionCase
from actions.simulator.cases.resident import ResidentCase
from actions.simulator.estimate import ImpossibleCase, cents
from actions.simulator.month import MONTHS_A_YEAR, Month
from tests.actions.simulator.expert_cases import HERE, rules

TODAY = date(2026, 11, 23)
CATEGORIES = {"man": Category.MAN, "woman55": Category.WOMAN_55, "woman50": Category.WOMAN_50}
PLACES = {"Sichuan": "CN-SC", "Jiangsu": "CN-JS", "Beijing": "CN-BJ", "": "CN-BJ"}


def rows(table: str) -> list[dict[str, str]]:
    with (HERE / "vectors" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


EXAMPLES = {row["id"]: row for row in rows("pension_examples")}


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_every_month_of_birth_leads_to_its_published_retirement_month(category: str) -> None:
    table = [row for row in rows("retirement_vectors") if row["category"] == category]
    assert len(table) > 100
    for row in table:
        found = statutory(CATEGORIES[category], Month.parse(row["birth_month"]), rules(TODAY))
        age = found.month - Month.parse(row["birth_month"])
        got = (str(found.month), found.delay, *divmod(age, MONTHS_A_YEAR))
        wanted = (
            row["statutory_retirement_month"],
            int(row["delay_months"]),
            int(row["age_years"]),
            int(row["age_months"]),
        )
        assert got == wanted, row
        needed, _ = minimum_months(found.month, rules(TODAY))
        assert needed == Decimal(row["min_contribution_years_that_year"]) * MONTHS_A_YEAR, row


@pytest.mark.parametrize("row", rows("minimum_contribution_years"), ids=lambda row: row["year_from"])
def test_the_minimum_years_of_each_year(row: dict[str, str]) -> None:
    year = int(row["year_from"])
    for month in (1, 12):
        assert minimum_months(Month(year, month), rules(TODAY))[0] == int(row["months_required"])


def test_before_2030_and_after_2039_the_minimum_years_do_not_move() -> None:
    found = [minimum_months(Month(year, 6), rules(TODAY))[0] for year in (2026, 2029, 2039, 2055)]
    assert found == [180, 180, 240, 240]


def test_every_divisor_from_40_to_70_by_month() -> None:
    table = rows("annuity_divisors")
    assert len(table) >= 36
    for row in table:
        age = int(row["age_years"]) * MONTHS_A_YEAR + int(row["age_months"])
        assert divisor(age, Month(2026, 1), rules(TODAY))[0] == Decimal(row["divisor"]), row


def test_before_2025_the_completed_year_of_age_decides() -> None:
    assert divisor(50 * 12 + 7, Month(2024, 12), rules(TODAY))[0] == 195
    assert divisor(50 * 12 + 1, Month(2025, 1), rules(TODAY))[0] == Decimal("194.6")


@pytest.mark.parametrize("age", [39 * 12, 71 * 12])
def test_an_age_outside_the_table_is_refused_with_the_ages_it_has(age: int) -> None:
    with pytest.raises(ImpossibleCase) as refused:
        divisor(age, Month(2026, 1), rules(TODAY))
    assert (refused.value.values["least"], refused.value.values["most"]) == (40, 70)


def months_of(years: str) -> int:
    """17.33 (208 months, …) → 208, 304/12 (…) → 304, 26.75 → 321."""
    if found := re.search(r"\((\d+) months", years) or re.match(r"(\d+)/12", years):
        return int(found[1])
    return round(float(years) * MONTHS_A_YEAR)


@pytest.mark.parametrize("name", [name for name, row in EXAMPLES.items() if row["kind"] == "real settlement"])
def test_a_settlement_sheet_is_met_to_the_cent(name: str) -> None:
    row = EXAMPLES[name]
    retire = Month.parse(row["retirement_ym"])
    age = int(row["retirement_age"][:2])
    region = PLACES[row["province"]]
    spell = {
        "scheme": "employee",
        "region": region,
        "months": months_of(row["contribution_years"]),
        "base": {"ratio": row["average_index"]},
    }
    case = PensionCase.model_validate(
        {
            "category": "man" if row["sex"] == "M" else "woman_50",
            "birth": retire.plus(-age * MONTHS_A_YEAR),
            "region": region,
            "retire": retire,
            "history": [spell],
            "average_index": row["average_index"],
            "account_balance": row["account_balance"],
            "calculation_base": row["calculation_base"],
        }
    )
    worked = work_out(case, rules(TODAY))
    assert (worked.basic, worked.account) == (Decimal(row["expected_basic"]), Decimal(row["expected_account"]))
    if row["convention"].startswith("total rounded UP"):
        assert pension(case, rules(TODAY)).amount("monthly_pension") == Decimal(row["expected_total"])


@pytest.mark.parametrize(("name", "deemed"), [("SC-4", 40), ("SC-5", 106)])
def test_sichuans_transitional_part_is_met_to_the_cent(name: str, deemed: int) -> None:
    """3.33 and 8.83 years before accounts began; they are among the years of the sheet."""
    row = EXAMPLES[name]
    retire, age = Month.parse(row["retirement_ym"]), int(row["retirement_age"][:2])
    months = months_of(row["contribution_years"]) - deemed
    spell = {"scheme": "employee", "region": "CN-SC", "months": months, "base": {"ratio": row["average_index"]}}
    case = PensionCase.model_validate(
        {
            "category": "man" if row["sex"] == "M" else "woman_50",
            "birth": retire.plus(-age * MONTHS_A_YEAR),
            "region": "CN-SC",
            "retire": retire,
            "history": [spell],
            "deemed_months": deemed,
            "average_index": row["average_index"],
            "account_balance": row["account_balance"],
            "calculation_base": row["calculation_base"],
        }
    )
    worked = work_out(case, rules(TODAY))
    found = (worked.basic, worked.account, worked.transitional)
    assert found == tuple(Decimal(row[f"expected_{part}"]) for part in ("basic", "account", "transitional"))
    assert "local_extra_not_included" in {remark.key for remark in pension(case, rules(TODAY)).warnings}


@pytest.mark.parametrize("name", ["T-1", "T-2"])
def test_the_basic_part_by_the_formula_alone(name: str) -> None:
    row = EXAMPLES[name]
    case = PensionCase.model_validate({"category": "man", "birth": "1965-01", "region": PLACES[row["province"]]})
    career = Career(
        months_of(row["contribution_years"]),
        0,
        Fraction(row["average_index"]),
        Decimal(0),
        (),
        Decimal(0),
        None,
        Found(),
    )
    basic, _ = basic_part(case, career, Decimal(row["calculation_base"]), (), rules(TODAY))
    assert basic == Decimal(row["expected_basic"])


def test_the_account_part_at_62_years_and_10_months() -> None:
    row = EXAMPLES["T-3"]
    by, _, said = divisor(62 * MONTHS_A_YEAR + 10, Month(2040, 1), rules(TODAY))
    assert by == Decimal(row["divisor"])
    assert cents(Fraction(row["account_balance"]) / Fraction(by)) == Decimal(row["expected_account"])
    assert [remark.key for remark in said] == ["divisor_interpolated"]


def test_a_pension_at_63_with_base_index_and_account_given() -> None:
    row = EXAMPLES["T-4"]
    spell = {"scheme": "employee", "region": "CN-BJ", "months": 360, "base": {"ratio": row["average_index"]}}
    case = PensionCase.model_validate(
        {
            "category": "man",
            "birth": "1985-01",
            "region": "CN-BJ",
            "retire": row["retirement_ym"],
            "history": [spell],
            "average_index": row["average_index"],
            "account_balance": row["account_balance"],
            "calculation_base": row["calculation_base"],
        }
    )
    worked = work_out(case, rules(TODAY))
    assert worked.total == Decimal(row["expected_total"])


def test_a_resident_pension_is_basic_and_account_by_139() -> None:
    row = EXAMPLES["T-5"]
    case = ResidentCase.model_validate(
        {
            "region": "CN-BJ",
            "birth": "1966-11",
            "tier": 1000,
            "years_paid": 15,
            "account_balance": row["account_balance"],
            "basic_pension": 961,
        }
    )
    assert resident_pension(case, rules(TODAY)).amount("monthly_pension") == Decimal(row["expected_total"])
