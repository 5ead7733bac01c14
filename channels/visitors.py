"""Who writes on the web: nobody we know, or a worker whose platform says so with a signed token.

With a token the conversation follows from the worker, whatever id came along; and the conversation of a worker who is
known cannot be entered without one. So the id of a conversation alone opens nothing but an anonymous talk.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from channels.contacts import Contact, Contacts
from channels.identity import Identities, Identity, IdentityRefused, subject_key
from channels.message import Inbound, Language
from channels.platform_push import NAME as PLATFORM
from channels.platform_push import address_of
from channels.refusals import Reason, Refused

CHANNEL = "web"
BEARER = "bearer "

Remember = Callable[[str, str, str | None, datetime], Awaitable[None]]  # conversation, language, region, time


class Visitors:
    """Finds the conversation of a message on the web. `remember` keeps what the platform told of the worker.

    `notified`: whether a platform takes reminders for its workers.
    """

    def __init__(
        self,
        identities: Identities | None,
        contacts: Contacts,
        key: bytes,
        remember: Remember,
        now: Callable[[], datetime],
        notified: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._identities, self._contacts, self._key = identities, contacts, key
        self._remember, self._now, self._notified = remember, now, notified

    async def admit(self, inbound: Inbound, headers: Mapping[str, str]) -> Inbound:
        """The message in its conversation; raises Refused for a bad token, and for a conversation of somebody else."""
        given = headers.get("authorization", "")
        if self._identities is None or not given.casefold().startswith(BEARER):
            await self._only_anonymous(inbound.conversation_id)
            return inbound
        return await self._known(inbound, self._verified(given, headers))

    async def identified(self, headers: Mapping[str, str]) -> tuple[Identity, Contact]:
        """The worker that a request's token speaks of, and their conversation; raises Refused without a good one."""
        given = headers.get("authorization", "")
        if self._identities is None or not given.casefold().startswith(BEARER):
            raise Refused(Reason.TOKEN_REFUSED, accepted="Authorization: Bearer and a token of your platform")
        identity = self._verified(given, headers)
        return identity, await self._contact(identity)

    async def known(self, headers: Mapping[str, str]) -> Contact | None:
        """The worker that a request's token speaks of; None without a token. Raises Refused for a bad one."""
        if not headers.get("authorization", "").casefold().startswith(BEARER):
            return None
        return (await self.identified(headers))[1]

    async def may_read(self, conversation_id: str, headers: Mapping[str, str]) -> None:
        """Raises Refused where the conversation is a known worker's and the request does not come from them."""
        asked = await self.admit(Inbound(CHANNEL, "", conversation_id=conversation_id), headers)
        if asked.conversation_id != conversation_id:
            raise Refused(Reason.CONVERSATION_UNKNOWN, accepted="one's own conversation")

    async def left(self, conversation_id: str) -> None:
        """The worker had everything deleted: the next message begins a new conversation."""
        await self._contacts.forget(conversation_id)

    async def _only_anonymous(self, conversation_id: str | None) -> None:
        if conversation_id and await self._contacts.of(conversation_id):
            raise Refused(Reason.CONVERSATION_UNKNOWN, accepted="the id of an anonymous talk, or a token besides")

    def _verified(self, given: str, headers: Mapping[str, str]) -> Identity:
        assert self._identities is not None
        try:
            return self._identities.verify(given[len(BEARER) :].strip(), headers.get("origin"))
        except IdentityRefused as refusal:
            raise Refused(Reason.TOKEN_REFUSED, accepted=f"a token that is not refused as {refusal.code}") from None

    async def _contact(self, identity: Identity) -> Contact:
        language = cast("Language | None", identity.facts.get("language"))
        address = subject_key(identity, self._key)
        contact = await self._contacts.heard_from(CHANNEL, address, self._now(), language)
        if self._notified(identity.platform):
            way = address_of(identity.platform, identity.worker_id)
            await self._contacts.reach(PLATFORM, way, contact.conversation_id, self._now())
        return contact

    async def _known(self, inbound: Inbound, identity: Identity) -> Inbound:
        language = cast("Language | None", identity.facts.get("language"))
        contact = await self._contact(identity)
        region = identity.facts.get("region")
        if region:
            spoken = contact.language or language or inbound.language or "zh"
            await self._remember(contact.conversation_id, spoken, region, self._now())
        return replace(
            inbound, conversation_id=contact.conversation_id, language=inbound.language or contact.language or language
        )
