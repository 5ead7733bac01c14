"""A new article that `check` accepts and that no worker sees before staff have written it."""

import re
from datetime import date, timedelta
from pathlib import Path

from actions.answering.articles import ID_PATTERN, LONGEST_ID, REGION_PATTERN
from actions.answering.lint import FEWEST_VARIANTS
from actions.parameters import NATION

TRUSTED_FOR = timedelta(days=181)


class NoSkeleton(Exception):
    """The article cannot be begun; the message says what is accepted."""


def new_article(
    folder: Path, article_id: str, title_zh: str, title_en: str, source: str, region: str, on: date
) -> Path:
    """Writes the file and gives its path; never touches one that exists. Unverified, so it does not answer yet."""
    if not re.fullmatch(ID_PATTERN, article_id) or len(article_id) > LONGEST_ID:
        raise NoSkeleton(
            f"{article_id!r} is no id; accepted is <topic>/<name> in small letters, digits and hyphens, "
            f"at most {LONGEST_ID} characters, such as transfer/between-provinces"
        )
    if not re.fullmatch(REGION_PATTERN, region):
        raise NoSkeleton(f"{region!r} is no region; {NATION} or a code of regions.yml such as CN-ZJ is accepted")
    if not title_zh.strip() or not title_en.strip():
        raise NoSkeleton("both titles are needed: --zh and --en")
    path = folder / "articles" / f"{article_id}.md"
    if path.exists():
        raise NoSkeleton(f"{path} exists already; edit it, or choose another id")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(article_id, title_zh.strip(), title_en.strip(), source, region, on), encoding="utf-8")
    return path


def _text(article_id: str, title_zh: str, title_en: str, source: str, region: str, on: date) -> str:
    topic, name = article_id.split("/")
    zh = [f"{title_zh}：工人会怎么问，第{number}种说法（{name}）" for number in range(1, FEWEST_VARIANTS + 1)]
    en = [f"{title_en}: how a worker asks it, way {number} ({name})" for number in range(1, FEWEST_VARIANTS + 1)]
    return "\n".join(
        [
            "---",
            f"id: {article_id}",
            f"title: {{zh: {_quoted(title_zh)}, en: {_quoted(title_en)}}}",
            f"topic: {topic}",
            "life_events: []",
            f"regions: [{region}]",
            f"applies_from: {on}  # since when the rule holds",
            f"reviewed_on: {on}",
            f"review_by: {on + TRUSTED_FOR}",
            "confidence: unverified  # change it once text and figures are checked; until then it never answers",
            f"sources: [{source}]",
            "questions:  # replace each; ten to forty, as different as possible",
            "  zh:",
            *(f"    - {_quoted(text)}" for text in zh),
            "  en:",
            *(f"    - {_quoted(text)}" for text in en),
            "next_steps:",
            "  zh: [打12333问一下]",
            "  en: [Call 12333 and ask]",
            "related: []",
            "---",
            "# zh",
            "先用一两句话把答案说清楚。",
            "",
            "# en",
            "Begin with the answer, in one or two sentences.",
            "",
        ]
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
