"""`shebao knowledge …`: what staff use to keep the folder true."""

import json
import os
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

os.environ.setdefault("TQDM_DISABLE", "1")  # the model's loading bar is not for a terminal that somebody reads

from actions.answering.answer import Language
from actions.settings import CHINA, Settings

if TYPE_CHECKING:  # faiss and the rest take a second and much memory; `shebao serve` needs none of it
    from actions.answering.folder import Knowledge
    from actions.answering.library import Library
    from actions.answering.reading import Problem

knowledge = typer.Typer(no_args_is_help=True, help="Check, preview and measure the knowledge folder.")
out, err = Console(), Console(stderr=True)


def fail(message: str) -> NoReturn:
    """One line on standard error, exit code 1."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)


def the_day(on: datetime | None) -> date:
    """The day that is asked for; today in China without one."""
    return on.date() if on else datetime.now(CHINA).date()


def valid_language(language: str | None) -> Language | None:
    """zh, en or None; anything else ends the command with what is accepted."""
    if language is None or language == "zh" or language == "en":
        return language  # type: ignore[return-value]
    fail(f"--lang {language!r} is not known; zh and en are accepted")


def valid_region(region: str | None, library: "Library") -> str | None:
    """A known region or None; anything else ends the command with what is accepted."""
    if region is not None and region not in library.knowledge.regions:
        fail(f"--region {region!r} is not known; a code of knowledge/regions.yml such as CN-ZJ is accepted")
    return region


def opened() -> "Library":
    """The knowledge folder with its index, or one line that says why not."""
    from actions.answering.embedder import ModelUnusable, embedder_of
    from actions.answering.folder import InvalidKnowledge
    from actions.answering.library import open_library

    settings = Settings()
    try:
        embedder = embedder_of(settings.embedding_model)
        return open_library(settings.knowledge_dir, settings.index_dir, embedder, the_day(None))
    except (InvalidKnowledge, ModelUnusable) as error:
        fail(str(error))
    except OSError as error:
        fail(f"the knowledge folder cannot be opened: {error}")


@knowledge.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="the folder; left out, the project's own")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Find every problem of the folder; exit code 1 where there is an error."""
    from actions.answering.lint import check as find_problems

    root = folder or Settings().knowledge_dir
    if not root.is_dir():
        fail(f"{root} is not a folder")
    problems = [*find_problems(root, the_day(None)), *_problems_of_estimates(root)]
    if as_json:
        sys.stdout.write(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False) + "\n")
    else:
        for problem in problems:
            style = "red" if problem.severity == "error" else "yellow"
            out.print(
                f"{problem.severity}: {problem.path}: {problem.message}",
                style=style,
                markup=False,
                soft_wrap=True,
            )
        errors = sum(problem.severity == "error" for problem in problems)
        out.print(f"{errors} errors, {len(problems) - errors} warnings")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def _problems_of_estimates(root: Path) -> list["Problem"]:
    """The texts of estimates, where the folder has figures to estimate from and texts to say it with."""
    from actions.answering.reading import Problem
    from actions.simulator.interview_texts import FILE, read_interview_texts
    from actions.simulator.kinds import KINDS
    from actions.simulator.texts import InvalidTexts, problems_of_texts

    found = [Problem("error", path, message) for path, message in problems_of_texts(root, frozenset(KINDS))]
    try:
        read_interview_texts(root)
    except InvalidTexts as error:
        found.append(Problem("error", FILE, str(error).removeprefix(f"{root / FILE}: ")))
    return found


@knowledge.command()
def index() -> None:
    """Build the search index and its judge where the folder changed."""
    library = opened()
    out.print(
        f"index ready: {len(library.tools.index.article_rows)} articles, {len(library.tools.index.entries)} texts"
    )


@knowledge.command()
def preview(
    article_id: Annotated[str, typer.Argument(help="such as transfer/between-provinces")],
    lang: Annotated[str, typer.Option("--lang", help="zh or en")] = "zh",
    region: Annotated[str | None, typer.Option("--region", help="such as CN-ZJ")] = None,
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"])] = None,
    channel: Annotated[str, typer.Option("--channel", help="terminal, or web for what the widget gets")] = "terminal",
) -> None:
    """Show an article as a worker of that place reads it on that day in that channel."""
    from actions.answering.compose import compose_by_id
    from actions.answering.rendering import Renderer
    from actions.custom.desk import without_next_steps
    from channels.previewing import CHANNELS, show

    language, knowledge = valid_language(lang) or "zh", read_folder()
    if article_id not in knowledge.articles:
        fail(f"there is no article {article_id!r}; `ls knowledge/articles/*` shows the ids")
    if region is not None and region not in knowledge.regions:
        fail(f"--region {region!r} is not known; a code of knowledge/regions.yml such as CN-ZJ is accepted")
    if channel not in CHANNELS:
        fail(f"--channel {channel!r} is not known; {' and '.join(CHANNELS)} are accepted")
    renderer = Renderer(knowledge.parameters)
    for more in (False, True) if knowledge.articles[article_id].bodies[language].more else (False,):
        answer = compose_by_id(article_id, language, region, the_day(on), knowledge, renderer, more)
        show(without_next_steps(answer) if more else answer, knowledge.texts, channel, region, out)


def read_folder() -> "Knowledge":
    """The knowledge folder without its index, or one line that says why not."""
    from actions.answering.folder import InvalidKnowledge, read_knowledge

    try:
        return read_knowledge(Settings().knowledge_dir)
    except InvalidKnowledge as error:
        fail(str(error))


@knowledge.command("eval")
def evaluate(
    file: Annotated[Path | None, typer.Argument(help="one question file; left out, the test split")] = None,
    baselines: Annotated[bool, typer.Option(help="also measure BM25, dense and ResponseSelector")] = True,
    misses: Annotated[bool, typer.Option(help="list what went wrong")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Measure retrieval and abstention per language and topic, beside three baselines in the same run."""
    from actions.answering.folder import InvalidKnowledge
    from channels.evaluation_report import measure, print_report

    library = opened()
    source = file or Settings().knowledge_dir / "evaluation"
    try:
        report = measure(library, source, "test" if file is None else None, the_day(None), baselines)
    except InvalidKnowledge as error:
        fail(str(error))
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
    else:
        print_report(report, out, misses)
