""" "link" in one app gives a code, "link 123456" in another joins its conversation: one worker, wherever they write."""

import re
from collections.abc import Callable
from datetime import datetime

from channels.contacts import Contact, Contacts
from channels.floods import Floods
from channels.message import Language, Reply
from channels.sentences import Sentences

CODES_A_WORKER_MAY_TRY = "5/hour"  # a code has six digits: whoever could go on trying would find one
_LINK = re.compile(r"(?:绑定|关联|link)\s*(\d{6})?", re.IGNORECASE)


class Links:
    """Answers the word in every channel that knows its worker."""

    def __init__(self, contacts: Contacts, sentences: Sentences, now: Callable[[], datetime]) -> None:
        self._contacts, self._sentences, self._now = contacts, sentences, now
        self._tries = Floods(CODES_A_WORKER_MAY_TRY, CODES_A_WORKER_MAY_TRY)

    async def answer(self, contact: Contact, text: str | None) -> tuple[Reply, ...]:
        """A code, or whether the other app was joined; nothing where the text is not about it."""
        asked = _asked(text)
        if asked is None:
            return ()
        if asked[1] is None:
            code = await self._contacts.code_for(contact.conversation_id, self._now())
            return (self._say("link_code", contact.language, code=code),)
        guessing = self._tries.wait_for_conversation(str(contact.id)) is not None
        joined = not guessing and await self._contacts.join(contact, asked[1], self._now())
        return (self._say("linked" if joined else "link_unknown", contact.language),)

    def is_asked(self, text: str | None) -> bool:
        """Whether the text is the word, with or without a code."""
        return _asked(text) is not None

    def to_nobody_known(self, language: Language | None) -> tuple[Reply, ...]:
        """What a web page hears that was opened without a login."""
        return (self._say("link_without_login", language),)

    def _say(self, name: str, language: Language | None, **values: object) -> Reply:
        spoken: Language = language or "zh"
        return Reply(self._sentences.say("channels", name, spoken, **values), language=spoken)


def _asked(text: str | None) -> re.Match[str] | None:
    return _LINK.fullmatch((text or "").strip())
