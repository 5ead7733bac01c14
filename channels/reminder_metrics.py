"""How the deliveries of reminders stand, for Prometheus: read from the database, whichever process delivers."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from actions.reminders.deliveries import Deliveries

log = logging.getLogger(__name__)

KEPT = timedelta(seconds=10)  # several scrapers ask the database once
SECONDS_TO_READ = 2.0


class ReminderMetrics:
    """Gauges that are read when somebody asks. `now` gives UTC."""

    def __init__(self, deliveries: Deliveries, now: Callable[[], datetime]) -> None:
        self._deliveries, self._now = deliveries, now
        self._read_at: datetime | None = None
        self._registry = CollectorRegistry()
        self._rows = Gauge(
            "shebao_reminders", "Deliveries, by how they stand and why", ["state", "reason"], registry=self._registry
        )
        self._waits = Gauge(
            "shebao_reminders_oldest_due_seconds", "How long the oldest due one waits", registry=self._registry
        )
        self._known = Gauge("shebao_reminders_known", "1 while the database answers", registry=self._registry)

    async def exposition(self) -> bytes:
        """Everything in Prometheus' text format; `shebao_reminders_known` is 0 where the database does not answer."""
        now = self._now()
        if self._read_at is None or now - self._read_at >= KEPT:
            self._read_at = now
            try:
                async with asyncio.timeout(SECONDS_TO_READ):
                    standing, oldest = await self._deliveries.standing(), await self._deliveries.oldest_due(now)
                self._rows.clear()
                for (state, reason), count in standing.items():
                    self._rows.labels(state=state, reason=reason).set(count)
                self._waits.set((now - oldest).total_seconds() if oldest else 0)
                self._known.set(1)
            except Exception as error:  # whatever the database's client raises: a scrape must not fail for it
                log.warning("how reminders stand cannot be read: %s", type(error).__name__)
                self._known.set(0)
        return generate_latest(self._registry)
