"""May this be sent to this worker now, and together with what? Consent, time, quiet hours, and what they got already.

Pure: when something is sent and when somebody asks beforehand (`preflight.py`), the same functions decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from actions.reminders.model import PUT_OFF, Delivery, Reason, Subscription
from actions.reminders.quiet_hours import QuietHours
from actions.reminders.zones import local, moment

SETTINGS = Path(__file__).parent / "settings.yml"
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


class InvalidSettings(ValueError):
    """Settings that cannot be used; the text names the file, the key and the reason."""


class Kind(StrEnum):
    """What a delivery is, the first is served first."""

    ASKED = "asked"
    URGENT = "urgent"
    RULE = "rule"
    CAMPAIGN = "campaign"


SERVED = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Send:
    """It may go now."""


@dataclass(frozen=True, slots=True)
class Postpone:
    """Not now, but it may be tried again at `until`, in UTC, when it is still of use.

    `reason` is why not now; None where its own time is still to come.
    """

    until: datetime
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Suppress:
    """It does not go, and will not."""

    reason: Reason


Decision = Send | Postpone | Suppress


@dataclass(frozen=True, slots=True)
class Group:
    """What is told in one message: `lead` in full, the others in one line each."""

    lead: Delivery
    briefly: tuple[Delivery, ...] = ()


def _clock(raw: object) -> time:
    try:
        if isinstance(raw, str) and len(raw) == len("21:00"):
            return time.fromisoformat(raw)
    except ValueError:
        pass
    raise ValueError(f"{raw!r} is no time; a time in quotes is accepted, such as '21:00'")


Clock = Annotated[time, BeforeValidator(_clock)]
Count = Annotated[int, Field(ge=1, strict=True)]
PerKind = dict[Kind, Count]  # a kind that is not named is not held back


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quiet(_Strict):
    """The quiet hours of everybody who named none."""

    start: Clock = Field(alias="from")
    until: Clock


class Together(_Strict):
    """How much is told in one message."""

    in_brief: Annotated[int, Field(ge=0, strict=True)]
    asked_within_minutes: Count


class CareSettings(_Strict):
    """`settings.yml`: how often and when workers are written to."""

    quiet: Quiet
    usual: Clock
    latest: Clock
    urgent_from: Count
    week: PerKind
    day: PerKind
    gap: PerKind
    together: Together

    @classmethod
    def load(cls, path: Path = SETTINGS) -> "CareSettings":
        """Reads the settings; raises InvalidSettings with all that is wrong."""
        try:
            raw: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            return cls.model_validate(raw)
        except OSError:
            raise InvalidSettings(f"{path}: this file is missing") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidSettings(f"{path}: not readable YAML: {' '.join(str(error).split())}") from None
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors())
            raise InvalidSettings(f"{path}: {wrong}") from None

    def kind_of(self, delivery: Delivery) -> Kind:
        """What a delivery is, by its origin, its priority and whether it was put off by the worker."""
        kind = Kind.ASKED if PUT_OFF in delivery.occasion else Kind(delivery.origin.partition(":")[0])
        return Kind.URGENT if kind is Kind.RULE and delivery.priority >= self.urgent_from else kind

    def rank(self, delivery: Delivery) -> tuple[int, int, datetime, int]:
        """Sorts deliveries into the order in which they are served."""
        return SERVED.index(self.kind_of(delivery)), -delivery.priority, delivery.due_at, delivery.id

    def quiet_hours(self, subscription: Subscription) -> QuietHours:
        """The worker's own quiet hours, else those of everybody."""
        if subscription.quiet_from is None or subscription.quiet_until is None:
            return QuietHours(self.quiet.start, self.quiet.until)
        return QuietHours(subscription.quiet_from, subscription.quiet_until)


def decide(
    delivery: Delivery,
    subscription: Subscription | None,
    *,
    now: datetime,
    sent: Sequence[datetime],
    settings: CareSettings,
) -> Decision:
    """Whether a delivery may be sent now. `sent`: when the worker was written to in the last 7 days, in UTC.

    A subscription without a yes is one whose yes was taken back: nothing is planned for who never gave one.
    """
    if subscription is None:
        return Suppress(Reason.NOT_AGREED)
    if not subscription.agreed:
        return Suppress(Reason.STOPPED)
    if now > delivery.not_after:
        return Suppress(Reason.TOO_LATE)
    if settings.quiet_hours(subscription).is_quiet(now, subscription.zone):
        return _later(now, Reason.QUIET, delivery, subscription, settings)
    room = _room_from(delivery, subscription, now, sent, settings)
    if room > now:
        return _later(room, Reason.CAP, delivery, subscription, settings)
    return Send()


