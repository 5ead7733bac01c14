"""Tokens of the platforms that embed the chat: which are believed, and the many that are not."""

import base64
import hashlib
import hmac
import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from channels.identity import (
    AUDIENCE,
    LONGEST_TOKEN,
    Identities,
    Identity,
    IdentityRefused,
    RefusalCode,
    subject_key,
)
from channels.platforms import Platforms, PlatformsUnreadable

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
T = int(NOW.timestamp())
ORIGIN = "https://rider.example.cn"
SECRET, NEXT_SECRET, OTHER_SECRET = "s" * 32, "n" * 40, "o" * 32
ENVIRONMENT = {"SHEBAO_RIDER_K1": SECRET, "SHEBAO_RIDER_K2": NEXT_SECRET, "SHEBAO_SHOP_K1": OTHER_SECRET}
WORKER = "rider-4711"

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def public_pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


def private_pem(key: Any) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, form, plain).decode())


NAME = {"zh": "骑手端", "en": "Rider app"}
RIDER: dict[str, Any] = {
    "name": NAME,
    "origins": [ORIGIN, "https://m.rider.example.cn:8443"],
    "keys": [
        {"id": "k1", "algorithm": "HS256", "secret_env": "SHEBAO_RIDER_K1"},
        {"id": "k2", "algorithm": "HS256", "secret_env": "SHEBAO_RIDER_K2"},
        {"id": "rs", "algorithm": "RS256", "public_key": public_pem(RSA_KEY)},
        {"id": "es", "algorithm": "ES256", "public_key": public_pem(EC_KEY)},
        {"id": "ed", "algorithm": "EdDSA", "public_key": public_pem(ED_KEY)},
    ],
    "facts": ["region", "occupation", "language"],
}
SHOP: dict[str, Any] = {
    "name": {"zh": "商家端", "en": "Shop app"},
    "origins": ["https://shop.example.cn"],
    "keys": [{"id": "k1", "algorithm": "HS256", "secret_env": "SHEBAO_SHOP_K1"}],
    "facts": ["language"],
}
SIGNERS: dict[str, tuple[str, Any]] = {
    "k1": ("HS256", SECRET),
    "k2": ("HS256", NEXT_SECRET),
    "rs": ("RS256", RSA_KEY),
    "es": ("ES256", EC_KEY),
    "ed": ("EdDSA", ED_KEY),
}


