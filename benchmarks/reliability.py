"""A reliability diagram: chances that were given, and how often they came true. Plain SVG, no drawing library."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 6
SIZE, EDGE = 360, 46
COLOURS = {"zh": "#b3261e", "en": "#1a56a0"}
NAMES = {"zh": "Chinese", "en": "English"}


@dataclass(frozen=True)
class Bin:
    """Questions with about the same chance: its mean, the share that was right, and how many there are."""

    chance: float
    right: float
    count: int


def bins_of(chances: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS) -> list[Bin]:
    """Bins of equal counts, by chance; fewer where there are few questions."""
    if not len(chances):
        return []
    order = np.argsort(chances)
    return [
        Bin(float(chances[part].mean()), float(right[part].mean()), len(part))
        for part in np.array_split(order, min(bins, len(order)))
    ]


def expected_error(bins: list[Bin]) -> float:
    """The mean distance between chance and truth, weighted by counts (expected calibration error)."""
    total = sum(one.count for one in bins) or 1
    return sum(abs(one.chance - one.right) * one.count for one in bins) / total


def svg(found: dict[str, list[Bin]]) -> str:
    """The diagram: a diagonal for perfect honesty, a line a language, the size of a dot for its count."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE + 2 * EDGE} {SIZE + 2 * EDGE}" role="img" '
        'font-family="sans-serif" font-size="13"><title>Reliability of the judge</title>',
        f'<rect width="100%" height="100%" fill="#fff"/><path d="M{EDGE},{EDGE}V{SIZE + EDGE}H{SIZE + EDGE}" '
        'stroke="#444" fill="none"/>',
        f'<path d="M{_x(0)},{_y(0)}L{_x(1)},{_y(1)}" stroke="#999" stroke-dasharray="5 4"/>',
    ]
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        parts.append(f'<text x="{_x(share):.0f}" y="{SIZE + EDGE + 18}" text-anchor="middle">{share:g}</text>')
        parts.append(f'<text x="{EDGE - 8}" y="{_y(share) + 4:.0f}" text-anchor="end">{share:g}</text>')
    parts.append(f'<text x="{_x(0.5):.0f}" y="{SIZE + 2 * EDGE - 8}" text-anchor="middle">chance given</text>')
    parts.append(f'<text x="{EDGE + 10}" y="{EDGE - 12}">share of right answers</text>')
    for place, (language, bins) in enumerate(found.items()):
        line = " ".join(f"{_x(one.chance):.1f},{_y(one.right):.1f}" for one in bins)
        colour = COLOURS.get(language, "#444")
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for one in bins:
            dot = f'cx="{_x(one.chance):.1f}" cy="{_y(one.right):.1f}" r="{2 + one.count**0.5 / 2:.1f}"'
            parts.append(f'<circle {dot} fill="{colour}"/>')
        label = f"{NAMES.get(language, language)}: mean distance {expected_error(bins):.3f}"
        parts.append(f'<text x="{_x(0.42):.0f}" y="{_y(0.16) + 20 * place:.0f}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(share: float) -> float:
    return EDGE + share * SIZE


def _y(share: float) -> float:
    return EDGE + (1 - share) * SIZE
