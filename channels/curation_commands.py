"""`shebao knowledge new | stale | gaps | diff | coverage`: what to write, what to review, what a change does."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from actions.settings import PROJECT, Settings
from channels.knowledge_commands import fail, knowledge, opened, out, read_folder, the_day

if TYPE_CHECKING:
    from actions.answering.library import Library
    from actions.question_log import QuestionLog

T = TypeVar("T")
commands = knowledge  # those of knowledge_commands.py, and the ones below
SECONDS_FOR_GIT = 60
MOST_OPEN_QUESTIONS = 3000
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]
DaysOption = Annotated[int, typer.Option("--days", min=1, help="how far back the question log is read")]


@knowledge.command()
def new(
    article_id: Annotated[str, typer.Argument(help="such as transfer/between-provinces")],
    zh: Annotated[str, typer.Option("--zh", help="the title in Chinese")],
    en: Annotated[str, typer.Option("--en", help="the title in English")],
    source: Annotated[str, typer.Option(help="an id of sources.yml")] = "ilo-2022",
    region: Annotated[str, typer.Option(help="CN, or where alone it holds, such as CN-ZJ")] = "CN",
) -> None:
    """Begin an article: a file that `check` accepts, and that does not answer before you say so in it."""
    from actions.answering.skeleton import NoSkeleton, new_article

    folder = read_folder()
    if source not in folder.sources:
        fail(f"--source {source!r} is not in sources.yml; add it there first")
    if region not in folder.regions:
        fail(f"--region {region!r} is not known; CN or a code of regions.yml such as CN-ZJ is accepted")
    try:
        path = new_article(Settings().knowledge_dir, article_id, zh, en, source, region, the_day(None))
    except NoSkeleton as error:
        fail(str(error))
    out.print(f"written: {path}", markup=False, soft_wrap=True)


@knowledge.command()
def stale(
    days: DaysOption = 90,
    within: Annotated[int, typer.Option(min=0, help="also what falls due in so many days")] = 30,
    as_json: JsonOption = False,
) -> None:
    """What needs a look: reviews due, old yearly figures, answers workers found unhelpful. Most used first."""
    from actions.answering.review import needing_review

    today = the_day(None)
    usage = _from_log(lambda log: log.usage(_days_ago(days)))
    rows = needing_review(read_folder(), today, timedelta(days=within), {k: asdict(v) for k, v in usage.items()})
    if as_json:
        _print_json([asdict(row) for row in rows])
        return
    table = Table("article", "answers", "helped", "did not", "reviewed", "due", "why")
    for row in rows:
        numbers = (str(row.answers), str(row.helpful), str(row.unhelpful))
        table.add_row(row.article_id, *numbers, str(row.reviewed_on), str(row.review_by), "; ".join(row.why))
    out.print(table if rows else "nothing needs a look")
    out.print(f"answers and verdicts of the last {days} days", style="dim")


@knowledge.command()
def gaps(
    days: DaysOption = 30,
    top: Annotated[int, typer.Option(min=1, help="how many groups are shown")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Questions that got no answer, or a wrong one, in groups: how often, and which articles come near."""
    from actions.answering.gaps import Open, find_gaps

    asked = _from_log(lambda log: log.open_questions(_days_ago(days), MOST_OPEN_QUESTIONS))
    if not asked:
        _print_json([]) if as_json else out.print(f"no open question in the last {days} days")
        return
    found = find_gaps([Open(one.text, one.times, one.askers) for one in asked], opened(), the_day(None))[:top]
    if as_json:
        _print_json([asdict(gap) for gap in found])
        return
    table = Table("asked", "by", "in these words", "nearest articles")
    for gap in found:
        near = "\n".join(f"{article_id} {score:.2f}" for article_id, score in gap.nearest)
        table.add_row(str(gap.times), str(gap.askers), Text("\n".join(gap.examples)), near)  # words are no markup
    out.print(table)


