"""Whatever a case holds, a simulation gives an estimate or a reason: no crash, no hang, no number that is none."""

import json
import math
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.simulator.kinds import KINDS
from channels.simulate_batch import BadCase, Batch
from channels.simulations import Desk

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
MONTHS = st.dates(date(1930, 1, 1), date(2110, 12, 1)).map(lambda day: f"{day:%Y-%m}")
PLACES = st.sampled_from(["CN", "CN-SC", "CN-ZJ", "CN-GD", "CN-GD.shenzhen", "CN-SH", "CN-XZ", "CN-QQ"])
NUMBERS = st.one_of(st.integers(-5, 800), st.decimals(0, 20_000, places=2).map(str), st.floats(), st.integers())
WORDS = st.sampled_from(
    ["", "man", "woman_50", "earliest", "latest", "statutory", "flexible", "resident", "\x00", "元"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, MONTHS, PLACES, WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ratio", "amount", "x"]), inner),
    max_leaves=4,
)


@lru_cache
def desk() -> Desk:
    return Desk.read(KNOWLEDGE)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a case."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [leaf for key, child in inner for leaf in leaves(child, (*path, key))]
    return [path, *below] if path else below


@st.composite
def cases(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """An example with up to three values exchanged for others, and perhaps a field more."""
    register = KINDS[kind]
    case: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(register.examples))))
    if draw(st.booleans()):
        case[draw(st.sampled_from(sorted(register.case.model_fields)))] = draw(VALUES)
    for path in draw(st.lists(st.sampled_from(leaves(case)), max_size=2)):
        place: Any = case
        for part in path[:-1]:
            place = place[part] if isinstance(place, dict | list) and _has(place, part) else None
        if isinstance(place, dict | list) and _has(place, path[-1]):
            place[path[-1]] = draw(st.one_of(NUMBERS, MONTHS, PLACES, VALUES))
    return case


def _has(place: Any, part: Any) -> bool:
    return part in place if isinstance(place, dict) else isinstance(part, int) and part < len(place)


@pytest.mark.parametrize("kind", list(KINDS))
@settings(max_examples=150, deadline=timedelta(seconds=2), suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), on=DAYS)
def test_any_case_gives_an_estimate_or_a_reason(kind: str, data: st.DataObject, on: date) -> None:
    case = data.draw(cases(kind))
    try:
        estimate = Batch(KINDS[kind], desk(), on, "en").estimate(case)
    except BadCase as reason:
        assert str(reason)  # noqa: PT017
        return
    body = desk().body(estimate, "zh").model_dump(mode="json")
    numbers = [amount["value"] for amount in body["amounts"] if isinstance(amount["value"], int | float)]
    assert all(math.isfinite(number) for number in numbers)
    json.dumps(body, allow_nan=False)
