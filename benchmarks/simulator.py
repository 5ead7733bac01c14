"""Times the simulator: one estimate, and a population of long careers beside a loop and OpenFisca-Core.

`make bench-simulator` prints a table. Everything runs on one core. OpenFisca-Core is installed into an environment of
its own (`var/bench/openfisca`), because nothing but this comparison needs it; without a registry that row is left out.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from actions.parameters import Parameters
from actions.settings import CHINA
from actions.simulator.benefits.employee_pension import work_out
from actions.simulator.cases.pension import PensionCase
from actions.simulator.kinds import KINDS
from actions.simulator.month import MONTHS_A_YEAR, Month
from actions.simulator.population import CATEGORIES, Population, _bases, _divisors, _place, pensions
from actions.simulator.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
OPENFISCA = "openfisca-core==46.0.1"
LOOPED = 2000
ESTIMATES = 200


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--openfisca-people", type=int, default=200_000)
    chosen = options.parse_args()
    rules = Rules(Parameters.load(ROOT / "knowledge/parameters"), datetime.now(CHINA).date())
    people = _people(chosen.people, rules)
    table = Table("measured", "people", "seconds", "people/s")
    started = time.perf_counter()
    found = pensions(people, rules)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    table.add_row("population engine", f"{len(people):,}", f"{seconds:.2f}", f"{len(people) / seconds:,.0f}")
    looped = _loop(people, rules)
    table.add_row("the single rule in a loop", f"{LOOPED:,}", f"{looped:.2f}", f"{LOOPED / looped:,.0f}")
    other = _openfisca(people, found.retirement, rules, chosen.openfisca_people)
    if other:
        rate = chosen.openfisca_people / other["seconds"]
        own = float((found.basic + found.account)[: chosen.openfisca_people].sum())
        table.add_row(OPENFISCA, f"{chosen.openfisca_people:,}", f"{other['seconds']:.2f}", f"{rate:,.0f}")
    console = Console()
    console.print(table)
    if other:
        print(f"sums of the two agree to {abs(other['sum'] / own - 1):.1e}")
    print(f"median career: {median(found.months.tolist()) / MONTHS_A_YEAR:.1f} years; peak memory {memory:.2f} GB")
    print(f"one estimate in process, median of {ESTIMATES}: {_single(rules) * 1000:.1f} ms")


def _people(count: int, rules: Rules) -> Population:
    """Careers of about forty years: people of 18 to 34 who have paid since 18 or a little later."""
    random = np.random.default_rng(0)
    now = rules.on.year * MONTHS_A_YEAR + rules.on.month - 1
    birth = now - random.integers(18 * MONTHS_A_YEAR, 34 * MONTHS_A_YEAR, count)
    paid = np.maximum(now - birth - 18 * MONTHS_A_YEAR - random.integers(0, 36, count), 0)
    ratio = random.choice([0.6, 0.7, 0.8, 1.0, 1.5, 2.0, 3.0], count)
    return Population("CN-ZJ", random.integers(0, 3, count), birth, paid, ratio)


def _loop(people: Population, rules: Rules) -> float:
    cases = []
    for i in range(LOOPED):
        base = {"ratio": str(people.ratio[i])}
        spell = {"scheme": "flexible", "region": people.region, "months": int(people.months_paid[i]), "base": base}
        birth = Month(int(people.birth[i]) // MONTHS_A_YEAR, int(people.birth[i]) % MONTHS_A_YEAR + 1)
        case = {"category": CATEGORIES[people.category[i]], "birth": birth, "region": people.region}
        cases.append(PensionCase.model_validate(case | {"history": [spell], "plan": {"base": base}}))
    started = time.perf_counter()
    for one in cases:
        work_out(one, rules)
    return time.perf_counter() - started


def _single(rules: Rules) -> float:
    kind = KINDS["pension"]
    case = kind.case.model_validate(kind.examples[0])
    times = []
    for _ in range(ESTIMATES):
        started = time.perf_counter()
        kind.estimate(case, rules)
        times.append(time.perf_counter() - started)
    return median(times)


def _openfisca(people: Population, retire: np.ndarray, rules: Rules, count: int) -> dict[str, float] | None:
    python = _environment()
    if python is None:
        return None
    place = _place(people.region, rules)
    base, index = _bases(people.ratio[:count], people.region, rules)
    paid, ahead = people.months_paid[:count], retire[:count] - place.now
    figures = {
        "now": place.now,
        "first_year": int(place.now - paid.max()) // MONTHS_A_YEAR,
        "counted": place.counted,
        "accrual": place.accrual,
        "account": place.rate_to_account,
        "wage": float(place.growth.wage),
        "interest": float(place.growth.interest),
    }
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "people.npz"
        np.savez(
            arrays,
            retirement=retire[:count],
            months_paid=paid,
            past_base=people.ratio[:count] * place.wage,
            base=base,
            average_index=(people.ratio[:count] * paid + index * ahead) / np.maximum(paid + ahead, 1),
            divisor=_divisors(retire[:count] - people.birth[:count], retire[:count], rules),
        )
        script = ROOT / "benchmarks/openfisca_pension.py"
        done = subprocess.run(
            [str(python), str(script), str(arrays), json.dumps(figures)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"OpenFisca-Core failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _environment() -> Path | None:
    folder = ROOT / "var/bench/openfisca"
    python = folder / "bin/python"
    if python.exists():
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", OPENFISCA], check=True)
    except subprocess.CalledProcessError:
        print("OpenFisca-Core could not be installed, so its row is left out.", file=sys.stderr)
        return None
    return python


if __name__ == "__main__":
    main()
