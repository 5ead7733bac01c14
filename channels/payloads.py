"""Which button payloads a client may send: a closed list of intents, each with the keys and values it takes.

Everything that is not on the list is refused, so that no client can drive Rasa's own intents
(`/restart`, `/session_start`) or fill a slot that no button fills.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.message import Language

MAX_PAYLOAD_CHARACTERS = 128

RETRY_INTENT = "retry"  # answered by the gateway itself: send the last unanswered message once more

LIFE_EVENTS = frozenset(
    {
        "started_platform_work",
        "moved_province",
        "changed_job",
        "lost_work",
        "injured_at_work",
        "having_baby",
        "income_dropped",
        "contribution_gap",
        "near_retirement",
        "returning_home",
        "first_job",
        "several_platforms",
    }
)

_PLAIN_INTENTS = LIFE_EVENTS | {
    RETRY_INTENT,
    "affirm",
    "cancel",
    "complaint",
    "delete_my_data",
    "deny",
    "greet",
    "handoff",
    "menu",
    "more_help",
    "my_data",
    "explain_reminder",
    "list_reminders",
    "paid",
    "snooze",
    "stop_reminders",
    "explain_estimate",
    "remember_facts",
}

# Every intent a button may carry, with the keys it may have besides the language.
INTENT_KEYS: Mapping[str, frozenset[str]] = {
    **{intent: frozenset[str]() for intent in _PLAIN_INTENTS},
    "change_language": frozenset(),  # without a language, the other one is meant
    "change_region": frozenset({"region"}),
    "helpful": frozenset({"article"}),
    "read": frozenset({"article"}),
    "unhelpful": frozenset({"article"}),
    "choose": frozenset({"choice"}),  # an answer to the calculator's question
    "remind": frozenset({"choice"}),  # an answer to the form's question, or what is to be done with a reminder
    "simulate": frozenset({"kind", "choice"}),  # without a kind, it is asked for; a choice changes one fact
    "why_not": frozenset({"reason"}),  # about the last answer that did not help
    "read_more": frozenset({"article"}),  # without an article, the last one is meant
}
_REQUIRED_KEYS = {"choose": frozenset({"choice"}), "read": frozenset({"article"}), "why_not": frozenset({"reason"})}

_VALUE_SHAPES = {
    "article": re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*/[a-z0-9]+(?:[-_][a-z0-9]+)*"),
    "choice": re.compile(r"[a-z_]{2,16}=[A-Za-z0-9_.-]{1,24}"),
    "kind": re.compile(r"[a-z]+(?:-[a-z]+)?"),
    "language": re.compile(r"zh|en"),
    "reason": re.compile(r"other_question|unclear|wrong|other_place"),
    "region": re.compile(r"CN(?:-[A-Z]{2}(?:\.[a-z]{2,24})?)?"),
}

_PAYLOAD = re.compile(r"/([a-z_]+)(\{.*\})?")


class UnknownPayload(ValueError):
    """No button of ours sends this."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A checked payload."""

    intent: str
    values: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: Language | None) -> "Payload":
        """The same payload telling the bot which language the client reads; its own language wins."""
        if language is None or self.intent == "change_language" or "language" in self.values:
            return self
        return Payload(self.intent, {**self.values, "language": language})

    def __str__(self) -> str:
        written = json.dumps(dict(self.values), ensure_ascii=False, separators=(",", ":")) if self.values else ""
        return f"/{self.intent}{written}"


def read_payload(raw: str) -> Payload:
    """The payload a button sent, or `UnknownPayload`."""
    shape = _PAYLOAD.fullmatch(raw) if len(raw) <= MAX_PAYLOAD_CHARACTERS else None
    if shape is None or shape[1] not in INTENT_KEYS:
        raise UnknownPayload(raw[:MAX_PAYLOAD_CHARACTERS])
    values = _values(shape[2] or "{}")
    missing = _REQUIRED_KEYS.get(shape[1], frozenset()) - values.keys()
    unknown = values.keys() - INTENT_KEYS[shape[1]] - {"language"}
    if missing or unknown:
        raise UnknownPayload(raw)
    return Payload(shape[1], values)


def _values(written: str) -> dict[str, str]:
    try:
        values = json.loads(written)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnknownPayload(written) from error
    for key, value in values.items():
        if key not in _VALUE_SHAPES or not isinstance(value, str) or not _VALUE_SHAPES[key].fullmatch(value):
            raise UnknownPayload(written)
    return dict(values)
