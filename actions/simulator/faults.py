"""What is wrong with a case, by field: a message and what would be accepted, instead of a list of pydantic's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from actions.simulator.case import CaseModel

_BOUNDS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "enum": "{expected}",
    "literal_error": "{expected}",
    "string_pattern_mismatch": "a code such as CN-ZJ or CN-GD.shenzhen",
    "too_short": "{min_length} or more",
    "too_long": "at most {max_length}",
}
_KINDS_OF_VALUE = {
    "int": "a whole number",
    "decimal": "a number",
    "finite_number": "a number",
    "bool": "true or false",
    "date": "a day such as 2026-11-23",
    "tuple": "a list",
    "model": "an object with the fields of the case",
    "string": "a text",
}


@dataclass(frozen=True)
class Fault:
    """`field` is the path in the case, such as `spells.0.months`; empty for the case as a whole."""

    field: str
    message: str
    accepted: str | None = None


def faults_of(error: ValidationError, case: type[CaseModel]) -> tuple[Fault, ...]:
    """Every fault of a case that was refused, each field and reason once."""
    return faults_in([dict(fault) for fault in error.errors(include_url=False)], case)


def faults_in(errors: list[dict[str, Any]], case: type[CaseModel], skip: int = 0) -> tuple[Fault, ...]:
    """The same for errors as pydantic lists them; `skip` leaves out the first parts of each path."""
    paths = [tuple(error["loc"]) for error in errors]
    found = (
        Fault(_path(error["loc"][skip:]), str(error["msg"]).removeprefix("Value error, "), _accepted(error, case, skip))
        for error, path in zip(errors, paths, strict=True)
        if error["type"] != "too_short" or not any(_below(other, path) for other in paths)
    )
    return tuple(dict.fromkeys(found))


def unknown_places(case: BaseModel, known: Mapping[str, object]) -> tuple[Fault, ...]:
    """Codes that look like places and are none."""
    return tuple(
        Fault(path, f"{value!r} is not a place that is known", "a province or city of the list of regions")
        for path, value in _texts(case.model_dump(mode="json"), "")
        if value.startswith("CN-") and value not in known
    )


def _below(path: tuple[object, ...], above: tuple[object, ...]) -> bool:
    """A list with a faulty member is not also too short."""
    return len(path) > len(above) and path[: len(above)] == above


def _path(parts: tuple[object, ...]) -> str:
    """A path without the names that pydantic gives to the branches of a union."""
    return ".".join(str(part) for part in parts if isinstance(part, int) or str(part).isidentifier())


def _accepted(error: dict[str, Any], case: type[CaseModel], skip: int) -> str | None:
    kind, values = str(error["type"]), error.get("ctx", {})
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**values)
    if kind == "missing":
        return "this field is needed"
    if kind == "extra_forbidden":
        fields = f"; the fields are {', '.join(case.model_fields)}" if len(error["loc"]) == skip + 1 else ""
        return f"no such field{fields}"
    return next((words for prefix, words in _KINDS_OF_VALUE.items() if kind.startswith(prefix)), None)


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _texts(child, f"{path}.{key}" if path else str(key))
