"""SMS in mainland China by Alibaba Cloud: the pushed SmsUp messages in, SendSms with the ACS3 signature out.

What the service itself imposes, so that nobody looks for it in the code:

- An SMS is an approved template with a signature: `【签名】` and the template's words stand around our text, which is
  the value of one variable. The account's template has to be like `社保助手答：${text}` (not the variable alone), and
  `template_text` here must say the same, since all of it is counted, every character as one, 70 or 67 to an SMS.
- A variable takes 1 to 35 characters unless Alibaba has agreed on more for the account (`variable_characters`), and
  signature and template together 500. Links and mobile numbers in a variable are refused.
- One number gets 50 messages a day from one template; then the service asks us to slow down.
- The push is not signed. What proves it is the unguessable `inbound_key` in the address that is set in the console:
  `https://…/channels/sms/alibaba?key=…`, long and random, over HTTPS only, and kept out of the access log of whatever
  stands in front of us. Only to let Alibaba's addresses through is up to that gateway as well.
- A failed push comes again for some minutes; one whose `send_time` is over `max_age_seconds` old is refused.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

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
from channels.sms import Incoming, e164, readable
from channels.sms_segments import Encoding

_BEIJING = "+0800"  # `send_time` names no zone; China has one, without summer time
_AHEAD = timedelta(minutes=10)  # how wrong a clock on either side may be
_MOST_CHARACTERS = 500  # signature and template, https://help.aliyun.com/document_detail/44335.html
_SEQUENCE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CODE = re.compile(r"[A-Za-z0-9._]{1,60}")
_VERSION = "2017-05-25"

# The first fitting beginning counts; https://help.aliyun.com/document_detail/101346.html. What is not here goes by
# the HTTP status.
_FAILURES: tuple[tuple[str, type[SendFailure]], ...] = (
    ("isv.BUSINESS_LIMIT_CONTROL", ConnectionThrottled),
    ("isv.DAY_LIMIT_CONTROL", ConnectionThrottled),
    ("isv.MONTH_LIMIT_CONTROL", ConnectionThrottled),
    ("Throttling", ConnectionThrottled),
    ("isv.MOBILE_NUMBER_ILLEGAL", ContactUnknown),
    ("isv.MOBILE_IN_BLACK", ContactStopped),  # the number is on a list of people who want no SMS
    ("isv.BLACK_KEY_CONTROL_LIMIT", MessageInvalid),
    ("isv.INVALID_PARAMETERS", MessageInvalid),
    ("isv.TEMPLATE_PARAMS_LENGTH", MessageTooLong),
    ("isv.PARAM_LENGTH_LIMIT", MessageTooLong),
    ("isv.CONTENT_LENGTH_LIMIT", MessageTooLong),
    ("SignatureDoesNotMatch", CredentialsRefused),
    ("IncompleteSignature", CredentialsRefused),
    ("InvalidAccessKeyId", CredentialsRefused),
    ("InvalidTimeStamp", CredentialsRefused),
    ("Forbidden", CredentialsRefused),
    ("NoPermission", CredentialsRefused),
    ("isp.RAM_PERMISSION_DENY", CredentialsRefused),
    ("isv.ACCOUNT_", CredentialsRefused),
    ("isv.DENY_IP_RANGE", CredentialsRefused),
    ("isv.OUT_OF_SERVICE", CredentialsRefused),  # the account is in arrears
    ("isv.AMOUNT_NOT_ENOUGH", CredentialsRefused),
    ("isv.PRODUCT_UN", CredentialsRefused),
    ("SignatureNonceUsed", ConnectionFailed),
    ("ServiceUnavailable", ConnectionFailed),
    ("InternalError", ConnectionFailed),
    ("isp.", ConnectionFailed),
)


class AlibabaSettings(BaseSettings):
    """The access key, the approved signature and template, and the key in the address for incoming SMS."""

    model_config = SettingsConfigDict(env_prefix="SHEBAO_SMS_ALIBABA_", extra="ignore", frozen=True)

    access_key_id: str = ""
    access_key_secret: SecretStr = SecretStr("")
    sign_name: str = ""
    template_code: str = ""
    template_variable: str = "text"
    template_text: str = "${text}"
    variable_characters: Annotated[int, Field(ge=20, le=_MOST_CHARACTERS)] = 35
    inbound_key: SecretStr = SecretStr("")
    max_age_seconds: Annotated[float, Field(gt=0)] = 86_400.0
    base_url: str = "https://dysmsapi.aliyuncs.com"
    timeout_seconds: Annotated[float, Field(gt=0)] = 10.0


class AlibabaProvider:
    """An Alibaba Cloud account; see `sms.Provider`. `aclose` ends its connections.

    `clock` gives the time with its zone; Alibaba takes at most 15 minutes of difference. `nonce` gives what no
    request had before. Raises `ValueError` for a template without a place for the text.
    """

    name = "alibaba"
    response = Response('{"code":0,"msg":"成功"}', media_type="application/json; charset=utf-8")
    encoding: Encoding | None = "ucs2"

    def __init__(
        self, settings: AlibabaSettings, clock: Callable[[], datetime], nonce: Callable[[], str] = lambda: uuid4().hex
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._nonce = nonce
        self._place = "${" + settings.template_variable + "}"
        if self._place not in settings.template_text:
            raise ValueError("the template has no place for the text")
        self.max_characters = min(settings.variable_characters, _MOST_CHARACTERS - len(self.shown("")))
        _keep_queries_out_of_the_log()
        self._client = httpx.AsyncClient(
            base_url=settings.base_url, timeout=settings.timeout_seconds, trust_env=False, follow_redirects=False
        )

    async def aclose(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
        await self._client.aclose()

    def verify(self, request: Request, now: datetime) -> None:
        """Raises `Forged` without our key in the address, or where a message is too old or from the future."""
        key = self._settings.inbound_key.get_secret_value()
        given = request.query.get("key", "")
        if not key or not hmac.compare_digest(_digest(given), _digest(key)):
            raise Forged("no key of ours in the address")
        oldest = now - timedelta(seconds=self._settings.max_age_seconds)
        try:
            times = [_sent_at(entry) for entry in _entries(request)]
        except Malformed:
            return  # for `parse` to say
        if any(not oldest <= sent <= now + _AHEAD for sent in times):
            raise Forged("too old, or from the future")

    def parse(self, request: Request) -> tuple[Incoming, ...]:
        """The messages of persons in a verified request, in order; raises `Malformed` for all if one is unreadable."""
        incoming = []
        for entry in _entries(request):
            _sent_at(entry)
            number, content = _string(entry, "phone_number"), _string(entry, "content", may_be_empty=True)
            sequence = entry.get("sequence_id")
            sequence = str(sequence) if type(sequence) is int else sequence
            if not isinstance(sequence, str) or _SEQUENCE_ID.fullmatch(sequence) is None:
                raise Malformed("a field is missing or has no such value")
            person = e164(number)
            if person is not None:
                incoming.append(Incoming(person, readable(content), sequence))
        return tuple(incoming)

    def shown(self, text: str) -> str:
        """Signature and template with the text in its place."""
        return f"【{self._settings.sign_name}】{self._settings.template_text.replace(self._place, text, 1)}"

    async def send(self, number: str, text: str) -> None:
        """Hand over one message; raises a `SendFailure`. What times out may have gone out all the same."""
        query = {
            "PhoneNumbers": number.removeprefix("+86") if number.startswith("+86") else number.removeprefix("+"),
            "SignName": self._settings.sign_name,
            "TemplateCode": self._settings.template_code,
            "TemplateParam": json.dumps({self._settings.template_variable: text}, ensure_ascii=False),
        }
        written = canonical_query(query)
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                answer = await self._client.post(f"/?{written}", headers=self._headers(written))
        except (httpx.HTTPError, TimeoutError) as error:
            raise ConnectionFailed("alibaba did not answer", may_have_arrived=may_have_arrived(error)) from None
        failure = _failure(answer)
        if failure is not None:
            raise failure

    def _headers(self, query: str) -> dict[str, str]:
        headers = {
            "host": self._client.base_url.netloc.decode("ascii"),
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
            "x-acs-date": self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self._nonce(),
            "x-acs-version": _VERSION,
        }
        secret = self._settings.access_key_secret.get_secret_value()
        return {**headers, "authorization": authorization(query, headers, self._settings.access_key_id, secret)}


def authorization(query: str, headers: Mapping[str, str], key_id: str, secret: str) -> str:
    """The ACS3-HMAC-SHA256 header of a POST without a body to `/`; `query` as `canonical_query` writes it.

    https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join(("POST", "/", query, lines, names, headers["x-acs-content-sha256"]))
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def canonical_query(query: Mapping[str, str]) -> str:
    """Sorted names and values, percent-encoded as in RFC 3986."""
    return "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))


