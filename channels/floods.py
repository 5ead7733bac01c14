"""How many messages one conversation and one address may send in a while. In memory, for one process."""

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Floods:
    """Counts messages in a moving window; rates are written as `20/minute`."""

    def __init__(self, per_conversation: str, per_address: str) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_conversation = parse(per_conversation)
        self._per_address = parse(per_address)

    def wait_for_conversation(self, conversation_id: str) -> int | None:
        """Counts one message; seconds to wait where it is one too many, otherwise None."""
        return self._wait(self._per_conversation, "conversation", conversation_id)

    def wait_for_address(self, address: str) -> int | None:
        """Counts one request; seconds to wait where it is one too many, otherwise None."""
        return self._wait(self._per_address, "address", network_of(address))

    def _wait(self, rate: RateLimitItem, kind: str, key: str) -> int | None:
        if self._limiter.hit(rate, kind, key):
            return None
        return max(1, math.ceil(self._limiter.get_window_stats(rate, kind, key).reset_time - time.time()))


def network_of(address: str) -> str:
    """The address to count by: a whole /64 for IPv6, because one household owns all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(parsed), 64), strict=False))
