"""The SMS channel: plain texts that cost money by the piece, with numbers for buttons.

Which company carries them is behind `Provider`; this module knows phone numbers, the words that stop and start, and
how a reply is made short enough. No picture can be sent, so that a chart is left out: the text has its table.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.channel import ContactUnknown, Limits, Received, Request, Response, Route
from channels.message import Citation, Event, Inbound, Joined, Language, Left, Reply, Unreadable
from channels.sms_segments import Encoding, capacity, measure
from channels.splitting import split

Labels = Mapping[str, Mapping[str, str]]
Keyword = Literal["stop", "start", "help"]

# The whole message, without case, spaces, punctuation and width. Mainland carriers print "回T退订", "回TD退订" and
# "拒收请回复N" below a message; the English ones are those of the CTIA. Not in the list: CANCEL and 取消, which are
# also how a worker leaves a form in the chat.
STOP_WORDS = frozenset(
    {
        *("退订", "取消订阅", "退", "停", "t", "td", "n"),
        *("stop", "stopall", "unsubscribe", "end", "quit", "optout", "revoke"),
    }
)
START_WORDS = frozenset(("start", "unstop", "恢复", "订阅"))
HELP_WORDS = frozenset(("help", "info", "帮助", "?"))

_SEPARATORS_IN_NUMBERS = re.compile(r"[\s().\-\u2010-\u2015]+")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{7,14}")
_BARE = re.compile(r"[1-9][0-9]{7,14}")
_CHINESE_MOBILE = re.compile(r"1[1-9][0-9]{9}")
_LONGEST_KEYWORD = 40  # characters, however it is spaced and decorated
_LEAST_ROOM = 20  # characters; with less, not even a broken-off answer and its dots have a place
_COLON: Mapping[Language, str] = {"zh": "：", "en": ": "}

# The number of a list ("1. ") ends nothing, and a line that ends with a colon needs the one below it.
_CLOSING = "”’」』）》】)\\]\"'"
_ENDS = re.compile(
    rf"[。！？]+[{_CLOSING}]*|(?:[!?]|(?<!\d)\.)+[{_CLOSING}]*(?=\s|\Z|[\u3400-\u9fff])|(?<![：:\s])(?=\s*\n)"
)
_BROKEN_OFF = "..."  # inside a sentence; three characters that GSM 7-bit has


class SmsSettings(BaseSettings):
    """Which provider carries our SMS, how long a reply may get, and where the page with the whole answer stands."""

    model_config = SettingsConfigDict(env_prefix="SHEBAO_SMS_", extra="ignore", frozen=True)

    provider: Literal["twilio", "alibaba", ""] = ""
    max_segments: Annotated[int, Field(ge=1, le=10)] = 4
    link_base: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One SMS that came in, long ones already joined.

    `number` is in E.164. `keyword` is what the provider itself has already done about a word in the text: after
    its "stop" it lets no message of ours through. `picture`: it held a picture and no text.
    """

    number: str
    text: str
    message_id: str
    keyword: Keyword | None = None
    picture: bool = False


