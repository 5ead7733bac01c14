"""What would become of deliveries: how many would be sent, and why the others would not. Nothing is sent or changed.

It goes through the days with the functions that decide when something is really sent.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from actions.reminders.care import CareSettings, Kind, Send, Suppress, decide, merge
from actions.reminders.model import Delivery, Reason, Subscription
from actions.reminders.zones import local

Obstacle = Callable[[Delivery], Reason | None]


@dataclass(slots=True)
class Preflight:
    """How many of `planned` deliveries would be sent as messages, told along briefly, or suppressed by reason.

    `workers`: how many would be written to at all. `postponed`: how many would wait beyond their time at least once.
    """

    planned: int = 0
    workers: int = 0
    messages: int = 0
    briefly: int = 0
    postponed: int = 0
    suppressed: Counter[Reason] = field(default_factory=Counter)


def preflight(
    deliveries: Iterable[Delivery],
    subscriptions: Mapping[str, Subscription],
    *,
    now: datetime,
    sent: Mapping[str, Sequence[datetime]],
    settings: CareSettings,
    obstacle: Obstacle = lambda _: None,
) -> Preflight:
    """Counts what would become of the deliveries from `now` on, in UTC.

    `sent`: when each worker was written to in the last 7 days. `obstacle`: why one would not be sent for a reason that
    is decided elsewhere, such as a worker without an app.
    """
    counted = Preflight()
    by_worker: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        counted.planned += 1
        reason = obstacle(delivery)
        if reason:
            counted.suppressed[reason] += 1
        else:
            by_worker[delivery.conversation_id].append(delivery)
    for worker, mine in by_worker.items():
        _of_worker(mine, subscriptions.get(worker), now, sent.get(worker, ()), settings, counted)
    return counted


def _of_worker(
    waiting: list[Delivery],
    subscription: Subscription | None,
    now: datetime,
    sent_before: Sequence[datetime],
    settings: CareSettings,
    counted: Preflight,
) -> None:
    sent = list(sent_before)
    waited: set[int] = set()
    while waiting:
        now = max(now, min(one.due_at for one in waiting))
        handed = [one for one in waiting if _handed(one, subscription, now, settings)]
        waiting = [one for one in waiting if one not in handed]
        verdicts = [(one, decide(one, subscription, now=now, sent=sent, settings=settings)) for one in handed]
        ready = [one for one, verdict in verdicts if isinstance(verdict, Send)]
        groups, left = merge(ready, subscription, now=now, settings=settings) if subscription else ((), ())
        sent += [now] * len(groups)
        counted.messages += len(groups)
        counted.briefly += sum(len(group.briefly) for group in groups)
        for one, verdict in (*verdicts, *left):
            if isinstance(verdict, Send):
                continue
            if isinstance(verdict, Suppress):
                counted.suppressed[verdict.reason] += 1
                continue
            waiting.append(replace(one, due_at=verdict.until))
            if verdict.reason:
                waited.add(one.id)
    counted.workers += len(sent) > len(sent_before)
    counted.postponed += len(waited)


def _handed(one: Delivery, subscription: Subscription | None, now: datetime, settings: CareSettings) -> bool:
    """Whether it comes up now: it is due, or comes along with what is due because it is of the same day."""
    if one.due_at <= now or subscription is None:
        return True
    zone = subscription.zone
    same_day = local(one.due_at, zone).date() == local(now, zone).date()
    return same_day and settings.kind_of(one) is not Kind.ASKED
