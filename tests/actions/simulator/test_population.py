"""The population engine gives each person what the rules give one by one, to the cent."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from actions.simulator.benefits.employee_pension import work_out
from actions.simulator.cases.pension import PensionCase
from actions.simulator.estimate import ImpossibleCase
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.population import CATEGORIES, Population, pensions
from tests.actions.simulator.expert_cases import rules

TODAY = date(2026, 11, 23)
PEOPLE = 120


def some_people(region: str, seed: int, count: int = PEOPLE) -> Population:
    random = np.random.default_rng(seed)
    birth = random.integers(1978 * 12, 2006 * 12, count)
    most = 2026 * 12 + 10 - birth - 16 * 12
    return Population(
        region=region,
        category=random.integers(0, 3, count),
        birth=birth,
        months_paid=random.integers(0, np.maximum(most, 1)),
        ratio=random.choice([0.6, 0.8, 1.0, 1.5, 3.0], count),
    )


@pytest.mark.parametrize("region", ["CN-ZJ", "CN-SC", "CN-JS", "CN-BJ", "CN-GD.shenzhen"])
def test_each_person_gets_what_the_single_rule_gives(region: str) -> None:
    people = some_people(region, seed=len(region))
    found = pensions(people, rules(TODAY))
    for i in range(len(people)):
        base = {"ratio": Decimal(repr(float(people.ratio[i])))}
        paid = int(people.months_paid[i])
        spell = {"scheme": "flexible", "region": region, "months": paid, "base": base}
        case = PensionCase.model_validate(
            {
                "category": CATEGORIES[people.category[i]],
                "birth": Month(int(people.birth[i]) // MONTHS_A_YEAR, int(people.birth[i]) % MONTHS_A_YEAR + 1),
                "region": region,
                "history": [spell] if paid else [],
                "plan": {"base": base},
            }
        )
        one = work_out(case, rules(TODAY))
        assert _text(found.basic[i]) == f"{one.basic:.2f}", case
        assert _text(found.account[i]) == f"{one.account:.2f}", case
        assert (int(found.months[i]), int(found.needed[i])) == (one.career.months, one.needed)
        enough = one.career.months >= one.needed
        assert _text(found.total[i]) == (f"{one.total:.2f}" if enough else "0.00")


def _text(value: float) -> str:
    return f"{value:.2f}"


def test_more_people_than_a_chunk_holds_are_the_same_people() -> None:
    few = some_people("CN-ZJ", seed=3)
    times = 200
    many = Population(
        "CN-ZJ",
        np.tile(few.category, times),
        np.tile(few.birth, times),
        np.tile(few.months_paid, times),
        np.tile(few.ratio, times),
    )
    np.testing.assert_array_equal(pensions(many, rules(TODAY)).total, np.tile(pensions(few, rules(TODAY)).total, times))


def test_nobody_gets_a_pension_that_is_no_number() -> None:
    found = pensions(some_people("CN-SC", seed=9, count=5000), rules(TODAY))
    for column in (found.basic, found.account, found.total):
        assert np.isfinite(column).all()
        assert (column >= 0).all()


def test_who_should_have_retired_already_is_refused_with_their_number() -> None:
    old = Population(
        "CN-ZJ", np.array([0, 0]), np.array([1950 * 12, 1990 * 12]), np.array([0, 0]), np.array([1.0, 1.0])
    )
    with pytest.raises(ImpossibleCase) as refused:
        pensions(old, rules(TODAY))
    assert refused.value.values["count"] == 1
