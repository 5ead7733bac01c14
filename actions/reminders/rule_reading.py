"""Reads rule files strictly: what a rule consists of, and for each problem the file, the key and what is accepted."""

import json
from collections.abc import Collection, Iterator
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from actions.parameters import Bilingual
from actions.reminders.audience import Audience
from actions.reminders.model import About, Language
from actions.reminders.triggers import AnyTrigger
from actions.reminders.typed_figures import placeholders, text_problems
from actions.reminders.working_days import Move

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LONGEST_PAYLOAD = 128  # characters; the gateway takes no more
Stop = Literal["paid", "reported", "retired", "facts_changed", "day_passed", "worker_stops"]


class InvalidRules(ValueError):
    """Rule files that break the format; `problems` has one line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _clock(raw: object) -> object:
    if isinstance(raw, str) and len(raw) == len("09:30"):
        return raw
    raise ValueError(f'{raw!r} is no time of day; accepted: a time in quotes such as "09:30"')


def _payload(raw: str) -> str:
    intent, brace, rest = raw.removeprefix("/").partition("{")
    if not raw.startswith("/") or not intent.replace("_", "a").isalpha() or len(raw) > LONGEST_PAYLOAD:
        raise ValueError(f"{raw!r} names no intent; accepted: what a button sends, such as /simulate")
    try:
        json.loads(brace + rest or "{}")
    except ValueError:
        raise ValueError(f"what follows /{intent} is no JSON object") from None
    return raw


Clock = Annotated[time, BeforeValidator(_clock)]
NotEmpty = Annotated[str, Field(min_length=1)]


APPS = frozenset({"sms", "web", "telegram", "wechat"})  # those that may have a form of their own


class Forms(_Strict):
    """A text for all apps, and the short one for SMS and for several on one day; an app may have one of its own."""

    default: NotEmpty
    sms: NotEmpty
    web: NotEmpty | None = None
    telegram: NotEmpty | None = None
    wechat: NotEmpty | None = None

    def on(self, channel: str) -> str:
        """The text for a channel."""
        return (getattr(self, channel) if channel in APPS else None) or self.default

    @property
    def all(self) -> dict[str, str]:
        """Every form that there is, by name."""
        return {name: text for name, text in self.model_dump().items() if text}


class Text(_Strict):
    """One way to say it: `steps` of the cascade and workers it is for; all where left out."""

    steps: tuple[str, ...] = ()
    who: Audience = {}
    zh: Forms
    en: Forms

    def forms(self, language: Language) -> Forms:
        """The text in one language."""
        return self.en if language == "en" else self.zh

    @property
    def values(self) -> frozenset[str]:
        """The placeholders of any of its forms, in either language."""
        return frozenset().union(*(placeholders(t) for f in (self.zh, self.en) for t in f.all.values()))


class Button(_Strict):
    """A next step: the button's title and what it sends."""

    title: Bilingual
    payload: Annotated[str, AfterValidator(_payload)]


class Rule(_Strict):
    """One file. `who` must hold and `unless` must not; of `texts` the first is said that fits and can be filled."""

    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    title: Bilingual
    who: Audience = {}
    unless: Audience = {}
    when: AnyTrigger
    stop: Annotated[tuple[Stop, ...], Field(min_length=1)]
    at: Clock
    latest: Clock
    grace_days: Annotated[int, Field(ge=0, le=30)] = 0
    priority: Annotated[int, Field(ge=1, le=99)]
    working_day: Move = "as_is"
    texts: Annotated[tuple[Text, ...], Field(min_length=1)]
    next_steps: Annotated[tuple[Button, ...], Field(min_length=1, max_length=2)]
    why_fair: Bilingual
    reviewed_on: date
    review_by: date
    sources: tuple[str, ...] = ()
    instead: Annotated[About | None, Field(description="who asked for a reminder about this gets that one")] = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Rule":
        if self.latest <= self.at:
            raise ValueError(f"latest {self.latest:%H:%M} is not after at {self.at:%H:%M}")
        if self.review_by <= self.reviewed_on:
            raise ValueError("review_by is not after reviewed_on")
        steps = self.when.names
        for step in {step for text in self.texts for step in text.steps} - set(steps):
            raise ValueError(f"texts: there is no step {step!r}; accepted: {', '.join(steps) or 'none'}")
        for step in steps or ("",):
            if not any((not text.steps or step in text.steps) and not text.who for text in self.texts):
                raise ValueError(f"texts: none is for every worker at step {step!r}")
        return self


