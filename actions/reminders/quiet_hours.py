"""The hours in which a worker is not written to, by the clock on their own wall."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from actions.reminders.zones import local, moments


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` on, and until just before `until`, nothing is sent; the same time twice means no quiet hours."""

    start: time
    until: time

    def is_quiet(self, at: datetime, zone: str) -> bool:
        """Whether the worker's clock stands within these hours at a moment."""
        clock = local(at, zone).time()
        if self.start <= self.until:
            return self.start <= clock < self.until
        return clock >= self.start or clock < self.until

    def next_opening(self, at: datetime, zone: str) -> datetime:
        """The moment itself where it is not quiet, else the end of the quiet hours that it lies in, in UTC."""
        if not self.is_quiet(at, zone):
            return at
        today = local(at, zone).date()
        # Where clocks go back, the hours can end twice; where a day is missing, only after it.
        ends = (end for days in range(3) for end in moments(today + timedelta(days=days), self.until, zone))
        return next(end for end in ends if end > at and not self.is_quiet(end, zone))
