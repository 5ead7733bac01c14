"""`POST /api/v1/simulations/{kind}`: every kind has its schema and examples, and errors name the field."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from actions.simulator.kinds import KINDS
from channels.simulations import Simulations
from tests.channels.channel_world import world

PATH = "/api/v1/simulations"
INJURY = {"grade": 6, "own_wage": 3000, "region": "CN-SC", "on": "2026-11-23"}


@pytest.mark.parametrize("kind", list(KINDS))
async def test_the_examples_in_the_reference_are_estimated_in_both_languages(kind: str) -> None:
    async with world() as here:
        described = (await here.client.get("/openapi.json")).json()
        operation = described["paths"][f"{PATH}/{kind}"]["post"]
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        examples = described["components"]["schemas"][name]["examples"]
        answers = [
            await here.client.post(f"{PATH}/{kind}", json={**example, "on": "2026-11-23", "language": language})
            for example in examples
            for language in ("zh", "en")
        ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    for answer in answers:
        body = answer.json()
        assert body["kind"] == kind
        assert body["headline"]
        assert body["amounts"]
        assert body["rule_set"]


async def test_an_estimate_has_amounts_steps_and_their_sources() -> None:
    async with world() as here:
        body = (await here.client.post(f"{PATH}/injury", json={**INJURY, "language": "en"})).json()
    amounts = {amount["key"]: amount for amount in body["amounts"]}
    assert amounts["lump_sum"] == {
        "key": "lump_sum", "label": "Lump sum for the disability", "value": 75177.6, "unit": "CNY",
        "money_of": None, "words": "75,177.60 yuan",
    }  # fmt: skip
    step = next(step for step in body["steps"] if step["key"] == "lump_sum")
    assert step["formula"] == "4698.6 × 16"
    assert step["citations"][0]["source"] == "work-injury-regulation-2010"
    assert step["article"] == "injury/grades"


FAULTY: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("injury", {**INJURY, "grade": 16}, "grade", "10 or less"),
    ("injury", {**INJURY, "region": "US"}, "region", "a code such as CN-ZJ or CN-GD.shenzhen"),
    ("injury", {**INJURY, "region": "CN-QQ"}, "region", "a province or city of the list of regions"),
    ("injury", {**INJURY, "wage": 5}, "wage", "no such field; the fields are"),
    ("injury", {**INJURY, "own_wage": "NaN"}, "own_wage", "a number"),
    ("injury", {**INJURY, "relation": "boss"}, "relation", "'employee', 'platform' or 'none'"),
    ("injury", {**INJURY, "dependants": {"others": -1}}, "dependants.others", "0 or more"),
    ("injury", {**INJURY, "month": "2027-01"}, "month", None),
    ("injury", {**INJURY, "on": "1999-12-31"}, "on", "2000-01-01 or more"),
    ("injury", {**INJURY, "language": "de"}, "language", "'zh' or 'en'"),
    ("injury", {"own_wage": 3000, "region": "CN-SC"}, "", None),
    ("transfer", {"hukou": "CN-SC", "spells": [{"region": "CN-ZJ", "months": 0}]}, "spells.0.months", "1 or more"),
    ("transfer", {"hukou": "CN-SC", "spells": []}, "spells", "1 or more"),
    ("transfer", {"hukou": "CN-SC", "spells": [{"region": "CN", "months": 5}]}, "spells.0.region", None),
]


@pytest.mark.parametrize(("kind", "case", "field", "accepted"), FAULTY, ids=[f"{c[0]} {c[2]} {c[3]}" for c in FAULTY])
async def test_a_fault_names_its_field_and_what_is_accepted(
    kind: str, case: dict[str, Any], field: str, accepted: str | None
) -> None:
    async with world() as here:
        response = await here.client.post(f"{PATH}/{kind}", json=case)
    body = response.json()
    assert (response.status_code, body["code"]) == (422, "case_invalid")
    (fault,) = body["errors"]
    assert fault["field"] == field
    assert fault["message"]
    assert fault.get("accepted") == accepted if accepted is None else fault["accepted"].startswith(accepted)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'"x"', b"null"])
async def test_a_body_that_is_no_case_is_a_fault_and_no_crash(content: bytes) -> None:
    async with world() as here:
        response = await here.client.post(
            f"{PATH}/injury", content=content, headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 422
    assert response.json()["errors"]


async def test_a_figure_that_is_not_published_declines_and_is_named() -> None:
    async with world() as here:
        response = await here.client.post(f"{PATH}/injury", json={**INJURY, "month": "2010-12", "language": "en"})
    body = response.json()
    assert response.status_code == 422
    assert (body["code"], body["figure"], body["place"]) == ("figure_not_published", "injury.lump_sum", "CN-SC")
    assert "We do not guess" in body["errors"][0]["message"]


async def test_an_unknown_kind_is_told_with_those_there_are() -> None:
    async with world() as here:
        response = await here.client.post(f"{PATH}/lottery", json={})
        listed = (await here.client.get(PATH)).json()
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "simulation_unknown"
    assert response.json()["error"]["accepted"] == ", ".join(KINDS)
    assert [kind["kind"] for kind in listed] == list(KINDS)


async def test_too_many_requests_are_told_to_wait() -> None:
    async with world(rate_address="1/minute") as here:
        first = await here.client.post(f"{PATH}/injury", json=INJURY)
        second = await here.client.post(f"{PATH}/injury", json=INJURY)
    assert (first.status_code, second.status_code) == (200, 429)
    assert int(second.headers["Retry-After"]) >= 1


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path, real_knowledge: Path) -> Path:
    """A copy of what simulations read, to change."""
    for name in ("estimates.yml", "sources.yml", "regions.yml"):
        shutil.copy(real_knowledge / name, tmp_path / name)
    for name in ("estimates", "parameters"):
        shutil.copytree(real_knowledge / name, tmp_path / name)
    return tmp_path


def test_a_changed_figure_counts_a_second_later_and_a_broken_one_never(folder: Path) -> None:
    clock = Clock()
    simulations = Simulations(folder, clock)
    before = simulations.desk()
    path = folder / "parameters" / "injury" / "lump_sum.yml"
    path.write_text(path.read_text(encoding="utf-8").replace('"10": 7', '"10": 8.5'), encoding="utf-8")
    assert simulations.desk() is before
    clock.now = 1.0
    after = simulations.desk()
    assert after is not before
    path.write_text("broken: [", encoding="utf-8")
    clock.now = 2.0
    assert simulations.desk() is after
    assert simulations.desk().parameters.all["injury.lump_sum"].values["CN"]


def test_a_folder_that_did_not_change_is_not_read_again(folder: Path) -> None:
    clock = Clock()
    simulations = Simulations(folder, clock)
    before = simulations.desk()
    clock.now = 60.0
    assert simulations.desk() is before
