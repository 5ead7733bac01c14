"""What an event of a messaging app means: a turn with the assistant, a greeting, a goodbye, or a word of our own."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from channels.contacts import Contact, Contacts
from channels.gateway import Gateway
from channels.links import Links
from channels.message import Event, Inbound, Joined, Language, Left, Reply, Unreadable
from channels.refusals import Refused
from channels.sentences import Sentences
from channels.short_payloads import ShortPayloads
from channels.visits import Visits

GREETING = "/greet"
DELETED = "data_deleted"
_BACK = re.compile(r"\s*(?:恢复|订阅|start|unstop)[\s。.!！]*", re.IGNORECASE)
_ONLY_A_NUMBER = re.compile(r"\s*(\d{1,2})\s*[.。、]?\s*")


class Turns:
    """Turns events into replies; keeps the language and the numbered choices of each worker."""

    def __init__(
        self,
        gateway: Gateway,
        contacts: Contacts,
        payloads: ShortPayloads,
        sentences: Sentences,
        now: Callable[[], datetime],
        links: Links,
        visits: Visits | None = None,
    ) -> None:
        self._links, self._visits = links, visits
        self._gateway, self._contacts, self._payloads = gateway, contacts, payloads
        self._sentences, self._now = sentences, now

    async def take(self, contact: Contact, event: Event, *, numbered: bool) -> tuple[Reply, ...]:
        """The replies to an event, in order; none where the platform lets nothing through any more."""
        match event:
            case Left():
                return await self._goodbye(contact, event)
            case Joined():
                return await self._welcome(contact, event)
            case Unreadable():
                return (self._say(f"unreadable_{event.kind}", contact),)
        if contact.stopped and _BACK.fullmatch(event.text or ""):
            return await self._welcome(contact, Joined(event.channel, event.sender_address, event.message_id or ""))
        linked = await self._links.answer(contact, event.text)
        return linked or await self._asked(contact, await self._meant(contact, event, numbered))

    def being_prepared(self, event: Event) -> Reply:
        """What is said where the platform waits no longer and the answer follows."""
        language: Language = getattr(event, "language", None) or "zh"
        return Reply(self._sentences.say("channels", "being_prepared", language), language=language)

    async def _asked(self, contact: Contact, inbound: Inbound) -> tuple[Reply, ...]:
        conversation = replace(
            inbound, sender_address=contact.conversation_id, conversation_id=contact.conversation_id, message_id=None,
            language=contact.language or inbound.language,
        )  # fmt: skip
        try:
            turn = await self._gateway.receive(conversation)
        except Refused as refusal:
            told: Language = contact.language or inbound.language or "zh"
            return (Reply(self._sentences.say("errors", refusal.reason.code, told, **refusal.values)),)
        if any(reply.outcome == DELETED for reply in turn.replies):
            await self._contacts.forget(contact.conversation_id)
            return turn.replies
        if self._visits is not None:
            turn = replace(turn, replies=(*turn.replies, *await self._visits.waiting_for(contact)))
        spoken = [reply.language for reply in turn.replies if reply.language]
        below = [button.payload for button in turn.replies[-1].buttons]
        language = spoken[-1] if spoken else contact.language
        if language != contact.language or tuple(below) != contact.choices:
            await self._contacts.note(contact, language, below)
        return turn.replies

    async def _meant(self, contact: Contact, inbound: Inbound, numbered: bool) -> Inbound:
        """A short word becomes its payload; a bare number the choice that stands beside it."""
        if inbound.payload is not None:
            return replace(inbound, payload=await self._payloads.expand(inbound.payload))
        number = _ONLY_A_NUMBER.fullmatch(inbound.text or "") if numbered else None
        if number and 1 <= int(number[1]) <= len(contact.choices):
            return replace(inbound, text=None, payload=contact.choices[int(number[1]) - 1])
        return inbound

    async def _welcome(self, contact: Contact, event: Joined) -> tuple[Reply, ...]:
        await self._contacts.joined(contact, event.campaign, event.platform)
        method = f"{event.channel}_start"
        await self._contacts.consent(contact, "messages", granted=True, method=method, wording="-", at=self._now())
        greeting = Inbound(event.channel, event.sender_address, payload=GREETING, language=event.language)
        return await self._asked(contact, greeting)

    async def _goodbye(self, contact: Contact, event: Left) -> tuple[Reply, ...]:
        already = contact.stopped
        await self._contacts.stop(contact, self._now())
        if self._visits is not None:
            await self._visits.stopped(contact.conversation_id)
        return (self._say("stopped", contact),) if event.confirm and not already else ()

    def _say(self, name: str, contact: Contact, **values: object) -> Reply:
        language: Language = contact.language or "zh"
        return Reply(self._sentences.say("channels", name, language, **values), language=language)
