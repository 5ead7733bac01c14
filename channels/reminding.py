"""What runs in a delivery process: plan now and then, hand out what is due, take back what was left, deliver."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.reminders.planning import Planner
from actions.reminders.store import Reminders
from actions.settings import CHINA
from channels.delivery import Deliverer
from channels.transport import Transport

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 500
ROWS_A_HINT = 100
MOST_HANDED_OUT = 5000  # rows waiting for a delivery process; beyond it nothing more is handed out
SECONDS_BETWEEN_LOOKS = 0.5


@dataclass(frozen=True)
class Times:
    """How often the loops turn, in seconds."""

    look: float = SECONDS_BETWEEN_LOOKS
    plan: float = 900.0
    tidy: float = 20.0


class Reminding:
    """The loops of one delivery process. `now` gives UTC."""

    def __init__(
        self,
        reminders: Reminders,
        planner: Planner | None,
        deliverer: Deliverer,
        transport: Transport,
        *,
        lease: timedelta,
        now: Callable[[], datetime],
        times: Times | None = None,
    ) -> None:
        self._reminders, self._planner, self._deliverer = reminders, planner, deliverer
        self._transport, self._lease, self._now = transport, lease, now
        self._times = times or Times()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything until the block ends; what was handed out and not done goes round again when its lease is over."""
        async with self._transport.working():
            loops = [
                asyncio.create_task(_keep("handing out", self._hand_out_all, self._times.look)),
                asyncio.create_task(_keep("tidying", self._tidy, self._times.tidy)),
            ]
            if self._planner is not None:
                loops.append(asyncio.create_task(_keep("planning", self._plan, self._times.plan)))
            try:
                yield
            finally:
                for loop in loops:
                    loop.cancel()
                await asyncio.gather(*loops, return_exceptions=True)

    async def send_due(self) -> int:
        """Delivers what is due now in this process, without a transport; gives how many rows were handled."""
        handled = 0
        while groups := await self._take():
            for ids in hints(groups):
                await self._deliverer.deliver(ids)
                handled += len(ids)
        return handled

    async def _hand_out_all(self) -> None:
        while await self._hand_out():
            pass

    async def _hand_out(self) -> int:
        """Hands over some of what is due; 0 where nothing is, or where enough is waiting already."""
        if await self._reminders.deliveries.handed_out() >= MOST_HANDED_OUT:
            return 0
        groups = await self._take()
        for ids in hints(groups):
            if not await self._transport.hand_over(ids):
                return 0
        return len(groups)

    async def _take(self) -> list[list[int]]:
        now = self._now()
        return await self._reminders.deliveries.take_due(now, _end_of_day(now), ROWS_AT_ONCE, self._lease)

    async def _tidy(self) -> None:
        now = self._now()
        back = await self._reminders.deliveries.take_back(now, self._deliverer.deduplicating)
        if back:
            log.info("%s deliveries of a process that is gone go round again", back)
        await self._reminders.deliveries.give_up_visits(now)

    async def _plan(self) -> None:
        assert self._planner is not None
        report = await self._planner.plan(self._now())
        log.info("planned for %s workers: %s occasions around now", report.workers, report.found)


def hints(groups: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The ids in portions; the rows of one worker stay together."""
    portion: list[int] = []
    for group in groups:
        if portion and len(portion) + len(group) > ROWS_A_HINT:
            yield portion
            portion = []
        portion.extend(group)
    if portion:
        yield portion


async def _keep(what: str, turn: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        try:
            await turn()
        except Exception as error:  # a database or broker that is down must not end the loop
            log.error("%s failed: %s", what, type(error).__name__)
        await asyncio.sleep(seconds)


def _end_of_day(now: datetime) -> datetime:
    """Of the day in China, where nearly every worker is; those elsewhere get what is theirs at its own time."""
    tomorrow = (now.astimezone(CHINA) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow.astimezone(now.tzinfo)
