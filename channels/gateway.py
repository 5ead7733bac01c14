"""From a neutral message to replies: who may speak now, what may be said on, and one honest sentence
when Rasa does not answer. Knows no platform and decides nothing about social insurance.
"""

import hashlib
import logging
import re
import time
from dataclasses import dataclass, replace
from typing import cast

from actions.privacy import mask
from channels.cleaning import clean, script_language
from channels.colleagues import Colleagues
from channels.conversations import (
    CONVERSATION_ID,
    MESSAGE_ID,
    OPENING_ID_CHARACTERS,
    Conversation,
    Conversations,
    Opening,
    mint_conversation_id,
)
from channels.floods import Floods
from channels.message import Button, Inbound, Language, Reply, Turn
from channels.metrics import Metrics
from channels.payloads import INTENT_KEYS, RETRY_INTENT, Payload, UnknownPayload, read_payload
from channels.rasa import Rasa, RasaFailure
from channels.refusals import Reason, Refused
from channels.sentences import Sentences

log = logging.getLogger(__name__)

DELETED_OUTCOME = "data_deleted"
BUSY_RETRY_SECONDS = 1
WITH_A_PERSON = frozenset({"handoff_waiting", "handoff_claimed", "handoff_closed"})
COVER = "***"  # of no script, so that it cannot change the language of the message
_MASK_TOKEN = re.compile(r"\[[a-z_]+\]")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that may go to Rasa: cleaned and masked text, or a payload from the list."""

    message: str
    masked_kinds: tuple[str, ...]
    language: Language | None
    says_something: bool = True
    is_retry: bool = False


class Gateway:
    """Takes one turn per message; raises `Refused` for a message it does not take."""

    def __init__(
        self,
        *,
        rasa: Rasa,
        conversations: Conversations,
        floods: Floods,
        sentences: Sentences,
        metrics: Metrics,
        max_text_characters: int,
        paused: bool,
        colleagues: Colleagues | None = None,
    ) -> None:
        self._rasa = rasa
        self._conversations = conversations
        self._floods = floods
        self._sentences = sentences
        self._metrics = metrics
        self._max_text_characters = max_text_characters
        self._paused = paused
        self._colleagues = colleagues

    async def receive(self, inbound: Inbound) -> Turn:
        """The answer to a message; the same message sent again gets the same answer."""
        try:
            return await self._receive(inbound)
        except Refused as refusal:
            self._metrics.refused(refusal.reason.code)
            raise

    def admit_question(self, text: str, address: str) -> tuple[str, tuple[str, ...]]:
        """A question outside of any conversation, cleaned and covered, and the kinds of number it held."""
        try:
            self._slow_down(address)
            return self._covered(text)
        except Refused as refusal:
            self._metrics.refused(refusal.reason.code)
            raise

    def admit_request(self, address: str) -> None:
        """A request that holds no words of a worker: only counted; raises Refused where it is one too many."""
        try:
            self._slow_down(address)
        except Refused as refusal:
            self._metrics.refused(refusal.reason.code)
            raise

    def personal_data_warning(self, kinds: tuple[str, ...], language: Language) -> str:
        """The sentence that asks a worker not to send such numbers."""
        known = self._sentences.names("kinds")
        names = (self._sentences.say("kinds", kind if kind in known else "other", language) for kind in kinds)
        joined = ("、" if language == "zh" else ", ").join(dict.fromkeys(names))
        return self._sentences.say("replies", "personal_data", language, kinds=joined)

    def _slow_down(self, address: str) -> None:
        wait = self._floods.wait_for_address(address)
        if wait is not None:
            raise _too_many(wait)

    def _covered(self, text: str) -> tuple[str, tuple[str, ...]]:
        cleaned = clean(text)
        if not cleaned:
            raise Refused(Reason.TEXT_EMPTY, accepted=f"1 to {self._max_text_characters} visible characters")
        if len(cleaned) > self._max_text_characters:
            raise Refused(
                Reason.TEXT_TOO_LONG,
                accepted=f"1 to {self._max_text_characters} visible characters",
                values={"limit": self._max_text_characters},
            )
        masked = mask(cleaned)
        return (_MASK_TOKEN.sub(COVER, masked.text) if masked.kinds else cleaned), masked.kinds

    async def _receive(self, inbound: Inbound) -> Turn:
        self._slow_down(inbound.sender_address)
        accepted = self._accept(inbound)
        conversation = self._conversations.open(inbound.conversation_id, _opening(inbound))
        stored = conversation.answered(inbound.message_id)
        if stored is not None:
            self._metrics.refused("duplicate")
            return stored
        if conversation.pending:
            raise Refused(Reason.BUSY, retry_after_seconds=BUSY_RETRY_SECONDS)
        wait = self._floods.wait_for_conversation(conversation.id)
        if wait is not None:
            raise _too_many(wait)
        with conversation.taking_a_turn():
            return await self._take_turn(conversation, accepted, inbound)

    def _accept(self, inbound: Inbound) -> Accepted:
        if inbound.conversation_id is not None and not CONVERSATION_ID.fullmatch(inbound.conversation_id):
            raise Refused(
                Reason.CONVERSATION_UNKNOWN,
                accepted="the 32 hexadecimal characters of an earlier answer",
            )
        if inbound.message_id is not None and not MESSAGE_ID.fullmatch(inbound.message_id):
            raise Refused(Reason.MESSAGE_ID_INVALID, accepted="1 to 64 of A-Z a-z 0-9 . _ : -")
        if inbound.text is not None and inbound.payload is not None:
            raise Refused(Reason.TEXT_OR_PAYLOAD, accepted="text, or payload")
        if inbound.payload is not None:
            return _accept_payload(inbound.payload, inbound.language)
        text, kinds = self._covered(inbound.text or "")
        uncovered = text.replace(COVER, "")
        language = script_language(uncovered) or inbound.language
        return Accepted(text, kinds, language, says_something=not kinds or bool(_WORD.search(uncovered)))

    async def _take_turn(self, conversation: Conversation, accepted: Accepted, inbound: Inbound) -> Turn:
        started = time.perf_counter()
        language = accepted.language or conversation.language or "zh"
        replies = await self._replies(conversation, accepted, inbound, language)
        if accepted.masked_kinds:
            warning = self.personal_data_warning(accepted.masked_kinds, language)
            replies = (Reply(warning, outcome="masked_personal_data", language=language), *replies)
        outcomes = [reply.outcome for reply in replies if reply.outcome]
        self._metrics.turn(outcomes[-1] if outcomes else "said", time.perf_counter() - started)
        if self._colleagues and DELETED_OUTCOME not in outcomes and not _is_with_a_person(replies):
            await self._colleagues.hear(conversation.id, conversation, accepted.message, replies, inbound.channel)
        if DELETED_OUTCOME in outcomes:
            self._conversations.forget(conversation.id)
            if self._colleagues:
                await self._colleagues.forget(conversation.id)
            if not await self._rasa.forget(conversation.id):
                log.error("a conversation could not be deleted in Rasa; it expires by itself")
                replies = (self._apology("error_unavailable", language),)
            return Turn(mint_conversation_id(), replies)
        spoken = [reply.language for reply in replies if reply.language]
        conversation.language = spoken[-1] if spoken else accepted.language or conversation.language
        turn = Turn(conversation.id, replies)
        conversation.remember(inbound.message_id, turn)
        return turn

    async def _replies(
        self, conversation: Conversation, accepted: Accepted, inbound: Inbound, language: Language
    ) -> tuple[Reply, ...]:
        if self._paused:
            return (Reply(self._say("paused", language), outcome="error_paused", language=language),)
        if not accepted.says_something:
            return (self._hint("personal_data_only", language),)
        if self._colleagues and (reply := await self._colleagues.take(conversation.id, accepted.message, language)):
            return (reply,)
        message = conversation.unanswered if accepted.is_retry else accepted.message
        if message is None:
            return (self._hint("nothing_to_retry", language),)
        try:
            told = inbound.language or conversation.language
            replies = await self._rasa.take_turn(conversation.id, message, inbound.channel, told)
        except RasaFailure as failure:
            log.warning("a turn ended with %s", failure.outcome)
            conversation.unanswered = message
            return (self._apology(failure.outcome, language),)
        conversation.unanswered = None
        return tuple(_with_language(reply) for reply in replies)

    def _apology(self, outcome: str, language: Language) -> Reply:
        retry = Button(self._sentences.say("buttons", "retry", language), str(Payload(RETRY_INTENT)))
        sentence = self._say(outcome.removeprefix("error_"), language)
        return Reply(sentence, (retry,), outcome=outcome, language=language)

    def _hint(self, name: str, language: Language) -> Reply:
        menu = Button(self._sentences.say("buttons", "menu", language), str(Payload("menu")))
        return Reply(self._say(name, language), (menu,), language=language)

    def _say(self, name: str, language: Language) -> str:
        return self._sentences.say("replies", name, language)


def _is_with_a_person(replies: tuple[Reply, ...]) -> bool:
    """Whether a colleague has the conversation: their talk is kept with the handoff."""
    return any(reply.outcome in WITH_A_PERSON for reply in replies)


def _with_language(reply: Reply) -> Reply:
    """Rasa's fixed sentences do not say which language they are in; their script does."""
    return reply if reply.language else replace(reply, language=script_language(reply.text))


def _accept_payload(raw: str, language: Language | None) -> Accepted:
    try:
        payload = read_payload(raw)
    except UnknownPayload:
        raise Refused(
            Reason.PAYLOAD_UNKNOWN,
            accepted="a payload as it stands on a button, one of " + ", ".join(sorted(INTENT_KEYS)),
        ) from None
    message = str(payload.in_language(language))
    chosen = cast("Language | None", payload.values.get("language")) or language
    return Accepted(message, (), chosen, is_retry=payload.intent == RETRY_INTENT)


def _opening(inbound: Inbound) -> Opening | None:
    """What a first message is known by when it is sent again before its conversation id came back."""
    if inbound.conversation_id is not None or len(inbound.message_id or "") < OPENING_ID_CHARACTERS:
        return None
    content = f"{inbound.text}\0{inbound.payload}".encode(errors="replace")
    return inbound.sender_address, inbound.message_id or "", hashlib.sha256(content).hexdigest()


def _too_many(wait_seconds: int) -> Refused:
    return Refused(Reason.TOO_MANY_MESSAGES, retry_after_seconds=wait_seconds, values={"seconds": wait_seconds})
