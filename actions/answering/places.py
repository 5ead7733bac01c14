"""Which articles are about one place, and whether that is the place a question names.

A question that names Beijing is hardly answered by what holds in Shanghai, though every other word agrees. A place
that a title names counts; a place that merely stands in a body does not.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from actions.answering.articles import Article
from actions.answering.regions import Regions
from actions.answering.tokens import plain
from actions.parameters import NATION

Floats = NDArray[np.float64]
SIGNS = 3  # about the place named, about another place, about a place although none was named


class Places:
    """The places of each article, in the order of `article_ids`."""

    def __init__(self, articles: Mapping[str, Article], article_ids: Sequence[str], regions: Regions) -> None:
        self._rows: dict[str, list[int]] = {}
        for row, article_id in enumerate(article_ids):
            title = articles[article_id].title
            for code in named_in(f"{plain(title.zh)} {plain(title.en)}", regions):
                self._rows.setdefault(code, []).append(row)
        self._count = len(article_ids)
        self._placed = np.zeros(self._count)
        self._placed[[row for rows in self._rows.values() for row in rows]] = 1.0

    def signs(self, named: Iterable[str]) -> Floats:
        """Ones and zeros of shape (articles, SIGNS): how each article's place agrees with those that are named."""
        found = np.zeros((self._count, SIGNS))
        codes = frozenset(named)
        if not codes:
            found[:, 2] = self._placed
            return found
        near = [code for code in self._rows if any(_overlap(code, other) for other in codes)]
        found[[row for code in near for row in self._rows[code]], 0] = 1.0
        found[:, 1] = self._placed - found[:, 0]
        return found


def named_in(text: str, regions: Regions) -> frozenset[str]:
    """The provinces and cities that a text names."""
    return frozenset(mention.code for mention in regions.mentions(text)) - {NATION}


def _overlap(one: str, other: str) -> bool:
    """Whether two places are the same, or one lies in the other."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
