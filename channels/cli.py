"""The `shebao` command: every task of workers' helpers and staff from a terminal.

Results go to standard output (`--json` where a program reads them), errors to standard error with an exit code
other than 0, and never as a traceback.
"""

import json
import sys
from datetime import date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from channels import campaign_commands, supervisor, wechat_commands, work_commands
from channels import curation_commands as curation
from channels import simulate_commands as simulate
from channels import telegram_wiring as telegram
from channels.settings import Settings as ChannelSettings
from channels.terminal import run_chat

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="shebao-assistant: sourced answers about social insurance in China, in Chinese and English.",
)
app.add_typer(curation.commands, name="knowledge")
app.add_typer(simulate.commands, name="simulate")
app.add_typer(wechat_commands.commands, name="wechat")
app.add_typer(telegram.commands, name="telegram")
app.add_typer(work_commands.commands, name="reminders")
app.add_typer(campaign_commands.commands, name="campaigns")
database = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(database, name="database")

out, err = Console(), Console(stderr=True)

LanguageOption = Annotated[str | None, typer.Option("--lang", help="zh or en; left out, the words decide")]
RegionOption = Annotated[str | None, typer.Option("--region", help="ISO 3166-2, such as CN-ZJ or CN-GD.shenzhen")]
OnOption = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="the day that is asked for")]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def serve() -> None:
    """Start everything: Rasa, the action server and the web chat. Ctrl-C stops everything."""
    from actions.settings import Settings

    Settings()  # a mistake in the action server's settings is told here, not in its log
    raise typer.Exit(supervisor.run(ChannelSettings()))


@app.command()
def chat(
    url: Annotated[str, typer.Option(help="where the assistant runs")] = "",
    lang: Annotated[str, typer.Option("--lang", help="zh or en")] = "zh",
) -> None:
    """Talk to the running assistant in the terminal."""
    if lang not in ("zh", "en"):
        fail(f"--lang {lang!r} is not known; zh and en are accepted")
    settings = ChannelSettings()
    run_chat(url or f"http://127.0.0.1:{settings.port}", "en" if lang == "en" else "zh")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="the question, in Chinese or English")],
    lang: LanguageOption = None,
    region: RegionOption = None,
    on: OnOption = None,
    as_json: JsonOption = False,
    explain: Annotated[bool, typer.Option(help="also show the candidates and their scores")] = False,
) -> None:
    """Put one question through the answering pipeline alone."""
    from actions.answering.answer import Question
    from actions.server import answer_json
    from channels.knowledge_commands import opened, the_day, valid_language, valid_region

    library = opened()
    asked = Question(question, the_day(on), valid_language(lang), valid_region(region, library))
    answer = library.answer(asked)
    if as_json:
        print_json({**answer_json(answer), **({"candidates": _candidates(answer)} if explain else {})})
        return
    out.print(answer.text, markup=False)
    for step in answer.next_steps:
        out.print(f"  → {step}", markup=False)
    for citation in answer.citations:
        out.print(f"  [dim]{escape(citation.title)} {citation.as_of or ''} {citation.url or ''}[/dim]")
    for suggestion in answer.suggestions:
        out.print(f"  · {suggestion.title} [dim]({suggestion.article_id})[/dim]")
    out.print(f"[dim]{answer.outcome.value} {answer.article_id or ''} {answer.score:.2f}[/dim]")
    if explain:
        for row in _candidates(answer):
            out.print(row, markup=False)


@database.command("upgrade")
def database_upgrade() -> None:
    """Bring the database's tables to the newest version; does nothing where they are."""
    from sqlalchemy.exc import SQLAlchemyError

    from actions.database import upgrade_database
    from actions.settings import Settings

    try:
        upgrade_database(Settings().database)
    except (SQLAlchemyError, OSError) as error:
        fail(f"the database cannot be upgraded: {type(error).__name__}; is SHEBAO_DATABASE_URL right, and does it run?")


def _candidates(answer: Any) -> list[dict[str, Any]]:
    return [
        {
            "article_id": candidate.article_id,
            "score": round(candidate.score, 3),
            "dense": round(candidate.dense, 3),
            "lexical": round(candidate.lexical, 1),
            "topical": round(candidate.topical, 2),
            "matched": candidate.matched,
            "rejected": candidate.rejected,
        }
        for candidate in answer.candidates
    ]


def print_json(value: object) -> None:
    """JSON with readable Chinese on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_as_text) + "\n")


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def fail(message: str) -> None:
    """One line on standard error, exit code 1."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)


def main() -> None:
    """Entry point of the `shebao` command."""
    try:
        app()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        err.print(
            f"SHEBAO_{name}: {first['msg']} (docs/operations.md lists what is accepted)", style="red", markup=False
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