class Provider(Protocol):
    """A company that carries SMS.

    An implementation must keep numbers, texts and secrets out of every exception and log line, must not wait longer
    than its deadline, and must raise nothing but `Forged`, `Malformed` and `SendFailure`.
    """

    name: str
    response: Response
    """What it wants back for a request that was taken."""
    max_characters: int
    """The longest text of one message, in UTF-16 units."""
    encoding: Encoding | None
    """The encoding its network uses for every text; None where each text has the cheaper one."""

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged` for what it did not send, or sent too long ago."""

    def parse(self, request: Request) -> tuple[Incoming, ...]:
        """The messages of persons in a verified request; raises `Malformed`."""

    def shown(self, text: str) -> str:
        """A text as it stands on the phone, with whatever the provider puts around it; counted for its length."""

    async def send(self, number: str, text: str) -> None:
        """Hand over one message for a number in E.164; may raise a `SendFailure`."""


class SmsChannel:
    """Workers who write SMS.

    `labels` is language -> word -> wording: `source` and `next_steps`, and `since` with a {date} in it ("{date}起"),
    without which a date stands alone. `more` gives what tells a worker how to get the whole of a reply that had to
    be shortened, a short link or "回复0看全文"; None where there is no way.
    `limits.text` is in Chinese characters that `max_segments` SMS hold; `limits.measure` counts a text's share of
    that room, and of the provider's own limit, in the same unit: a text fits exactly where its measure is at most
    `limits.text`, whatever its encoding.
    Raises `ValueError` where the provider's own words leave no room for ours.
    """

    name = "sms"

    def __init__(
        self,
        provider: Provider,
        labels: Labels,
        *,
        max_segments: int = 4,
        more: Callable[[Reply], str | None] | None = None,
    ) -> None:
        self.routes: tuple[Route, ...] = (Route("POST", f"/channels/sms/{provider.name}"),)
        self.limits = Limits(text=capacity(max_segments), measure=self._measure)
        self._provider = provider
        self._labels = labels
        self._max_segments = max_segments
        self._more = more
        if self._measure("0" * _LEAST_ROOM) > self.limits.text:
            raise ValueError("the provider's signature and template leave no room for a text")

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged`; what proves the sender is the provider's affair."""
        self._provider.verify(request, now)

    def parse(self, request: Request) -> Received:
        """The messages in a request, words like STOP and 退订 already understood; raises `Malformed`."""
        events = tuple(self._event(incoming) for incoming in self._provider.parse(request))
        return Received(events, self._provider.response)

    def render(self, reply: Reply) -> tuple[str, ...]:
        """One text with steps, one source and the numbered menu, never over `limits.text`; none for an empty reply.

        What is too long ends after a sentence and says how to read on. Web addresses of sources are left out: they
        cost a whole SMS, and carriers in mainland China hold back texts with links.
        """
        words, language = self._labels[reply.language or "zh"], reply.language or "zh"
        body, ends = _body(reply, words, language)
        source = _source(reply.citations[0], words, language) if reply.citations else ""
        menu = [f"{number} {button.title}" for number, button in enumerate(reply.buttons, start=1)]
        whole = lines(body, source, *menu)
        if self._measure(whole) > self.limits.text:
            hint = (self._more(reply) if self._more else None) or ""
            shorter = [lines(hint, *menu[:count]) for count in range(len(menu), -1, -1)]
            tails = [lines(source, hint, *menu), *shorter, ""]
            whole = shorten(body, ends, tails, self.limits.text, self._measure)
        return (whole,) if whole else ()

    async def send(self, address: str, reply: Reply) -> None:
        """Write to a number in E.164; may raise a `SendFailure`. A text whose answer got lost may arrive twice."""
        number = e164(address)
        if number is None:
            raise ContactUnknown("not a phone number")
        for text in self.render(reply):
            await self._provider.send(number, readable(text))

    def _measure(self, text: str) -> int:
        filled = measure(self._provider.shown(text), self._max_segments, self._provider.encoding)
        characters = len(text) + sum(character > "\uffff" for character in text)
        share = -(-characters * self.limits.text // self._provider.max_characters)
        return max(filled, share)

    def _event(self, incoming: Incoming) -> Event:
        who = (self.name, incoming.number)
        if incoming.picture:
            return Unreadable(*who, incoming.message_id, "picture")
        match incoming.keyword or keyword_in(incoming.text):
            case "stop":
                return Left(*who, incoming.message_id, confirm=incoming.keyword is None)
            case "start":
                return Joined(*who, incoming.message_id)
            case "help":
                return Inbound(*who, payload="/menu", message_id=incoming.message_id)
        return Inbound(*who, text=incoming.text, message_id=incoming.message_id)


def keyword_in(text: str) -> Keyword | None:
    """What a whole message asks for, where it is one of the words; never a word inside a sentence."""
    if len(text) > _LONGEST_KEYWORD:
        return None
    folded = unicodedata.normalize("NFKC", text).casefold()
    word = "".join(character for character in folded if unicodedata.category(character)[0] in "LN")
    if not word and "?" in folded:
        word = "?"
    if word in STOP_WORDS:
        return "stop"
    if word in START_WORDS:
        return "start"
    return "help" if word in HELP_WORDS else None


def e164(number: str) -> str | None:
    """A phone number as `+` and 8 to 15 digits; None for what is no person's number (10086, a company's name).

    Without a country code, 1 and ten digits is a mobile number in mainland China, but for 10, which is a service;
    any other is taken to begin with its country code.
    """
    bare = _SEPARATORS_IN_NUMBERS.sub("", number)
    bare = "+" + bare[2:] if bare.startswith("00") else bare
    if _CHINESE_MOBILE.fullmatch(bare):
        return "+86" + bare
    if _BARE.fullmatch(bare) and not bare.startswith("10"):
        bare = "+" + bare
    return bare if _INTERNATIONAL.fullmatch(bare) else None


def readable(text: str) -> str:
    """A text that can be stored: no NUL, and U+FFFD for half a character that a carrier cut off."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")


def sentence_ends(text: str) -> list[int]:
    """The places behind a sentence or line, in order, where a text may end; the last one is its own end."""
    return sorted({*(found.end() for found in _ENDS.finditer(text)), len(text)} - {0})


def shorten(text: str, ends: Sequence[int], tails: Sequence[str], limit: int, measure: Callable[[str], int]) -> str:
    """As much of a text as fits before one of the `tails`, which stand on lines of their own, the dearest one first.

    `ends` are the places where the text may end. Where not even the first of them leaves room for one of the first
    two tails, it is broken off between words, or the tail alone is given for an empty text. The last tail must be
    empty; raises `ValueError` where even then there is no room for one character.
    """
    for tail in tails[:2] if text else tails:
        for end in reversed(ends or (0,)):
            shorter = lines(text[:end].rstrip(), tail)
            if measure(shorter) <= limit:
                return shorter
    tail = next((tail for tail in tails if measure(tail) * 2 <= limit), "")
    kept = split(text, limit, lambda part: measure(lines(part + _BROKEN_OFF, tail)))
    return lines(kept[0] + _BROKEN_OFF, tail)


def lines(*parts: str) -> str:
    """The parts that are not empty, each on a line of its own."""
    return "\n".join(part for part in parts if part)


def _body(reply: Reply, words: Mapping[str, str], language: Language) -> tuple[str, list[int]]:
    """Text and steps, and the places where they may end: never between the heading and the first step."""
    text = reply.text.strip()
    ends = sentence_ends(text)
    for number, step in enumerate(reply.next_steps):
        heading = words["next_steps"] + _COLON[language].rstrip() if number == 0 else ""
        text = lines(text, heading, f"- {step}")
        ends.append(len(text))
    return text, ends


def _source(citation: Citation, words: Mapping[str, str], language: Language) -> str:
    title = f"《{citation.title}》" if language == "zh" and not citation.title.startswith("《") else citation.title
    space = " " if language == "en" else ""
    since = f"{space}({words.get('since', '{date}').format(date=citation.as_of)})" if citation.as_of else ""
    return f"{words['source']}{_COLON[language]}{title}{since}"