def written(place: Path, platforms: object, **more: object) -> Path:
    path = place / "platforms.yml"
    path.write_text(yaml.safe_dump({"platforms": platforms, **more}, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def identities(tmp_path_factory: pytest.TempPathFactory) -> Identities:
    path = written(tmp_path_factory.mktemp("platforms"), {"rider-app": RIDER, "shop-app": SHOP})
    return Identities(Platforms.load(path, ENVIRONMENT), lambda: NOW)


CLAIMS: dict[str, Any] = {
    "iss": "rider-app", "sub": WORKER, "aud": AUDIENCE, "iat": T, "exp": T + 600,
    "facts": {"region": "CN-ZJ.hangzhou", "occupation": "food_delivery", "language": "zh"},
}  # fmt: skip
LEFT_OUT = object()


def token(kid: Any = "k1", header: dict[str, Any] | None = None, **changed: Any) -> str:
    """A good token of the rider app, with some of its claims changed or left out."""
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not LEFT_OUT}
    algorithm, key = SIGNERS[kid]
    return jwt.encode(claims, key, algorithm, headers={"kid": kid, **(header or {})})


def segment(part: Any) -> str:
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def handmade(header: Any, claims: Any = None, secret: bytes = SECRET.encode()) -> str:
    """A token that no library would make, signed with HMAC-SHA256 all the same."""
    signed = f"{segment(header)}.{segment(CLAIMS if claims is None else claims)}"
    return f"{signed}.{segment(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def part(number: int, new: str) -> str:
    parts = token().split(".")
    parts[number] = new
    return ".".join(parts)


def hs256(**more: Any) -> dict[str, Any]:
    return {"typ": "JWT", "alg": "HS256", "kid": "k1"} | more


def resigned(good: str, change: Callable[[bytes], bytes]) -> str:
    """The same token with its signature's bytes changed."""
    head, signature = good.rsplit(".", 1)
    return f"{head}.{segment(change(base64.urlsafe_b64decode(signature + '=' * (-len(signature) % 4))))}"


def flipped(good: str) -> str:
    return resigned(good, lambda raw: bytes([raw[0] ^ 1]) + raw[1:])


def cut(good: str) -> str:
    return resigned(good, lambda raw: raw[:-3])


def unsigned(algorithm: Any) -> str:
    return f"{segment(hs256(alg=algorithm))}.{segment(CLAIMS)}."


def jwk() -> dict[str, Any]:
    return {"kty": "oct", "k": segment(b"e" * 32)}


MALFORMED: dict[str, str | Callable[[], str]] = {
    "empty": "",
    "one word": "token",
    "two segments": "a.b",
    "four segments": lambda: token() + ".x",
    "dots": "..",
    "no base64": "!!!.???.***",
    "not ASCII": "令牌.令牌.令牌",
    "half a surrogate": "\ud800.a.b",
    "NUL": "\0.\0.\0",
    "with the word Bearer": lambda: f"Bearer {token()}",
    "header no JSON": lambda: part(0, segment(b"{")),
    "header a list": lambda: part(0, segment([])),
    "header nested deeply": lambda: part(0, segment(b"[" * 2500)),
    "payload no JSON": lambda: part(1, segment(b"{")),
    "payload a list": lambda: part(1, segment([CLAIMS])),
    "payload null": lambda: part(1, segment(None)),
    "payload nested deeply": lambda: part(1, segment(b"[" * 2500)),
    "payload not UTF-8": lambda: part(1, segment(b'{"iss": "\xff"}')),
    "a key id that is a number": lambda: handmade(hs256(kid=1)),
    "a key id that is a list": lambda: handmade(hs256(kid=["k1"])),
    "an unknown critical header": lambda: handmade(hs256(crit=["exp"], exp=T)),
    "a detached payload": lambda: handmade(hs256(b64=False, crit=["b64"])),
    "a payload that is not encoded": lambda: handmade(hs256(b64=False)),
    "one character too long": lambda: token() + "A" * (LONGEST_TOKEN + 1 - len(token())),
    "very long": "A" * 1_000_000,
}
SIGNATURE: dict[str, Callable[[], str]] = {
    "one bit changed": lambda: flipped(token()),
    "one bit changed, RS256": lambda: flipped(token("rs")),
    "one bit changed, ES256": lambda: flipped(token("es")),
    "one bit changed, EdDSA": lambda: flipped(token("ed")),
    "signature left out": lambda: token().rsplit(".", 1)[0] + ".",
    "signature cut": lambda: cut(token()),
    "ES256 signature cut": lambda: cut(token("es")),
    "another secret": lambda: handmade(hs256(), secret=b"e" * 32),
    "empty secret": lambda: handmade(hs256(), secret=b""),
    "the secret of the next key": lambda: handmade(hs256(), secret=NEXT_SECRET.encode()),
    "the secret of another platform": lambda: handmade(hs256(), secret=OTHER_SECRET.encode()),
    "claims changed after signing": lambda: part(1, segment(CLAIMS | {"sub": "rider-1"})),
    "claims of another token": lambda: part(1, token(sub="rider-1").split(".")[1]),
    "header changed after signing": lambda: part(0, segment(hs256(cty="x"))),
    "algorithm none": lambda: unsigned("none"),
    "algorithm None": lambda: unsigned("None"),
    "algorithm empty": lambda: unsigned(""),
    "algorithm null": lambda: unsigned(None),
    "algorithm a list": lambda: unsigned(["HS256"]),
    "no algorithm": lambda: handmade({"typ": "JWT", "kid": "k1"}),
    "none with a signature": lambda: handmade(hs256(alg="none")),
    "HS512 with the right secret": lambda: jwt.encode(CLAIMS, "s" * 64, "HS512", headers={"kid": "k1"}),
    "an algorithm of nowhere": lambda: handmade(hs256(alg="HS257")),
    "algorithm in small letters": lambda: handmade(hs256(alg="hs256")),
    "RSA key as HMAC secret": lambda: handmade(hs256(kid="rs"), secret=public_pem(RSA_KEY).encode()),
    "EC key as HMAC secret": lambda: handmade(hs256(kid="es"), secret=public_pem(EC_KEY).encode()),
    "EdDSA key as HMAC secret": lambda: handmade(hs256(kid="ed"), secret=public_pem(ED_KEY).encode()),
    "PS256 with the RSA key": lambda: jwt.encode(CLAIMS, RSA_KEY, "PS256", headers={"kid": "rs"}),
    "RS256 for the key of HS256": lambda: jwt.encode(CLAIMS, RSA_KEY, "RS256", headers={"kid": "k1"}),
    "EdDSA for the key of ES256": lambda: jwt.encode(CLAIMS, ED_KEY, "EdDSA", headers={"kid": "es"}),
    "a key of its own in the header": lambda: handmade(hs256(jwk=jwk()), secret=b"e" * 32),
    "a key somewhere else": lambda: handmade(hs256(jku="https://evil.example/keys"), secret=b"e" * 32),
    "a key of nobody": lambda: jwt.encode(CLAIMS, ed25519.Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": "ed"}),
}
WORDS: dict[str, tuple[RefusalCode, Callable[[], str]]] = {
    "no issuer": ("token_claims", lambda: token(iss=LEFT_OUT)),
    "an issuer that is a list": ("token_claims", lambda: handmade(hs256(), CLAIMS | {"iss": ["rider-app"]})),
    "an issuer that is null": ("token_claims", lambda: handmade(hs256(), CLAIMS | {"iss": None})),
    "a platform of nowhere": ("token_unknown_platform", lambda: token(iss="taxi-app")),
    "a platform with a space": ("token_unknown_platform", lambda: token(iss="rider-app ")),
    "no platform": ("token_unknown_platform", lambda: token(iss="")),
    "another platform": ("token_signature", lambda: token(iss="shop-app")),
    "no key id": ("token_unknown_key", lambda: handmade({"alg": "HS256"})),
    "a key of nowhere": ("token_unknown_key", lambda: handmade(hs256(kid="k9"))),
    "an empty key id": ("token_unknown_key", lambda: handmade(hs256(kid=""))),
    "a key that is a path": ("token_unknown_key", lambda: handmade(hs256(kid="../../dev/null"), secret=b"")),
    "a key of another platform": ("token_unknown_key", lambda: token("k2", iss="shop-app")),
    "no audience": ("token_audience", lambda: token(aud=LEFT_OUT)),
    "another audience": ("token_audience", lambda: token(aud="payroll")),
    "audience null": ("token_audience", lambda: token(aud=None)),
    "audience that begins like ours": ("token_audience", lambda: token(aud=f"{AUDIENCE}-test")),
    "other audiences": ("token_audience", lambda: token(aud=["payroll", "hr"])),
    "an empty list of audiences": ("token_audience", lambda: token(aud=[])),
    "an audience that is an object": ("token_audience", lambda: token(aud={AUDIENCE: 1})),
    "no worker": ("token_claims", lambda: token(sub=LEFT_OUT)),
    "an empty worker": ("token_claims", lambda: token(sub="")),
    "a worker of spaces": ("token_claims", lambda: token(sub="   ")),
    "a worker with a line break": ("token_claims", lambda: token(sub="rider\n1")),
    "a worker with NUL": ("token_claims", lambda: token(sub="rider\0shop")),
    "a worker with a hidden character": ("token_claims", lambda: token(sub="rider\u200b")),
    "a worker with half a surrogate": ("token_claims", lambda: token(sub="rider\ud800")),
    "a worker that is too long": ("token_claims", lambda: token(sub="x" * 129)),
    "a worker that is a number": ("token_claims", lambda: handmade(hs256(), CLAIMS | {"sub": 4711})),
    "a worker that is null": ("token_claims", lambda: handmade(hs256(), CLAIMS | {"sub": None})),
    "no end": ("token_claims", lambda: token(exp=LEFT_OUT)),
    "no beginning": ("token_claims", lambda: token(iat=LEFT_OUT)),
    "an end in words": ("token_claims", lambda: token(exp="tomorrow")),
    "an end as text": ("token_claims", lambda: token(exp=str(T + 600))),
    "an end that is true": ("token_claims", lambda: token(exp=True)),
    "an end that is no number": ("token_claims", lambda: token(exp=float("nan"))),
    "an endless end": ("token_claims", lambda: token(exp=float("inf"))),
    "an end in milliseconds": ("token_claims", lambda: token(exp=(T + 600) * 1000)),
    "an end of many digits": ("token_claims", lambda: token(exp=int("9" * 1000), iat=0.5)),
    "an end of 1e308": ("token_claims", lambda: token(exp=1e308)),
    "a beginning before time": ("token_claims", lambda: token(iat=-1)),
    "a beginning in words": ("token_claims", lambda: token(iat="now")),
    "facts that are a list": ("token_claims", lambda: token(facts=["region"])),
    "facts that are text": ("token_claims", lambda: token(facts="CN-ZJ")),
    "facts that are null": ("token_claims", lambda: token(facts=None)),
    "expired to the second": ("token_expired", lambda: token(iat=T - 600, exp=T - 30)),
    "expired yesterday": ("token_expired", lambda: token(iat=T - 86_400, exp=T - 85_800)),
    "expired in 1970": ("token_expired", lambda: token(iat=0, exp=1)),
    "made in the future": ("token_not_yet_valid", lambda: token(iat=T + 31, exp=T + 600)),
    "made far in the future": ("token_not_yet_valid", lambda: token(iat=10**11 - 600, exp=10**11)),
    "good from a later second": ("token_not_yet_valid", lambda: token(nbf=T + 31)),
    "good for a second too long": ("token_lifetime", lambda: token(exp=T + 901)),
    "good for a day": ("token_lifetime", lambda: token(exp=T + 86_400)),
    "good for no time": ("token_lifetime", lambda: token(exp=T)),
    "over before it began": ("token_lifetime", lambda: token(iat=T + 20, exp=T + 10)),
    "long since expired, and once good for a year": ("token_lifetime", lambda: token(iat=0, exp=31_536_000)),
}
FORGED: list[tuple[str, RefusalCode, str | Callable[[], str]]] = [
    *((name, "token_malformed", made) for name, made in MALFORMED.items()),
    *((name, "token_signature", made) for name, made in SIGNATURE.items()),
    *((name, code, made) for name, (code, made) in WORDS.items()),
]


@pytest.mark.parametrize(("name", "code", "made"), FORGED, ids=[f"{code}: {name}" for name, code, _ in FORGED])
def test_a_token_that_is_not_good_is_refused_and_nothing_of_it_is_told(
    identities: Identities, name: str, code: str, made: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bad = made() if callable(made) else made
    with caplog.at_level(logging.DEBUG), pytest.raises(IdentityRefused) as caught:
        identities.verify(bad, ORIGIN)
    assert caught.value.code == code
    assert str(caught.value) == code
    told = repr(caught.value) + caplog.text + "".join(traceback.format_exception_only(caught.value))
    secrets = [WORKER, SECRET, NEXT_SECRET, *(piece for piece in bad.split(".") if len(piece) > 8)]
    assert not any(secret in told for secret in secrets)
    assert "During handling" not in "".join(traceback.format_exception(caught.value))


def test_every_code_has_a_case() -> None:
    assert {code for _, code, _ in FORGED} | {"token_origin"} == set(get_args(RefusalCode))


def believes(identities: Identities, given: str, origin: str | None = ORIGIN) -> Identity:
    return identities.verify(given, origin)


@pytest.mark.parametrize("kid", SIGNERS)
def test_every_kind_of_key_is_believed(identities: Identities, kid: str) -> None:
    assert believes(identities, token(kid)) == Identity(
        "rider-app", WORKER, CLAIMS["facts"], NOW + timedelta(seconds=600)
    )


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("a list with our audience", {"aud": ["payroll", AUDIENCE]}),
    ("good for exactly a quarter of an hour", {"exp": T + 900}),
    ("good for a second less", {"exp": T + 899}),
    ("in its last second of grace", {"iat": T - 600, "exp": T - 29}),
    ("made half a minute ahead", {"iat": T + 30}),
    ("times with parts of a second", {"iat": T - 0.5, "exp": T + 599.5}),
    ("good since a moment", {"nbf": T + 30}),
    ("a worker of one character", {"sub": "x"}),
    ("a worker of 128 characters", {"sub": "x" * 128}),
    ("a Chinese worker", {"sub": "王 小明"}),
    ("no facts", {"facts": LEFT_OUT}),
    ("empty facts", {"facts": {}}),
    ("claims of the platform's own", {"name": "王小明", "jti": "1"}),
]


@pytest.mark.parametrize(("name", "changed"), GOOD, ids=[name for name, _ in GOOD])
def test_a_good_token_is_believed(identities: Identities, name: str, changed: dict[str, Any]) -> None:
    claims = CLAIMS | changed
    identity = believes(identities, token(**changed))
    assert (identity.platform, identity.worker_id) == ("rider-app", claims["sub"])
    assert identity.expires_at.timestamp() == claims["exp"]


def test_the_longest_token_is_read(identities: Identities) -> None:
    def sized(length: int) -> str:
        return token(padding="x" * length)

    length = next(n for n in range(LONGEST_TOKEN) if len(sized(n)) >= LONGEST_TOKEN - 1)
    assert LONGEST_TOKEN - 1 <= len(sized(length)) <= LONGEST_TOKEN
    assert believes(identities, sized(length)).worker_id == WORKER


ORIGINS: list[tuple[str | None, bool]] = [
    (None, True), (ORIGIN, True), ("https://m.rider.example.cn:8443", True),
    ("", False), ("null", False), ("*", False), ("https://evil.example", False), (f"{ORIGIN}/", False),
    (f"{ORIGIN}:443", False), (ORIGIN.upper(), False), ("http://rider.example.cn", False),
    ("https://m.rider.example.cn", False), (f"{ORIGIN}.evil.example", False), ("https://shop.example.cn", False),
    ("https://x.rider.example.cn", False), (f" {ORIGIN}", False),
]  # fmt: skip


@pytest.mark.parametrize(("origin", "is_good"), ORIGINS, ids=[str(origin) for origin, _ in ORIGINS])
def test_a_page_must_be_one_of_the_platforms(identities: Identities, origin: str | None, is_good: bool) -> None:
    if is_good:
        assert believes(identities, token(), origin).worker_id == WORKER
        return
    with pytest.raises(IdentityRefused, match=r"^token_origin$"):
        identities.verify(token(), origin)


FACTS: list[tuple[str, object, bool]] = [
    ("region", "CN", True), ("region", "CN-ZJ", True), ("region", "CN-GD.shenzhen", True),
    ("region", "US", False), ("region", "cn-zj", False), ("region", "CN-ZJ\n", False), ("region", "CN-ZJ.X", False),
    ("region", "", False), ("region", None, False), ("region", 7, False), ("region", ["CN"], False),
    ("occupation", "a", True), ("occupation", "a" * 40, True), ("occupation", "food_delivery", True),
    ("occupation", "", False), ("occupation", "a" * 41, False), ("occupation", "Rider", False),
    ("occupation", "外卖", False), ("occupation", "rider\n", False), ("occupation", {"a": 1}, False),
    ("language", "zh", True), ("language", "en", True), ("language", "de", False), ("language", "zh-CN", False),
    ("language", True, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "is_good"), FACTS, ids=[f"{n}={v!r:.20}" for n, v, _ in FACTS])
def test_a_fact_is_checked(identities: Identities, name: str, value: object, is_good: bool) -> None:
    if is_good:
        assert believes(identities, token(facts={name: value})).facts == {name: value}
        return
    with pytest.raises(IdentityRefused, match=r"^token_claims$"):
        identities.verify(token(facts={name: value}), ORIGIN)


def test_facts_nobody_asked_for_are_dropped(identities: Identities) -> None:
    facts = {"phone": "13812345678", "wage": 9000, "language": "en"}
    assert believes(identities, token(facts=facts)).facts == {"language": "en"}


def test_a_platform_tells_only_the_facts_of_its_list(identities: Identities) -> None:
    claims = CLAIMS | {"iss": "shop-app", "facts": {"region": "nonsense", "language": "en"}}
    given = handmade(hs256(), claims, OTHER_SECRET.encode())
    assert believes(identities, given, "https://shop.example.cn").facts == {"language": "en"}


def test_two_keys_are_good_at_once_and_a_removed_one_is_not(tmp_path: Path) -> None:
    old, new = token("k1"), token("k2")
    during = Identities(Platforms.load(written(tmp_path, {"rider-app": RIDER}), ENVIRONMENT), lambda: NOW)
    assert believes(during, old) == believes(during, new)
    later = RIDER | {"keys": RIDER["keys"][1:]}
    after = Identities(Platforms.load(written(tmp_path, {"rider-app": later}), ENVIRONMENT), lambda: NOW)
    assert believes(after, new).worker_id == WORKER
    with pytest.raises(IdentityRefused, match=r"^token_unknown_key$"):
        after.verify(old, ORIGIN)


def test_a_token_ends_with_its_time(tmp_path: Path) -> None:
    clock = [NOW]
    identities = Identities(Platforms.load(written(tmp_path, {"rider-app": RIDER}), ENVIRONMENT), lambda: clock[0])
    given = token()
    clock[0] = NOW + timedelta(seconds=629)
    assert believes(identities, given).worker_id == WORKER
    clock[0] = NOW + timedelta(seconds=630)
    with pytest.raises(IdentityRefused, match=r"^token_expired$"):
        identities.verify(given, ORIGIN)


def test_without_platforms_nobody_is_believed() -> None:
    nobody = Platforms.load(None)
    assert (len(nobody), nobody.origins) == (0, frozenset())
    with pytest.raises(IdentityRefused, match=r"^token_unknown_platform$"):
        Identities(nobody, lambda: NOW).verify(token(), None)


def test_a_worker_has_the_same_opaque_word_every_time(identities: Identities) -> None:
    first = believes(identities, token("k1"))
    again = believes(identities, token("ed", iat=T - 5, facts={}))
    word = subject_key(first, b"k" * 32)
    assert word == subject_key(again, b"k" * 32)
    expected = hmac.new(b"k" * 32, b"rider-app\0" + WORKER.encode(), hashlib.sha256).hexdigest()
    assert word == expected
    assert WORKER not in word
    assert WORKER not in repr(first)


def test_another_worker_platform_or_key_has_another_word(identities: Identities) -> None:
    first = believes(identities, token())
    others = [replace(first, worker_id="rider-4712"), replace(first, platform="shop-app")]
    shifted = [replace(first, platform="rider", worker_id="app"), replace(first, platform="ridera", worker_id="pp")]
    words = {subject_key(each, b"k" * 32) for each in (first, *others, *shifted)} | {subject_key(first, b"j" * 32)}
    assert len(words) == 6
    with pytest.raises(ValueError, match="empty"):
        subject_key(first, b"")


def test_the_file_of_platforms_says_what_they_may(tmp_path: Path) -> None:
    platforms = Platforms.load(written(tmp_path, {"rider-app": RIDER, "shop-app": SHOP}), ENVIRONMENT)
    assert platforms["rider-app"].name == NAME
    assert platforms["shop-app"].facts == {"language"}
    assert platforms.origins == {ORIGIN, "https://m.rider.example.cn:8443", "https://shop.example.cn"}
    assert not any(secret in repr(platforms) for secret in (SECRET, NEXT_SECRET, OTHER_SECRET))


def test_secrets_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, secret in ENVIRONMENT.items():
        monkeypatch.setenv(name, secret)
    assert set(Platforms.load(written(tmp_path, {"rider-app": RIDER}))) == {"rider-app"}


def rider(**changed: Any) -> dict[str, Any]:
    kept = {name: value for name, value in (RIDER | changed).items() if value is not LEFT_OUT}
    return {"rider-app": kept}


def key(**changed: Any) -> dict[str, Any]:
    first = {name: value for name, value in (RIDER["keys"][0] | changed).items() if value is not LEFT_OUT}
    return rider(keys=[first])


def pem_key(algorithm: str, pem: str) -> dict[str, Any]:
    return key(algorithm=algorithm, secret_env=LEFT_OUT, public_key=pem)


HIDDEN = "hidden-secret-hidden-secret-hidden"
KEY_0 = "platforms.rider-app.keys.0"
FAULTY: list[tuple[str, object, str]] = [
    ("no platforms", None, "platforms"),
    ("a list of platforms", [RIDER], "platforms"),
    ("a platform that is text", {"rider-app": "x"}, "platforms.rider-app"),
    ("an id with capitals", {"Rider": RIDER}, "platforms.Rider"),
    ("an id that is too long", {"r" * 65: RIDER}, "platforms.rrrr"),
    ("an unknown key of a platform", rider(colour="red"), "platforms.rider-app.colour"),
    ("no name", rider(name=LEFT_OUT), "platforms.rider-app.name"),
    ("a name in one language", rider(name={"zh": "骑手端"}), "platforms.rider-app.name.en"),
    ("an empty name", rider(name={"zh": "", "en": "x"}), "platforms.rider-app.name.zh"),
    ("a name in a third language", rider(name=NAME | {"de": "x"}), "platforms.rider-app.name.de"),
    ("no origins", rider(origins=LEFT_OUT), "platforms.rider-app.origins"),
    ("one origin as text", rider(origins=ORIGIN), "platforms.rider-app.origins"),
    ("an origin without encryption", rider(origins=["http://a.cn"]), "platforms.rider-app.origins.0"),
    ("an origin with a path", rider(origins=[ORIGIN, "https://a.cn/"]), "platforms.rider-app.origins.1"),
    ("an origin with capitals", rider(origins=["https://A.cn"]), "platforms.rider-app.origins.0"),
    ("every origin", rider(origins=["*"]), "platforms.rider-app.origins.0"),
    ("every part of an origin", rider(origins=["https://*.a.cn"]), "platforms.rider-app.origins.0"),
    ("an origin that only begins like this machine", rider(origins=["http://localhost.a.cn"]), "origins.0"),
    ("an origin with a line break", rider(origins=["https://a.cn\n"]), "origins.0"),
    ("no keys", rider(keys=[]), "platforms.rider-app.keys"),
    ("the same key id twice", rider(keys=[RIDER["keys"][0]] * 2), "platforms.rider-app.keys.1.id"),
    ("a secret in the file", key(secret=HIDDEN), f"{KEY_0}.secret"),
    ("a secret for the name of its variable", key(secret_env=HIDDEN), f"{KEY_0}.secret_env"),
    ("a variable that is not set", key(secret_env="NOT_SET"), f"{KEY_0}.secret_env"),
    ("a variable that is too short", key(secret_env="SHORT"), f"{KEY_0}.secret_env"),
    ("a variable with a public key", key(secret_env="PEM"), f"{KEY_0}.secret_env"),
    ("HS256 without a variable", key(secret_env=LEFT_OUT), KEY_0),
    ("HS256 with a public key", key(public_key=public_pem(RSA_KEY)), KEY_0),
    ("RS256 with a variable", key(algorithm="RS256", public_key=public_pem(RSA_KEY)), KEY_0),
    ("RS256 without a key", key(algorithm="RS256", secret_env=LEFT_OUT), KEY_0),
    ("no algorithm", key(algorithm=LEFT_OUT), f"{KEY_0}.algorithm"),
    ("algorithm none", key(algorithm="none"), f"{KEY_0}.algorithm"),
    ("another algorithm", key(algorithm="HS512"), f"{KEY_0}.algorithm"),
    ("a key id with a space", key(id="k 1"), f"{KEY_0}.id"),
    ("a key id that is a number", key(id=1), f"{KEY_0}.id"),
    ("text for a key", pem_key("RS256", HIDDEN), f"{KEY_0}.public_key"),
    ("a private key", pem_key("ES256", private_pem(EC_KEY)), f"{KEY_0}.public_key"),
    ("an EC key for RS256", pem_key("RS256", public_pem(EC_KEY)), f"{KEY_0}.public_key"),
    ("an RSA key for EdDSA", pem_key("EdDSA", public_pem(RSA_KEY)), f"{KEY_0}.public_key"),
    ("an EdDSA key for ES256", pem_key("ES256", public_pem(ED_KEY)), f"{KEY_0}.public_key"),
    ("a fact that is none", rider(facts=["wage"]), "platforms.rider-app.facts.0"),
]


@pytest.mark.parametrize(("name", "platforms", "place"), FAULTY, ids=[case[0] for case in FAULTY])
def test_a_fault_in_the_file_names_the_file_and_the_key_and_no_value(
    tmp_path: Path, name: str, platforms: object, place: str
) -> None:
    environment = ENVIRONMENT | {"SHORT": "h" * 31, "PEM": public_pem(RSA_KEY)}
    with pytest.raises(PlatformsUnreadable) as caught:
        Platforms.load(written(tmp_path, platforms), environment)
    told = str(caught.value)
    assert told.startswith("platforms.yml: ")
    assert place in told
    assert not any(hidden in told for hidden in (HIDDEN, SECRET, "h" * 31, "BEGIN", str(tmp_path)))


def test_small_rsa_keys_and_other_curves_are_refused(tmp_path: Path) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for algorithm, private in (("RS256", small), ("ES256", ec.generate_private_key(ec.SECP384R1()))):
        with pytest.raises(PlatformsUnreadable, match=r"public_key: does not fit"):
            Platforms.load(written(tmp_path, pem_key(algorithm, public_pem(private))), ENVIRONMENT)


@pytest.mark.parametrize(("length", "is_good"), [(31, False), (32, True), (33, True)])
def test_a_secret_has_32_bytes(tmp_path: Path, length: int, is_good: bool) -> None:
    path = written(tmp_path, key())
    if is_good:
        assert Platforms.load(path, {"SHEBAO_RIDER_K1": "x" * length})
        return
    with pytest.raises(PlatformsUnreadable, match="shorter than 32 bytes"):
        Platforms.load(path, {"SHEBAO_RIDER_K1": "x" * length})


def test_this_machine_may_be_an_origin_without_encryption(tmp_path: Path) -> None:
    here = ["http://localhost:5173", "http://127.0.0.1:8080", "https://a.cn:8443"]
    assert Platforms.load(written(tmp_path, rider(origins=here)), ENVIRONMENT).origins == set(here)


CONTENTS = {
    "nothing": b"",
    "no YAML": b"platforms: [",
    "a tab": b"platforms:\n\t- x",
    "not UTF-8": b"platforms: \xff",
    "an object of Python": b"platforms: !!python/object/apply:os.getcwd []",
    "a list": b"- x",
    "a word": b"x",
    "another key": b"platforms: {}\nmore: 1",
    "a key that stands twice": b"platforms: {}\nplatforms: {}",
    "two documents": b"platforms: {}\n---\nplatforms: {}",
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=list(CONTENTS))
def test_a_file_that_is_no_list_of_platforms_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "platforms.yml"
    path.write_bytes(content)
    with pytest.raises(PlatformsUnreadable, match=r"^platforms\.yml: ") as caught:
        Platforms.load(path, {})
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformsUnreadable, match=r"^gone\.yml: cannot be read"):
        Platforms.load(tmp_path / "gone.yml", {})


def test_a_file_without_platforms_has_none(tmp_path: Path) -> None:
    assert len(Platforms.load(written(tmp_path, {}), {})) == 0
