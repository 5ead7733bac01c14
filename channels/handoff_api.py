"""The desk's routes: see who waits for a person, claim, answer, give back. And the route a worker's page polls.

A desk never learns the conversation's id, which is the worker's own secret.
"""

import asyncio
import hmac
import logging
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from actions.privacy import mask
from channels.api import MESSAGE_ERRORS, ErrorBody
from channels.channel import SendFailure
from channels.cleaning import clean
from channels.conversations import CONVERSATION_ID
from channels.gateway import Gateway
from channels.handoffs import (
    ClaimedByAnother,
    Handoff,
    HandoffFailure,
    HandoffReason,
    Handoffs,
    SaidBy,
    State,
    UnknownHandoff,
    WrongState,
)
from channels.message import Language, Reply
from channels.refusals import Reason, Refused
from channels.sentences import Sentences

log = logging.getLogger(__name__)

Deliver = Callable[[str, Reply], Awaitable[None]]

BEARER = HTTPBearer(auto_error=False, scheme_name="desk", description="The token of the desk.")
DESK_NAME_CHARACTERS = 80
ANSWER_CHARACTERS = 1000
DELIVERY_SECONDS = 20
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer
_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")

OPENED = {
    "id": 7, "reason": "requested", "language": "zh", "channel": "telegram", "state": "claimed",
    "opened_at": "2026-11-23T04:00:00Z", "claimed_by": "Desk 3", "claimed_at": "2026-11-23T04:02:00Z",
    "closed_at": None,
}  # fmt: skip
CLOSED = OPENED | {"state": "closed", "closed_at": "2026-11-23T04:20:00Z"}
ASKED = {"id": 21, "said_by": "worker", "text": "我想找人问问", "said_at": "2026-11-23T03:59:58Z"}
ANSWERED = {"id": 22, "said_by": "desk", "text": "你好，我姓王，来帮你。", "said_at": "2026-11-23T04:03:00Z"}
DELIVERY_REASON = (
    "Why not: `connection_failed`, `connection_throttled`, `message_invalid`, `message_too_long`, "
    "`credentials_refused`, `contact_unknown`, `contact_stopped`, `push_unsupported` or `internal`."
)


def _like(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"examples": list(examples)})


class HasDeskToken(Protocol):
    """Settings with the token that opens the desk; empty: the desk is closed."""

    @property
    def desk_token(self) -> SecretStr:
        """The token."""


class LineBody(BaseModel):
    """One line of the talk; ids grow."""

    model_config = _like(ASKED)

    id: int
    said_by: SaidBy
    text: str
    said_at: datetime


class HandoffBody(BaseModel):
    """A conversation that a person is asked to take over, without its id. Times are UTC."""

    model_config = _like(OPENED)

    id: int
    reason: Annotated[HandoffReason, Field(description="The worker asked, is in distress, or got no answer.")]
    language: Language
    channel: str
    state: State
    opened_at: datetime
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None


class HandoffTalk(BaseModel):
    """A handoff and what was said; read on with `after` where there are more lines."""

    model_config = _like({"handoff": OPENED, "lines": [ASKED, ANSWERED]})

    handoff: HandoffBody
    lines: list[LineBody]


class AnswerRequest(BaseModel):
    """What the desk says to the worker."""

    model_config = _like({"text": ANSWERED["text"]}) | ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=ANSWER_CHARACTERS)]


class Delivery(BaseModel):
    """Whether the worker's app took it; a web page asks for its news instead."""

    delivered: bool
    reason: Annotated[str | None, Field(description=DELIVERY_REASON)] = None


class AnsweredBody(Delivery):
    """The answer as it was kept and sent."""

    model_config = _like({"line": ANSWERED, "delivered": False, "reason": "contact_stopped"})

    line: LineBody


class ClosedBody(Delivery):
    """The handoff, given back to the assistant; the worker was told so."""

    model_config = _like({"handoff": CLOSED, "delivered": True, "reason": None})

    handoff: HandoffBody


