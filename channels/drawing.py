"""A reply's chart as a picture for apps that show pictures."""

from actions.simulator import charts
from actions.simulator.pictures import draw_png
from channels.message import Chart


def draw(chart: Chart, language: str) -> bytes:
    """A PNG; its words are in the chart already, in the worker's language."""
    rows = tuple(charts.ChartRow(row.label, row.values, row.texts) for row in chart.rows)
    return draw_png(charts.Chart(chart.title, chart.unit, chart.series, rows))
