"""Who a worker is on the platform that embeds the chat: a short-lived token, signed by the platform's own back end.

Nothing of a token stands in an error, a log line or a `repr`; a worker's id on the platform is never stored.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import jwt
import yaml
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

AUDIENCE = "shebao-assistant"
LEEWAY_SECONDS = 30
LONGEST_LIFE_SECONDS = 15 * 60
LONGEST_TOKEN = 4096  # characters
SHORTEST_SECRET = 32  # bytes; RFC 7518, 3.2
SHORTEST_RSA_KEY = 2048  # bits; RFC 7518, 3.3

Algorithm = Literal["HS256", "EdDSA", "RS256", "ES256"]
Fact = Literal["region", "occupation", "language"]
RefusalCode = Literal[
    "token_malformed", "token_expired", "token_not_yet_valid", "token_signature", "token_unknown_platform",
    "token_unknown_key", "token_audience", "token_lifetime", "token_origin", "token_claims",
]  # fmt: skip
PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

FACTS: Mapping[str, re.Pattern[str]] = {
    "region": re.compile(r"CN(-[A-Z]{2}(\.[a-z]{2,24})?)?"),
    "occupation": re.compile(r"[a-z_]{1,40}"),
    "language": re.compile(r"zh|en"),
}
# As browsers write it: small letters, no path. Only one's own machine may do without encryption.
ORIGIN = r"^(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$"


class IdentityRefused(Exception):
    """A token that is not believed; the text is the code and nothing else."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code = code


class PlatformsUnreadable(Exception):
    """The file of platforms cannot be used; the text names the file and the key, never a value."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key that a platform signs with, and the only algorithm it is good for."""

    id: str
    algorithm: Algorithm
    material: bytes | PublicKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that embeds the chat: where its pages are, its keys by id, and the facts it may tell."""

    id: str
    name: Mapping[str, str]
    origins: frozenset[str]
    keys: Mapping[str, Key]
    facts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """A worker as the platform knows them. `facts` hold region, occupation and language, as far as they were told."""

    platform: str
    worker_id: str = field(repr=False)
    facts: Mapping[str, str]
    expires_at: datetime


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _Name(_Strict):
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class _Key(_Strict):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    algorithm: Algorithm
    secret_env: Annotated[str | None, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] = None
    public_key: str | None = None


class _Platform(_Strict):
    name: _Name
    origins: list[Annotated[str, Field(pattern=ORIGIN)]]
    keys: Annotated[list[_Key], Field(min_length=1)]
    facts: list[Fact] = []


class _File(_Strict):
    platforms: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")], _Platform]


class _Unusable(Exception):
    """Where in the file, and what is wrong there."""


class Platforms(dict[str, Platform]):
    """The platforms that may embed the chat, by id."""

    @property
    def origins(self) -> frozenset[str]:
        """Every origin that any platform's pages have."""
        return frozenset[str]().union(*(platform.origins for platform in self.values()))

    @classmethod
    def load(cls, path: Path | None, environment: Mapping[str, str] = os.environ) -> "Platforms":
        """The platforms of a YAML file, none without a file; raises PlatformsUnreadable."""
        if path is None:
            return cls({})
        try:
            written = _read(path)
            return cls({name: _platform(name, platform, environment) for name, platform in written.platforms.items()})
        except _Unusable as error:
            raise PlatformsUnreadable(f"{path.name}: {error}") from None


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


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        if len(keys) > len(set(keys)):
            raise yaml.MarkedYAMLError(problem="a key stands twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(_Loader(path.read_text(encoding="utf-8")).get_single_data())
    except (OSError, UnicodeError) as error:
        raise _Unusable(f"cannot be read ({type(error).__name__})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" near line {mark.line + 1}" if mark else ""
        raise _Unusable(f"is not YAML that can be used{line}") from None
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in error.errors())
        raise _Unusable("; ".join(faults)) from None


def _platform(name: str, written: _Platform, environment: Mapping[str, str]) -> Platform:
    place = f"platforms.{name}"
    keys: dict[str, Key] = {}
    for number, key in enumerate(written.keys):
        if key.id in keys:
            raise _Unusable(f"{place}.keys.{number}.id: another key has this id")
        keys[key.id] = Key(key.id, key.algorithm, _material(f"{place}.keys.{number}", key, environment))
    return Platform(name, written.name.model_dump(), frozenset(written.origins), keys, frozenset(written.facts))


def _material(place: str, key: _Key, environment: Mapping[str, str]) -> bytes | PublicKey:
    if key.algorithm != "HS256":
        if key.public_key is None or key.secret_env is not None:
            raise _Unusable(f"{place}: {key.algorithm} takes public_key and no secret_env")
        return _public_key(f"{place}.public_key", key.public_key, key.algorithm)
    if key.secret_env is None or key.public_key is not None:
        raise _Unusable(f"{place}: HS256 takes secret_env and no public_key")
    secret = environment.get(key.secret_env, "").encode(errors="surrogateescape")
    if len(secret) < SHORTEST_SECRET:
        raise _Unusable(f"{place}.secret_env: the variable is not set, or shorter than {SHORTEST_SECRET} bytes")
    try:
        jwt.get_algorithm_by_name("HS256").prepare_key(secret)
    except jwt.PyJWTError:
        raise _Unusable(f"{place}.secret_env: the variable holds a key that is no plain secret") from None
    return secret


def _public_key(place: str, pem: str, algorithm: Algorithm) -> PublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _Unusable(f"{place}: must be a public key in PEM") from None
    if (
        (algorithm == "EdDSA" and isinstance(key, Ed25519PublicKey))
        or (algorithm == "RS256" and isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_RSA_KEY)
        or (algorithm == "ES256" and isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1))
    ):
        return key
    raise _Unusable(f"{place}: does not fit {algorithm} (Ed25519, RSA of {SHORTEST_RSA_KEY} bits or more, P-256)")