class NewsBody(BaseModel):
    """What a person wrote since the page last asked, and whether one is still asked for."""

    model_config = _like({"lines": [ANSWERED], "handoff": "claimed"}, {"lines": [], "handoff": None})

    lines: list[LineBody]
    handoff: Annotated[State | None, Field(description="`waiting`, `claimed`, or null: the assistant answers again.")]


def _refusal(failure: HandoffFailure) -> Refused:
    if isinstance(failure, UnknownHandoff):
        return Refused(Reason.HANDOFF_UNKNOWN)
    if isinstance(failure, ClaimedByAnother):
        return Refused(Reason.HANDOFF_CLAIMED, accepted="a handoff that waits, or your own")
    assert isinstance(failure, WrongState)
    return Refused(Reason.HANDOFF_STATE, accepted=f"a handoff that is {' or '.join(failure.accepted)}")


def _admit(request: Request) -> None:
    gateway: Gateway = request.app.state.gateway
    gateway.admit_request(request.client.host if request.client else "unknown")


async def _handoffs(request: Request) -> AsyncIterator[Handoffs]:
    """The handoffs; says what cannot be done to one."""
    try:
        yield request.app.state.handoffs
    except HandoffFailure as failure:
        raise _refusal(failure) from None


async def _desk(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    name: Annotated[str | None, Header(alias="X-Desk", description="Who works: 1 to 80 visible characters.")] = None,
) -> str:
    """The name of the desk that asks; a wrong token counts as a request of its address, a right one does not."""
    settings: HasDeskToken = request.app.state.settings
    token = settings.desk_token.get_secret_value()
    if not token:
        raise Refused(Reason.DESK_DISABLED)
    # Header values are bytes, which the server reads as Latin-1.
    if given is None or not hmac.compare_digest(given.credentials.encode("latin-1"), token.encode()):
        _admit(request)
        raise Refused(Reason.DESK_TOKEN_REFUSED, accepted="Authorization: Bearer and the token of the desk")
    return _desk_name(name or "")


def _desk_name(header: str) -> str:
    name = header.encode("latin-1").decode(errors="replace").strip()
    is_visible = name.isprintable() and "\ufffd" not in name and clean(name)
    if not is_visible or len(name) > DESK_NAME_CHARACTERS:
        raise Refused(Reason.DESK_NAME_INVALID, accepted=f"X-Desk: 1 to {DESK_NAME_CHARACTERS} visible characters")
    return name


DeskGiven = Annotated[str, Depends(_desk)]
HandoffsGiven = Annotated[Handoffs, Depends(_handoffs)]
HandoffId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
After = Annotated[int, Query(ge=0, le=LARGEST_ID, description="The id of the last line you have.")]

DESK_ERRORS: dict[int | str, dict[str, object]] = {
    401: {"model": ErrorBody, "description": "`desk_token_refused`."},
    403: {"model": ErrorBody, "description": "`desk_disabled`: the server has no desk token."},
    422: {"model": ErrorBody, "description": "The request cannot be taken; `accepted` says what can."},
    429: {"model": ErrorBody, "description": "Too many wrong tokens; wait the seconds in `Retry-After`."},
}
ONE_ERRORS = DESK_ERRORS | {404: {"model": ErrorBody, "description": "`handoff_unknown`."}}
CHANGE_ERRORS = ONE_ERRORS | {409: {"model": ErrorBody, "description": "`handoff_state` or `handoff_claimed`."}}
NEWS_ERRORS: dict[int | str, dict[str, object]] = {status: MESSAGE_ERRORS[status] for status in (422, 429)}

router = APIRouter(prefix="/api/v1/handoffs", tags=["handoffs"])
news = APIRouter(prefix="/api/v1/conversations", tags=["messages"])


@router.get("", summary="Who waits for a person", responses=DESK_ERRORS)
async def list_handoffs(
    _: DeskGiven,
    handoffs: HandoffsGiven,
    state: Annotated[State | None, Query(description="Left out: all.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The last id of the page before.")] = None,
) -> list[HandoffBody]:
    """The newest first."""
    return [HandoffBody.model_validate(handoff) for handoff in await handoffs.listed(state, limit, before)]


