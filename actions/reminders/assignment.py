"""Which treatment of a campaign a worker gets: drawn by a keyed hash, so that it is random to everybody without the
salt, and the same whenever, wherever and in whatever order it is asked.
"""

import hashlib
import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate

CONTROL = "control"
DIGEST_BYTES = 8
FLOAT_BITS = 53  # more would round the highest draws up to 1


def treatment_of(campaign_id: str, conversation_id: str, shares: Mapping[str, float], salt: str) -> str:
    """The treatment of this worker in this campaign: one of the names of `shares`, `control` among them.

    `shares` add up to 1; the order in which they are written does not matter. `salt` is a secret of the installation:
    another one draws anew, so it must not change while a campaign runs. Raises ValueError where either is unusable.
    """
    bounds = _bounds(tuple(shares.items()))
    drawn = draw(campaign_id, conversation_id, salt)
    return next((name for name, bound in bounds if drawn < bound), bounds[-1][0])


def draw(campaign_id: str, conversation_id: str, salt: str) -> float:
    """A number from 0 up to, not including, 1, evenly spread over workers and unrelated between campaigns."""
    named = f"{len(campaign_id)}:{campaign_id}{conversation_id}".encode()  # else a|bc and ab|c were the same worker
    digest = hashlib.blake2b(named, key=_key(salt), digest_size=DIGEST_BYTES).digest()
    return (int.from_bytes(digest, "big") >> (DIGEST_BYTES * 8 - FLOAT_BITS)) / (1 << FLOAT_BITS)


@lru_cache(maxsize=16)
def _key(salt: str) -> bytes:
    if not salt:
        raise ValueError("salt is empty; a secret text is needed, else anybody can work out who gets what")
    return hashlib.blake2b(salt.encode()).digest()  # blake2b takes keys of up to 64 bytes; a salt may be longer


@lru_cache(maxsize=256)
def _bounds(shares: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """Each treatment with the number below which a draw is its own, by name."""
    check_shares(dict(shares))
    ordered = sorted(shares)
    return tuple(zip((name for name, _ in ordered), accumulate(share for _, share in ordered), strict=True))


def check_shares(shares: Mapping[str, float]) -> None:
    """Raises ValueError unless every share is above 0, `control` is among them, and they add up to 1."""
    if CONTROL not in shares:
        raise ValueError("there is no control share; a campaign needs workers who get nothing to be compared with")
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ValueError(f"share of {name!r} is {share:g}; more than 0 and less than 1 is accepted")
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-9):
        raise ValueError(f"the shares add up to {sum(shares.values()):g}; together with control they must make 1")
