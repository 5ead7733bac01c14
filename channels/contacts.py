"""Workers in messaging apps: which conversation an address belongs to, whether we may write, what they agreed to.

The only place that knows addresses. Rasa and everything else see the opaque id of the conversation.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import ConsentRow, ContactRow, LinkCodeRow, Sessions
from channels.conversations import mint_conversation_id
from channels.message import Language
from channels.sealing import Seal

CODE_DIGITS, CODE_LIFETIME = 6, timedelta(minutes=10)
CODES_AT_ONCE = 3  # of one conversation: a fourth replaces the first


@dataclass(frozen=True, slots=True)
class Contact:
    """A worker in one app. `choices`: what the numbers below the last reply stand for."""

    id: int
    channel: str
    address: str
    conversation_id: str
    language: Language | None
    last_inbound: datetime
    stopped: bool
    preferred: bool
    choices: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Contact({self.id}, {self.channel})"


class Contacts:
    """Contacts, consents and the codes that join two apps, in one database. Times are UTC and come from the caller."""

    def __init__(self, engine: AsyncEngine, seal: Seal) -> None:
        self._session = Sessions(engine)
        self._seal = seal

    async def heard_from(self, channel: str, address: str, at: datetime, language: Language | None = None) -> Contact:
        """The contact of an address, made at its first message; the language is only kept where none is known."""
        key = self._seal.key_of(channel, address)
        for _ in range(2):  # two first messages at once: the second finds the row of the first
            try:
                async with self._session.begin() as session:
                    row = await session.scalar(_by_address(channel, key))
                    if row is None:
                        row = ContactRow(
                            channel=channel, address_key=key, address=self._seal.seal(address), preferred=False,
                            conversation_id=mint_conversation_id(), first_seen=at, last_inbound=at,
                        )  # fmt: skip
                        session.add(row)
                    row.last_inbound = at
                    row.language = row.language or language
                    await session.flush()
                return self._contact(row)
            except IntegrityError:
                continue
        raise RuntimeError("a contact could neither be made nor found")

    async def of(self, conversation_id: str) -> tuple[Contact, ...]:
        """Where a conversation can be reached: the preferred app first, then the one last written from."""
        return (await self.of_many([conversation_id])).get(conversation_id, ())

    async def of_many(self, conversation_ids: Collection[str]) -> dict[str, tuple[Contact, ...]]:
        """The same for several conversations; those that cannot be reached are left out."""
        found: dict[str, list[Contact]] = {}
        async with self._session() as session:
            table = ContactRow.__table__
            for row in await session.execute(select(table).where(table.c.conversation_id.in_(conversation_ids))):
                found.setdefault(row.conversation_id, []).append(self._contact(row))
        return {name: tuple(sorted(some, key=_nearest_first)) for name, some in found.items()}

    async def reach(self, channel: str, address: str, conversation_id: str, at: datetime) -> None:
        """Notes one more way to a worker whose conversation is known already."""
        key = self._seal.key_of(channel, address)
        async with self._session() as session:
            known = await session.scalar(_by_address(channel, key))
        if known is not None and known.conversation_id == conversation_id:
            return
        contact = await self.heard_from(channel, address, at)
        await self._set(contact, conversation_id=conversation_id)

    async def note(self, contact: Contact, language: Language | None, choices: Sequence[str]) -> None:
        """Keeps the language that was spoken, and what numbers mean from now on."""
        values: dict[str, object] = {"choices": json.dumps(list(choices)) if choices else None}
        if language:
            values["language"] = language
        await self._set(contact, **values)

    async def joined(self, contact: Contact, campaign: str | None, platform: str | None) -> None:
        """The worker came (back): we may write again. Where they came from is kept of the first time."""
        values: dict[str, object] = {"stopped_at": None}
        if campaign:
            values["campaign"] = campaign[:64]
        if platform:
            values["platform"] = platform[:64]
        await self._set(contact, **values)

    async def stop(self, contact: Contact, at: datetime) -> None:
        """Nothing is sent to any app of this worker any more; that it was said once is kept with its time."""
        async with self._session.begin() as session:
            everywhere = ContactRow.conversation_id == contact.conversation_id
            await session.execute(update(ContactRow).where(everywhere).values(stopped_at=at))
        await self.consent(contact, "messages", granted=False, method=f"{contact.channel}_stop", wording="-", at=at)

    async def unreachable(self, contact: Contact, at: datetime) -> None:
        """This app does not reach the worker any more; what they want in other apps is not known from that."""
        await self._set(contact, stopped_at=at)

    async def prefer(self, contact: Contact) -> None:
        """This app first, of all that the worker has."""
        async with self._session.begin() as session:
            everywhere = ContactRow.conversation_id == contact.conversation_id
            await session.execute(update(ContactRow).where(everywhere).values(preferred=ContactRow.id == contact.id))

    async def consent(
        self, contact: Contact, purpose: str, *, granted: bool, method: str, wording: str, at: datetime
    ) -> None:
        """Keeps what the worker agreed to or took back; earlier entries stay."""
        async with self._session.begin() as session:
            session.add(
                ConsentRow(
                    contact_id=contact.id, purpose=purpose, granted=granted, method=method, wording=wording, given_at=at
                )
            )

    async def agreed(self, contact: Contact, purpose: str) -> bool:
        """The last word on a purpose; nothing said is no."""
        wanted = (ConsentRow.contact_id == contact.id, ConsentRow.purpose == purpose)
        async with self._session() as session:
            newest = select(ConsentRow.granted).where(*wanted).order_by(ConsentRow.id.desc()).limit(1)
            return bool(await session.scalar(newest))

    async def code_for(self, conversation_id: str, at: datetime) -> str:
        """A one-time code, good for ten minutes, with which another app joins this conversation."""
        code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
        async with self._session.begin() as session:
            await session.execute(delete(LinkCodeRow).where(LinkCodeRow.expires_at < at))
            mine = select(LinkCodeRow).where(LinkCodeRow.conversation_id == conversation_id)
            for old in (await session.scalars(mine.order_by(LinkCodeRow.expires_at.desc()))).all()[CODES_AT_ONCE - 1 :]:
                await session.delete(old)
            row = LinkCodeRow(
                code_key=self._seal.key_of("code", code), conversation_id=conversation_id, expires_at=at + CODE_LIFETIME
            )
            await session.merge(row)
        return code

    async def join(self, contact: Contact, code: str, at: datetime) -> bool:
        """Moves the contact to the conversation of a code, which is spent then; False where there is no such code."""
        async with self._session.begin() as session:
            spent = await session.get(LinkCodeRow, self._seal.key_of("code", code))
            if spent is None or spent.expires_at.replace(tzinfo=at.tzinfo) < at:
                return False
            await session.delete(spent)
            moved = update(ContactRow).where(ContactRow.id == contact.id)
            await session.execute(moved.values(conversation_id=spent.conversation_id))
        return True

    async def forget(self, conversation_id: str) -> int:
        """Deletes every contact of a conversation with its consents and codes; gives how many contacts went."""
        async with self._session.begin() as session:
            mine = ContactRow.conversation_id == conversation_id
            ids = (await session.scalars(select(ContactRow.id).where(mine))).all()
            await session.execute(delete(ConsentRow).where(ConsentRow.contact_id.in_(ids)))
            await session.execute(delete(LinkCodeRow).where(LinkCodeRow.conversation_id == conversation_id))
            await session.execute(delete(ContactRow).where(mine))
        return len(ids)

    async def expire(self, silent_since: datetime) -> int:
        """Deletes contacts that have not written since; gives how many went."""
        async with self._session.begin() as session:
            silent = ContactRow.last_inbound < silent_since
            ids = (await session.scalars(select(ContactRow.id).where(silent))).all()
            await session.execute(delete(ConsentRow).where(ConsentRow.contact_id.in_(ids)))
            await session.execute(delete(ContactRow).where(silent))
        return len(ids)

    async def _set(self, contact: Contact, **values: object) -> None:
        async with self._session.begin() as session:
            await session.execute(update(ContactRow).where(ContactRow.id == contact.id).values(**values))

    def _contact(self, row: ContactRow | Any) -> Contact:
        language: Language | None = None if row.language is None else "en" if row.language == "en" else "zh"
        return Contact(
            row.id, row.channel, self._seal.open(row.address), row.conversation_id, language, row.last_inbound,
            row.stopped_at is not None, row.preferred, tuple(json.loads(row.choices or "[]")),
        )  # fmt: skip


def _by_address(channel: str, key: str):  # type: ignore[no-untyped-def]
    return select(ContactRow).where(ContactRow.channel == channel, ContactRow.address_key == key)


def _nearest_first(contact: Contact) -> tuple[bool, float]:
    return not contact.preferred, -contact.last_inbound.timestamp()