@router.get("/{handoff_id}", summary="One handoff and what was said", responses=ONE_ERRORS)
async def get_handoff(_: DeskGiven, handoffs: HandoffsGiven, handoff_id: HandoffId, after: After = 0) -> HandoffTalk:
    """What was said before the handoff is in it too; private numbers are covered."""
    handoff = await handoffs.get(handoff_id)
    return HandoffTalk.model_validate({"handoff": handoff, "lines": await handoffs.lines(handoff_id, after)})


@router.post("/{handoff_id}/claim", summary="Take a conversation over", responses=CHANGE_ERRORS)
async def claim_handoff(desk: DeskGiven, handoffs: HandoffsGiven, handoff_id: HandoffId) -> HandoffBody:
    """One desk gets it; claiming your own again changes nothing."""
    return HandoffBody.model_validate(await handoffs.claim(handoff_id, desk))


@router.post("/{handoff_id}/answer", summary="Write to the worker", responses=CHANGE_ERRORS)
async def answer_handoff(
    request: Request, desk: DeskGiven, handoffs: HandoffsGiven, handoff_id: HandoffId, answer: AnswerRequest
) -> AnsweredBody:
    """Kept even where it cannot be delivered now. An answer with a private number in it is refused."""
    text = "\n".join(clean(line) for line in answer.text.splitlines()).strip()
    if not text:
        raise Refused(Reason.TEXT_EMPTY, accepted=f"1 to {ANSWER_CHARACTERS} visible characters")
    if mask(text).kinds:
        raise Refused(Reason.ANSWER_PRIVATE, accepted="an answer without ID, phone or card numbers or e-mail addresses")
    handoff = await handoffs.get(handoff_id)
    line = await handoffs.answer(handoff_id, desk, text)
    reason = await _deliver(request, handoff, text, "handoff_answered")
    return AnsweredBody.model_validate({"line": line, "delivered": reason is None, "reason": reason})


@router.post("/{handoff_id}/close", summary="Give the conversation back", responses=CHANGE_ERRORS)
async def close_handoff(
    request: Request, desk: DeskGiven, handoffs: HandoffsGiven, handoff_id: HandoffId
) -> ClosedBody:
    """The assistant answers again, and the worker is told so."""
    sentences: Sentences = request.app.state.sentences
    closing = sentences.say("handoff", "closed", (await handoffs.get(handoff_id)).language)
    handoff = await handoffs.close(handoff_id, desk, closing)
    reason = await _deliver(request, handoff, closing, "handoff_closed")
    return ClosedBody.model_validate({"handoff": handoff, "delivered": reason is None, "reason": reason})


@news.get(
    "/{conversation_id}/news", summary="What a person wrote", dependencies=[Depends(_admit)], responses=NEWS_ERRORS
)
async def get_news(request: Request, conversation_id: str, handoffs: HandoffsGiven, after: After = 0) -> NewsBody:
    """For a web page that cannot be written to: ask every few seconds while `handoff` is not null."""
    if not CONVERSATION_ID.fullmatch(conversation_id):
        raise Refused(Reason.CONVERSATION_UNKNOWN, accepted="the 32 hexadecimal characters of an earlier answer")
    if visitors := getattr(request.app.state, "visitors", None):
        await visitors.may_read(conversation_id, request.headers)
    current = await handoffs.current(conversation_id)  # before the lines: a page that stops has the last one
    lines = await handoffs.answers_for(conversation_id, after)
    return NewsBody.model_validate({"lines": lines, "handoff": current.state if current else None})


async def _deliver(request: Request, handoff: Handoff, text: str, outcome: str) -> str | None:
    """Writes to the worker; why that failed, or None."""
    deliver: Deliver = request.app.state.deliver
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            await deliver(handoff.conversation_id, Reply(text, outcome=outcome, language=handoff.language))
    except TimeoutError:
        return "connection_failed"
    except SendFailure as failure:
        return _WORD_START.sub("_", type(failure).__name__).lower()
    except Exception as error:  # the answer is kept already: a desk that saw an error would write it twice
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("unforeseen %s while a desk's answer went out\n%s", type(error).__name__, frames)
        return "internal"
    return None
