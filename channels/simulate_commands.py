"""`shebao simulate KIND`: one command for each simulation of the register, with the fields of its case as options.

Results go to standard output; what is wrong is one line on standard error that names the field, exit code 1.
"""

import inspect
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from actions.answering.folder import InvalidKnowledge
from actions.parameters import InvalidParameter
from actions.settings import Settings
from actions.simulator.kinds import KINDS, Kind
from actions.simulator.pictures import draw_png
from actions.simulator.spelling import Language
from actions.simulator.texts import InvalidTexts
from channels.knowledge_commands import fail, the_day, valid_language
from channels.simulate_batch import BadCase, Batch, UnreadableTable, rows_of
from channels.simulate_options import Option, UnreadableOption, options_of, raw_case
from channels.simulations import SimulationBody, Simulations

commands = typer.Typer(no_args_is_help=True, help="Estimate a benefit or a cost, with its steps and sources.")
out, err = Console(), Console(stderr=True)

SOME_BAD_ROWS = 2
_SHARED: dict[str, Any] = {
    "case_file": Annotated[Path | None, typer.Option("--case", help="a case as JSON or YAML; options go over it")],
    "on": Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="the day whose rules count; left out, today")
    ],
    "lang": Annotated[str, typer.Option("--lang", help="zh or en")],
    "as_json": Annotated[bool, typer.Option("--json", help="print JSON")],
    "explain": Annotated[bool, typer.Option("--explain", help="also show the steps and their sources")],
    "batch": Annotated[
        Path | None,
        typer.Option(
            "--batch",
            help="a table (.csv, or .parquet with pyarrow) whose columns are the options with _ for -, and id or name; "
            "bad rows are told on standard error. Exit code 0: all rows good, 2: some bad, 1: none good",
        ),
    ],
    "out_file": Annotated[Path | None, typer.Option("--out", help="where --batch writes csv; left out, the screen")],
    "chart": Annotated[Path | None, typer.Option("--chart", help="also draw the figures to compare, as a PNG")],
}
_DEFAULTS = {"lang": "zh", "as_json": False, "explain": False}


@dataclass(frozen=True)
class Wish:
    """How the result is wanted."""

    case_file: Path | None
    on: datetime | None
    lang: str
    as_json: bool
    explain: bool
    batch: Path | None
    out_file: Path | None
    chart: Path | None

    @property
    def day(self) -> date:
        """The day whose rules count."""
        return the_day(self.on)

    @property
    def language(self) -> Language:
        """The language, checked."""
        return cast(Language, valid_language(self.lang))


def _command(kind: Kind) -> Callable[..., None]:
    """The command of a kind: its signature is made from the fields of the case."""
    options = options_of(kind.case)

    def simulate(**given: Any) -> None:
        wish = Wish(**{name: given.pop(name) for name in _SHARED})
        _simulate(kind, options, given, wish)

    annotated = {option.name: _annotation(option) for option in options} | _SHARED
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_DEFAULTS.get(name), annotation=annotation)
        for name, annotation in annotated.items()
    ]
    simulate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    simulate.__annotations__ = annotated
    simulate.__doc__ = f"{kind.description.en}.\n\n{kind.description.zh}"
    return simulate


def _annotation(option: Option) -> Any:
    if option.form == "flag":
        return Annotated[bool | None, typer.Option(f"{option.flag}/--no-{option.flag[2:]}", help=option.help)]
    if option.form == "many":
        return Annotated[list[str] | None, typer.Option(option.flag, help=option.help)]
    return Annotated[str | None, typer.Option(option.flag, help=option.help)]


for _kind in KINDS.values():
    commands.command(_kind.name)(_command(_kind))


def _simulate(kind: Kind, options: tuple[Option, ...], given: dict[str, Any], wish: Wish) -> None:
    language = wish.language
    try:
        desk = Simulations(Settings().knowledge_dir, time.monotonic).desk()
    except (InvalidParameter, InvalidTexts, InvalidKnowledge, OSError) as error:
        fail(str(error))
    run = Batch(kind, desk, wish.day, language)
    if wish.batch is not None:
        _run_table(run, wish.batch, wish.out_file)
        return
    try:
        estimate = run.estimate(raw_case(options, given, _read_case(wish.case_file)))
    except (UnreadableOption, BadCase) as error:
        fail(str(error))
    body = desk.body(estimate, language)
    if wish.chart is not None:
        _draw(body, wish.chart)
    if wish.as_json:
        sys.stdout.write(json.dumps(body.model_dump(mode="json"), ensure_ascii=False) + "\n")
    else:
        _show(body, wish.explain)


def _draw(body: SimulationBody, path: Path) -> None:
    if body.chart is None:
        fail(f"--chart: this estimate of {body.kind} has nothing to compare")
    try:
        path.write_bytes(draw_png(body.chart))
    except OSError as error:
        fail(f"--chart {path}: {error.strerror}")


def _read_case(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        fail(f"--case {path}: {' '.join(str(error).split())}")
    if not isinstance(raw, dict):
        fail(f"--case {path}: the fields of a case are accepted, such as {{region: CN-ZJ}}")
    return cast(dict[str, Any], raw)


def _run_table(run: Batch, table: Path, out_file: Path | None) -> None:
    def told(line: int, reason: str) -> None:
        err.print(f"{table}:{line}: {reason}", style="yellow", markup=False, highlight=False, soft_wrap=True)

    columns = (SpinnerColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        counted = _counted(rows_of(table), progress)
        try:
            if out_file is None:
                outcome = run.run(counted, sys.stdout, told)
            else:
                with out_file.open("w", encoding="utf-8", newline="") as results:
                    outcome = run.run(counted, results, told)
        except UnreadableTable as error:
            fail(str(error))
        except OSError as error:
            fail(f"--out {out_file}: {error.strerror}")
    err.print(f"{outcome.good} rows good, {outcome.bad} bad", markup=False, highlight=False)
    if outcome.bad:
        raise typer.Exit(SOME_BAD_ROWS if outcome.good else 1)


def _counted(rows: Iterator[tuple[int, dict[str, Any]]], progress: Progress) -> Iterator[tuple[int, dict[str, Any]]]:
    task = progress.add_task("rows", total=None)
    for row in rows:
        yield row
        progress.advance(task)


def _show(body: SimulationBody, explain: bool) -> None:
    out.print(body.headline, markup=False, highlight=False, soft_wrap=True)
    table = Table(show_header=False, box=None, pad_edge=False)
    for amount in body.amounts:
        table.add_row(escape(amount.label), escape(amount.words))
    out.print(table)
    if explain:
        for number, step in enumerate(body.steps, start=1):
            out.print(f"{number}. {step.text}", markup=False, highlight=False, soft_wrap=True)
            for cited in step.citations:
                line = f"   {cited.name} ({cited.place}) · {cited.title} · {cited.as_of} {cited.url or ''}"
                out.print(f"[dim]{escape(line.rstrip())}[/dim]", highlight=False, soft_wrap=True)
    for mark, remarks in (("!", body.warnings), ("·", body.assumptions), ("→", body.alternatives)):
        for remark in remarks:
            out.print(f"{mark} {remark.text}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"[dim]{body.on} · {body.rule_set}[/dim]", highlight=False)
