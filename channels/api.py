"""The HTTP routes: each checks its request, hands it on, and says what comes back."""

import datetime
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from channels.action_server import (
    ActionServer,
    ActionServerFailure,
    ActionServerRefused,
    ActionServerTimeout,
    Answer,
    Region,
)
from channels.conversations import mint_conversation_id
from channels.gateway import DELETED_OUTCOME, Gateway
from channels.links import Links
from channels.message import Inbound, Language, Turn
from channels.refusals import Reason, Refused
from channels.sentences import Sentence
from channels.visitors import Visitors
from channels.visits import Visits
from channels.web import MessageRequest, TurnBody, WebChannel

ANSWERS_RETRY_SECONDS = 3


class ErrorDetail(BaseModel):
    """What went wrong, for a program (`code`) and for a person (`message`)."""

    code: str
    message: Sentence
    accepted: Annotated[str | None, Field(description="What would have been accepted.")] = None


class ErrorBody(BaseModel):
    """Every answer that is not a success."""

    error: ErrorDetail


class QuestionRequest(BaseModel):
    """One question without a conversation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "What happens to my pension if I move?", "region": "CN-ZJ"}]},
    )

    question: str
    language: Annotated[Language | None, Field(description="Left out, the language of the question.")] = None
    region: Annotated[
        str | None,
        Field(pattern=r"^CN(-[A-Z]{2}(\.[a-z]{2,24})?)?$", description="ISO 3166-2, or CN-GD.shenzhen."),
    ] = None
    on: Annotated[datetime.date | None, Field(description="The day whose rules count.")] = None


class AnswerBody(Answer):
    """The answer, and a warning where the question held a private number (which was covered)."""

    warning: str | None = None


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


def _action_server(request: Request) -> ActionServer:
    action_server: ActionServer = request.app.state.action_server
    return action_server


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


GatewayGiven = Annotated[Gateway, Depends(_gateway)]
ActionServerGiven = Annotated[ActionServer, Depends(_action_server)]
Address = Annotated[str, Depends(_address)]

router = APIRouter(prefix="/api/v1")
web = WebChannel()

MESSAGE_ERRORS: dict[int | str, dict[str, object]] = {
    401: {"model": ErrorBody, "description": "The platform's token is refused; `accepted` says as what."},
    409: {
        "model": ErrorBody,
        "description": "The last message is still being answered.",
    },
    413: {"model": ErrorBody, "description": "The request is too large."},
    422: {"model": ErrorBody, "description": "The message cannot be taken; `accepted` says what can."},
    429: {"model": ErrorBody, "description": "Too many messages; wait the seconds in `Retry-After`."},
}
ANSWER_ERRORS: dict[int | str, dict[str, object]] = {
    413: MESSAGE_ERRORS[413],
    422: MESSAGE_ERRORS[422],
    429: MESSAGE_ERRORS[429],
    503: {"model": ErrorBody, "description": "The answering service is not there."},
    504: {"model": ErrorBody, "description": "The answering service took too long."},
}


@router.post(
    "/messages",
    tags=["conversation"],
    summary="One turn",
    response_description="At least one reply.",
    responses=MESSAGE_ERRORS,
)
async def post_message(message: MessageRequest, request: Request, gateway: GatewayGiven, address: Address) -> TurnBody:
    """Say something to the assistant and read its replies, at least one.

    When the assistant itself is broken, the answer is still 200 with one honest reply whose `outcome` begins
    with `error_`. A platform that embeds the widget sends `Authorization: Bearer <token>` besides, and the worker is
    known by it. Text that begins with `/` is read as plain text; only a button's payload is an instruction.
    """
    inbound = web.parse(message, address)
    visitors: Visitors | None = getattr(request.app.state, "visitors", None)
    if visitors is None:
        return web.render_turn(await gateway.receive(inbound))
    inbound = await visitors.admit(inbound, request.headers)
    linked = await _linked(request, visitors, inbound)
    if linked is not None:
        return web.render_turn(linked)
    turn = await gateway.receive(inbound)
    if inbound.conversation_id and any(reply.outcome == DELETED_OUTCOME for reply in turn.replies):
        await visitors.left(inbound.conversation_id)
    else:
        turn = await _with_reminders(request, turn)
    return web.render_turn(turn)


async def _linked(request: Request, visitors: Visitors, inbound: Inbound) -> Turn | None:
    """The answer to "link", which joins this page and a messaging app; None where the message is about another."""
    links: Links = request.app.state.links
    if not links.is_asked(inbound.text):
        return None
    request.app.state.gateway.admit_request(inbound.sender_address)
    contact = await visitors.known(request.headers)
    if contact is None:
        return Turn(inbound.conversation_id or mint_conversation_id(), links.to_nobody_known(inbound.language))
    replies = await links.answer(replace(contact, language=inbound.language or contact.language), inbound.text)
    joined = await visitors.known(request.headers)
    return Turn((joined or contact).conversation_id, replies)


async def _with_reminders(request: Request, turn: Turn) -> Turn:
    """The turn, and below it what was waiting for the worker's visit."""
    visits: Visits | None = getattr(request.app.state, "visits", None)
    waiting = await visits.waiting_in(turn.conversation_id, web.name) if visits else ()
    return replace(turn, replies=(*turn.replies, *waiting))


@router.post(
    "/answers",
    tags=["answers"],
    summary="One question, one answer",
    response_description="The answer, or why there is none.",
    responses=ANSWER_ERRORS,
)
async def post_question(
    question: QuestionRequest, gateway: GatewayGiven, action_server: ActionServerGiven, address: Address
) -> AnswerBody:
    """Ask the answering pipeline alone: no memory. Where it knows no answer, `outcome` says so."""
    text, kinds = gateway.admit_question(question.question, address)
    asked = {"text": text} | question.model_dump(mode="json", exclude={"question"}, exclude_none=True)
    try:
        answer = await action_server.answer(asked)
    except ActionServerFailure as failure:
        raise _unanswered(failure) from None
    warning = gateway.personal_data_warning(kinds, answer.language) if kinds else None
    return AnswerBody(**answer.model_dump(), warning=warning)


@router.get(
    "/regions",
    tags=["answers"],
    summary="Provinces and cities",
    response_description="All of them.",
    responses={503: ANSWER_ERRORS[503]},
)
async def get_regions(action_server: ActionServerGiven, response: Response) -> list[Region]:
    """Every region the assistant can answer for, with its code and its name in both languages."""
    try:
        regions = await action_server.regions()
    except ActionServerFailure as failure:
        raise _unanswered(failure) from None
    response.headers["Cache-Control"] = "public, max-age=600"
    return regions


def _unanswered(failure: ActionServerFailure) -> Refused:
    if isinstance(failure, ActionServerRefused):
        return Refused(Reason.REQUEST_INVALID, accepted=failure.reason)
    if isinstance(failure, ActionServerTimeout):
        return Refused(Reason.ANSWERS_TIMEOUT, retry_after_seconds=ANSWERS_RETRY_SECONDS)
    return Refused(Reason.ANSWERS_UNAVAILABLE, retry_after_seconds=ANSWERS_RETRY_SECONDS)
