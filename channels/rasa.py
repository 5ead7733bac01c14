"""The only call to Rasa: one message in, the replies of the turn out.

The POST is never retried: the turn would be taken twice. Everything that can go wrong is one of

    RasaFailure
    ├── RasaUnavailable   nothing there, the connection broke, or the answer was unreadable
    ├── RasaTimeout       no answer within the deadline
    └── RasaSilent        an answer without a single reply
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, ClassVar

import httpx
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from channels.message import Button, Chart, Citation, Language, Reply, Suggestion

log = logging.getLogger(__name__)

TURNS_AT_ONCE = 3  # measured with benchmarks/turns.py: the p95 of 16 clients falls, the turns a second hardly


class RasaFailure(Exception):
    """A turn that Rasa did not answer; `outcome` is the name the worker's reply carries."""

    outcome: ClassVar[str]


class RasaUnavailable(RasaFailure):
    """Rasa could not be reached or broke off."""

    outcome = "error_unavailable"


class RasaTimeout(RasaFailure):
    """Rasa took longer than the deadline."""

    outcome = "error_timeout"


class RasaSilent(RasaFailure):
    """Rasa answered, with nothing to say."""

    outcome = "error_empty"


def _web_address_only(value: object) -> object:
    return value if isinstance(value, str) and value.startswith(("https://", "http://", "/")) else None


class _Custom(BaseModel):
    """The custom message an action sends after its text."""

    model_config = ConfigDict(extra="ignore")

    citations: tuple[Citation, ...] = ()
    outcome: Annotated[str | None, Field(pattern=r"^[a-z_]{1,60}$")] = None
    article_id: str | None = None
    next_steps: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    reviewed_on: str | None = None
    language: Language | None = None
    region: Annotated[str | None, Field(pattern=r"^CN(-[A-Z]{2}(\.[a-z]+)?)?$")] = None
    chart: Chart | None = None


class _Item(BaseModel):
    """One element of the list Rasa's REST channel answers with."""

    model_config = ConfigDict(extra="ignore")

    text: str | None = None
    image: Annotated[str | None, BeforeValidator(_web_address_only)] = None
    buttons: tuple[Button, ...] = ()
    custom: dict[str, object] | None = None


_LIST = TypeAdapter(list[object])


class Rasa:
    """Rasa's REST channel behind an injected client; `deadline_seconds` covers the whole call."""

    def __init__(self, client: httpx.AsyncClient, deadline_seconds: float, token: str = "") -> None:
        self._client = client
        self._deadline_seconds = deadline_seconds
        self._token = token
        # Rasa takes turns in one thread: more of them at once finish no sooner, and some much later.
        self._places = asyncio.Semaphore(TURNS_AT_ONCE)

    async def take_turn(
        self, conversation_id: str, message: str, channel: str, language: Language | None
    ) -> tuple[Reply, ...]:
        """The replies to a message, at least one, or a `RasaFailure`."""
        body = {
            "sender": conversation_id,
            "message": message,
            "input_channel": channel,
            "metadata": {"language": language} if language else {},
        }
        try:
            async with asyncio.timeout(self._deadline_seconds), self._places:
                response = await self._client.post("/webhooks/rest/webhook", json=body)
            response.raise_for_status()
            items = _LIST.validate_json(response.content)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise RasaTimeout from error
        except (httpx.HTTPError, ValidationError) as error:
            raise RasaUnavailable(type(error).__name__) from None
        replies = fold(items)
        if not replies:
            raise RasaSilent
        return replies

    async def forget(self, conversation_id: str) -> bool:
        """Whether Rasa let go of the conversation; its API needs the token."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                response = await self._client.put(
                    f"/conversations/{conversation_id}/tracker/events", params={"token": self._token}, json=[]
                )
        except (TimeoutError, httpx.HTTPError):
            return False
        return response.status_code == httpx.codes.OK

    async def answers_within(self, deadline_seconds: float) -> bool:
        """Whether the REST channel itself responds."""
        try:
            async with asyncio.timeout(deadline_seconds):
                response = await self._client.get("/webhooks/rest/")
        except (TimeoutError, httpx.HTTPError):
            return False
        return response.status_code == httpx.codes.OK


def fold(items: Iterable[object]) -> tuple[Reply, ...]:
    """The replies in a Rasa answer: a picture or custom message joins the reply before it."""
    replies: list[Reply] = []
    for raw in items:
        item = _read(raw)
        if item is None:
            continue
        if item.text and item.text.strip():
            replies.append(Reply(text=item.text.strip(), buttons=item.buttons))
        elif item.buttons and replies:
            replies[-1] = replace(replies[-1], buttons=replies[-1].buttons + item.buttons)
        if item.image:
            _add_image(replies, item.image)
        if item.custom is not None and replies:
            replies[-1] = _add_custom(replies[-1], item.custom)
    return tuple(replies)


def _read(raw: object) -> _Item | None:
    try:
        return _Item.model_validate(raw)
    except ValidationError as error:
        log.warning("Rasa sent an item of unknown shape (%d faults)", error.error_count())
        return None


def _add_image(replies: list[Reply], image_url: str) -> None:
    if replies and replies[-1].image_url is None:
        replies[-1] = replace(replies[-1], image_url=image_url)
    else:
        replies.append(Reply(text="", image_url=image_url))


def _add_custom(reply: Reply, written: dict[str, object]) -> Reply:
    try:
        custom = _Custom.model_validate(written)
    except ValidationError as error:
        log.warning("an action sent a custom message of unknown shape (%d faults)", error.error_count())
        return reply
    return replace(
        reply,
        citations=reply.citations + tuple(_with_safe_url(citation) for citation in custom.citations),
        outcome=custom.outcome or reply.outcome,
        article_id=custom.article_id or reply.article_id,
        next_steps=reply.next_steps + custom.next_steps,
        suggestions=reply.suggestions + custom.suggestions,
        reviewed_on=custom.reviewed_on or reply.reviewed_on,
        language=custom.language or reply.language,
        region=custom.region or reply.region,
        chart=custom.chart or reply.chart,
    )


def _with_safe_url(citation: Citation) -> Citation:
    """A citation leads to a web page or nowhere: `javascript:` and the like are dropped."""
    safe = citation.url if citation.url and citation.url.startswith(("https://", "http://")) else None
    return replace(citation, url=safe)
