"""One message of a worker: its words and what the bot has found in them already."""

import re
from dataclasses import dataclass

from actions.simulator.month import MONTHS_A_YEAR

_NUMBER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?![\d.])")
_NEVER = re.compile(
    r"没交过|从来没|没有交|没缴|还没|零|(?<!\d)0(?!\d)|一个月都没|\b(?:never|none|nothing|not yet|haven'?t)\b", re.I
)
_DONT_KNOW = re.compile(
    r"不知道|不清楚|不晓得|不懂|不确定|忘了|忘记|随便|说不准|搞不清|记不清|没数|你(?:看着|帮我)?(?:定|选)|"
    r"\b(?:don'?t know|dunno|no idea|not sure|unsure|forgot|whatever|you (?:choose|decide)|skip)\b",
    re.I,
)


@dataclass(frozen=True)
class Heard:
    """Words, the bot's entities as (kind, value) pairs, and the fact that was asked for last.

    A place whose part in the sentence is known is there twice: as `region`, and as `region:origin`,
    `region:destination` or `region:home`.
    """

    text: str
    entities: tuple[tuple[str, str], ...] = ()
    asked: str | None = None

    def values(self, kind: str) -> list[str]:
        """The values of one kind of entity, in order."""
        return [value for found, value in self.entities if found == kind]

    @property
    def numbers(self) -> list[str]:
        """The bare numbers of the text, in order."""
        return _NUMBER.findall(self.text)

    @property
    def says_never(self) -> bool:
        """Whether the worker says that nothing was paid."""
        return bool(_NEVER.search(self.text))

    def months(self, fact: str) -> str | None:
        """The first duration; a bare number means years where `fact` was asked for."""
        durations = self.values("duration")
        if durations:
            return str(int(float(durations[0])))
        if self.asked == fact and self.numbers:
            return str(round(float(self.numbers[0]) * MONTHS_A_YEAR))
        return None


def does_not_know(heard: Heard) -> bool:
    """Whether the worker says that they don't know, or leaves it to us."""
    return bool(_DONT_KNOW.search(heard.text))