def _entries(request: Request) -> list[dict[str, object]]:
    try:
        entries = json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Malformed("no list of messages")
    return entries


def _string(entry: Mapping[str, object], name: str, *, may_be_empty: bool = False) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not (value.strip() or may_be_empty):
        raise Malformed("a field is missing or has no such value")
    return value


def _sent_at(entry: Mapping[str, object]) -> datetime:
    try:
        return datetime.strptime(f"{_string(entry, 'send_time')} {_BEIJING}", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        raise Malformed("a field is missing or has no such value") from None


def _digest(key: str) -> bytes:
    """Of one length, so that comparing does not tell how long our key is."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _failure(answer: httpx.Response) -> SendFailure | None:
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    code = body.get("Code") if isinstance(body, dict) else None
    code = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    if answer.is_success and code == "OK":
        return None
    listed = (kind for beginning, kind in _FAILURES if code.startswith(beginning))
    return next(listed, _by_status(answer.status_code, code))(f"alibaba answered {answer.status_code} {code}".rstrip())


def _by_status(status: int, code: str) -> type[SendFailure]:
    if status in (401, 403):
        return CredentialsRefused
    if status == 429:
        return ConnectionThrottled
    return ConnectionFailed if not 200 <= status < 500 or (status < 400 and not code) else MessageInvalid


class _WithoutQuery(logging.Filter):
    """Takes the query, in which SendSms has number and text, out of the addresses that httpx logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.copy_with(query=None) if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


def _keep_queries_out_of_the_log() -> None:
    logger = logging.getLogger("httpx")
    if not any(isinstance(known, _WithoutQuery) for known in logger.filters):
        logger.addFilter(_WithoutQuery())
