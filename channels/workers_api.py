"""The route by which a platform's back end tells what it knows of its worker, and that they want to be reminded."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from actions.reminders.facts import InvalidFacts, check_facts
from actions.reminders.model import Facts, Subscription
from actions.reminders.store import Reminders
from actions.reminders.zones import is_zone
from channels.api import MESSAGE_ERRORS
from channels.contacts import Contact
from channels.message import Language
from channels.refusals import Reason, Refused
from channels.visitors import Visitors

WORKER_ID_CHARACTERS = 128
MOST_FACTS = 40

router = APIRouter(prefix="/api/v1/workers", tags=["reminders"])


class Agreement(BaseModel):
    """What the worker said in the platform's own settings about being reminded."""

    model_config = ConfigDict(extra="forbid")

    agreed: bool
    wording: Annotated[str, Field(min_length=1, max_length=40, description="The version of the words they said yes to")]
    at: Annotated[AwareDatetime | None, Field(description="When; left out: now. Not in the future.")] = None
    time_zone: Annotated[str, Field(max_length=40, description="An IANA name")] = "Asia/Shanghai"


class FactsRequest(BaseModel):
    """Body of `PUT …/facts`: only what is named changes; null takes a fact away."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "facts": {"scheme": "flexible", "region": "CN-ZJ", "rhythm": "monthly", "last_paid": "2026-10"},
                    "language": "zh",
                    "reminders": {"agreed": True, "wording": "2026-11"},
                }
            ]
        },
    )

    facts: Annotated[dict[str, Any], Field(max_length=MOST_FACTS)] = {}
    language: Language | None = None
    reminders: Agreement | None = None


class FactsBody(BaseModel):
    """What is known of the worker now, and whether they are reminded."""

    facts: dict[str, str]
    reminded: bool


class WorkerFacts:
    """Keeps what platforms tell; `now` gives UTC."""

    def __init__(
        self, reminders: Reminders, places: Callable[[], Mapping[str, object]], now: Callable[[], datetime]
    ) -> None:
        self._reminders, self._places, self._now = reminders, places, now

    async def keep(self, contact: Contact, platform: str, told: FactsRequest) -> Subscription | None:
        """Checks everything, then keeps it; raises Refused and keeps nothing where something is wrong."""
        facts, now = self._checked(told.facts), self._now()
        agreement = told.reminders
        if agreement:
            _check(agreement, now)
        who, language = contact.conversation_id, told.language or contact.language or "zh"
        await self._reminders.keep_facts(who, language, _but_paid(facts), platform, now)
        if facts.get("last_paid"):
            await self._reminders.paid(who, language, facts["last_paid"], platform, now)
        if agreement and agreement.agreed:
            at, method = agreement.at or now, f"platform:{platform}"[:40]
            await self._reminders.agree(who, language, method, agreement.wording, at, agreement.time_zone)
        elif agreement:
            await self._reminders.stop_all(who, now)
        return await self._reminders.subscription(who)

    def _checked(self, told: dict[str, Any]) -> dict[str, str]:
        try:
            return check_facts(told, self._places())
        except InvalidFacts as error:
            raise Refused(Reason.FACTS_INVALID, accepted=str(error)) from None


def _but_paid(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if name != "last_paid" or not value}


def _check(agreement: Agreement, now: datetime) -> None:
    if agreement.at is not None and agreement.at > now:
        raise Refused(Reason.FACTS_INVALID, accepted="reminders.at: a time that is not in the future")
    if not is_zone(agreement.time_zone):
        raise Refused(Reason.FACTS_INVALID, accepted="reminders.time_zone: an IANA name such as Asia/Shanghai")


@router.put(
    "/{worker_id}/facts",
    summary="What a platform knows of its worker",
    response_description="What is known now.",
    responses={401: MESSAGE_ERRORS[401], 413: MESSAGE_ERRORS[413], 422: MESSAGE_ERRORS[422]},
)
async def put_facts(
    worker_id: Annotated[str, Path(max_length=WORKER_ID_CHARACTERS)], told: FactsRequest, request: Request
) -> FactsBody:
    """`Authorization: Bearer <token>`, signed as for the widget, with the worker of the path as `sub`.

    What the worker told the assistant themselves is not overwritten. With `reminders.agreed` the worker is reminded
    from now on; with false everything that is queued for them goes.
    """
    visitors: Visitors = request.app.state.visitors
    keeper: WorkerFacts = request.app.state.worker_facts
    identity, contact = await visitors.identified(request.headers)
    if identity.worker_id != worker_id:
        raise Refused(Reason.TOKEN_REFUSED, accepted="a token whose sub is the worker in the address")
    subscription = await keeper.keep(contact, identity.platform, told)
    return FactsBody(
        facts=dict(subscription.facts) if subscription else {}, reminded=bool(subscription and subscription.agreed)
    )
