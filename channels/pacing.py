"""Not faster than a platform allows: each channel's messages a second, evened out."""

import asyncio
from collections.abc import Callable, Mapping


class Pace:
    """Lets one message through each `1 / per_second` seconds, and up to `per_second` at once after a rest."""

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        if per_second <= 0:
            raise ValueError(f"{per_second} messages a second are none; a number above 0 is accepted")
        self._interval, self._most, self._clock = 1 / per_second, max(per_second, 1.0), clock
        self._next = clock()

    async def turn(self) -> None:
        """Returns when the next message may go."""
        now = self._clock()
        self._next = max(self._next, now - self._most * self._interval) + self._interval
        if (wait := self._next - now) > 0:
            await asyncio.sleep(wait)


class Paces:
    """The pace of each channel; one that is not named is not slowed down. `processes` share a platform's limit."""

    def __init__(self, per_second: Mapping[str, float], clock: Callable[[], float], processes: int = 1) -> None:
        self._paces = {name: Pace(rate / processes, clock) for name, rate in per_second.items()}

    async def turn(self, channel: str) -> None:
        """Returns when the channel's next message may go."""
        if channel in self._paces:
            await self._paces[channel].turn()
