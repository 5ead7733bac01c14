"""`shebao simulate KIND`: options read off the cases, JSON, steps, tables of many people, errors in one line."""

# ruff: noqa: E501 - one row of a table is one line

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actions.simulator.case import Base, CaseModel
from actions.simulator.cases.compare import CompareCase
from actions.simulator.cases.pension import PensionCase
from actions.simulator.kinds import KINDS
from channels.cli import app
from channels.simulate_options import UnreadableOption, options_of, raw_case
from tests.channels.staff_world import Said

DAY = ("--on", "2026-11-23")
INJURY = ("injury", "--grade", "6", "--own-wage", "3000", "--region", "CN-SC", *DAY)
TRANSFER = ("transfer", "--hukou", "CN-SC", "--spell", "CN-GD:130", "--spell", "CN-ZJ:24", *DAY)


def simulate(*words: str) -> Said:
    result = CliRunner().invoke(app, ["simulate", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Said(result.stdout, result.stderr, result.exit_code)


def fails(*words: str) -> str:
    said = simulate(*words)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1), said
    return said.err.strip()


def test_the_estimate_is_a_sentence_a_table_and_what_to_mind() -> None:
    said = simulate(*INJURY, "--lang", "en")
    assert said.code == 0
    assert said.out.splitlines()[0] == "Once graded, you are paid 75,177.60 yuan once."
    assert "2,819.16 yuan a month" in said.out
    assert "! Your wage of 3,000 yuan is below the floor" in said.out
    assert "4698.6 × 16" not in said.out


def test_the_steps_are_explained_with_their_sources() -> None:
    said = simulate(*INJURY, "--explain")
    assert "4698.6 × 16 = 75177.60元" in said.out
    assert "工伤保险条例" in said.out


def test_a_program_reads_amounts_steps_and_citations() -> None:
    read = simulate(*TRANSFER, "--json").json
    assert read["kind"] == "transfer"
    assert {a["key"]: a["value"] for a in read["amounts"]}["paying_place"] == "CN-GD"
    (cited,) = read["steps"][0]["citations"]
    assert (cited["source"], cited["as_of"]) == ("guobanfa-2009-66", "2010-01-01")
    assert cited["title"].startswith("城镇企业职工基本养老保险关系转移接续暂行办法")


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_example_is_taken_from_a_file(kind: str, tmp_path: Path) -> None:
    for example in KINDS[kind].examples:
        path = tmp_path / "case.json"
        path.write_text(json.dumps(example), encoding="utf-8")
        assert simulate(kind, "--case", str(path), "--json", *DAY).json["amounts"]


def test_an_option_goes_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "case.yml"
    path.write_text("{grade: 6, own_wage: 3000, region: CN-SC, month: 2026-01-31}", encoding="utf-8")
    read = simulate("injury", "--case", str(path), "--grade", "1", "--json", *DAY).json
    assert {a["key"]: a["value"] for a in read["amounts"]}["lump_sum"] == 126862.2


def test_flags_and_parts_are_options() -> None:
    words = ("injury", "--death", "--spouse", "--others", "1", "--own-wage", "6000", "--region", "CN-SC", *DAY)
    assert {a["key"]: a["value"] for a in simulate(*words, "--json").json["amounts"]}["dependants_allowance"] == 4200


WRONG = [
    (("injury", "--grade", "16", "--own-wage", "3000", "--region", "CN-SC"), "grade: Input should be less than or equal to 10"),
    (("injury", "--grade", "1", "--own-wage", "3000", "--region", "CN-QQ"), "region: 'CN-QQ' is not a place that is known"),
    (("injury", "--grade", "1", "--own-wage", "3000", "--region", "Sichuan"), "(a code such as CN-ZJ or CN-GD.shenzhen)"),
    (("injury", "--grade", "1", "--own-wage", "much", "--region", "CN-SC"), "own_wage: Input should be a valid decimal (a number)"),
    (("injury", "--grade", "1", "--own-wage", "1", "--region", "CN-SC", "--relation", "boss"), "'employee', 'platform' or 'none'"),
    (("injury", "--grade", "1", "--own-wage", "1", "--region", "CN-SC", "--month", "May"), "a month is written like 1990-05"),
    (("injury", "--grade", "1", "--own-wage", "1", "--region", "CN-SC", "--month", "2027-01", *DAY), "month: 出事的月份不能晚于2026年11月"),
    (("injury", "--grade", "1", "--own-wage", "1", "--region", "CN-SC", "--month", "2010-12"), "算不了：四川的“一次性伤残补助金"),
    (("injury", "--own-wage", "1", "--region", "CN-SC"), "give either grade (1 to 10) or death (true)"),
    (("transfer", "--hukou", "CN-SC", "--spell", "CN-ZJ"), "--spell 'CN-ZJ': PLACE:MONTHS is accepted"),
    (("transfer", "--hukou", "CN-SC", "--spell", "CN-ZJ:0"), "spells.0.months: Input should be greater than or equal to 1"),
    (("transfer", "--hukou", "CN-SC"), "spells: Field required (this field is needed)"),
    (("injury", "--case", "/nowhere/case.yml"), "--case /nowhere/case.yml:"),
    (("injury", "--lang", "de"), "--lang 'de' is not known"),
    (("injury", "--batch", "/nowhere/people.csv"), "/nowhere/people.csv"),
    (("injury", "--batch", "/nowhere/people.parquet"), "/nowhere/people.parquet"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_is_wrong_is_one_line_that_names_the_field(words: tuple[str, ...], message: str) -> None:
    assert message in fails(*words)


def people(tmp_path: Path, text: str) -> str:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_good_rows_are_done_and_bad_ones_are_told_with_line_and_reason(tmp_path: Path) -> None:
    table = people(tmp_path, "id,grade,own_wage,region\na,6,3000,CN-SC\nb,16,3000,CN-SC\nc,1,6000,CN-SC\n")
    results = tmp_path / "results.csv"
    said = simulate("injury", "--batch", table, "--out", str(results), *DAY)
    assert said.code == 2
    assert f"{table}:3: grade: Input should be less than or equal to 10" in said.err
    assert "2 rows good, 1 bad" in said.err
    rows = list(csv.DictReader(results.open(encoding="utf-8")))
    assert [(row["line"], row["id"], row["lump_sum"]) for row in rows] == [("2", "a", "75177.6"), ("4", "c", "162000")]


def test_a_table_of_good_rows_ends_well_and_one_of_bad_rows_does_not(tmp_path: Path) -> None:
    good = simulate("transfer", "--batch", people(tmp_path, "hukou,spell\nCN-SC,CN-GD:130 CN-ZJ:24\n"), *DAY)
    assert (good.code, "CN-GD" in good.out) == (0, True)
    bad = simulate("transfer", "--batch", people(tmp_path, "hukou,spell\nCN-SC,CN-GD\n"), *DAY)
    assert (bad.code, "PLACE:MONTHS is accepted" in bad.err) == (1, True)


def test_an_unknown_column_and_too_many_cells_are_told(tmp_path: Path) -> None:
    said = simulate("injury", "--batch", people(tmp_path, "grade,wage\n1,5\n1,5,7\n"))
    assert "people.csv:2: no such column: wage; the columns are" in said.err
    assert "people.csv:3: no such column: more cells than columns, wage" in said.err


def test_a_whole_field_may_be_a_cell_of_json(tmp_path: Path) -> None:
    table = people(tmp_path, 'death,own_wage,region,dependants\ntrue,6000,CN-SC,"{""spouse"": true}"\n')
    said = simulate("injury", "--batch", table, *DAY)
    assert said.code == 0, said.err
    assert ",2400," in said.out


class Part(CaseModel):
    base: Base | None = None
    years: int = 0


class Whole(CaseModel):
    plan: Part = Part()
    base: Base | None = None


def test_a_base_is_a_share_or_an_amount_and_parts_carry_their_owners_name() -> None:
    options = options_of(Whole)
    assert [option.flag for option in options] == ["--base", "--base-amount", "--plan-years"]
    raw = raw_case(options, {"base_amount": "5000", "plan_years": "3"})
    assert raw == {"plan": {"years": "3", "base": {"amount": "5000"}}}


LIFE = {"category": "man", "birth": "1970-05", "region": "CN-ZJ", "base": "0.6"}


def test_years_paid_are_a_spell_on_the_base_of_the_plan() -> None:
    raw = raw_case(options_of(PensionCase), {**LIFE, "years_paid": "10.5", "gap": ["2027-01:3"]})
    case = PensionCase.model_validate(raw)
    (spell,) = case.history
    assert (spell.months, spell.region, spell.scheme) == (126, "CN-ZJ", "flexible")
    assert case.plan is not None
    assert spell.base == case.plan.base
    assert case.plan.gaps[0].months == 3


def test_spells_and_ways_have_a_short_form() -> None:
    paid = raw_case(
        options_of(PensionCase), {**LIFE, "paid": ["employee:CN-SC:72:5000:2020-12", "flexible:CN-ZJ:6:0.6"]}
    )
    assert [spell.months for spell in PensionCase.model_validate(paid).history] == [72, 6]
    person = {"category": "man", "birth": "1970-05", "region": "CN-ZJ"}
    ways = raw_case(options_of(CompareCase), {**person, "way": "low:flexible:0.6:latest home:resident:500"})
    assert [way.name for way in CompareCase.model_validate(ways).ways] == ["low", "home"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"years_paid": "10"}, "--months-paid and --years-paid need --base or --base-amount"),
        ({"base": "0.6", "years_paid": "ten"}, "--years-paid 'ten': a number is accepted"),
        ({"base": "0.6", "years_paid": "inf"}, "--years-paid 'inf': a number is accepted"),
        ({"base": "0.6", "months_paid": "5", "paid": ["flexible:CN-ZJ:6:0.6"]}, "cannot stand beside --paid"),
        ({"paid": ["flexible:CN-ZJ"]}, "SCHEME:PLACE:MONTHS:BASE is accepted"),
        ({"base": "0.6", "gap": ["2027-01"]}, "START:MONTHS is accepted"),
    ],
)
def test_a_short_form_that_cannot_be_read_says_what_is_accepted(given: dict[str, object], message: str) -> None:
    with pytest.raises(UnreadableOption, match=re.escape(message)):
        raw_case(options_of(PensionCase), given)
