"""The envelope of WeChat's callbacks: signatures, AES and XML, inwards and outwards.

wechatpy does the cryptography and reads and writes the XML. What it leaves open is closed here: it compares
signatures with `!=` (here in constant time), takes a body of any size, reads a document with a DOCTYPE, salts the AES
of replies from a guessable source, and does not protect a reply whose text holds the end of a CDATA section.

Without AES a signature covers only the time and the nonce, not the body. An account should use the safe mode.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from wechatpy.crypto import PrpCrypto, WeChatCrypto  # type: ignore[import-untyped]
from wechatpy.parser import parse_message  # type: ignore[import-untyped]
from wechatpy.replies import TextReply  # type: ignore[import-untyped]

from channels.channel import Forged, Malformed, Request

MAX_BODY_BYTES = 65_536  # a text of a worker has at most 2048 bytes; AES and XML add less than as much again

_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_NONCE = re.compile(r"[\x21-\x7e]{1,128}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # an openid, or our own gh_…
_MESSAGE_ID = re.compile(r"[0-9]{1,32}")
_ENCRYPTED = re.compile(r"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")
_CONSENT_EVENTS = {
    "event/subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "event/subscribe_msg_change_event": "SubscribeMsgChangeEvent",
}


@dataclass(frozen=True, slots=True)
class Message:
    """What WeChat pushed. `kind`: `text`, `image`, … or `event/click`, `event/subscribe_scan`, … in small letters.

    `text`: what was typed, or what WeChat heard in a voice message. `key`: the key of a menu, the scene of a QR code,
    or the id of a clicked line of a menu message. `consents`: template and whether it may be sent. `created`: Unix
    seconds.
    """

    kind: str
    account: str
    openid: str = field(repr=False)
    message_id: str = field(repr=False)
    created: int
    text: str = field(default="", repr=False)
    key: str = ""
    consents: tuple[tuple[str, bool], ...] = ()


class _SaltedPrpCrypto(PrpCrypto):  # type: ignore[misc]
    """The AES of WeChat with 16 characters of salt that nobody can guess."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


class _SaltedCrypto(WeChatCrypto):  # type: ignore[misc]
    def encrypt_message(self, msg: str, nonce: str, timestamp: str | None = None) -> str:
        return str(self._encrypt_message(msg, nonce, timestamp, _SaltedPrpCrypto))


class Envelope:
    """Opens and closes the envelope of one account.

    With an AES key only encrypted messages are accepted, without one only plain ones. Without a token nothing is.
    """

    def __init__(self, app_id: str, token: SecretStr, aes_key: SecretStr | None, max_age_seconds: float) -> None:
        self._app_id = app_id
        self._token = token
        self._max_age = max_age_seconds
        key = aes_key.get_secret_value() if aes_key else ""
        self._crypto = _SaltedCrypto(token.get_secret_value(), key, app_id) if key else None

    def check(self, request: Request, now: datetime) -> None:
        """Raises `Forged` for what WeChat did not send, or sent too long ago. `now` has a time zone."""
        if request.method not in ("GET", "POST"):
            raise Forged("not a method of WeChat")
        timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
            raise Forged("no timestamp or nonce")
        self._check_signature(request.query.get("signature", ""), timestamp, nonce)
        if abs(now.timestamp() - int(timestamp)) > self._max_age:
            raise Forged("too old, or from the future")
        if request.method != "POST":
            return
        if (request.query.get("encrypt_type", "raw") == "aes") != (self._crypto is not None):
            raise Forged("not in the mode of encryption that is set")
        if self._crypto is not None:
            encrypted = _encrypted_part(request.body)
            self._check_signature(request.query.get("msg_signature", ""), timestamp, nonce, encrypted)
            self._decrypt(encrypted)

    def open(self, request: Request) -> Message:
        """What a checked POST holds; raises `Malformed`."""
        if self._crypto is None:
            return read_message(_decoded(request.body))
        try:
            return read_message(self._decrypt(_encrypted_part(request.body)))
        except Forged:
            raise Malformed("the message cannot be decrypted") from None

    def close(self, message: Message, text: str, now: datetime) -> str:
        """The XML that answers a message with a text; encrypted where messages are."""
        written = int(now.timestamp())
        content = text.replace("]]>", "]]]]><![CDATA[>")
        reply = TextReply(source=message.account, target=message.openid, content=content, time=written)
        if self._crypto is None:
            return str(reply.render())
        return self._crypto.encrypt_message(reply.render(), secrets.token_hex(8), str(written))

    def signed_query(self, echo: str, now: datetime) -> str:
        """The query with which WeChat asks whether a callback address is ours."""
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
        signature = self._signature(timestamp, nonce)
        return f"signature={signature}&timestamp={timestamp}&nonce={nonce}&echostr={quote(echo, safe='')}"

    def _signature(self, *parts: str) -> str:
        signed = sorted(part.encode() for part in (self._token.get_secret_value(), *parts))
        return hashlib.sha1(b"".join(signed), usedforsecurity=False).hexdigest()  # WeChat signs so

    def _check_signature(self, given: str, *parts: str) -> None:
        expected = self._signature(*parts)
        same = hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
        if not same or not self._token.get_secret_value():
            raise Forged("wrong signature")

    def _decrypt(self, encrypted: str) -> str:
        assert self._crypto is not None
        try:
            xml = _SaltedPrpCrypto(self._crypto.key).decrypt(encrypted, self._app_id)
        except Exception:  # wechatpy lets through whatever its parts raise
            raise Forged("cannot be decrypted for this account") from None
        return str(xml)


