"""Who a worker is on the platform that embeds the chat: a short-lived token, signed by the platform's own back end.

Nothing of a token stands in an error, a log line or a `repr`; a worker's id on the platform is never stored.
"""

import hashlib
import hmac
import math
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
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

AUDIENCE = "shebao-assistant"
LEEWAY_SECONDS = 30
LONGEST_LIFE_SECONDS = 15 * 60
LONGEST_TOKEN = 4096  # characters
SHORTEST_SECRET = 32  # bytes; RFC 7518, 3.2
SHORTEST_RSA_KEY = 2048  # bits; RFC 7518, 3.3

Algorithm = Literal["HS256", "EdDSA", "RS256", "ES256"]
Fact = Literal["region", "occupation", "language"]
RefusalCode = Literal[
    "token_malformed",
    "token_expired",
    "token_not_yet_valid",
    "token_signature",
    "token_unknown_platform",
    "token_unknown_key",
    "token_audience",
    "token_lifetime",
    "token_origin",
    "token_claims",
]
PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

FACTS: Mapping[str, re.Pattern[str]] = {
    "region": re.compile(r"CN(-[A-Z]{2}(\.[a-z]{2,24})?)?"),
    "occupation": re.compile(r"[a-z_]{1,40}"),
    "language": re.compile(r"zh|en"),
}
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?")


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
    id: Annotated[str, Field(pattern=r"\A[A-Za-z0-9._-]{1,64}\z")]
    algorithm: Algorithm
    secret_env: Annotated[str | None, Field(pattern=r"\A[A-Z][A-Z0-9_]*\z")] = None
    public_key: str | None = None


class _Platform(_Strict):
    name: _Name
    origins: list[str]
    keys: Annotated[list[_Key], Field(min_length=1)]
    facts: list[Fact] = []


class _File(_Strict):
    platforms: dict[Annotated[str, Field(pattern=r"\A[a-z0-9][a-z0-9-]{0,63}\z")], _Platform]


class _Unusable(Exception):
    """Where in the file, and what is wrong there."""


class Platforms(Mapping[str, Platform]):
    """The platforms that may embed the chat, by id."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = dict(platforms)

    def __getitem__(self, platform_id: str) -> Platform:
        return self._platforms[platform_id]

    def __iter__(self) -> Any:
        return iter(self._platforms)

    def __len__(self) -> int:
        return len(self._platforms)

    @property
    def origins(self) -> frozenset[str]:
        """Every origin that any platform's pages have."""
        return frozenset[str]().union(*(platform.origins for platform in self._platforms.values()))

    @classmethod
    def load(cls, path: Path | None, environment: Mapping[str, str] | None = None) -> "Platforms":
        """The platforms of a YAML file, secrets from the environment; none without a file. PlatformsUnreadable."""
        if path is None:
            return cls({})
        try:
            written = _read(path)
            known = os.environ if environment is None else environment
            return cls({name: _platform(name, platform, known) for name, platform in written.platforms.items()})
        except _Unusable as error:
            raise PlatformsUnreadable(f"{path.name}: {error}") from None
