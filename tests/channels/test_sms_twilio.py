"""SMS by Twilio, against a server that speaks as Twilio documents: signatures, forms, errors, retries."""

import base64
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from channels.channel import (
    SEND_FAILURES,
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
    SendFailure,
)
from channels.message import Button, Event, Inbound, Joined, Left, Reply, Unreadable
from channels.sms import SmsChannel
from channels.sms_twilio import TwilioProvider, TwilioSettings
from tests.channels.platforms.sms_server import Failure, OurSide, TwilioServer, served

on_one_loop = pytest.mark.asyncio(loop_scope="module")  # a client belongs to the loop it was first used on

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATH = "/channels/sms/twilio"
URL = f"https://shebao.example.cn{PATH}"
WORKER, LANDLINE, GONE = "+8613800000001", "+862812345678", "+8613800000009"
QUESTION = "我的社保断了三个月"
LABELS = {"zh": {"source": "来源", "next_steps": "下一步"}, "en": {"source": "Source", "next_steps": "Next steps"}}
PLATFORM = TwilioServer()
SECRETS = (PLATFORM.auth_token, WORKER, WORKER.removeprefix("+86"), QUESTION, GONE)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the REST API listens."""
    with served(PLATFORM.app()) as base:
        yield base


@pytest.fixture
def platform() -> TwilioServer:
    """The platform, as on its first day."""
    PLATFORM.sent.clear()
    PLATFORM.failures.clear()
    PLATFORM.landlines, PLATFORM.stopped = {LANDLINE}, {GONE}
    return PLATFORM


@pytest.fixture(autouse=True)
def _nothing_is_given_away(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    written = "\n".join(logging.Formatter().format(record) for record in caplog.get_records("call"))
    assert not [secret for secret in SECRETS if secret in written]


def twilio(base: str = "https://127.0.0.1:1", **more: object) -> TwilioProvider:
    """The provider with the platform's own account."""
    settings = {"account_sid": PLATFORM.account_sid, "auth_token": PLATFORM.auth_token, "from_number": "+15005550006"}
    return TwilioProvider(TwilioSettings(**{"base_url": base, **settings, **more}))  # type: ignore[arg-type]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sender(address: str) -> AsyncIterator[SmsChannel]:
    """A channel that sends to the loopback platform; one for all, since opening a client takes a while."""
    provider = twilio(address)
    yield SmsChannel(provider, LABELS)
    await provider.aclose()


@pytest.fixture
def channel(sender: SmsChannel, platform: TwilioServer) -> SmsChannel:
    """The channel, and the platform behind it as on its first day."""
    return sender


def request(form: dict[str, str] | bytes, signature: str | None = None, url: str = URL, **headers: str) -> Request:
    """A webhook call; signed as Twilio does unless a signature is given."""
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    if signature is None and isinstance(form, dict):
        signature = PLATFORM.signature(url, form.items())
    sent = {"content-type": "application/x-www-form-urlencoded"} | headers
    return Request("POST", url, PATH, {}, sent | ({"x-twilio-signature": signature} if signature else {}), body)


@cache
def listening() -> SmsChannel:
    """A channel that sends nothing; one for all, since opening a client takes a while."""
    return SmsChannel(twilio(), LABELS)


def events_of(call: Request) -> list[Event]:
    """What a request holds that is verified first."""
    listening().verify(call, NOW)
    return list(listening().parse(call).events)


def received(form: dict[str, str]) -> list[Event]:
    """The events of a signed form."""
    return events_of(request(form))


# what comes in


