"""SMS by Alibaba Cloud, against a server that checks the signature and answers as Alibaba documents."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from hashlib import sha256
from itertools import count

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
from channels.message import Button, Event, Inbound, Left, Reply
from channels.sms import SmsChannel
from channels.sms_alibaba import AlibabaProvider, AlibabaSettings, authorization, canonical_query
from tests.channels.platforms.sms_server import AlibabaServer, Failure, OurSide, served

on_one_loop = pytest.mark.asyncio(loop_scope="module")  # a client belongs to the loop it was first used on

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PATH = "/channels/sms/alibaba"
KEY = "kQ9vP2unguessable7Zx"
WORKER, BLACKLISTED = "+8613800000001", "+8613800000009"
QUESTION = "我的社保断了三个月"
LABELS = {"zh": {"source": "来源", "next_steps": "下一步"}, "en": {"source": "Source", "next_steps": "Next steps"}}
PLATFORM = AlibabaServer(now=lambda: NOW)
SECRETS = (PLATFORM.key_secret, KEY, WORKER.removeprefix("+86"), BLACKLISTED.removeprefix("+86"), QUESTION, "%E6%88%91")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the API gateway listens."""
    with served(PLATFORM.app()) as base:
        yield base


@pytest.fixture
def platform() -> AlibabaServer:
    """The platform, as on its first day."""
    for kept in (PLATFORM.sent, PLATFORM.failures, PLATFORM.nonces, PLATFORM.hosts):
        kept.clear()
    PLATFORM.blacklist = {BLACKLISTED.removeprefix("+86")}
    return PLATFORM


