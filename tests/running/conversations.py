"""Conversations as staff write them in `conversations/*.yml`: read here strictly, and held against what was said."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parent / "conversations"
CHINESE = re.compile(r"[\u3400-\u9fff]")


class Strict(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(Strict):
    """What a turn must bring; what is left out is not looked at."""

    outcome: str | None = None  # of one of the replies
    article: str | None = None  # of one of the replies
    leads_to: str | None = None  # an article that is shown, or offered on a button
    text_has: list[str] = []  # in the words of all replies together
    text_lacks: list[str] = []
    buttons_have: list[str] = []  # a title, or the beginning of a payload
    buttons_at_most: int | None = None
    replies: int | None = None
    language: Literal["zh", "en"] | None = None  # of the last reply
    status: int = 200
    stored_lacks: list[str] = []  # nowhere in the database


class Step(Strict):
    """One message and what it must bring."""

    say: str | None = None
    tap: str | None = None
    times: Annotated[int, Field(ge=1)] = 1  # the text repeated, for long ones
    language: Literal["zh", "en"] | None = None
    expect: Expected = Expected()

    @model_validator(mode="after")
    def _one_of_both(self) -> "Step":
        if (self.say is None) == (self.tap is None):
            raise ValueError("a turn either says or taps something")
        return self

    def message(self, conversation_id: str | None) -> dict[str, Any]:
        """As the gateway takes it."""
        content = {"payload": self.tap} if self.say is None else {"text": self.say * self.times}
        around = {"conversation_id": conversation_id, "language": self.language}
        return content | {name: value for name, value in around.items() if value}


class Conversation(Strict):
    """A claim and the turns that show it."""

    name: str
    turns: Annotated[list[Step], Field(min_length=1)]
    file: str


def read_conversations() -> list[Conversation]:
    """Every conversation, in the order of files and lines."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(Conversation(**entry, file=path.stem))
    return found


def faults(expected: Expected, replies: list[dict[str, Any]]) -> list[str]:
    """What is not as expected, in words; an empty list where all is well."""
    words = "\n".join(reply["text"] for reply in replies)
    buttons = [button for reply in replies for button in reply["buttons"]]
    found = [f"lacks {part!r}" for part in expected.text_has if part not in words]
    found += [f"has {part!r}" for part in expected.text_lacks if part in words]
    found += [f"has no button {wanted!r}" for wanted in expected.buttons_have if not _has(buttons, wanted)]
    for name, wanted in (("outcome", expected.outcome), ("article_id", expected.article)):
        if wanted and wanted not in [reply[name] for reply in replies]:
            found.append(f"{name} is not {wanted!r} but {[reply[name] for reply in replies]}")
    if expected.leads_to and not _leads_to(replies, expected.leads_to):
        found.append(f"does not lead to {expected.leads_to}")
    if expected.buttons_at_most is not None and len(buttons) > expected.buttons_at_most:
        found.append(f"has {len(buttons)} buttons")
    if expected.replies is not None and len(replies) != expected.replies:
        found.append(f"has {len(replies)} replies")
    if expected.language and language_of(replies[-1]) != expected.language:
        found.append(f"is in {language_of(replies[-1])}")
    return found


def language_of(reply: dict[str, Any]) -> str:
    """What a reply says of itself, and where it does not, what its words are."""
    return reply["language"] or ("zh" if CHINESE.search(reply["text"]) else "en")


def _leads_to(replies: list[dict[str, Any]], article: str) -> bool:
    offered = [button["payload"] for reply in replies for button in reply["buttons"]]
    return article in [reply["article_id"] for reply in replies] or any(f'"{article}"' in one for one in offered)


def _has(buttons: list[dict[str, str]], wanted: str) -> bool:
    return any(button["title"] == wanted or button["payload"].startswith(wanted) for button in buttons)