@pytest.mark.parametrize(
    ("token", "fields", "signature"),
    [
        # The vectors of Twilio's own libraries.
        (
            "12345",
            "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        ("12345", "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_a_signature_is_the_one_that_twilio_publishes(token: str, fields: str, signature: str) -> None:
    provider = twilio(auth_token=token)
    call = request(fields.encode(), signature, "https://mycompany.com/myapp.php?foo=1&bar=2")
    with pytest.raises(Forged, match="another account"):  # the signature fits, the form has no account
        provider.verify(call, NOW)
    with pytest.raises(Forged, match="does not fit"):
        twilio(auth_token=token + "6").verify(call, NOW)


@pytest.mark.parametrize("text", [QUESTION, "a+b & c=d%", "🛵 ok", "", "  ", "/menu", "1", "x" * 1600])
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    assert received(PLATFORM.form(text, number=7)) == [
        Inbound("sms", WORKER, text=text, message_id="SM" + "0" * 31 + "7"),
    ]


@pytest.mark.parametrize("url", [f"https://shebao.example.cn:443{PATH}", URL])
@pytest.mark.parametrize("signed", [f"https://shebao.example.cn:443{PATH}", URL])
def test_the_usual_port_may_be_signed_or_left_out(url: str, signed: str) -> None:
    form = PLATFORM.form("好")
    listening().verify(request(form, PLATFORM.signature(signed, form.items()), url), NOW)


def test_twilios_own_word_about_stopping_wins_and_is_not_confirmed_again() -> None:
    number = "SM" + "0" * 31 + "1"
    assert received(PLATFORM.form("ARRET", OptOutType="STOP")) == [Left("sms", WORKER, number, confirm=False)]
    assert received(PLATFORM.form("CANCEL", OptOutType="STOP")) == [Left("sms", WORKER, number, confirm=False)]
    assert received(PLATFORM.form("YES", OptOutType="START")) == [Joined("sms", WORKER, number)]
    assert received(PLATFORM.form("AIDE", OptOutType="HELP")) == [
        Inbound("sms", WORKER, payload="/menu", message_id=number)
    ]
    assert received(PLATFORM.form("退订")) == [Left("sms", WORKER, number, confirm=True)]
    assert received(PLATFORM.form("CANCEL")) == [Inbound("sms", WORKER, text="CANCEL", message_id=number)]
    assert received(PLATFORM.form("好", OptOutType="OTHER")) == [Inbound("sms", WORKER, text="好", message_id=number)]


def test_a_picture_without_words_cannot_be_read_and_one_with_words_is_read() -> None:
    number = "MM" + "a" * 32
    media = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MessageSid": number}
    assert received(PLATFORM.form("") | media) == [Unreadable("sms", WORKER, number, "picture")]
    assert received(PLATFORM.form("这个") | media) == [Inbound("sms", WORKER, text="这个", message_id=number)]
    without = {name: value for name, value in (PLATFORM.form("") | media).items() if name != "Body"}
    assert received(without) == [Unreadable("sms", WORKER, number, "picture")]


@pytest.mark.parametrize("sender", ["10086", "TWILIO", "whatsapp:+8613800000001", "12345", "13800000001"])
def test_what_no_person_sent_is_taken_and_left_alone(sender: str) -> None:
    assert received(PLATFORM.form("广告", sender)) == []


def test_a_request_sent_again_has_the_same_id() -> None:
    form = PLATFORM.form("你好")
    assert received(form) == received(form)


def test_twilio_gets_an_empty_answer_in_its_own_language_and_calls_again_after_a_fault(platform: TwilioServer) -> None:
    channel = listening()
    refusals: dict[type[Exception], int] = {Forged: 403, Malformed: 400}
    ours = OurSide(channel.verify, channel.parse, Request, refusals, lambda: NOW, broken=1)
    with served(ours.app(PATH)) as base:
        answers = platform.deliver(base + PATH, platform.form(QUESTION))
        forged = platform.deliver(f"{base}{PATH}", platform.form(QUESTION) | {"AccountSid": "AC" + "6" * 32})
    assert [answer.status_code for answer in answers] == [503, 200]
    assert (answers[-1].text, answers[-1].headers["content-type"]) == (
        "<Response></Response>",
        "text/xml; charset=utf-8",
    )
    assert [answer.status_code for answer in forged] == [403]
    assert [event.text for event in ours.events] == [QUESTION]


FORM = PLATFORM.form(QUESTION)
SIGNED = PLATFORM.signature(URL, FORM.items())


def changed(**more: str) -> Request:
    """The form with other values under its old signature."""
    return request(FORM | more, SIGNED)


def without(*names: str) -> dict[str, str]:
    """The form with fields left out."""
    return {name: value for name, value in FORM.items() if name not in names}


def resigned(body: bytes) -> Request:
    """A body that nobody could have signed in order, under the signature of its address alone."""
    return request(body, PLATFORM.signature(URL, ()))


def doubled(name: str, value: str) -> Request:
    """A field that stands twice, signed as Twilio would sign it."""
    pairs = [*FORM.items(), (name, value)]
    return request(urlencode(pairs).encode(), PLATFORM.signature(URL, pairs))


REFUSED: list[tuple[str, Callable[[], Request]]] = [
    ("no signature", lambda: request(urlencode(FORM).encode())),
    ("an empty signature", lambda: request(FORM, "")),
    ("a signature that is no base64", lambda: request(FORM, "????")),
    ("a signature of other letters", lambda: request(FORM, "签名")),
    ("a short signature", lambda: request(FORM, SIGNED[:10])),
    ("a signature without its padding", lambda: request(FORM, SIGNED.rstrip("="))),
    ("a signature with blanks", lambda: request(FORM, f" {SIGNED}")),
    ("a signature with more behind it", lambda: request(FORM, SIGNED + "AAAA")),
    ("a signature in hexadecimal", lambda: request(FORM, base64.b64decode(SIGNED).hex())),
    ("a signature of nothing", lambda: request(FORM, base64.b64encode(bytes(20)).decode())),
    ("the signature of another text", lambda: changed(Body="退订")),
    ("the signature of another sender", lambda: changed(From="+8613800000002")),
    ("the signature of another id", lambda: changed(MessageSid="SM" + "2" * 32)),
    ("the signature without a field more", lambda: changed(OptOutType="STOP")),
    ("the signature with a field more", lambda: request(without("NumSegments"), SIGNED)),
    ("the signature of another address", lambda: request(FORM, SIGNED, "https://evil.example.cn" + PATH)),
    ("the signature of another path", lambda: request(FORM, SIGNED, URL + "/x")),
    ("the signature of another query", lambda: request(FORM, SIGNED, URL + "?a=1")),
    ("the signature of another scheme", lambda: request(FORM, SIGNED, URL.replace("https", "http"))),
    ("the signature of another port", lambda: request(FORM, SIGNED, f"https://shebao.example.cn:8443{PATH}")),
    ("an address that is none", lambda: request(FORM, SIGNED, "https://[::1:x")),
    ("an address with no port that is one", lambda: request(FORM, SIGNED, f"https://shebao.example.cn:x{PATH}")),
    ("a signature of the address alone", lambda: request(urlencode(FORM).encode(), PLATFORM.signature(URL, ()))),
    ("another account", lambda: request(FORM | {"AccountSid": "AC" + "6" * 32})),
    ("no account", lambda: request(without("AccountSid"))),
    ("two accounts", lambda: doubled("AccountSid", "AC" + "6" * 32)),
    ("no body", lambda: request(b"", SIGNED)),
    ("no body, rightly signed", lambda: resigned(b"")),
    ("JSON", lambda: resigned(b'{"Body":"x"}')),
    ("bytes that are no text", lambda: resigned(b"\xff\xfe\x00")),
    ("percent-encoded bytes that are no text", lambda: resigned(b"Body=%FF%FE")),
    ("letters that are not encoded", lambda: resigned("Body=好".encode())),
    ("a thousand fields", lambda: resigned(b"&".join(b"a%d=1" % number for number in range(1000)))),
    ("half a surrogate", lambda: resigned(b"Body=%ED%A0%80")),
    ("a sender twice", lambda: doubled("From", "+8613800000002")),
    ("a text twice", lambda: doubled("Body", "退订")),
    ("an id twice", lambda: doubled("MessageSid", "SM" + "2" * 32)),
    ("no sender", lambda: request(without("From"))),
    ("an empty sender", lambda: request(FORM | {"From": ""})),
    ("a blank sender", lambda: request(FORM | {"From": "  "})),
    ("no id", lambda: request(without("MessageSid"))),
    ("an empty id", lambda: request(FORM | {"MessageSid": ""})),
    ("an id of another kind", lambda: request(FORM | {"MessageSid": "CA" + "1" * 32})),
    ("an id that goes on", lambda: request(FORM | {"MessageSid": FORM["MessageSid"] + "'; --"})),
    ("an id with a line end", lambda: request(FORM | {"MessageSid": FORM["MessageSid"] + "\n"})),
    ("no text and no picture", lambda: request(without("Body"))),
    ("a number of pictures that is none", lambda: request(FORM | {"NumMedia": "many"})),
    ("fewer pictures than none", lambda: request(FORM | {"NumMedia": "-1"})),
    ("a number of pictures without end", lambda: request(FORM | {"NumMedia": "9" * 5000})),
    ("a report of delivery", lambda: request(without("Body") | {"MessageStatus": "delivered"})),
]


@pytest.mark.parametrize("build", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_twilio_did_not_send_so_is_refused(build: Callable[[], Request]) -> None:
    call = build()
    with pytest.raises((Forged, Malformed)) as refused:
        events_of(call)
    assert not [secret for secret in (*SECRETS, PLATFORM.account_sid) if secret in str(refused.value)]
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("missing", ["auth_token", "account_sid"])
def test_without_a_token_or_account_nobody_is_believed(missing: str) -> None:
    with pytest.raises(Forged):
        twilio(**{missing: ""}).verify(request(FORM), NOW)


# what goes out


@on_one_loop
async def test_a_reply_is_handed_over_with_everything_in_one_text(channel: SmsChannel, platform: TwilioServer) -> None:
    await channel.send(WORKER, Reply("不会白交 & 能转+。", (Button("说详细点", "/read_more"),)))
    assert platform.sent == [{"To": WORKER, "Body": "不会白交 & 能转+。\n1 说详细点", "From": "+15005550006"}]


@on_one_loop
async def test_a_messaging_service_goes_before_a_number(address: str, platform: TwilioServer) -> None:
    provider = twilio(address, messaging_service_sid="MG" + "1" * 32)
    await provider.send(WORKER, "好。")
    assert platform.sent == [{"To": WORKER, "Body": "好。", "MessagingServiceSid": "MG" + "1" * 32}]
    await provider.aclose()


@pytest.mark.parametrize(("length", "taken"), [(1599, True), (1600, True), (1601, False)])
@on_one_loop
async def test_the_longest_text_is_that_of_the_platform(
    address: str, platform: TwilioServer, length: int, taken: bool
) -> None:
    provider = twilio(address)
    assert (SmsChannel(provider, LABELS, max_segments=100).render(Reply("保" * length)) == ("保" * length,)) == taken
    if taken:
        await provider.send(WORKER, "保" * length)
    else:
        with pytest.raises(MessageTooLong):
            await provider.send(WORKER, "保" * length)
    assert len(platform.sent) == taken
    await provider.aclose()


async def fails(channel: SmsChannel, number: str = WORKER) -> SendFailure:
    """The failure of one sending."""
    with pytest.raises(SEND_FAILURES) as failed:
        await channel.send(number, Reply(QUESTION))
    assert not [secret for secret in (*SECRETS, number) if secret in repr(failed.value)]
    assert failed.value.__cause__ is None
    return failed.value


@pytest.mark.parametrize(
    ("number", "kind"), [(LANDLINE, ContactUnknown), (GONE, ContactStopped)], ids=["a landline", "after STOP"]
)
@on_one_loop
async def test_a_person_who_cannot_be_reached_is_told_apart(
    channel: SmsChannel, number: str, kind: type[SendFailure]
) -> None:
    assert type(await fails(channel, number)) is kind


def answers(status: int, code: object = None, **headers: str) -> Failure:
    """An error of the REST API; without a code, a page of a proxy."""
    body = b"<html>" if code is None else f'{{"code": {code}, "message": "to {WORKER}"}}'.encode()
    return Failure(status, body, headers)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (answers(400, 21211), ContactUnknown),
        (answers(400, 21614), ContactUnknown),
        (answers(400, 21610), ContactStopped),
        (answers(400, 21617), MessageTooLong),
        (answers(400, 21606), MessageInvalid),
        (answers(400), MessageInvalid),
        (answers(400, '"21610"'), MessageInvalid),
        (answers(400, "null"), MessageInvalid),
        (answers(403, 20003), CredentialsRefused),
        (answers(401, 20003), CredentialsRefused),
        (answers(401), CredentialsRefused),
        (answers(404, 20404), MessageInvalid),
        (answers(429, 20429), ConnectionThrottled),
        (answers(429), ConnectionThrottled),
        (answers(400, 20429), ConnectionThrottled),
        (answers(500, 20500), ConnectionFailed),
        (answers(502), ConnectionFailed),
        (answers(503), ConnectionFailed),
        (answers(302, None, location="https://evil.example.cn/"), ConnectionFailed),
        (Failure(400, b"[" * 100_000), MessageInvalid),
        (Failure(400, b"\xff\xfe"), MessageInvalid),
        (Failure(400, b"[]"), MessageInvalid),
    ],
    ids=lambda case: case.__name__ if isinstance(case, type) else f"{case.status} {case.body[:14].decode('latin-1')}",
)
@on_one_loop
async def test_every_error_has_its_failure(
    channel: SmsChannel, platform: TwilioServer, failure: Failure, kind: type[SendFailure]
) -> None:
    platform.failures.append(failure)
    assert type(await fails(channel)) is kind
    assert platform.sent == []
    await channel.send(WORKER, Reply("好。"))
    assert len(platform.sent) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("", None), ("-1", None), ("nan", None), ("inf", None), ("Wed, 21 Oct 2026", None)],
)
@on_one_loop
async def test_the_time_to_wait_is_passed_on(
    channel: SmsChannel, platform: TwilioServer, header: str, seconds: float | None
) -> None:
    platform.failures.append(answers(429, 20429, **({"retry-after": header} if header else {})))
    failure = await fails(channel)
    assert isinstance(failure, ConnectionThrottled)
    assert failure.retry_after == seconds