@knowledge.command()
def diff(
    against: Annotated[str, typer.Argument(help="a git revision, or a folder with another version")] = "HEAD",
    fail_on_worse: Annotated[bool, typer.Option("--fail-on-worse", help="exit code 1 if a question got worse")] = False,
    as_json: JsonOption = False,
) -> None:
    """What your change does: evaluation questions that end differently, answers that read differently."""
    from actions.answering.difference import changed_answers, flips
    from actions.answering.evaluation import read_questions
    from actions.answering.folder import InvalidKnowledge

    today = the_day(None)
    with tempfile.TemporaryDirectory() as place:
        before, after = _two_libraries(_other_version(against, Path(place)), today)
    try:
        sets = read_questions(Settings().knowledge_dir / "evaluation")
    except InvalidKnowledge as error:
        fail(str(error))
    asked = [(one.language, question) for one in sets for question in one.questions]
    flipped = list(flips(asked, before, after, today))
    changed = list(changed_answers(before.knowledge, after.knowledge, today))
    worse = [flip for flip in flipped if flip.better is False]
    if as_json:
        _print_json({"flips": [asdict(f) for f in flipped], "answers": [asdict(c) for c in changed]})
    else:
        for one in changed:
            where = ", ".join(one.places[:6]) + (" …" if len(one.places) > 6 else "")
            out.print(f"{one.article_id} ({one.language}) reads differently: {where}", markup=False, soft_wrap=True)
            out.print(f"  before: {one.before or '(no such article)'}", style="dim", markup=False)
            out.print(f"  now:    {one.after or '(no such article)'}", markup=False)
        for flip in flipped:
            sign = {True: "better", False: "WORSE", None: "other"}[flip.better]
            out.print(f"{sign}: {flip.question} ({flip.language})", markup=False, soft_wrap=True)
            out.print(f"  {flip.before} → {flip.after}", style="dim", markup=False, soft_wrap=True)
        out.print(f"{len(changed)} answers read differently, {len(flipped)} of {len(asked)} questions end differently")
    if worse and fail_on_worse:
        raise typer.Exit(1)


@knowledge.command()
def coverage() -> None:
    """Write COVERAGE.md from coverage.yml: where each part of the report is told."""
    from actions.answering.coverage import PAGE, page, read_coverage
    from actions.answering.folder import InvalidKnowledge

    folder = Settings().knowledge_dir
    try:
        chapters = read_coverage(folder)
    except InvalidKnowledge as error:
        fail(str(error))
    (folder / PAGE).write_text(page(chapters), encoding="utf-8")
    out.print(f"written: {folder / PAGE}", markup=False, soft_wrap=True)


def _two_libraries(old: Path, on: date) -> "tuple[Library, Library]":
    """The old folder and the new one under one judge, so that only the change of the articles shows."""
    from actions.answering.embedder import RememberingEmbedder
    from actions.answering.folder import InvalidKnowledge, read_knowledge
    from actions.answering.library import assemble

    library = opened()
    embedder = RememberingEmbedder(library.tools.embedder)
    try:
        tools = library.tools
        after = assemble(library.knowledge, embedder, on, tools.index, tools.judges)
        return assemble(read_knowledge(old), embedder, on, tools.index, tools.judges), after
    except InvalidKnowledge as error:
        fail(f"the version to compare with cannot be read: {error}")


def _other_version(against: str, place: Path) -> Path:
    if Path(against).is_dir():
        return Path(against)
    folder = Settings().knowledge_dir.resolve()
    if not folder.is_relative_to(PROJECT):
        fail(f"{against!r} is no folder, and {folder} is not in the project's repository: name a folder")
    name = folder.relative_to(PROJECT).as_posix()
    try:
        archive = subprocess.run(  # noqa: S603 - the revision is an argument of its own, never a shell's
            ["git", "archive", "--end-of-options", against, name],  # noqa: S607
            cwd=PROJECT,
            capture_output=True,
            timeout=SECONDS_FOR_GIT,
            check=True,
        )
        subprocess.run(["tar", "-x", "-C", str(place)], input=archive.stdout, timeout=SECONDS_FOR_GIT, check=True)  # noqa: S603, S607
    except FileNotFoundError as error:
        fail(f"{error.filename} is not installed; name a folder to compare with instead")
    except subprocess.SubprocessError:
        fail(f"{against!r} is neither a folder nor a revision of this repository; HEAD or a folder is accepted")
    return place / name


def _from_log(read: "Callable[[QuestionLog], Awaitable[T]]") -> T:
    """What the question log says; one line where the database cannot be read."""
    from actions.question_log import LogUnreadable, QuestionLog

    try:
        return asyncio.run(QuestionLog.read(Settings().database, read))
    except LogUnreadable as error:
        fail(str(error))


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
