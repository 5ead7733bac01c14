"""Finds the document that a question names by its number: 国发〔2005〕38号, "Guo Fa [2005] No. 38", guofa 2005 38.

A number is exact: a document that the folder does not hold must not be answered with one that looks like it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from actions.answering.articles import Article
from actions.answering.tokens import plain

TOPIC = "instruments"
_YEAR = r"[\[(（【〔]?\s*((?:19|20)\d\d)\s*[\])）】〕]?"
_CHINESE = re.compile(rf"([\u4e00-\u9fff]{{0,7}}?[发规函办令字府]){_YEAR}\s*年?\s*第?\s*(\d{{1,4}})\s*号")
_CHINESE_BARE = re.compile(r"[\[(（【〔]\s*((?:19|20)\d\d)\s*[\])）】〕]\s*第?\s*(\d{1,4})\s*号")
_PINYIN = re.compile(
    r"\b((?:[a-z]+ ){0,5}?[a-z]*(?:fa|gui|han|ling|zi|fu))\s*([\[(（【〔]?)\s*((?:19|20)\d\d)\s*[\])）】〕]?"
    r"\s*,?\s*(no\.?|number|nr\.?|#)?\s*(\d{1,4})\b"
)


@dataclass(frozen=True)
class Number:
    """A document number as somebody wrote it. `issuer` has no blanks; it may be cut short or run on at its front.

    `certain`: written as only document numbers are, and not merely a word, a year and a number.
    """

    issuer: str
    year: int
    number: int
    certain: bool = True

    def is_of(self, other: "Number") -> bool:
        """Whether both may name the same document."""
        same = (self.year, self.number) == (other.year, other.number)
        return same and (self.issuer.endswith(other.issuer) or other.issuer.endswith(self.issuer))


def numbers_in(text: str) -> list[Number]:
    """Every document number of a text."""
    lowered = plain(text)
    found = [Number(m[1].replace(" ", ""), int(m[2]), int(m[3])) for m in _CHINESE.finditer(lowered)]
    for m in _PINYIN.finditer(lowered):
        found.append(Number(m[1].replace(" ", ""), int(m[3]), int(m[5]), certain=bool(m[2] or m[4])))
    return found or [Number("", int(m[1]), int(m[2])) for m in _CHINESE_BARE.finditer(lowered)]


class Documents:
    """The articles about documents, by the numbers that their titles, ids and question variants hold."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._known: list[tuple[Number, str]] = []
        for article in articles:
            if article.topic != TOPIC:
                continue
            texts = [article.title.zh, article.title.en, article.id.split("/")[1].replace("-", " ")]
            texts += [*article.questions.zh, *article.questions.en]
            self._known += [(number, article.id) for number in {n for text in texts for n in numbers_in(text)}]

    def about(self, text: str) -> tuple[str, ...] | None:
        """The articles about the document that a text names by number; none of them is (), no number at all is None."""
        asked = numbers_in(text) if self._known else []
        fitting = {article_id for number in asked for known, article_id in self._known if number.is_of(known)}
        if fitting or any(number.certain for number in asked):
            return tuple(sorted(fitting))
        return None
