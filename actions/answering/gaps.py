"""Groups questions that got no answer, so that staff see what to write next instead of a thousand lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from actions.answering.library import Library
from actions.privacy import mask

APART = 0.72  # cosine distance of two groups (mean over their pairs) from which they are about different things
NEAREST = 3
EXAMPLES = 3
_NAMES = re.compile(
    r"(?:我叫|我是|名字叫|姓名[:：]?|my name is|i am called|this is)\s*[\u4e00-\u9fffA-Za-z·]{2,12}"
    r"(?:\s(?-i:[A-Z])[A-Za-z·]+){0,2}",  # the rest of a name in Latin letters
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Open:
    """A question without an answer: its words, how often, and from how many conversations."""

    text: str
    times: int
    askers: int


@dataclass(frozen=True)
class Gap:
    """Questions about the same thing. `examples` are their commonest words, `nearest` articles that come close."""

    examples: tuple[str, ...]
    times: int
    askers: int
    nearest: tuple[tuple[str, float], ...]


def without_names(text: str) -> str:
    """The words with numbers masked once more, and without what somebody calls themselves."""
    return _NAMES.sub("…", mask(text).text)


def find_gaps(questions: Sequence[Open], library: Library, on: date) -> list[Gap]:
    """Groups, the most asked first. The examples are the words that most people used, without numbers and names."""
    asked = [question for question in questions if library.tools.tokeniser.tokens(question.text)]  # more than a smile
    if not asked:
        return []
    groups: dict[int, list[Open]] = {}
    for question, group in zip(asked, _groups([question.text for question in asked], library), strict=True):
        groups.setdefault(int(group), []).append(question)
    gaps = [_gap(members, library, on) for members in groups.values()]
    return sorted(gaps, key=lambda gap: (-gap.times, -gap.askers, gap.examples))


def _groups(texts: list[str], library: Library) -> NDArray[np.int64]:
    if len(texts) == 1:
        return np.zeros(1, dtype=np.int64)
    tokens = TfidfVectorizer(analyzer=library.tools.tokeniser.tokens, sublinear_tf=True).fit_transform(texts)
    alike = np.asarray((tokens @ tokens.T).todense())
    model = AgglomerativeClustering(n_clusters=None, metric="precomputed", linkage="average", distance_threshold=APART)
    labels: NDArray[np.int64] = model.fit_predict(np.clip(1 - alike, 0, 1))
    return labels


def _gap(members: list[Open], library: Library, on: date) -> Gap:
    members = sorted(members, key=lambda question: (-question.askers, -question.times, len(question.text)))
    scores: dict[str, float] = {}
    for question in members[:EXAMPLES]:
        for article_id, score in library.candidates(question.text, on)[:NEAREST]:
            scores[article_id] = max(score, scores.get(article_id, 0.0))
    nearest = sorted(scores.items(), key=lambda pair: -pair[1])[:NEAREST]
    return Gap(
        examples=tuple(dict.fromkeys(without_names(question.text) for question in members[:EXAMPLES])),
        times=sum(question.times for question in members),
        askers=sum(question.askers for question in members),
        nearest=tuple((article_id, round(score, 3)) for article_id, score in nearest),
    )
