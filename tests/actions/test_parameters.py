"""Figures: which value holds where and when, and what a broken file is told."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest

from actions.parameters import (
    InvalidParameter,
    MissingFigure,
    Parameters,
    read_parameter,
    region_chain,
)

ON = date(2026, 11, 23)


def parameters(tmp_path: Path, text: str, name: str = "area/amount") -> Parameters:
    path = tmp_path / "parameters" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return Parameters.load(tmp_path / "parameters")


PLACES = """
    description: {zh: 数, en: A number}
    unit: CNY/month
    values:
      CN:
        2020-01-01: {value: 1, source: law, confidence: verified}
      CN-GD:
        2020-01-01: {value: 2, source: law, confidence: verified}
      CN-GD.shenzhen:
        2020-01-01: {value: 3, source: law, confidence: verified}
"""


@pytest.mark.parametrize(
    ("region", "value", "found_in"),
    [
        ("CN-GD.shenzhen", 3, "CN-GD.shenzhen"),
        ("CN-GD.zhuhai", 2, "CN-GD"),
        ("CN-GD", 2, "CN-GD"),
        ("CN-ZJ", 1, "CN"),
        ("CN-ZJ.hangzhou", 1, "CN"),
        ("CN", 1, "CN"),
    ],
)
def test_a_place_without_a_value_takes_its_provinces_then_the_nations(
    tmp_path: Path, region: str, value: int, found_in: str
) -> None:
    found = parameters(tmp_path, PLACES).figure("area.amount", region, ON)
    assert found.value == value
    assert found.region == found_in


def test_the_nation_does_not_borrow_from_a_province(small_folder: Path) -> None:
    small = Parameters.load(small_folder / "parameters")
    with pytest.raises(MissingFigure, match=r"'contribution.base_lower' has no value for CN on 2026-11-23"):
        small.figure("contribution.base_lower", "CN", ON)


@pytest.mark.parametrize(
    ("region", "chain"),
    [
        ("CN", ("CN",)),
        ("CN-ZJ", ("CN-ZJ", "CN")),
        ("CN-GD.shenzhen", ("CN-GD.shenzhen", "CN-GD", "CN")),
    ],
)
def test_a_city_lies_in_its_province_and_a_province_in_the_nation(region: str, chain: tuple[str, ...]) -> None:
    assert region_chain(region) == chain


@pytest.mark.parametrize(
    ("on", "value", "since"),
    [
        (date(2024, 2, 29), 24, date(2021, 1, 1)),
        (date(2024, 3, 1), 20, date(2024, 3, 1)),
        (date(2021, 1, 1), 24, date(2021, 1, 1)),
        (date(2020, 12, 31), 20, date(2006, 1, 1)),  # before Shanghai's first value the nation's holds
        (date(2035, 1, 1), 20, date(2024, 3, 1)),
    ],
)
def test_the_rate_of_shanghai_changes_on_the_day_of_the_notice(
    small_folder: Path, on: date, value: int, since: date
) -> None:
    found = Parameters.load(small_folder / "parameters").figure("contribution.flexible.rate", "CN-SH", on)
    assert found.value == value
    assert found.since == since


@pytest.mark.parametrize(("on", "years"), [(date(2029, 12, 31), Decimal(15)), (date(2030, 1, 1), Decimal("15.5"))])
def test_the_minimum_years_rise_on_the_first_of_january_2030(small_folder: Path, on: date, years: Decimal) -> None:
    found = Parameters.load(small_folder / "parameters").figure("pension.minimum_years", "CN", on)
    assert found.value == years


def test_there_is_no_figure_before_its_first_date(small_folder: Path) -> None:
    with pytest.raises(MissingFigure, match="2011-06-30"):
        Parameters.load(small_folder / "parameters").figure("pension.minimum_years", "CN", date(2011, 6, 30))


ABOLISHED = """
    description: {zh: 补贴, en: A subsidy}
    unit: CNY/month
    values:
      CN:
        2010-01-01: {value: 5, source: law, confidence: verified}
      CN-SH:
        2020-01-01: {value: 9, source: law, confidence: verified}
        2025-01-01: {value: null, source: law, confidence: verified}
