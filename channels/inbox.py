"""Messages of platforms, kept until they are answered: each is answered once, whatever is sent twice or killed.

received → taken (the turn is under way) → answering (the replies are known; `sent` of them went out) → answered
A message found after a restart goes on where it was. Of a reply that was just being sent nobody knows whether it
arrived; it is not sent again, because a doubled answer costs trust (and, by SMS, money).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import InboxRow, Sessions
from channels.message import Event, Inbound, Joined, Left, Reply, Unreadable
from channels.sealing import Seal, Unsealable

UNFINISHED = ("received", "taken", "answering")
_KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in (Inbound, Joined, Left, Unreadable)}
_REPLIES = TypeAdapter(tuple[Reply, ...])


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in the box. `replies`: what is to be said, once it is known; `sent` of them are out."""

    id: int
    event: Event
    state: str
    replies: tuple[Reply, ...] = ()
    sent: int = 0


class Inbox:
    """The box in one database; several processes may share it. Times are UTC and come from the caller."""

    def __init__(self, engine: AsyncEngine, seal: Seal) -> None:
        self._session = Sessions(engine)
        self._seal = seal

    async def accept(self, event: Event, at: datetime, *, taken: bool = False) -> Letter | None:
        """Puts a message into the box; None where it is there already. `taken`: whoever puts it in takes the turn."""
        state = "taken" if taken else "received"
        row = InboxRow(
            channel=event.channel, message_key=self._key(event), state=state, received_at=at,
            event=self._seal.seal(_written(event)), sent=0,
        )  # fmt: skip
        try:
            async with self._session.begin() as session:
                session.add(row)
        except IntegrityError:
            return None
        return Letter(row.id, event, state)

    async def find(self, event: Event) -> Letter | None:
        """The message as it lies in the box."""
        wanted = (InboxRow.channel == event.channel, InboxRow.message_key == self._key(event))
        async with self._session() as session:
            row = await session.scalar(select(InboxRow).where(*wanted))
        return None if row is None else self._letter(row)

    async def take(self, letter: Letter) -> bool:
        """Claims a message for a turn; False where another process was quicker."""
        return await self._move(letter.id, ("received",), state="taken")

    async def release(self, letter: Letter) -> None:
        """Back to the start: the turn was not taken."""
        await self._move(letter.id, ("taken",), state="received")

    async def answering(self, letter: Letter, replies: Sequence[Reply], *, sending: int = 0) -> None:
        """Keeps the replies before the first goes out; `sending`: 1 where it is about to."""
        written = _REPLIES.dump_json(tuple(replies)).decode()
        await self._move(letter.id, UNFINISHED, state="answering", reply=self._seal.seal(written), sent=sending)

    async def sending(self, letter: Letter, number: int) -> None:
        """Reply `number` (from 1) is about to go out."""
        await self._move(letter.id, ("answering",), sent=number)

    async def done(self, letter: Letter, keep_replies: bool = False) -> None:
        """The message is answered; its words are deleted (the replies stay where the platform may ask again)."""
        left = {} if keep_replies else {"reply": None}
        await self._move(letter.id, UNFINISHED, state="answered", event=None, **left)

    async def unfinished(self, before: datetime) -> list[Letter]:
        """What a process that is gone has left, the oldest first."""
        wanted = (InboxRow.state.in_(UNFINISHED), InboxRow.received_at < before)
        async with self._session() as session:
            rows = (await session.scalars(select(InboxRow).where(*wanted).order_by(InboxRow.id))).all()
        return [letter for row in rows if (letter := self._letter(row)) is not None]

    async def expire(self, before: datetime) -> int:
        """Deletes what arrived before; gives how many went."""
        async with self._session.begin() as session:
            gone = await session.execute(delete(InboxRow).where(InboxRow.received_at < before))
        return int(gone.rowcount)  # type: ignore[attr-defined]

    def _key(self, event: Event) -> str:
        return self._seal.key_of("message", event.channel, event.sender_address, event.message_id or "")

    async def _move(self, row_id: int, from_states: Sequence[str], **values: object) -> bool:
        changed = update(InboxRow).where(InboxRow.id == row_id, InboxRow.state.in_(from_states)).values(**values)
        async with self._session.begin() as session:
            done = await session.execute(changed)
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def _letter(self, row: InboxRow) -> Letter | None:
        try:
            event = _read(self._seal.open(row.event)) if row.event else Left(row.channel, "", "")
            replies = _REPLIES.validate_json(self._seal.open(row.reply)) if row.reply else ()
        except (Unsealable, ValueError):
            return None
        return Letter(row.id, event, row.state, replies, row.sent)


def _written(event: Event) -> str:
    return json.dumps({"kind": type(event).__name__, **asdict(event)}, ensure_ascii=False)


def _read(written: str) -> Event:
    values: dict[str, Any] = json.loads(written)
    kind = _KINDS.get(str(values.pop("kind", "")))
    if kind is None:
        raise ValueError("no such kind of event")
    return kind(**values)
