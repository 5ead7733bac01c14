"""The same pension in OpenFisca-Core, for comparison: run by benchmarks/simulator.py in an environment of its own.

Reads arrays (retirement, months_paid, ratio, base, divisor; months counted from year 0) and the shared figures, works
out the pension with one variable a rule and one period a year, and prints seconds and the sum as JSON.
"""

import json
import sys
import time

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import ETERNITY, YEAR
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

MONTHS_A_YEAR = 12
figures = json.loads(sys.argv[2])
arrays = np.load(sys.argv[1])
NOW, FIRST = figures["now"], figures["first_year"]
THIS_YEAR = NOW // MONTHS_A_YEAR
Person = build_entity(key="person", plural="persons", label="A person", is_person=True)


class retirement(Variable):
    value_type, entity, definition_period, label = int, Person, ETERNITY, "month of retirement"


class months_paid(Variable):
    value_type, entity, definition_period, label = int, Person, ETERNITY, "months paid so far"


class past_base(Variable):
    value_type, entity, definition_period, label = float, Person, ETERNITY, "base so far, in wages of this year"


class base(Variable):
    value_type, entity, definition_period, label = float, Person, ETERNITY, "base from now on, in wages of this year"


class average_index(Variable):
    value_type, entity, definition_period, label = float, Person, ETERNITY, "average index of the whole career"


class divisor(Variable):
    value_type, entity, definition_period, label = float, Person, ETERNITY, "annuity divisor"


class balance(Variable):
    value_type, entity, definition_period, label = float, Person, YEAR, "account at the end of the year"

    def formula(person, period):
        year = period.start.year
        before = person("balance", period.last_year) if year > FIRST else 0.0
        start = NOW - person("months_paid", str(THIS_YEAR))
        past = _credited(before, person("past_base", str(THIS_YEAR)), start, NOW, year) if year <= THIS_YEAR else before
        if year < THIS_YEAR:
            return past
        return _credited(past, person("base", str(THIS_YEAR)), NOW, person("retirement", str(THIS_YEAR)), year)


class pension(Variable):
    value_type, entity, definition_period, label = float, Person, YEAR, "monthly pension at retirement"

    def formula(person, period):
        retire, paid = person("retirement", period), person("months_paid", period)
        ahead = retire - NOW
        counted = figures["counted"] * (1 + figures["wage"]) ** (ahead // MONTHS_A_YEAR)
        years = (paid + ahead) / MONTHS_A_YEAR
        basic = counted * (1 + person("average_index", period)) / 2 * years * figures["accrual"]
        last = str(int(retire.max()) // MONTHS_A_YEAR)
        account = person("balance", last) / person("divisor", period)
        return np.round(basic, 2) + np.round(account, 2)


def _credited(before, monthly_base, start, end, year):
    opens = year * MONTHS_A_YEAR
    first = np.maximum(start, opens)
    months = np.maximum(np.minimum(end, opens + MONTHS_A_YEAR) - first, 0)
    monthly = monthly_base * (figures["account"] * (1 + figures["wage"]) ** (year - THIS_YEAR))
    weights = months * (MONTHS_A_YEAR - (first - opens)) - months * (months - 1) / 2
    return before + monthly * months + (before * months + monthly * weights) * figures["interest"] / MONTHS_A_YEAR


system = TaxBenefitSystem([Person])
names = (retirement, months_paid, past_base, base, average_index, divisor)
system.add_variables(*names, balance, pension)
simulation = SimulationBuilder().build_default_simulation(system, count=len(arrays["retirement"]))
simulation.max_spiral_loops = 200  # an account looks back year by year; the default takes that for a mistake
started = time.perf_counter()
for variable in names:
    simulation.set_input(variable.__name__, str(THIS_YEAR), arrays[variable.__name__])
found = simulation.calculate("pension", str(THIS_YEAR))
print(json.dumps({"seconds": time.perf_counter() - started, "sum": float(found.astype(np.float64).sum())}))
