"""SMS by Twilio: signed form requests in, its REST API out.

Twilio signs no time, so that a request sent again carries the same MessageSid, by which it is known. It blocks a
number itself after STOP and tells us in OptOutType, where Advanced Opt-Out is on. POST is asked for, never GET: a GET
would put text and number into the access log of every proxy.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.arrival import may_have_arrived
from channels.channel import (
    ConnectionFailed,
    ConnectionThrottled,
    ContactStopped,
    ContactUnknown,
    CredentialsRefused,
    Forged,
    Malformed,
    MessageInvalid,
    MessageTooLong,
    Request,
    Response,
    SendFailure,
)
from channels.sms import Incoming, Keyword, e164, readable
from channels.sms_segments import Encoding

_MESSAGE_ID = re.compile(r"(?:SM|MM)[0-9a-f]{32}")
_SIGNATURE_BYTES = hashlib.sha1(usedforsecurity=False).digest_size
_MOST_FIELDS = 200
_OPT_OUT: Mapping[str, Keyword] = {"STOP": "stop", "START": "start", "HELP": "help"}

# https://www.twilio.com/docs/api/errors; what is not here goes by the HTTP status.
_FAILURES: Mapping[int, type[SendFailure]] = {
    20003: CredentialsRefused,
    20429: ConnectionThrottled,
    21211: ContactUnknown,  # no valid number
    21610: ContactStopped,  # the person wrote STOP
    21614: ContactUnknown,  # no mobile number
    21617: MessageTooLong,
}


class TwilioSettings(BaseSettings):
    """The account, and one of `from_number` (E.164) and `messaging_service_sid` to send from; the latter wins."""

    model_config = SettingsConfigDict(env_prefix="SHEBAO_SMS_TWILIO_", extra="ignore", frozen=True)

    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    from_number: str = ""
    messaging_service_sid: str = ""
    base_url: str = "https://api.twilio.com"
    timeout_seconds: Annotated[float, Field(gt=0)] = 10.0


class TwilioProvider:
    """A Twilio account; see `sms.Provider`. `aclose` ends its connections."""

    name = "twilio"
    response = Response("<Response></Response>", media_type="text/xml; charset=utf-8")
    max_characters = 1600  # https://www.twilio.com/docs/api/errors/21617
    encoding: Encoding | None = None

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            base_url=settings.base_url, timeout=settings.timeout_seconds, trust_env=False, follow_redirects=False
        )

    async def aclose(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
        await self._client.aclose()

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged` unless our account's token signed address and form, and the form names our account."""
        token = self._settings.auth_token.get_secret_value()
        if not token or not self._settings.account_sid:
            raise Forged("no token is set")
        given = _signature_bytes(request.headers.get("x-twilio-signature", ""))
        try:
            fields = _fields(request)
        except Malformed:
            raise Forged("nothing was signed") from None
        signed = [hmac.compare_digest(given, _sign(token, url, fields)) for url in _addresses(request.url)]
        if not any(signed):
            raise Forged("the signature does not fit")
        if [value for name, value in fields if name == "AccountSid"] != [self._settings.account_sid]:
            raise Forged("another account")

    def parse(self, request: Request) -> tuple[Incoming, ...]:
        """The one message in a verified request, none if a company sent it; raises `Malformed`."""
        form = _Form(_fields(request))
        sender, message_id = form.one("From"), form.one("MessageSid")
        text, media = form.one("Body", ""), form.one("NumMedia", "0")
        if _MESSAGE_ID.fullmatch(message_id) is None or re.fullmatch(r"[0-9]{1,3}", media) is None:
            raise Malformed("a field has no such value")
        number = e164(sender)
        if number is None or not sender.startswith("+"):
            if sender.strip():
                return ()
            raise Malformed("no sender")
        keyword = _OPT_OUT.get(form.one("OptOutType", ""))
        picture = int(media) > 0 and not text.strip()
        if "Body" not in form and not picture and keyword is None:
            raise Malformed("no text")
        return (Incoming(number, readable(text), message_id, keyword, picture),)

    def shown(self, text: str) -> str:
        """The text itself; Twilio adds nothing."""
        return text

    async def send(self, number: str, text: str) -> None:
        """Hand over one message; raises a `SendFailure`. What times out may have gone out all the same."""
        settings = self._settings
        form = {"To": number, "Body": text}
        if settings.messaging_service_sid:
            form["MessagingServiceSid"] = settings.messaging_service_sid
        else:
            form["From"] = settings.from_number
        try:
            async with asyncio.timeout(settings.timeout_seconds):
                answer = await self._client.post(
                    f"/2010-04-01/Accounts/{settings.account_sid}/Messages.json",
                    data=form,
                    auth=(settings.account_sid, settings.auth_token.get_secret_value()),
                )
        except (httpx.HTTPError, TimeoutError) as error:
            raise ConnectionFailed("twilio did not answer", may_have_arrived=may_have_arrived(error)) from None
        if not answer.is_success:
            raise _failure(answer)


class _Form:
    """The fields of a request; each that is asked for stands once."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return any(name == field for field, _ in self._fields)

    def one(self, name: str, missing: str | None = None) -> str:
        """The value of a field; raises `Malformed` where it stands twice, or is not there and nothing stands in."""
        values = [value for field, value in self._fields if field == name]
        if not values and missing is not None:
            return missing
        if len(values) != 1:
            raise Malformed("a field is missing or stands twice")
        return values[0]


def _fields(request: Request) -> list[tuple[str, str]]:
    try:
        written = request.body.decode("ascii")  # everything else is percent-encoded
        return parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Malformed("no form") from None


def _sign(token: str, url: str, fields: list[tuple[str, str]]) -> bytes:
    """https://www.twilio.com/docs/usage/security: each name with its values, both in order, the same pair once."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return hmac.new(token.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()


def _signature_bytes(header: str) -> bytes:
    try:
        given = base64.b64decode(header.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Forged("no signature") from None
    if len(given) != _SIGNATURE_BYTES or base64.b64encode(given).decode() != header:
        raise Forged("no signature")
    return given


def _addresses(url: str) -> set[str]:
    """The address with and without the port of its scheme: Twilio signs now one, now the other."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.netloc
    except ValueError:
        return {url}
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    if usual is None or port not in (None, usual):
        return {url}
    bare = host.removesuffix(f":{usual}")
    return {url, urlunsplit(parts._replace(netloc=bare)), urlunsplit(parts._replace(netloc=f"{bare}:{usual}"))}


def _failure(answer: httpx.Response) -> SendFailure:
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    kind = _FAILURES.get(code) if isinstance(code, int) else None
    if kind is None:
        kind = _by_status(answer.status_code)
    reason = f"twilio answered {answer.status_code}" + (f", code {code}" if isinstance(code, int) else "")
    if kind is ConnectionThrottled:
        return ConnectionThrottled(reason, _seconds(answer.headers.get("retry-after", "")))
    return kind(reason)


def _by_status(status: int) -> type[SendFailure]:
    if status == 401:
        return CredentialsRefused
    if status == 429:
        return ConnectionThrottled
    return MessageInvalid if 400 <= status < 500 else ConnectionFailed


def _seconds(header: str) -> float | None:
    try:
        seconds = float(header)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
