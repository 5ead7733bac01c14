"""Which part of the report each article draws on: `knowledge/coverage.yml`, and the page made of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.answering.folder import InvalidKnowledge, read_as

FILE, PAGE = "coverage.yml", "COVERAGE.md"
_HEAD = """# What the report says, and where we say it

Made from `coverage.yml` by `shebao knowledge coverage`; do not edit it by hand. The report is the ILO's
of 2022 on social insurance for workers in platform and flexible employment in China (`ilo-2022` in `sources.yml`).
"""


class Part(BaseModel):
    """A section or a table row of the report: the articles that carry it, or why none does."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    part: Annotated[str, Field(min_length=1)]
    heading: Annotated[str, Field(min_length=1)]
    articles: tuple[str, ...] = ()
    reason: str = ""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Part":
        if bool(self.articles) == bool(self.reason):
            raise ValueError("a part has either `articles` or a `reason` for having none")
        return self


class Chapter(BaseModel):
    """Parts under one heading of the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    chapter: str
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]


def read_coverage(folder: Path) -> tuple[Chapter, ...]:
    """The chapters of `coverage.yml`, none where the folder has no such file; raises InvalidKnowledge."""
    return read_as(tuple[Chapter, ...], folder / FILE) if (folder / FILE).exists() else ()


def page(chapters: Sequence[Chapter]) -> str:
    """The whole of COVERAGE.md."""
    parts = [part for chapter in chapters for part in chapter.parts]
    told = sum(bool(part.articles) for part in parts)
    lines = [_HEAD, f"{len(parts)} parts: {told} in articles, {len(parts) - told} with a reason for having none.\n"]
    for chapter in chapters:
        lines += [f"## {chapter.chapter}\n", "| part | heading | articles, or why none |", "| --- | --- | --- |"]
        for part in chapter.parts:
            where = ", ".join(f"[{name}](articles/{name}.md)" for name in part.articles) or part.reason
            lines.append(f"| {_cell(part.part)} | {_cell(part.heading)} | {where if part.articles else _cell(where)} |")
        lines.append("")
    return "\n".join(lines)


def problems_of_coverage(folder: Path, articles: set[str]) -> Iterator[tuple[str, str]]:
    """File and message of what is wrong with the coverage."""
    try:
        chapters = read_coverage(folder)
    except InvalidKnowledge as error:
        yield FILE, str(error).split(": ", 1)[-1]
        return
    for chapter in chapters:
        for part in chapter.parts:
            for name in part.articles:
                if name not in articles:
                    yield FILE, f"{part.part}: article {name!r} does not exist"
    written = folder / PAGE
    if chapters and (not written.exists() or written.read_text(encoding="utf-8") != page(chapters)):
        yield PAGE, "is older than coverage.yml; run `shebao knowledge coverage`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
