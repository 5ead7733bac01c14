"""A campaign: whom it is for, what each treatment says, and what must be on record before it runs.

A file may be a draft that lacks answers and approval; `runnable` names everything that is still missing. Nothing here
sends: `campaign_runs.py` draws and plans.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from datetime import date, time
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from actions.parameters import Bilingual
from actions.reminders.assignment import CONTROL, check_shares
from actions.reminders.audience import Audience, fits
from actions.reminders.forgood import Forgood
from actions.reminders.model import Facts

LONGEST_OUTCOME = 366  # days; a later payment has other causes
LONGEST_PAYLOAD = 128  # characters; the gateway takes no more
FINGERPRINT = 12  # characters of the digest that an approver notes down
_NOT_APPROVED_TEXT = {"approver", "approved_on", "approved_as"}


class NotRunnable(Exception):
    """A campaign that may not run; `reasons` are all of them, a sentence each."""

    def __init__(self, campaign_id: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"campaign {campaign_id} does not run: " + "; ".join(reasons))
        self.campaign_id, self.reasons = campaign_id, reasons


class CampaignState(StrEnum):
    """Where a campaign stands on a day; whether somebody stopped it is kept in the database."""

    DRAFT = "draft"
    READY = "ready"
    RUNNING = "running"
    OVER = "over"


def _day(raw: object) -> object:
    if isinstance(raw, date | str):
        return raw
    raise ValueError(f"{raw!r} is no day")


def _clock(raw: object) -> object:
    if isinstance(raw, str) and len(raw) == len("10:00"):
        return raw
    raise ValueError(f"{raw!r} is no time of day; in YAML it needs quotes")


def _payload(raw: str) -> str:
    intent, brace, rest = raw.removeprefix("/").partition("{")
    if not raw.startswith("/") or not intent.isidentifier() or len(raw) > LONGEST_PAYLOAD:
        raise ValueError(f"{raw!r} names no intent in at most {LONGEST_PAYLOAD} characters")
    if brace:
        try:
            json.loads(brace + rest)
        except ValueError:
            raise ValueError(f"what follows /{intent} is no JSON object") from None
    return raw


Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]
Share = Annotated[float, Field(gt=0, lt=1, description="a share of the audience between 0 and 1, such as 0.25")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,24}$", description="small letters, digits and _, at most 25")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Strict):
    """The button below a message."""

    title: Annotated[Bilingual, Field(description="the words on the button, in zh and en")]
    payload: Annotated[str, AfterValidator(_payload), Field(description='an intent such as /simulate{"kind": "gap"}')]


class Treatment(_Strict):
    """What one group of workers is told."""

    share: Share
    text: Annotated[Bilingual, Field(description="the message, in zh and en")]
    brief: Annotated[Bilingual, Field(description="the same in one line for SMS, in zh and en")]
    next_step: Annotated[Step, Field(description="title and payload of the button")]


class Outcome(_Strict):
    """What the campaign is judged by: a payment within so many days after the draw, for treated and control alike."""

    paid_within_days: Annotated[int, Field(ge=1, le=LONGEST_OUTCOME, description="whole days, 1 to 366")]
    counts: Annotated[Bilingual, Field(description="what counts as paid, in words, in zh and en")]


class Campaign(_Strict):
    """One file of `campaigns/`, as staff wrote it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="the file's name without .yml")]
    title: Annotated[Bilingual, Field(description="what staff call it, in zh and en")]
    starts_on: Annotated[Day, Field(description="the first day, such as 2026-12-01")]
    ends_on: Annotated[Day, Field(description="the last day, such as 2026-12-14")]
    at: Annotated[Clock, Field(description='local time in quotes, such as "10:00"')]
    latest: Annotated[Clock, Field(description='local time after which it is not sent, in quotes, such as "18:00"')]
    priority: Annotated[int, Field(ge=0, le=100, description="a whole number 0 to 100; the higher goes first")]
    audience: Annotated[Audience, Field(description="conditions over facts, such as {scheme: [flexible]}")]
    treatments: Annotated[dict[Name, Treatment], Field(min_length=1, description="one or more named treatments")]
    control: Annotated[Share | None, Field(description="the share that is told nothing, such as 0.25")] = None
    outcome: Annotated[Outcome | None, Field(description="paid_within_days and counts")] = None
    smallest_effect: Annotated[float | None, Field(gt=0, lt=100, description="percentage points, such as 3")] = None
    owner: Annotated[str, Field(description="the team or role that answers for it")] = ""
    approver: Annotated[str, Field(description="who approved it; somebody else than the owner")] = ""
    approved_on: Annotated[Day | None, Field(description="the day of the approval, such as 2026-11-27")] = None
    approved_as: Annotated[str, Field(description="the fingerprint that the pre-flight report shows")] = ""
    forgood: Annotated[Forgood, Field(description="the seven answers")] = Forgood()

    _known_gaps: dict[date, tuple[str, ...]] = PrivateAttr(default_factory=dict)  # asked for every worker of a page

    def __copy__(self) -> "Campaign":
        copied = super().__copy__()
        copied._known_gaps = {}  # a copy is made to change something, and is judged anew
        return copied

    @model_validator(mode="after")
    def _order(self) -> "Campaign":
        if self.ends_on < self.starts_on:
            raise ValueError(f"ends_on {self.ends_on} lies before starts_on {self.starts_on}")
        if self.latest <= self.at:
            raise ValueError(f"latest {self.latest:%H:%M} must come after at {self.at:%H:%M}")
        if CONTROL in self.treatments:
            raise ValueError("a treatment may not be called control; that is who gets nothing")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """The share of each treatment and of control."""
        shares = {name: treatment.share for name, treatment in self.treatments.items()}
        return shares if self.control is None else {**shares, CONTROL: self.control}

    @property
    def fingerprint(self) -> str:
        """Changes when anything does that an approver has read."""
        read = json.dumps(self.model_dump(mode="json", exclude=_NOT_APPROVED_TEXT), sort_keys=True)
        return hashlib.sha256(read.encode()).hexdigest()[:FINGERPRINT]

    def fits(self, facts: Facts) -> bool:
        """Whether a worker is one of those it is for."""
        return fits(self.audience, facts)

    def runnable(self, on: date) -> None:
        """Raises NotRunnable with every reason why it may not run on that day."""
        reasons = (*self.gaps(on), *self._calendar(on))
        if reasons:
            raise NotRunnable(self.id, reasons)

    def state(self, on: date) -> CampaignState:
        """Where it stands on that day."""
        if self.gaps(on):
            return CampaignState.DRAFT
        if on < self.starts_on:
            return CampaignState.READY
        return CampaignState.RUNNING if on <= self.ends_on else CampaignState.OVER

    def gaps(self, on: date) -> tuple[str, ...]:
        """What is not on record yet, one sentence each: what keeps it a draft."""
        known = self._known_gaps
        if on not in known:
            known[on] = tuple(self._gaps(on))
        return known[on]

    def _gaps(self, on: date) -> Iterator[str]:
        if self.control is None:
            yield "control is missing; without workers who get nothing, no effect can be seen"
        else:
            try:
                check_shares(self.shares)
            except ValueError as error:
                yield str(error)
        if self.outcome is None:
            yield "outcome is missing; write what it is to be judged by"
        if self.smallest_effect is None:
            yield "smallest_effect is missing; write how many percentage points would be worth the effort"
        yield from self.forgood.gaps()
        yield from self._approval(on)

    def _approval(self, on: date) -> Iterator[str]:
        owner, approver = _plain(self.owner), _plain(self.approver)
        if not owner:
            yield "owner is missing; write which team or role answers for it"
        if not approver:
            yield "approver is missing; somebody else than the owner must have read and approved it"
        elif approver == owner:
            yield f"approver and owner are both {self.owner!r}; nobody approves their own campaign"
        if self.approved_on is None:
            yield "approved_on is missing; write the day of the approval"
        elif self.approved_on > on:
            yield f"approved_on {self.approved_on} has not come yet"
        if self.approved_as and self.approved_as != self.fingerprint:
            yield f"it was changed after the approval of {self.approved_as}; as it stands now it is {self.fingerprint}"

    def _calendar(self, on: date) -> Iterator[str]:
        if on < self.starts_on:
            yield f"it begins on {self.starts_on}"
        if on > self.ends_on:
            yield f"it ended on {self.ends_on}"


def _plain(name: str) -> str:
    """A name without case, width and space, so that one person cannot pass for two."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
