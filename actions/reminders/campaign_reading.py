"""Reads campaign files, and says of each problem in which file and at which key it is and what is accepted.

A text may use placeholders of a given set, which the wording fills with the worker's own figures. A figure typed into a
text has neither date nor source and is refused.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from actions.reminders.campaigns import Campaign
from actions.reminders.model import Language
from actions.reminders.typed_figures import placeholders, text_problems

LANGUAGES: tuple[Language, ...] = ("zh", "en")


class InvalidCampaign(Exception):
    """Campaign files that break the format; `problems` has one line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_campaigns(folder: Path, accepted: Collection[str]) -> tuple[Campaign, ...]:
    """Every campaign of the folder, drafts too, by id; raises InvalidCampaign with the problems of all files."""
    campaigns: list[Campaign] = []
    problems = [f"{path.name}: is not read; accepted: a name that ends in .yml" for path in folder.glob("*.yaml")]
    for path in sorted(folder.glob("*.yml")):
        try:
            campaigns.append(read_campaign(path, accepted))
        except InvalidCampaign as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidCampaign(tuple(problems))
    return tuple(campaigns)


def read_campaign(path: Path, accepted: Collection[str]) -> Campaign:
    """One campaign file; `accepted` are the placeholders that its texts may use. Raises InvalidCampaign."""
    try:
        campaign = Campaign.model_validate(_raw(path))
    except ValidationError as error:
        raise InvalidCampaign(tuple(f"{path.name}: {_told(found)}" for found in error.errors())) from None
    problems = [f"{path.name}: {problem}" for problem in _text_problems(campaign, accepted)]
    if campaign.id != path.stem:
        problems.append(f"{path.name}: id: {campaign.id!r} is not the file's name; accepted: {path.stem}")
    if problems:
        raise InvalidCampaign(tuple(problems))
    return campaign


def _raw(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise InvalidCampaign((f"{path.name}: there is no such file",)) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: no UTF-8, or a day such as 30 February
        raise InvalidCampaign((f"{path.name}: not readable YAML: {' '.join(str(error).split())}",)) from None


def _told(error: ErrorDetails) -> str:
    """One problem in one line: the key, what is wrong, what is accepted."""
    where = [str(part) for part in error["loc"] if part != "[key]"]
    model, field = _place(where)
    key = ".".join(where) or "file"
    if error["type"] == "extra_forbidden" and model:
        return f"{key}: there is no such key; accepted: {', '.join(model.model_fields)}"
    problem = "missing" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")
    if "accepted:" in problem or field is None or field.description is None:
        return f"{key}: {problem}"
    return f"{key}: {problem}; accepted: {field.description}"


def _place(where: list[str]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that a key stands in, and the nearest field around it that says what it accepts."""
    model: type[BaseModel] | None = Campaign
    field: FieldInfo | None = None
    for place, part in enumerate(where):
        if model is None:
            break
        if part in model.model_fields:
            inner = model.model_fields[part]
            field = inner if inner.description or field is None else field
            if place + 1 < len(where):
                model = _model_in(inner.annotation)
        # else: the name of an entry, which lies in the same model
    return model, field


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)


def _text_problems(campaign: Campaign, accepted: Collection[str]) -> Iterator[str]:
    for name, treatment in campaign.treatments.items():
        texts = {"text": treatment.text, "brief": treatment.brief, "next_step.title": treatment.next_step.title}
        for key, text in texts.items():
            for language in LANGUAGES:
                for problem in text_problems(text.in_language(language), language, accepted):
                    yield f"treatments.{name}.{key}.{language}: {problem}"
            if differ := placeholders(text.zh) ^ placeholders(text.en):
                lacking = ", ".join(sorted(differ))
                yield f"treatments.{name}.{key}: one language lacks {lacking}; accepted: the same placeholders in both"