def read_rules(folder: Path, values: Collection[str]) -> tuple[Rule, ...]:
    """Every rule of the folder; `values` are the placeholders there are. Raises InvalidRules with all problems."""
    rules: list[Rule] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            rules.append(read_rule(path, values))
        except InvalidRules as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidRules(tuple(problems))
    return tuple(rules)


def read_rule(path: Path, values: Collection[str]) -> Rule:
    """One rule file; raises InvalidRules."""
    try:
        rule = Rule.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except ValidationError as error:
        raise InvalidRules(tuple(f"{path.name}: {_told(dict(found))}" for found in error.errors())) from None
    except (OSError, yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2026-02-30, or no UTF-8
        raise InvalidRules((f"{path.name}: not readable YAML: {' '.join(str(error).split())}",)) from None
    problems = [f"{path.name}: {problem}" for problem in _text_problems(rule, values)]
    if rule.id != path.stem:
        problems.append(f"{path.name}: id: {rule.id!r} is not the file's name; accepted: {path.stem}")
    if problems:
        raise InvalidRules(tuple(problems))
    return rule


def _told(error: dict[str, Any]) -> str:
    """One problem in one line: the key, what is wrong, what is accepted."""
    key = ".".join(str(part) for part in error["loc"] if part != "[key]") or "file"
    if error["type"] == "extra_forbidden":
        return f"{key}: there is no such key; accepted: {', '.join(_accepted(error['loc']))}"
    if error["type"] == "missing":
        return f"{key}: missing"
    return f"{key}: {str(error['msg']).removeprefix('Value error, ')}"


_KINDS: dict[str, type[BaseModel]] = {
    get_args(kind.model_fields["kind"].annotation)[0]: kind for kind in get_args(get_args(AnyTrigger)[0])
}


def _accepted(where: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys of the part of a rule in which a key was unknown."""
    inner = [part for part in where[:-1] if isinstance(part, str)]
    if inner[:1] == ["when"]:
        return tuple(_KINDS[inner[1]].model_fields)
    models: dict[str, type[BaseModel]] = {"texts": Text, "zh": Forms, "en": Forms, "next_steps": Button}
    bilingual = inner and (inner[-1] in ("title", "why_fair"))
    model = Bilingual if bilingual else models.get(inner[-1], Rule) if inner else Rule
    return tuple(model.model_fields)


def _text_problems(rule: Rule, values: Collection[str]) -> Iterator[str]:
    for place, text in enumerate(rule.texts):
        for name in sorted(text.zh.all.keys() | text.en.all.keys()):
            zh, en = text.zh.all.get(name), text.en.all.get(name)
            if zh is None or en is None:
                yield f"texts.{place}.{name}: there in one language only; accepted: both or none"
            elif placeholders(zh) != placeholders(en):
                differ = ", ".join(sorted(placeholders(zh) ^ placeholders(en)))
                yield f"texts.{place}.{name}: one language lacks {differ}; accepted: the same placeholders in both"
        for language in LANGUAGES:
            for name, form in text.forms(language).all.items():
                yield from (f"texts.{place}.{language}.{name}: {p}" for p in text_problems(form, language, values))
    for language in LANGUAGES:
        said = {"title": rule.title, "why_fair": rule.why_fair}
        said |= {f"next_steps.{i}.title": button.title for i, button in enumerate(rule.next_steps)}
        for key, both in said.items():
            yield from (f"{key}.{language}: {p}" for p in text_problems(both.in_language(language), language, ()))
