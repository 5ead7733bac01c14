"""Draws a chart as a PNG for messaging apps: bars from left to right, big enough for a phone, with Chinese glyphs.

matplotlib is imported at the first picture only: it takes half a second and 40 MB that most processes never need.
"""

import io
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.simulator.charts import Chart

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

TYPEFACE = Path(__file__).with_name("typeface") / "NotoSansCJKsc-GB2312.otf"
WIDTH_INCHES, DOTS_PER_INCH = 6.0, 150
BAR_INCHES, FRAME_INCHES = 0.42, 1.25  # one bar, and what is above and below all of them
MARGIN_INCHES = 0.12
COLOURS = ("#0b6e4f", "#c8553d")  # told apart by people who do not see red and green, and in grey
INK, FAINT = "#1d2321", "#5c6663"
ROOM_FOR_NUMBERS = 1.22  # of the longest bar
LONGEST_LABEL = 28  # characters, a Chinese one counts as two
_drawing = threading.Lock()  # matplotlib's text layout is not safe in threads


def draw_png(chart: Chart) -> bytes:
    """The chart as a PNG, about 900 pixels wide; the whole picture, no file. Safe to call from several threads."""
    with _drawing:
        return _draw(chart)


def _draw(chart: Chart) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    groups = max(1, len(chart.series))
    height = FRAME_INCHES + BAR_INCHES * len(chart.rows) * groups + 0.3 * (groups > 1)
    margins = ConstrainedLayoutEngine(w_pad=MARGIN_INCHES, h_pad=MARGIN_INCHES)
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH, layout=margins)
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    for series in range(groups):
        _bars(axes, chart, series, groups)
    axes.set_yticks(range(len(chart.rows)), [_short(row.label) for row in chart.rows])
    _dress(figure, axes, chart)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor="white")
    return picture.getvalue()


def _bars(axes: Any, chart: Chart, series: int, groups: int) -> None:
    thick = 0.72 / groups
    places = [row + (series - (groups - 1) / 2) * thick for row in range(len(chart.rows))]
    drawn = axes.barh(places, [row.values[series] for row in chart.rows], thick * 0.92, color=COLOURS[series % 2])
    texts = [row.texts[series] for row in chart.rows]
    axes.bar_label(drawn, texts, padding=4, color=INK, fontproperties=_letters(12))


def _dress(figure: Any, axes: Any, chart: Chart) -> None:
    axes.invert_yaxis()
    longest = max((value for row in chart.rows for value in row.values), default=0) or 1
    axes.set_xlim(0, longest * ROOM_FOR_NUMBERS)
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for label in axes.get_yticklabels():
        label.set(fontproperties=_letters(12), color=INK)
    figure.suptitle(chart.title, fontproperties=_letters(15), color=INK, x=0.03, ha="left")
    axes.set_title(chart.unit, fontproperties=_letters(10), color=FAINT, loc="left", pad=6)
    if chart.series:
        key = figure.legend(chart.series, loc="outside lower left", ncols=len(chart.series), frameon=False,
                            prop=_letters(11))  # fmt: skip
        for text in key.get_texts():
            text.set_color(INK)


@cache
def _letters(size: float) -> "FontProperties":
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(TYPEFACE), size=size)


def _short(label: str) -> str:
    """A label that leaves room for the bars; `$` would begin a formula."""
    plain, width = "", 0
    for character in label.replace("$", ""):
        width += 2 if ord(character) > 0x2E80 else 1
        if width > LONGEST_LABEL:
            return plain + "…"
        plain += character
    return plain
