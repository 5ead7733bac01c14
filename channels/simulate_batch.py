"""Many cases from a table: good rows are estimated, bad ones are told with their line, and nothing stops at one."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from actions.simulator.estimate import CannotEstimate, Estimate, ImpossibleCase
from actions.simulator.faults import Fault, faults_of
from actions.simulator.kinds import Kind
from actions.simulator.spelling import Language
from channels.simulate_options import Option, UnreadableOption, options_of, raw_case
from channels.simulations import Desk, UnknownPlaces, plain

PASSED_THROUGH = ("id", "name")  # columns of the reader's own, carried over


class UnreadableTable(Exception):
    """A table that cannot be read at all; the message says why."""


class BadCase(Exception):
    """A case that gives no estimate: the reason in one line."""


@dataclass
class Outcome:
    """How many rows came out well, and how many did not."""

    good: int = 0
    bad: int = 0
    columns: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """What every row of one run shares."""

    kind: Kind
    desk: Desk
    on: date
    language: Language

    def estimate(self, raw: dict[str, Any]) -> Estimate:
        """The estimate of one case as JSON holds it; raises BadCase."""
        try:
            return self.desk.estimate(self.kind.name, self.kind.case.model_validate(raw), self.on)
        except ValidationError as error:
            raise BadCase("; ".join(_line(fault) for fault in faults_of(error, self.kind.case))) from None
        except UnknownPlaces as unknown:
            raise BadCase("; ".join(_line(fault) for fault in unknown.faults)) from None
        except ImpossibleCase as refusal:
            said = self.desk.words.impossible(self.kind.name, refusal, self.language)
            raise BadCase(f"{refusal.field}: {said}") from None
        except CannotEstimate as refusal:
            raise BadCase(self.desk.words.not_published(self.kind.name, refusal, self.language)) from None

    def run(self, rows: Iterator[tuple[int, dict[str, Any]]], out: TextIO, told: Callable[[int, str], None]) -> Outcome:
        """Writes a table of results; `told` hears the line and the reason of each bad row."""
        outcome, options = Outcome(), self._columns()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
            for line, row in rows:
                try:
                    result = self._result(line, row, options)
                except BadCase as bad:
                    outcome.bad += 1
                    told(line, str(bad))
                    continue
                outcome.good += 1
                outcome.columns.update(dict.fromkeys(result))
                kept.write(json.dumps(result, ensure_ascii=False) + "\n")
            kept.seek(0)
            writer = csv.DictWriter(out, list(outcome.columns), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(json.loads(line) for line in kept)
        return outcome

    def _columns(self) -> tuple[Option, ...]:
        """The options, and every field as a whole, written as JSON."""
        known = options_of(self.kind.case)
        names = {option.name for option in known}
        whole = (name for name in self.kind.case.model_fields if name not in names)
        return (*(Option(name, (name,), "text", "", _json) for name in whole), *known)

    def _result(self, line: int, row: dict[str, Any], options: tuple[Option, ...]) -> dict[str, Any]:
        unknown = set(row) - {option.name for option in options} - set(PASSED_THROUGH)
        if unknown:
            known = ", ".join(sorted(option.name for option in options))
            raise BadCase(f"no such column: {', '.join(sorted(map(str, unknown)))}; the columns are {known}")
        try:
            estimate = self.estimate(raw_case(options, row))
        except UnreadableOption as error:
            raise BadCase(str(error)) from None
        carried = {name: row[name] for name in PASSED_THROUGH if name in row}
        amounts = {amount.key: plain(amount.value) for amount in estimate.amounts}
        warnings = " ".join(remark.key for remark in estimate.warnings)
        return {"line": line, **carried, **amounts, "warnings": warnings, "rule_set": estimate.rule_set}


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and row of a .csv or .parquet; raises UnreadableTable."""
    if path.suffix == ".parquet":
        yield from _parquet_rows(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as table:
            reader = csv.DictReader(table, strict=True, restkey="more cells than columns")
            for row in reader:
                yield reader.line_num, {key: value for key, value in row.items() if value not in (None, "")}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableTable(f"{path}: {error}") from None


def _parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from pyarrow import parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise UnreadableTable(f"{path}: parquet needs the package pyarrow, which is not installed; csv works") from None
    try:
        rows = (row for part in parquet.ParquetFile(path).iter_batches() for row in part.to_pylist())
        for line, row in enumerate(rows, start=1):
            yield line, {key: str(value) for key, value in row.items() if value is not None}
    except (OSError, ValueError) as error:
        raise UnreadableTable(f"{path}: {' '.join(str(error).split())}") from None


def _line(fault: Fault) -> str:
    said = f"{fault.field}: {fault.message}" if fault.field else fault.message
    return f"{said} ({fault.accepted})" if fault.accepted else said


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise UnreadableOption(f"{text!r} is no JSON") from None
