"""Who a worker is on the platform that embeds the chat: a short-lived token, signed by the platform's own back end.

Nothing of a token stands in an error, a log line or a `repr`. A worker's id on the platform is stored only where the
platform takes reminders (`notify`), and then encrypted like every address.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels.platforms import Key, Platform

AUDIENCE = "shebao-assistant"
LEEWAY_SECONDS = 30
LONGEST_LIFE_SECONDS = 15 * 60
LONGEST_TOKEN = 4096  # characters

RefusalCode = Literal[
    "token_malformed", "token_expired", "token_not_yet_valid", "token_signature", "token_unknown_platform",
    "token_unknown_key", "token_audience", "token_lifetime", "token_origin", "token_claims",
]  # fmt: skip

FACTS: Mapping[str, re.Pattern[str]] = {
    "region": re.compile(r"CN(-[A-Z]{2}(\.[a-z]{2,24})?)?"),
    "occupation": re.compile(r"[a-z_]{1,40}"),
    "language": re.compile(r"zh|en"),
}


class IdentityRefused(Exception):
    """A token that is not believed; the text is the code and nothing else."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """A worker as the platform knows them. `facts` hold region, occupation and language, as far as they were told."""

    platform: str
    worker_id: str = field(repr=False)
    facts: Mapping[str, str]
    expires_at: datetime


class Identities:
    """Reads tokens; `clock` gives an aware time."""

    def __init__(self, platforms: Mapping[str, Platform], clock: Callable[[], datetime]) -> None:
        self._platforms = platforms
        self._clock = clock

    def verify(self, token: str, origin: str | None) -> Identity:
        """The worker that a token speaks of; `origin` is the request's Origin header, where it has one.

        Raises IdentityRefused. Whoever holds a token is that worker for at most a quarter of an hour.
        """
        platform, key = self._signer(token)
        claims = _signed_claims(token, key)
        if AUDIENCE not in (claims.aud if isinstance(claims.aud, list) else [claims.aud]):
            raise IdentityRefused("token_audience")
        self._check_times(claims)
        if origin is not None and origin not in platform.origins:
            raise IdentityRefused("token_origin")
        facts = _facts(claims.facts, platform)
        return Identity(platform.id, claims.sub, facts, datetime.fromtimestamp(claims.exp, UTC))

    def _signer(self, token: str) -> tuple[Platform, Key]:
        """Who says that they signed the token, and with which key: nothing of it is believed yet."""
        if len(token) > LONGEST_TOKEN:
            raise IdentityRefused("token_malformed")
        try:
            read = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise IdentityRefused("token_malformed") from None
        issuer, key_id = read["payload"].get("iss"), read["header"].get("kid")
        if not isinstance(issuer, str):
            raise IdentityRefused("token_claims")
        if issuer not in self._platforms:
            raise IdentityRefused("token_unknown_platform")
        platform = self._platforms[issuer]
        if key_id not in platform.keys:
            raise IdentityRefused("token_unknown_key")
        return platform, platform.keys[key_id]

    def _check_times(self, claims: "_Claims") -> None:
        now = self._clock().timestamp()
        if not 0 < claims.exp - claims.iat <= LONGEST_LIFE_SECONDS:
            raise IdentityRefused("token_lifetime")
        if max(claims.iat, claims.nbf) > now + LEEWAY_SECONDS:
            raise IdentityRefused("token_not_yet_valid")
        if claims.exp + LEEWAY_SECONDS <= now:
            raise IdentityRefused("token_expired")


def subject_key(identity: Identity, key: bytes) -> str:
    """The opaque word under which the worker's conversation is found: 64 hexadecimal characters.

    The same for the same worker of the same platform, and for nobody else. An empty key raises ValueError.
    """
    if not key:
        raise ValueError("the key of the subjects is empty")
    return hmac.new(key, f"{identity.platform}\0{identity.worker_id}".encode(), hashlib.sha256).hexdigest()


NumericDate = Annotated[int | float, Field(ge=0, le=10**11, allow_inf_nan=False)]  # seconds; milliseconds are too many


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)

    # Visible characters, and spaces between them.
    sub: Annotated[str, Field(max_length=128, pattern=r"^[^\p{C}\p{Z}]([^\p{C}]*[^\p{C}\p{Z}])?$")]
    exp: NumericDate
    iat: NumericDate
    nbf: NumericDate = 0
    aud: Any = None
    facts: dict[str, Any] = {}


def _signed_claims(token: str, key: Key) -> _Claims:
    # The times are checked by our own clock, the audience by our own code; PyJWT says who signed.
    unchecked = ("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_iss", "verify_sub", "verify_jti")
    options: Any = dict.fromkeys(unchecked, False)
    try:
        signed = jwt.decode(token, key.material, algorithms=[key.algorithm], options=options)
    except (jwt.PyJWTError, ValueError):
        raise IdentityRefused("token_signature") from None
    try:
        return _Claims.model_validate(signed)
    except ValidationError:
        raise IdentityRefused("token_claims") from None


def _facts(told: Mapping[str, Any], platform: Platform) -> dict[str, str]:
    """The facts that the platform may tell; others are dropped, a wrong value refuses the whole token."""
    facts = {name: value for name, value in told.items() if name in platform.facts}
    if not all(isinstance(value, str) and FACTS[name].fullmatch(value) for name, value in facts.items()):
        raise IdentityRefused("token_claims")
    return facts
