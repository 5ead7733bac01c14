"""Buttons whose payload is too long for a platform send a short word instead, which is kept with its payload."""

import hashlib
import re

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import PayloadRow, Sessions

SHORT = re.compile(r"~[0-9a-f]{16}")


class ShortPayloads:
    """The kept payloads. A payload names an intent and its values, never a person, so all workers share them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = Sessions(engine)
        self._kept: set[str] = set()

    async def shorten(self, payload: str, most_bytes: int) -> str:
        """The payload itself where it fits, otherwise the word that stands for it."""
        if len(payload.encode()) <= most_bytes:
            return payload
        token = f"~{hashlib.sha256(payload.encode()).hexdigest()[:16]}"
        if token not in self._kept:
            try:
                async with self._session.begin() as session:
                    if await session.get(PayloadRow, token) is None:
                        session.add(PayloadRow(token=token, payload=payload))
            except IntegrityError:  # another process keeps it at the same moment
                pass
            self._kept.add(token)
        return token

    async def expand(self, payload: str) -> str:
        """What a word stands for; anything else, and a word that nobody knows, stays as it is."""
        if not SHORT.fullmatch(payload):
            return payload
        async with self._session() as session:
            row = await session.get(PayloadRow, payload)
        return row.payload if row else payload
