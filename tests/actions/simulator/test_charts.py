"""The chart of an estimate: which figures stand beside each other, and a picture that any phone can show."""

import io
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import Image

from actions.parameters import Parameters
from actions.simulator.charts import Chart, chart_of
from actions.simulator.estimate import Estimate
from actions.simulator.kinds import KINDS
from actions.simulator.pictures import LONGEST_LABEL, TYPEFACE, draw_png
from actions.simulator.rules import Rules
from actions.simulator.spelling import Language
from actions.simulator.texts import EstimateTexts

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
TODAY = date(2026, 11, 30)
LANGUAGES: tuple[Language, ...] = get_args(Language)


@lru_cache
def texts() -> EstimateTexts:
    return EstimateTexts.load(KNOWLEDGE)


@lru_cache
def rules() -> Rules:
    return Rules(Parameters.load(KNOWLEDGE / "parameters"), TODAY)


def estimate(kind: str, **case: Any) -> Estimate:
    example = {**KINDS[kind].examples[0], **case}
    return KINDS[kind].estimate(KINDS[kind].case.model_validate(example), rules())


@dataclass(frozen=True)
class Row:
    kind: str
    case: dict[str, Any]
    bars: list[str]
    series: int = 0


TABLE = [
    Row("pension", {}, ["早一年退休", "照现在的打算", "晚一年退休", "工资涨得慢些", "工资涨得快些"]),
    Row("compare", {}, ["跟着单位交（职工）", "自己交（灵活就业）", "居民养老"], series=2),
    Row("gap", {}, ["一直交", "停一阵"]),
    Row("contribution", {}, ["进你个人账户", "进统筹账户"]),
    Row("contribution", {"scheme": "employee"}, ["你自己出", "单位出"]),
    Row("resident-pension", {}, ["政府出的", "自己账户里的"]),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.kind)
def test_the_figures_that_a_worker_would_compare_stand_beside_each_other(row: Row) -> None:
    chart = chart_of(estimate(row.kind, **row.case), texts(), "zh")
    assert chart is not None
    assert [bar.label for bar in chart.rows] == row.bars
    assert len(chart.series) == row.series
    assert {len(bar.values) for bar in chart.rows} == {len(bar.texts) for bar in chart.rows} == {max(1, row.series)}


def test_a_bar_is_the_amount_of_the_estimate() -> None:
    found = estimate("gap")
    chart = chart_of(found, texts(), "en")
    assert chart is not None
    assert [bar.values[0] for bar in chart.rows] == [
        float(found.amount("pension_without_gap")),  # type: ignore[arg-type]
        float(found.amount("pension_with_gap")),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize("kind", ["retirement-age", "injury"])
def test_dates_and_single_sums_have_no_chart(kind: str) -> None:
    assert chart_of(estimate(kind), texts(), "zh") is None


def test_a_pension_that_is_not_paid_yet_is_not_drawn() -> None:
    short = estimate("pension", birth="1967-01", history=[], account_balance=None)
    assert "months_short" in {amount.key for amount in short.amounts}
    assert chart_of(short, texts(), "zh") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_a_png_as_wide_as_a_phone_can_show_well(language: Language) -> None:
    chart = chart_of(estimate("compare"), texts(), language)
    assert chart is not None
    picture = Image.open(io.BytesIO(draw_png(chart)))
    assert (picture.format, picture.width) == ("PNG", 900)
    assert 300 < picture.height < 1200
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or ()}
    assert {(11, 110, 79), (200, 85, 61)} <= colours  # both series are there


def test_a_chart_of_nothing_but_zeros_and_an_endless_name_is_drawn_all_the_same() -> None:
    from actions.simulator.charts import ChartRow

    rows = (ChartRow("长" * 400, (0.0,), ("0",)), ChartRow("$x^2_$", (0.0,), ("0",)))
    assert draw_png(Chart("零", "元", (), rows)).startswith(b"\x89PNG")


def test_every_text_of_a_chart_and_every_place_can_be_drawn() -> None:
    drawable = set(TTFont(TYPEFACE).getBestCmap())
    written = ""
    for kind in texts().kinds.values():
        written += "".join(text.zh + text.en for text in kind.values.values())
        for chart in kind.charts:
            written += "".join(t.zh + t.en for t in (chart.title, chart.unit, *chart.bars.values()))
    places = yaml.safe_load((KNOWLEDGE / "regions.yml").read_text(encoding="utf-8"))
    written += "".join(place["name"]["zh"] + place["name"]["en"] for place in places.values())
    assert {letter for letter in written if ord(letter) not in drawable} == set()


def test_labels_are_short_enough_for_a_phone() -> None:
    def width(label: str) -> int:
        return sum(2 if ord(letter) > 0x2E80 else 1 for letter in label)

    labels = [t for kind in texts().kinds.values() for chart in kind.charts for t in chart.bars.values()]
    assert [t for t in labels if max(width(t.zh), width(t.en)) > LONGEST_LABEL] == []
