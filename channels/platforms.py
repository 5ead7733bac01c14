"""The platforms that embed the chat, from their file: their pages, their keys, and where they take reminders."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
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

SHORTEST_SECRET = 32  # bytes; RFC 7518, 3.2
SHORTEST_RSA_KEY = 2048  # bits; RFC 7518, 3.3

Algorithm = Literal["HS256", "EdDSA", "RS256", "ES256"]
Fact = Literal["region", "occupation", "language"]
PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

# As browsers write it: small letters, no path. Only one's own machine may do without encryption.
ORIGIN = r"^(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$"
NOTIFIED = ORIGIN.removesuffix("$") + r"(/[A-Za-z0-9._~/-]*)?$"


class PlatformsUnreadable(Exception):
    """The file of platforms cannot be used; the text names the file and the key, never a value."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key that a platform signs with, and the only algorithm it is good for."""

    id: str
    algorithm: Algorithm
    material: bytes | PublicKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notify:
    """Where a platform takes reminders for its workers, and the secret that they are signed with."""

    url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that embeds the chat: where its pages are, its keys by id, and the facts it may tell."""

    id: str
    name: Mapping[str, str]
    origins: frozenset[str]
    keys: Mapping[str, Key]
    facts: frozenset[str]
    notify: Notify | None = None


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


class _Notify(_Strict):
    url: Annotated[str, Field(pattern=NOTIFIED)]
    secret_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class _Platform(_Strict):
    name: _Name
    origins: list[Annotated[str, Field(pattern=ORIGIN)]]
    keys: Annotated[list[_Key], Field(min_length=1)]
    facts: list[Fact] = []
    notify: _Notify | None = None


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
    notify = _notify(f"{place}.notify", written.notify, environment) if written.notify else None
    return Platform(name, written.name.model_dump(), frozenset(written.origins), keys, frozenset(written.facts), notify)


def _notify(place: str, written: _Notify, environment: Mapping[str, str]) -> Notify:
    secret = environment.get(written.secret_env, "").encode(errors="surrogateescape")
    if len(secret) < SHORTEST_SECRET:
        raise _Unusable(f"{place}.secret_env: the variable is not set, or shorter than {SHORTEST_SECRET} bytes")
    return Notify(written.url, secret)


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
