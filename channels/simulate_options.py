"""Options of `shebao simulate KIND` and columns of a batch, read off the case models: nothing is listed twice.

A field of a case is an option of its name; a part of it is `--part-name`; a contribution base is `--base` (a share) or
`--base-amount` (yuan a month); lists have a short form of their own, such as `--spell CN-SC:130`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from types import NoneType
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from actions.simulator.case import Base, CaseModel, Spell
from actions.simulator.cases.compare import Way
from actions.simulator.cases.pension import Gap
from actions.simulator.cases.transfer import PlaceSpell
from actions.simulator.month import MONTHS_A_YEAR

Raw = dict[str, Any]
Form = Literal["text", "flag", "many"]


class UnreadableOption(ValueError):
    """An option or a column whose text has not the form it needs; says which form is accepted."""


@dataclass(frozen=True)
class Option:
    """One option or column. `path`: where its value goes in the case."""

    name: str
    path: tuple[str, ...]
    form: Form
    help: str
    read: Callable[[str], Any] = str

    @property
    def flag(self) -> str:
        """As it is written on the command line."""
        return f"--{self.name.replace('_', '-')}"


def options_of(case: type[CaseModel]) -> tuple[Option, ...]:
    """Every option of a case, each name once."""
    found: dict[str, Option] = {}
    so_far = _PAID_SO_FAR if _has_history(case) else ()
    for option in (*_options(case, ()), *so_far):
        found.setdefault(option.name, option)
    return tuple(found.values())


def raw_case(options: tuple[Option, ...], given: Mapping[str, Any], start: Raw | None = None) -> Raw:
    """The case as JSON would hold it; `given` has the options by name, `start` is what they are laid over.

    Raises UnreadableOption.
    """
    raw: Raw = json.loads(json.dumps(start or {}, default=str))  # a copy; YAML reads a full day as a date
    for option in options:
        value = given.get(option.name)
        if value is None or value == "" or value == []:
            continue
        place = raw
        for part in option.path[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise UnreadableOption(f"{option.flag} cannot be laid over what the case file has there")
        if option.form == "many":
            texts = value.split() if isinstance(value, str) else value
            place[option.path[-1]] = [option.read(text) for text in texts]
        else:
            place[option.path[-1]] = option.read(value) if isinstance(value, str) else value
    return _with_history(raw) if _PAID_SO_FAR[0] in options else raw


def _has_history(case: type[CaseModel]) -> bool:
    return "history" in case.model_fields and "months_paid" not in case.model_fields


_PAID_SO_FAR = (
    Option("months_paid", ("months_paid",), "text", "months paid so far, in the place and on the base of the plan"),
    Option("years_paid", ("years_paid",), "text", "the same in years"),
)


def _with_history(raw: Raw) -> Raw:
    """Months paid so far are a spell in the place and on the base of the plan."""
    months, years = raw.pop("months_paid", None), raw.pop("years_paid", None)
    if months is None and years is None:
        return raw
    if "history" in raw:
        raise UnreadableOption("--months-paid and --years-paid cannot stand beside --paid; give all months as --paid")
    plan = raw.get("plan")
    if not isinstance(plan, dict) or "base" not in plan:
        raise UnreadableOption("--months-paid and --years-paid need --base or --base-amount, on which they were paid")
    if months is None:
        months = round(_number("--years-paid", years) * MONTHS_A_YEAR)
    spell = {"scheme": plan.get("scheme", "flexible"), "region": raw.get("region"), "months": months}
    raw["history"] = [{**spell, "base": plan["base"]}]
    return raw


def _number(flag: str, text: Any) -> Fraction:
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        raise UnreadableOption(f"{flag} {text!r}: a number is accepted, such as 10 or 10.5") from None


def _options(case: type[CaseModel], path: tuple[str, ...]) -> Iterator[Option]:
    for name, field in case.model_fields.items():
        yield from _of_field(name, field, path)


def _of_field(name: str, field: FieldInfo, path: tuple[str, ...]) -> Iterator[Option]:
    kinds, here = set(_leaves(field.annotation)), (*path, name)
    whole = "_".join(here) if path and name not in _PART_NAMES else name
    if Base in kinds:
        yield Option(whole, (*here, "ratio"), "text", "contribution base as a share of the reference wage, such as 0.6")
        yield Option(f"{whole}_amount", (*here, "amount"), "text", "or the base as an amount in yuan a month")
    elif short := next((s for s in _SHORT if s.model in kinds), None):
        yield Option(short.name, here, "many", f"{short.form}; may be given several times", short.read)
    elif model := next((k for k in kinds if isinstance(k, type) and issubclass(k, CaseModel)), None):
        if tuple not in kinds:
            yield from _options(model, here)
    elif tuple not in kinds:
        yield Option(whole, here, "flag" if kinds == {bool} else "text", _help(field, kinds))


_PART_NAMES = {"base", "scheme", "spouse", "others"}  # parts that say by themselves what they are


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, without None."""
    arguments = get_args(annotation)
    if not arguments:
        if annotation is not NoneType and annotation is not Ellipsis:
            yield annotation
        return
    if getattr(annotation, "__origin__", None) in (tuple, list):
        yield tuple
    if getattr(annotation, "__metadata__", None):
        arguments = arguments[:1]
    for argument in arguments:
        yield from _leaves(argument)


