"""`knowledge/reminders.yml`: what the chat asks and says about reminders, in both languages. Read strictly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from actions.parameters import Bilingual
from actions.reminders.draft import is_value
from actions.reminders.hearing import TroubleKind
from actions.reminders.model import About, Rhythm
from actions.simulator.texts import InvalidTexts, Text, read_strictly

FILE = "reminders.yml"
QUESTIONS = frozenset(
    {"about", "rhythm", "day", "month", "date", "time", "category", "birth", "which", "change", "quiet", "paid"}
)
PARTS_OF_THE_DAY = ("night", "morning", "noon", "afternoon", "evening")
APPS = ("wechat", "telegram", "sms")

__all__ = ["APPS", "FILE", "PARTS_OF_THE_DAY", "QUESTIONS", "ChatTexts", "InvalidTexts", "read_chat_texts"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Choice(Bilingual):
    """A button below a question: its title, and `name=value` of what it stands for."""

    value: Annotated[str, Field(alias="is", min_length=3)]


class Question(_Strict):
    """One question, with the buttons that answer it."""

    text: Bilingual
    buttons: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _choices_are_known(self) -> "Question":
        for choice in self.buttons:
            name, _, value = choice.value.partition("=")
            if not is_value(name, value):
                raise ValueError(f"the button {choice.value!r} stands for nothing; such as 'day=10' is accepted")
        return self


class Names(_Strict):
    """The names of days and months: Monday and January first."""

    weekdays: tuple[Bilingual, ...] = Field(min_length=7, max_length=7)
    months: tuple[Bilingual, ...] = Field(min_length=12, max_length=12)


class ChatTexts(_Strict):
    """The whole file. `wording`: the version of the consent's words, kept with every yes; change it with the words."""

    wording: Annotated[str, Field(min_length=1, max_length=40)]
    questions: Mapping[str, Question]
    abouts: Mapping[str, Bilingual]
    plans: Mapping[str, Text]
    troubles: Mapping[str, Text]
    parts_of_the_day: Mapping[str, Text]
    apps: Mapping[str, Bilingual]
    names: Names
    phrases: Mapping[str, Text]

    @model_validator(mode="after")
    def _complete(self) -> "ChatTexts":
        wanted: tuple[tuple[str, Mapping[str, object], frozenset[str]], ...] = (
            ("questions", self.questions, QUESTIONS),
            ("abouts", self.abouts, frozenset(About)),
            ("plans", self.plans, frozenset(Rhythm)),
            ("troubles", self.troubles, frozenset({*TroubleKind, "quiet_time", "too_many"})),
            ("parts_of_the_day", self.parts_of_the_day, frozenset(PARTS_OF_THE_DAY)),
            ("apps", self.apps, frozenset(APPS)),
        )
        for name, held, keys in wanted:
            if differ := keys ^ held.keys():
                raise ValueError(f"{name}: {min(differ)!r} is missing or unknown; {', '.join(sorted(keys))} are wanted")
        return self


def read_chat_texts(knowledge: Path) -> ChatTexts:
    """The file of a knowledge folder; raises InvalidTexts naming the key."""
    return read_strictly(ChatTexts, knowledge / FILE)
