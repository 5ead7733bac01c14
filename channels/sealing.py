"""Keeps a worker's address out of the database's plain sight: encrypted, and found again by a keyed digest."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

KEY_BYTES = 32
KEY_FILE = "contacts.key"


class Unsealable(Exception):
    """What was sealed with another key, or is no sealed text at all."""


class Seal:
    """Encrypts (Fernet: AES-CBC with an HMAC) and digests (HMAC-SHA256) with keys made from one secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < KEY_BYTES:
            raise ValueError(f"the contact key has {len(secret)} bytes; at least {KEY_BYTES} are accepted")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(secret, b"seal")))
        self._digest_key = _derived(secret, b"find")

    def __repr__(self) -> str:
        return "Seal(…)"

    def seal(self, text: str) -> str:
        """The text, encrypted; the same text looks different each time."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The text again; raises Unsealable."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise Unsealable("this was sealed with another key") from None

    def key_of(self, *parts: str) -> str:
        """64 hexadecimal characters that stand for the parts and tell nothing of them."""
        return hmac.new(self._digest_key, "\0".join(parts).encode(errors="replace"), hashlib.sha256).hexdigest()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.new(secret, b"shebao contacts " + purpose, hashlib.sha256).digest()


def seal_from(secret: str, folder: Path) -> Seal:
    """The seal for a configured secret; without one, for a secret made once and kept in the state folder (0600).

    Several machines must be given the same secret: what one sealed, another could not open.
    """
    if secret:
        return Seal(secret.encode())
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Seal(path.read_bytes())
    with os.fdopen(handle, "wb") as made:
        made.write(secrets.token_hex(KEY_BYTES).encode())
    return Seal(path.read_bytes())