@on_one_loop
async def test_a_wrong_token_is_ours_to_mend(address: str, platform: TwilioServer) -> None:
    provider = twilio(address, auth_token="wrong")
    assert type(await fails(SmsChannel(provider, LABELS))) is CredentialsRefused
    await provider.aclose()


@on_one_loop
async def test_a_platform_that_answers_drop_by_drop_is_not_waited_for(address: str, platform: TwilioServer) -> None:
    platform.failures.append(Failure(201, b"{}", trickle_seconds=0.6))
    provider = twilio(address, timeout_seconds=0.2)
    assert type(await fails(SmsChannel(provider, LABELS))) is ConnectionFailed
    await provider.aclose()


@on_one_loop
async def test_a_platform_that_is_not_there_is_a_failed_connection(platform: TwilioServer) -> None:
    provider = twilio("http://127.0.0.1:9", timeout_seconds=1.0)
    assert type(await fails(SmsChannel(provider, LABELS))) is ConnectionFailed
    await provider.aclose()


def test_no_secret_stands_in_the_settings_as_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_SMS_TWILIO_AUTH_TOKEN", PLATFORM.auth_token)
    settings = TwilioSettings()
    assert settings.auth_token.get_secret_value() == PLATFORM.auth_token
    assert PLATFORM.auth_token not in f"{settings!r} {settings} {settings.model_dump()} {TwilioProvider(settings)!r}"