@pytest.fixture(autouse=True)
def _nothing_is_given_away(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    written = "\n".join(logging.Formatter().format(record) for record in caplog.get_records("call"))
    assert not [secret for secret in SECRETS if secret in written]


def alibaba(base: str = "https://127.0.0.1:1", clock: datetime = NOW, **more: object) -> AlibabaProvider:
    """The provider with the platform's own account."""
    settings = {
        "access_key_id": PLATFORM.key_id,
        "access_key_secret": PLATFORM.key_secret,
        "sign_name": PLATFORM.sign_name,
        "template_code": PLATFORM.template_code,
        "template_text": "你问的事：${text}",
        "inbound_key": KEY,
    }
    nonces = count()
    return AlibabaProvider(
        AlibabaSettings(**{"base_url": base, **settings, **more}),  # type: ignore[arg-type]
        clock=lambda: clock,
        nonce=lambda: f"nonce-{next(nonces)}",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sender(address: str) -> AsyncIterator[SmsChannel]:
    """A channel that sends to the loopback platform; one for all, since opening a client takes a while."""
    provider = alibaba(address)
    yield SmsChannel(provider, LABELS)
    await provider.aclose()


@pytest.fixture
def channel(sender: SmsChannel, platform: AlibabaServer) -> SmsChannel:
    """The channel, and the platform behind it as on its first day."""
    return sender


@cache
def listening() -> SmsChannel:
    """A channel that sends nothing; one for all, since opening a client takes a while."""
    return SmsChannel(alibaba(), LABELS)


def request(body: object, query: dict[str, str] | None = None) -> Request:
    """A push; with our key in the address unless there is another query."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    given = {"key": KEY} if query is None else query
    url = f"https://shebao.example.cn{PATH}?" + "&".join(f"{name}={value}" for name, value in given.items())
    return Request("POST", url, PATH, given, {"content-type": "application/json"}, raw)


def events_of(call: Request) -> list[Event]:
    """What a request holds that is verified first."""
    listening().verify(call, NOW)
    return list(listening().parse(call).events)


# what comes in


def test_a_push_holds_several_messages_in_order() -> None:
    messages = [
        PLATFORM.message(QUESTION, number=1),
        PLATFORM.message("退订", "13800000002", number=2, sign_name="签名"),
        PLATFORM.message("1", number=3),
    ]
    assert events_of(request(messages)) == [
        Inbound("sms", WORKER, text=QUESTION, message_id="1"),
        Left("sms", "+8613800000002", "2", confirm=True),
        Inbound("sms", WORKER, text="1", message_id="3"),
    ]


@pytest.mark.parametrize("sequence", ["1234567890", 1234567890])
def test_the_sequence_number_is_the_id_whether_written_as_number_or_text(sequence: object) -> None:
    (event,) = events_of(request([PLATFORM.message("好", sequence_id=sequence)]))
    assert event.message_id == "1234567890"


@pytest.mark.parametrize(
    ("written", "text"),
    [("好\ud83d", "好\ufffd"), ("a\0b", "ab"), ("", ""), ("第一段，第二段" * 40, "第一段，第二段" * 40)],
)
def test_a_text_is_taken_as_it_can_be_stored(written: str, text: str) -> None:
    body = json.dumps([PLATFORM.message(written)]).encode()  # escaped, as a halved character would come
    assert events_of(request(body)) == [Inbound("sms", WORKER, text=text, message_id="1")]


@pytest.mark.parametrize("sender", ["10086", "1065502012345678", "12333", "95588"])
def test_what_a_service_sent_is_left_alone_and_the_rest_is_read(sender: str) -> None:
    events = events_of(request([PLATFORM.message("话费", sender, 1), PLATFORM.message("好", number=2)]))
    assert [event.message_id for event in events] == ["2"]


def test_an_empty_push_is_taken() -> None:
    assert events_of(request([])) == []


@pytest.mark.parametrize(
    ("ago", "taken"),
    [
        (timedelta(0), True),
        (timedelta(hours=24) - timedelta(seconds=1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(days=400), False),
        (timedelta(minutes=-9), True),
        (timedelta(minutes=-10), True),
        (timedelta(minutes=-10, seconds=-1), False),
    ],
)
def test_a_push_is_taken_for_a_day_and_no_longer(ago: timedelta, taken: bool) -> None:
    beijing = (NOW - ago + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    call = request([PLATFORM.message("好", send_time=beijing)])
    if taken:
        assert len(events_of(call)) == 1
    else:
        with pytest.raises(Forged, match="too old"):
            listening().verify(call, NOW)


def test_alibaba_pushes_again_until_it_reads_a_number_and_the_id_stays(platform: AlibabaServer) -> None:
    channel = listening()
    refusals: dict[type[Exception], int] = {Forged: 403, Malformed: 400}
    ours = OurSide(channel.verify, channel.parse, Request, refusals, lambda: NOW, broken=2)
    with served(ours.app(PATH)) as base:
        answers = platform.push(f"{base}{PATH}?key={KEY}", platform.message(QUESTION, number=8))
        forged = platform.push(f"{base}{PATH}?key=guess", platform.message(QUESTION, number=9))
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[-1].json() == {"code": 0, "msg": "成功"}
    assert answers[-1].headers["content-type"] == "application/json; charset=utf-8"
    assert [answer.status_code for answer in forged] == [403] * 4
    assert ours.events == [Inbound("sms", WORKER, text=QUESTION, message_id="8")]


GOOD = PLATFORM.message(QUESTION)


def entry(**more: object) -> Request:
    """A push whose second message differs."""
    return request([GOOD, GOOD | more])


def lacking(name: str) -> Request:
    """A push whose second message lacks a field."""
    return request([GOOD, {field: value for field, value in GOOD.items() if field != name}])


REFUSED: list[tuple[str, Callable[[], Request]]] = [
    ("no key", lambda: request([GOOD], {})),
    ("an empty key", lambda: request([GOOD], {"key": ""})),
    ("another key", lambda: request([GOOD], {"key": "kQ9vP2unguessable7Zy"})),
    ("a key in capitals", lambda: request([GOOD], {"key": KEY.upper()})),
    ("the beginning of the key", lambda: request([GOOD], {"key": KEY[:-1]})),
    ("the key with more behind it", lambda: request([GOOD], {"key": KEY + "x"})),
    ("the key with a blank", lambda: request([GOOD], {"key": KEY + " "})),
    ("the key under another name", lambda: request([GOOD], {"Key": KEY})),
    ("a key that is no ASCII", lambda: request([GOOD], {"key": "钥匙"})),
    ("a key of half a character", lambda: request([GOOD], {"key": "\ud83d"})),
    ("a key without end", lambda: request([GOOD], {"key": "x" * 100_000})),
    ("a NUL behind the key", lambda: request([GOOD], {"key": KEY + "\0"})),
    ("an old message", lambda: entry(send_time="2026-11-20 12:00:00")),
    ("a message of the future", lambda: entry(send_time="2026-11-24 12:00:00")),
    ("a message of the first year", lambda: entry(send_time="0001-01-01 00:00:00")),
    ("a message of the last year", lambda: entry(send_time="9999-12-31 23:59:59")),
    ("a time of another shape", lambda: entry(send_time="2026-11-23T12:00:00Z")),
    ("a time with a zone", lambda: entry(send_time="2026-11-23 12:00:00 +0800")),
    ("a day that is none", lambda: entry(send_time="2026-02-30 12:00:00")),
    ("a time that is a number", lambda: entry(send_time=1795406400)),
    ("a time that is half a character", lambda: entry(send_time="\ud83d")),
    ("no time", lambda: lacking("send_time")),
    ("an empty time", lambda: entry(send_time="")),
    ("no number", lambda: lacking("phone_number")),
    ("an empty number", lambda: entry(phone_number=" ")),
    ("a number that is a number", lambda: entry(phone_number=13800000001)),
    ("a number in a list", lambda: entry(phone_number=["13800000001"])),
    ("no text", lambda: lacking("content")),
    ("a text that is null", lambda: entry(content=None)),
    ("a text that is an object", lambda: entry(content={"$ne": 1})),
    ("no id", lambda: lacking("sequence_id")),
    ("an empty id", lambda: entry(sequence_id="")),
    ("an id that is null", lambda: entry(sequence_id=None)),
    ("an id that is true", lambda: entry(sequence_id=True)),
    ("an id that is a fraction", lambda: entry(sequence_id=1.5)),
    ("an id with a quote", lambda: entry(sequence_id="1'; --")),
    ("an id with a line end", lambda: entry(sequence_id="1\n")),
    ("an id without end", lambda: entry(sequence_id="1" * 65)),
    ("no body", lambda: request(b"")),
    ("a form", lambda: request(b"phone_number=13800000001&content=x")),
    ("XML", lambda: request(b"<xml><Content>x</Content></xml>")),
    ("half a JSON", lambda: request(json.dumps([GOOD]).encode()[:-3])),
    ("JSON in another encoding", lambda: request(json.dumps([GOOD], ensure_ascii=False).encode("gb18030"))),
    ("a text instead of a list", lambda: request(b'"x"')),
    ("a message without its list", lambda: request(GOOD)),
    ("a list in a list", lambda: request([[GOOD]])),
    ("null in the list", lambda: request([GOOD, None])),
    ("a list without end", lambda: request(b"[" * 200_000)),
    ("a number without end", lambda: request(b'[{"sequence_id": ' + b"1" * 5000 + b"}]")),
]


@pytest.mark.parametrize("build", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_alibaba_did_not_push_so_is_refused(build: Callable[[], Request]) -> None:
    call = build()
    with pytest.raises((Forged, Malformed)) as refused:
        events_of(call)
    assert not [secret for secret in SECRETS if secret in str(refused.value)]
    assert refused.value.__cause__ is None


def test_the_key_is_asked_for_before_anything_of_the_body_is_read() -> None:
    for body in (b"", b"[" * 200_000, b"\xff"):
        with pytest.raises(Forged, match="no key"):
            listening().verify(request(body, {}), NOW)


def test_without_a_key_of_ours_nobody_is_believed() -> None:
    provider = alibaba(inbound_key="")
    for query in ({}, {"key": ""}, {"key": KEY}):
        with pytest.raises(Forged):
            provider.verify(request([GOOD], query), NOW)


# what goes out


def test_the_signature_is_the_one_that_alibaba_publishes() -> None:
    # https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature, "固定参数示例"
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = canonical_query({"RegionId": "cn-shanghai", "ImageId": image})
    assert authorization(query, headers, "YourAccessKeyId", "YourAccessKeySecret") == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_what_is_no_letter_is_percent_encoded() -> None:
    assert canonical_query({"b": " *+/=&~'\"", "A": "短"}) == "A=%E7%9F%AD&b=%20%2A%2B%2F%3D%26~%27%22"


@pytest.mark.parametrize(
    "text", ["不会白交。", "a+b & c=d%20 *~/?#'\"\\", "一行\n两行", "🛵 ok", "<b>", "${text}", "{}", "é"]
)
@on_one_loop
async def test_a_text_arrives_as_it_was_written(channel: SmsChannel, platform: AlibabaServer, text: str) -> None:
    await channel.send(WORKER, Reply(text))
    assert platform.sent == [("13800000001", text)]


@on_one_loop
async def test_numbers_and_source_come_along_as_far_as_they_fit(channel: SmsChannel, platform: AlibabaServer) -> None:
    await channel.send(WORKER, Reply("不会白交。", (Button("说详细点", "/read_more"),)))
    assert platform.sent == [("13800000001", "不会白交。\n1 说详细点")]


@on_one_loop
async def test_the_signed_host_is_the_one_that_is_called(channel: SmsChannel, platform: AlibabaServer) -> None:
    await channel.send(WORKER, Reply("好。"))
    await channel.send(WORKER, Reply("好。"))
    (host,) = platform.hosts
    assert host.startswith("127.0.0.1:")
    assert len(platform.nonces) == 2


@pytest.mark.parametrize(("number", "called"), [(WORKER, "13800000001"), ("+85261234567", "85261234567")])
@on_one_loop
async def test_a_number_is_written_as_the_service_wants_it(
    channel: SmsChannel, platform: AlibabaServer, number: str, called: str
) -> None:
    await channel.send(number, Reply("好。"))
    assert platform.sent == [(called, "好。")]


@pytest.mark.parametrize(("length", "taken"), [(34, True), (35, True), (36, False)])
@on_one_loop
async def test_the_longest_text_is_that_of_a_variable(
    address: str, platform: AlibabaServer, length: int, taken: bool
) -> None:
    provider = alibaba(address)
    text = "保" * length
    assert (SmsChannel(provider, LABELS).render(Reply(text)) == (text,)) == taken
    if taken:
        await provider.send(WORKER, text)
    else:
        with pytest.raises(MessageTooLong):
            await provider.send(WORKER, text)
    assert len(platform.sent) == taken
    await provider.aclose()


@pytest.mark.parametrize(
    ("characters", "max_segments", "longest"),
    [(35, 4, 35), (500, 1, 70 - 11), (500, 4, 268 - 11), (500, 7, 469 - 11), (500, 8, 500 - 11), (489, 8, 489)],
)
def test_signature_and_template_are_counted_with_the_text(characters: int, max_segments: int, longest: int) -> None:
    provider = alibaba(variable_characters=characters)
    assert provider.shown("x") == "【社保助手】你问的事：x"
    channel = SmsChannel(provider, LABELS, max_segments=max_segments)
    for length, whole in ((longest - 1, True), (longest, True), (longest + 1, False)):
        text = "a" * length
        assert (channel.render(Reply(text)) == (text,)) == whole, length


def test_a_template_without_a_place_for_the_text_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="no place"):
        alibaba(template_text="你问的事：${content}")
    assert alibaba(template_text="答：${content}。", template_variable="content").shown("好") == "【社保助手】答：好。"


async def fails(channel: SmsChannel, number: str = WORKER) -> SendFailure:
    """The failure of one sending."""
    with pytest.raises(SEND_FAILURES) as failed:
        await channel.send(number, Reply(QUESTION))
    assert not [secret for secret in (*SECRETS, number) if secret in repr(failed.value)]
    assert failed.value.__cause__ is None
    return failed.value


@on_one_loop
async def test_a_number_on_the_blacklist_is_never_written_to_again(channel: SmsChannel) -> None:
    assert type(await fails(channel, BLACKLISTED)) is ContactStopped


@on_one_loop
async def test_a_number_that_is_none_is_nobodys(channel: SmsChannel) -> None:
    assert type(await fails(channel, "+8612000000001")) is ContactUnknown


@on_one_loop
async def test_more_than_the_platform_lets_one_number_have_is_throttled(
    channel: SmsChannel, platform: AlibabaServer
) -> None:
    platform.sent.extend([("13800000001", "好")] * 49)
    await channel.send(WORKER, Reply("好。"))
    assert type(await fails(channel)) is ConnectionThrottled
    await channel.send("+8613800000002", Reply("好。"))


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"access_key_id": "LTAI-other"}, CredentialsRefused),
        ({"access_key_secret": "wrong"}, CredentialsRefused),
        ({"clock": NOW - timedelta(minutes=16)}, CredentialsRefused),
        ({"clock": NOW + timedelta(minutes=16)}, CredentialsRefused),
        ({"sign_name": "别人"}, MessageInvalid),
        ({"template_code": "SMS_1"}, MessageInvalid),
        ({"template_variable": "other", "template_text": "答：${other}"}, MessageInvalid),
    ],
)
@on_one_loop
async def test_a_wrong_setting_is_ours_to_mend(
    address: str, platform: AlibabaServer, settings: dict[str, object], kind: type[SendFailure]
) -> None:
    provider = alibaba(address, **settings)  # type: ignore[arg-type]
    assert type(await fails(SmsChannel(provider, LABELS))) is kind
    assert kind.ours_to_log
    assert platform.sent == []
    await provider.aclose()


@pytest.mark.parametrize("minutes", [-14, 14])
@on_one_loop
async def test_a_clock_may_be_a_little_wrong_and_stand_in_any_zone(
    address: str, platform: AlibabaServer, minutes: int
) -> None:
    clock = (NOW + timedelta(minutes=minutes)).astimezone(timezone(timedelta(hours=8)))
    provider = alibaba(address, clock)
    await provider.send(WORKER, "好。")
    assert len(platform.sent) == 1
    await provider.aclose()


def answers(code: object, status: int = 200) -> Failure:
    """An answer of the API."""
    return Failure(status, json.dumps({"Code": code, "Message": f"to {WORKER}", "RequestId": "A-3"}).encode())


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (answers("isv.BUSINESS_LIMIT_CONTROL"), ConnectionThrottled),
        (answers("isv.DAY_LIMIT_CONTROL"), ConnectionThrottled),
        (answers("Throttling", 400), ConnectionThrottled),
        (answers("Throttling.User", 400), ConnectionThrottled),
        (answers("Throttling.Api", 503), ConnectionThrottled),
        (answers("isv.MOBILE_NUMBER_ILLEGAL"), ContactUnknown),
        (answers("isv.MOBILE_COUNT_OVER_LIMIT"), MessageInvalid),
        (answers("isv.MOBILE_IN_BLACK"), ContactStopped),
        (answers("isv.BLACK_KEY_CONTROL_LIMIT"), MessageInvalid),
        (answers("isv.INVALID_PARAMETERS"), MessageInvalid),
        (answers("isv.SMS_TEMPLATE_ILLEGAL"), MessageInvalid),
        (answers("isv.TEMPLATE_PARAMS_LENGTH_ILLEGAL"), MessageTooLong),
        (answers("isv.PARAM_LENGTH_LIMIT"), MessageTooLong),
        (answers("SignatureDoesNotMatch", 400), CredentialsRefused),
        (answers("InvalidAccessKeyId.NotFound", 404), CredentialsRefused),
        (answers("InvalidAccessKeyId.Inactive", 400), CredentialsRefused),
        (answers("isp.RAM_PERMISSION_DENY"), CredentialsRefused),
        (answers("isv.DENY_IP_RANGE"), CredentialsRefused),
        (answers("isv.OUT_OF_SERVICE"), CredentialsRefused),
        (answers("isv.ACCOUNT_NOT_EXISTS"), CredentialsRefused),
        (answers("SignatureNonceUsed", 400), ConnectionFailed),
        (answers("ServiceUnavailable", 503), ConnectionFailed),
        (answers("isp.SYSTEM_ERROR"), ConnectionFailed),
        (answers("isv.NEVER_HEARD_OF"), MessageInvalid),
        (answers("Whatever", 400), MessageInvalid),
        (answers("Whatever", 401), CredentialsRefused),
        (answers("Whatever", 403), CredentialsRefused),
        (answers("Whatever", 429), ConnectionThrottled),
        (answers("Whatever", 500), ConnectionFailed),
        (answers("OK", 400), MessageInvalid),
        (answers(None), ConnectionFailed),
        (answers(["OK"]), ConnectionFailed),
        (answers("OK " + WORKER), ConnectionFailed),
        (Failure(200, b"<html>"), ConnectionFailed),
        (Failure(200, b"[]"), ConnectionFailed),
        (Failure(200, b""), ConnectionFailed),
        (Failure(200, b"[" * 100_000), ConnectionFailed),
        (Failure(200, b"\xff\xfe"), ConnectionFailed),
        (Failure(302, b"", {"location": "https://evil.example.cn/"}), ConnectionFailed),
        (Failure(502, b"<html>"), ConnectionFailed),
    ],
    ids=lambda case: case.__name__ if isinstance(case, type) else f"{case.status} {case.body[:40].decode('latin-1')}",
)
@on_one_loop
async def test_every_error_has_its_failure(
    channel: SmsChannel, platform: AlibabaServer, failure: Failure, kind: type[SendFailure]
) -> None:
    platform.failures.append(failure)
    assert type(await fails(channel)) is kind
    await channel.send(WORKER, Reply("好。"))
    assert platform.sent == [("13800000001", "好。")]


@on_one_loop
async def test_a_platform_that_answers_drop_by_drop_is_not_waited_for(address: str, platform: AlibabaServer) -> None:
    platform.failures.append(Failure(200, b'{"Code":"OK"}', trickle_seconds=0.6))
    provider = alibaba(address, timeout_seconds=0.2)
    assert type(await fails(SmsChannel(provider, LABELS))) is ConnectionFailed
    await provider.aclose()


@on_one_loop
async def test_a_platform_that_is_not_there_is_a_failed_connection() -> None:
    provider = alibaba("http://127.0.0.1:9", timeout_seconds=1.0)
    assert type(await fails(SmsChannel(provider, LABELS))) is ConnectionFailed
    await provider.aclose()


@on_one_loop
async def test_the_address_in_the_log_ends_before_number_and_text(
    channel: SmsChannel, caplog: pytest.LogCaptureFixture
) -> None:
    await channel.send(WORKER, Reply(QUESTION))
    (line,) = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert line.startswith("HTTP Request: POST http://127.0.0.1:")
    assert line.endswith('/ "HTTP/1.1 200 OK"')


def test_no_secret_stands_in_the_settings_as_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_SMS_ALIBABA_ACCESS_KEY_SECRET", PLATFORM.key_secret)
    monkeypatch.setenv("SHEBAO_SMS_ALIBABA_INBOUND_KEY", KEY)
    settings = AlibabaSettings()
    assert (settings.access_key_secret.get_secret_value(), settings.max_age_seconds) == (PLATFORM.key_secret, 86_400)
    shown = f"{settings!r} {settings} {settings.model_dump()} {AlibabaProvider(settings, lambda: NOW)!r}"
    assert PLATFORM.key_secret not in shown
    assert KEY not in shown
