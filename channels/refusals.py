"""The ways in which a request is turned down, each with its status; the wording is in `sentences.yml`."""

from dataclasses import dataclass, field
from enum import Enum


class Reason(Enum):
    """Why a request was refused, and the HTTP status that says so."""

    TEXT_EMPTY = ("text_empty", 422)
    TEXT_TOO_LONG = ("text_too_long", 422)
    TEXT_OR_PAYLOAD = ("text_or_payload", 422)
    PAYLOAD_UNKNOWN = ("payload_unknown", 422)
    CONVERSATION_UNKNOWN = ("conversation_unknown", 422)
    MESSAGE_ID_INVALID = ("message_id_invalid", 422)
    REQUEST_INVALID = ("request_invalid", 422)
    BUSY = ("busy", 409)
    TOO_MANY_MESSAGES = ("too_many_messages", 429)
    BODY_TOO_LARGE = ("body_too_large", 413)
    SIMULATION_UNKNOWN = ("simulation_unknown", 404)
    DESK_DISABLED = ("desk_disabled", 403)
    DESK_TOKEN_REFUSED = ("desk_token_refused", 401)
    DESK_NAME_INVALID = ("desk_name_invalid", 422)
    HANDOFF_UNKNOWN = ("handoff_unknown", 404)
    HANDOFF_STATE = ("handoff_state", 409)
    HANDOFF_CLAIMED = ("handoff_claimed", 409)
    ANSWER_PRIVATE = ("answer_private", 422)
    FACTS_INVALID = ("facts_invalid", 422)
    TOKEN_REFUSED = ("token_refused", 401)
    NOT_FOUND = ("not_found", 404)
    METHOD_NOT_ALLOWED = ("method_not_allowed", 405)
    ANSWERS_UNAVAILABLE = ("answers_unavailable", 503)
    ANSWERS_TIMEOUT = ("answers_timeout", 504)
    INTERNAL = ("internal", 500)

    def __init__(self, code: str, status: int) -> None:
        self.code = code
        self.status = status


@dataclass
class Refused(Exception):
    """A request that is not carried out; `accepted` says what would be, `values` fill the sentence."""

    reason: Reason
    accepted: str | None = None
    retry_after_seconds: int | None = None
    values: dict[str, object] = field(default_factory=dict)
