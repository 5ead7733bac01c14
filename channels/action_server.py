"""What the gateway asks the action server without Rasa: one answer, the list of regions, whether it is up.

ActionServerFailure
├── ActionServerRefused      the question itself was at fault; `reason` names the field
├── ActionServerUnavailable
└── ActionServerTimeout
"""

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import httpx
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from channels.message import Language

REGIONS_KEPT_SECONDS = 600


class ActionServerFailure(Exception):
    """The action server gave no usable answer."""


class ActionServerRefused(ActionServerFailure):
    """The action server found the question at fault."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ActionServerUnavailable(ActionServerFailure):
    """Nothing there, the connection broke, or the answer was unreadable."""


class ActionServerTimeout(ActionServerFailure):
    """No answer within the deadline."""


class CitedSource(BaseModel):
    """A source, with the date its figure or rule is valid from."""

    title: str
    source: str
    as_of: str | None = None
    url: str | None = None


class RelatedArticle(BaseModel):
    """An article that may help as well."""

    article_id: str
    title: str


class Answer(BaseModel):
    """What the answering pipeline says to one question, without a conversation."""

    outcome: Annotated[str, Field(description="answered, clarify, unanswerable_…, refused_…, handoff_…")]
    answer: str
    language: Language
    article_id: str | None = None
    title: str | None = None
    region: str | None = None
    score: float | None = None
    citations: list[CitedSource] = []
    next_steps: list[str] = []
    suggestions: list[RelatedArticle] = []
    reviewed_on: str | None = None
    timings_ms: dict[str, float] = {}


class Names(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class Region(BaseModel):
    """A province or city the assistant knows; `parent` is the province of a city, `CN` for a province."""

    code: str
    name: Names
    level: Literal["province", "city"]
    parent: str | None = None


_ANSWER = TypeAdapter(Answer)
_REGIONS = TypeAdapter(list[Region])
_FAULT = TypeAdapter(dict[str, str])
T = TypeVar("T")


class ActionServer:
    """The action server behind an injected client; every call has a deadline."""

    def __init__(
        self, client: httpx.AsyncClient, deadline_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._deadline_seconds = deadline_seconds
        self._clock = clock
        self._regions: list[Region] = []
        self._regions_read_at = -float(REGIONS_KEPT_SECONDS)

    async def answer(self, question: dict[str, str]) -> Answer:
        """The answer to `{text, language?, region?, on?}`, or an `ActionServerFailure`."""
        return await self._ask(_ANSWER, "POST", "/answers", question)

    async def regions(self) -> list[Region]:
        """All provinces and cities; kept for a while, and kept longer when the server is away."""
        if self._regions and self._clock() - self._regions_read_at < REGIONS_KEPT_SECONDS:
            return self._regions
        try:
            self._regions = await self._ask(_REGIONS, "GET", "/regions", None)
        except ActionServerFailure:
            if not self._regions:
                raise
        self._regions_read_at = self._clock()
        return self._regions

    async def answers_within(self, deadline_seconds: float) -> bool:
        """Whether the action server says it is ready."""
        try:
            async with asyncio.timeout(deadline_seconds):
                response = await self._client.get("/healthz")
        except (TimeoutError, httpx.HTTPError):
            return False
        return response.status_code == httpx.codes.OK

    async def _ask(self, shape: TypeAdapter[T], method: str, path: str, body: dict[str, str] | None) -> T:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                response = await self._client.request(method, path, json=body)
            if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                raise ActionServerRefused(_FAULT.validate_json(response.content)["error"])
            response.raise_for_status()
            return shape.validate_json(response.content)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ActionServerTimeout from error
        except (httpx.HTTPError, ValidationError, KeyError) as error:
            raise ActionServerUnavailable(type(error).__name__) from None
