"""What staff should look at again, and why: reviews due, yearly figures that grew old, answers that did not help."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from actions.answering.articles import Article
from actions.answering.folder import Knowledge
from actions.answering.rendering import names_in
from actions.parameters import YEARLY_FIGURE_IS_STALE_AFTER, Confidence

UNHELPFUL_FROM = 3  # verdicts; fewer may be one person's bad day
UNHELPFUL_SHARE = 0.4


@dataclass(frozen=True)
class Due:
    """An article that needs a look, with how much it is used."""

    article_id: str
    why: tuple[str, ...]
    reviewed_on: date
    review_by: date
    answers: int = 0
    helpful: int = 0
    unhelpful: int = 0


def needing_review(
    knowledge: Knowledge, on: date, ahead: timedelta, usage: Mapping[str, Mapping[str, Any]]
) -> list[Due]:
    """The most answering article first. `usage` has answers, helpful, unhelpful and reasons by article id."""
    found = []
    for article in knowledge.articles.values():
        used = usage.get(article.id, {})
        counts = {name: int(used.get(name, 0)) for name in ("answers", "helpful", "unhelpful")}
        why = [*_overdue(article, on, ahead), *_old_figures(article, knowledge, on), *_unhelpful(used, **counts)]
        if why:
            found.append(Due(article.id, tuple(why), article.reviewed_on, article.review_by, **counts))
    return sorted(found, key=lambda due: (-due.answers, -due.unhelpful, due.review_by, due.article_id))


def _overdue(article: Article, on: date, ahead: timedelta) -> list[str]:
    if article.review_by <= on:
        return [f"review was due {(on - article.review_by).days} days ago"]
    return ["review falls due soon"] if article.review_by <= on + ahead else []


def _old_figures(article: Article, knowledge: Knowledge, on: date) -> list[str]:
    old = []
    bodies = " ".join(f"{body.short} {body.more}" for body in article.bodies.values())
    for name in sorted(set(names_in(bodies))):
        parameter = knowledge.parameters.all.get(name)
        if parameter is None or not parameter.yearly:
            continue
        places = [
            region
            for region, values in parameter.values.items()
            if on - max(values) > YEARLY_FIGURE_IS_STALE_AFTER
            and values[max(values)].confidence is not Confidence.UNVERIFIED
        ]
        if places:
            old.append(f"{name} is older than 13 months for {', '.join(sorted(places))}")
    return old


def _unhelpful(used: Mapping[str, Any], answers: int, helpful: int, unhelpful: int) -> list[str]:
    if unhelpful < UNHELPFUL_FROM or unhelpful < UNHELPFUL_SHARE * (helpful + unhelpful):
        return []
    reasons = ", ".join(f"{reason} {count}" for reason, count in used.get("reasons", ()))
    return [f"{unhelpful} of {helpful + unhelpful} said it did not help{f' ({reasons})' if reasons else ''}"]