def read_message(xml: str) -> Message:
    """The message in WeChat's XML; raises `Malformed`, whatever the XML holds."""
    if "<!" in xml.partition("<xml")[0]:
        raise Malformed("a document type is not accepted")
    try:
        found = parse_message(xml)
        fields = found._data
        kind = _text(fields, "MsgType").lower()
        return _message(fields, f"event/{_text(fields, 'Event').lower()}" if kind == "event" else kind)
    except Malformed:
        raise
    except Exception:  # expat, xmltodict and wechatpy raise many kinds, some with the text of the message in them
        raise Malformed("the message cannot be read") from None


def _message(fields: Mapping[str, Any], kind: str) -> Message:
    account, openid, created = (_text(fields, name) for name in ("ToUserName", "FromUserName", "CreateTime"))
    if not _NAME.fullmatch(account) or not _NAME.fullmatch(openid) or not _TIMESTAMP.fullmatch(created):
        raise Malformed("who wrote, to whom or when is missing")
    message_id = _text(fields, "MsgId")
    if message_id and not _MESSAGE_ID.fullmatch(message_id):
        raise Malformed("the message id is none")
    return Message(
        kind=kind,
        account=account,
        openid=openid,
        message_id=message_id or f"{openid}{created}",  # WeChat's rule for events, which have no id
        created=int(created),
        text=_text(fields, "Recognition" if kind == "voice" else "Content"),
        key=_text(fields, "EventKey" if kind.startswith("event/") else "bizmsgmenuid"),
        consents=_consents(fields, kind),
    )


def _consents(fields: Mapping[str, Any], kind: str) -> tuple[tuple[str, bool], ...]:
    if kind not in _CONSENT_EVENTS:
        return ()
    listed = (fields.get(_CONSENT_EVENTS[kind]) or {}).get("List") or ()
    entries = [listed] if isinstance(listed, Mapping) else listed
    return tuple((_text(one, "TemplateId"), _text(one, "SubscribeStatusString") == "accept") for one in entries)


def _text(fields: Mapping[str, Any], name: str) -> str:
    """The text of an element; an absent or empty one is ''. Raises `Malformed` for one with elements in it."""
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise Malformed("an element is not a text")
    return value


def _decoded(body: bytes) -> str:
    if len(body) > MAX_BODY_BYTES:
        raise Malformed("the body is too large")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None


def _encrypted_part(body: bytes) -> str:
    """What stands in `<Encrypt>`; raises `Forged`, since the signature covers nothing else."""
    try:
        found = _ENCRYPTED.findall(_decoded(body))
    except Malformed:
        raise Forged("no encrypted part") from None
    if len(found) != 1:
        raise Forged("no encrypted part")
    return str(found[0])