def merge(
    ready: Sequence[Delivery], subscription: Subscription, *, now: datetime, settings: CareSettings
) -> tuple[tuple[Group, ...], tuple[tuple[Delivery, Postpone | Suppress], ...]]:
    """Puts what may be sent to one worker now into messages, and says what becomes of the rest.

    What is due later today comes along. There is one message, and more only where more was asked for than it holds.
    """
    today = [one for one in sorted(ready, key=settings.rank) if _belongs(one, subscription.zone, now, settings)]
    if all(one.due_at > now for one in today):
        today = []
    size = 1 + settings.together.in_brief
    always = sum(_always_goes(one, settings) for one in today)
    places = max(size, ceil(always / size) * size)
    told, rest = today[:places], today[places:]
    groups = [Group(told[at], tuple(told[at + 1 : at + size])) for at in range(0, len(told), size)]
    left = [(one, Postpone(one.due_at)) for one in ready if one not in today]
    waits = [(one, _after_the_message(one, subscription, now, settings)) for one in rest]
    return tuple(groups), (*left, *waits)


def _after_the_message(
    delivery: Delivery, subscription: Subscription, now: datetime, settings: CareSettings
) -> Postpone | Suppress:
    """What becomes of one that found no place: it waits a day; what is urgent only as long as the gap."""
    wish = _tomorrow(delivery, subscription.zone, now)
    if settings.kind_of(delivery) is Kind.URGENT:
        wish = now + timedelta(minutes=settings.gap.get(Kind.URGENT, 0))
    return _later(wish, Reason.CAP, delivery, subscription, settings)


def _later(
    wish: datetime, reason: Reason, delivery: Delivery, subscription: Subscription, settings: CareSettings
) -> Postpone | Suppress:
    """Puts a delivery off to a time outside the quiet hours and not before its own; not at all if that is too late."""
    hours = settings.quiet_hours(subscription)
    opening = hours.next_opening(max(wish, delivery.due_at), subscription.zone)
    return Postpone(opening, reason) if opening <= delivery.not_after else Suppress(reason)


def _room_from(
    delivery: Delivery, subscription: Subscription, now: datetime, sent: Sequence[datetime], settings: CareSettings
) -> datetime:
    """The first moment at which neither the gap nor a cap is in the way: `now` where none is."""
    kind, zone, wishes = settings.kind_of(delivery), subscription.zone, [now]
    of_week = sorted(at for at in sent if at > now - WEEK)
    of_day = [at for at in of_week if local(at, zone).date() == local(now, zone).date()]
    if kind in settings.gap and of_week:
        wishes.append(of_week[-1] + timedelta(minutes=settings.gap[kind]))
    if kind in settings.day and len(of_day) >= settings.day[kind]:
        wishes.append(_tomorrow(delivery, zone, now))
    if kind in settings.week and len(of_week) >= settings.week[kind]:
        wishes.append(of_week[-settings.week[kind]] + WEEK)
    return max(wishes)


def _tomorrow(delivery: Delivery, zone: str, now: datetime) -> datetime:
    """The time of day at which a delivery was due, on the worker's next day."""
    return moment(local(now, zone).date() + DAY, local(delivery.due_at, zone).time(), zone)


def _belongs(delivery: Delivery, zone: str, now: datetime, settings: CareSettings) -> bool:
    """Whether a delivery may be told now: it is due, or comes later today and was not asked for at a time."""
    if settings.kind_of(delivery) is Kind.ASKED:
        return delivery.due_at <= now + timedelta(minutes=settings.together.asked_within_minutes)
    return local(delivery.due_at, zone).date() <= local(now, zone).date()


def _always_goes(delivery: Delivery, settings: CareSettings) -> bool:
    kind = settings.kind_of(delivery)
    return kind not in settings.week and kind not in settings.day