"""


def test_an_abolished_rule_still_holds_for_days_before_its_end(tmp_path: Path) -> None:
    assert parameters(tmp_path, ABOLISHED).figure("area.amount", "CN-SH", date(2024, 12, 31)).value == 9


def test_an_abolished_rule_has_no_figure_and_does_not_fall_back_to_the_nation(tmp_path: Path) -> None:
    with pytest.raises(MissingFigure):
        parameters(tmp_path, ABOLISHED).figure("area.amount", "CN-SH", date(2025, 1, 1))


def test_an_unverified_value_is_never_told_and_makes_the_older_one_stale(small_folder: Path) -> None:
    small = Parameters.load(small_folder / "parameters")
    before = small.figure("contribution.base_lower", "CN-JS", date(2025, 12, 31))
    after = small.figure("contribution.base_lower", "CN-JS", date(2026, 1, 1))
    assert before.value == after.value == 4952
    assert (before.stale, after.stale) == (False, True)


def test_a_place_with_only_unverified_values_takes_the_wider_one(tmp_path: Path) -> None:
    rumour = PLACES.replace(
        "{value: 3, source: law, confidence: verified}", "{value: 3, source: law, confidence: unverified}"
    )
    assert parameters(tmp_path, rumour).figure("area.amount", "CN-GD.shenzhen", ON).value == 2


@pytest.mark.parametrize(
    ("on", "stale"),
    [
        (date(2025, 1, 1), False),
        (date(2026, 2, 1), False),
        (date(2026, 2, 2), True),
        (date(2028, 1, 1), True),
    ],
)
def test_a_yearly_figure_is_stale_after_thirteen_months(small_folder: Path, on: date, stale: bool) -> None:
    found = Parameters.load(small_folder / "parameters").figure("contribution.base_lower", "CN-ZJ", on)
    assert (found.since, found.stale) == (date(2025, 1, 1), stale)


def test_a_figure_that_is_not_yearly_never_turns_stale(small_folder: Path) -> None:
    small = Parameters.load(small_folder / "parameters")
    assert not small.figure("contribution.flexible.rate", "CN", date(2060, 1, 1)).stale


def test_an_unknown_figure_is_named_in_the_error(small_folder: Path) -> None:
    with pytest.raises(MissingFigure, match=r"no figure named 'contribution\.base_lowest'"):
        Parameters.load(small_folder / "parameters").figure("contribution.base_lowest", "CN", ON)


@pytest.mark.parametrize(
    ("name", "varies"),
    [("contribution.base_lower", True), ("pension.minimum_years", False), ("no.such", False)],
)
def test_only_figures_with_values_of_places_vary_by_place(small_folder: Path, name: str, varies: bool) -> None:
    assert Parameters.load(small_folder / "parameters").varies_by_place(name) is varies


TABLE = """
    description: {zh: 伤残补助金, en: Lump sum}
    unit: months
    values:
      CN:
        2011-01-01: {value: {"1": 27, 10: 7}, source: law, confidence: verified}
"""


@pytest.mark.parametrize(("row", "value"), [("1", 27), ("10", 7)])
def test_a_table_gives_the_value_of_its_row(tmp_path: Path, row: str, value: int) -> None:
    assert parameters(tmp_path, TABLE).figure("area.amount", "CN", ON, row).value == value


@pytest.mark.parametrize("row", ["11", None])
def test_a_row_that_the_table_does_not_have_is_missing(tmp_path: Path, row: str | None) -> None:
    with pytest.raises(MissingFigure):
        parameters(tmp_path, TABLE).figure("area.amount", "CN", ON, row)


def test_a_row_that_is_missing_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFigure, match="row '11'"):
        parameters(tmp_path, TABLE).figure("area.amount", "CN", ON, "11")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("unit: CNY/month", "unit: dollars", "unit", "CNY/month"),
        ("unit: CNY/month", "unit: CNY/month\nyearley: true", "yearley", "not permitted"),
        ("value: 3", "value: many", "values.CN-GD.shenzhen.2020-01-01.value", "'many' is no number"),
        ("value: 3", "value: '2/0'", "values.CN-GD.shenzhen.2020-01-01.value", "'2/0' is no number"),
        ("value: 3, source: law", "value: 3", "values.CN-GD.shenzhen.2020-01-01.source", "required"),
        ("value: 3, source", "vallue: 3, source", "values.CN-GD.shenzhen.2020-01-01.value", "required"),
        ("en: A number", "en: ''", "description.en", "at least 1"),
        (
            "{value: 3, source: law, confidence: verified}",
            "{value: 3, source: law, confidence: sure}",
            "confidence",
            "verified",
        ),
    ],
)
def test_a_broken_file_is_told_where_and_what(tmp_path: Path, old: str, new: str, key: str, message: str) -> None:
    text = dedent(PLACES)
    assert old in text
    with pytest.raises(InvalidParameter) as error:
        parameters(tmp_path, text.replace(old, new))
    assert "amount.yml" in str(error.value)
    assert key in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["description: {zh: [", "\tvalues: 1"])
def test_a_file_that_is_no_yaml_is_told_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidParameter, match=r"broken\.yml: not YAML"):
        read_parameter(path)


@pytest.mark.parametrize("text", ["", "- one\n- two\n", "just words\n"])
def test_a_file_that_is_no_mapping_is_told_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidParameter, match=r"empty\.yml"):
        read_parameter(path)


def test_a_fraction_stays_exact(tmp_path: Path) -> None:
    text = PLACES.replace("CNY/month", "fraction").replace("value: 3", 'value: "2/3"')
    assert parameters(tmp_path, text).figure("area.amount", "CN-GD.shenzhen", ON).value == Fraction(2, 3)