def _help(field: FieldInfo, kinds: set[Any]) -> str:
    words = [field.description] if field.description else []
    for kind in sorted(kinds, key=str):
        if isinstance(kind, type) and issubclass(kind, Enum):
            words.append(", ".join(member.value for member in kind))
        elif isinstance(kind, str):
            words.append(kind)
        elif getattr(kind, "__name__", "") == "Month":
            words.append("a month such as 1990-05")
    if not words and field.examples:
        words.append(f"such as {field.examples[0]}")
    return "; ".join(words)


@dataclass(frozen=True)
class _Short:
    """The short form of a list's member."""

    name: str
    model: type[CaseModel]
    form: str
    read: Callable[[str], Raw]


def _place_spell(text: str) -> Raw:
    region, *rest = text.split(":")
    if not region or not rest:
        raise UnreadableOption(f"--spell {text!r}: PLACE:MONTHS is accepted, such as CN-SC:130")
    spell: Raw = {"region": region, "months": rest[0]}
    for part in rest[1:]:
        if part in ("temporary", "ordinary"):
            spell["temporary"] = part == "temporary"
        else:
            spell["since" if "-" in part else "base"] = part
    return spell


def _paid_spell(text: str) -> Raw:
    parts = text.split(":")
    if len(parts) not in (4, 5):
        raise UnreadableOption(f"--paid {text!r}: SCHEME:PLACE:MONTHS:BASE is accepted, such as flexible:CN-ZJ:72:0.6")
    scheme, region, months, base = parts[:4]
    spell: Raw = {"scheme": scheme, "region": region, "months": months, "base": base_of(base)}
    return spell | ({"until": parts[4]} if len(parts) > 4 else {})


def _gap(text: str) -> Raw:
    start, _, months = text.partition(":")
    if not months:
        raise UnreadableOption(f"--gap {text!r}: START:MONTHS is accepted, such as 2027-01:24")
    return {"start": start, "months": months}


def _way(text: str) -> Raw:
    parts = text.split(":")
    if len(parts) not in (3, 4):
        raise UnreadableOption(
            f"--way {text!r}: NAME:SCHEME:BASE is accepted, such as low:flexible:0.6 or home:resident:500"
        )
    name, scheme, paid = parts[:3]
    way: Raw = {"name": name, "scheme": scheme} | ({"tier": paid} if scheme == "resident" else {"base": base_of(paid)})
    return way | ({"retire": parts[3]} if len(parts) > 3 else {})


def base_of(text: str) -> Raw:
    """A contribution base as one word: a number up to 10 is a share of the reference wage, a larger one is yuan."""
    try:
        return {"ratio": text} if float(text) <= LARGEST_RATIO else {"amount": text}
    except ValueError:
        return {"ratio": text}  # pydantic says what is wrong with it


LARGEST_RATIO = 10  # as in the case: no base is more than ten reference wages, none is as little as ten yuan

_SHORT = (
    _Short("spell", PlaceSpell, "PLACE:MONTHS[:SINCE][:BASE][:temporary], such as CN-SC:130", _place_spell),
    _Short("paid", Spell, "SCHEME:PLACE:MONTHS:BASE[:UNTIL], such as flexible:CN-ZJ:72:0.6", _paid_spell),
    _Short("gap", Gap, "START:MONTHS in which nothing is paid, such as 2027-01:24", _gap),
    _Short("way", Way, "NAME:SCHEME:BASE[:RETIRE], such as low:flexible:0.6, home:resident:500", _way),
)
