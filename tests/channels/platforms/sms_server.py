"""Twilio and Alibaba Cloud SMS on a loopback port: their routes, signatures, limits, error codes and retries.

Written from their documentation and with nothing of our channel's code, so that a mistake is not made twice alike.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

BEIJING = timezone(timedelta(hours=8))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The base address of an app that runs on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@dataclass
class Failure:
    """What a platform answers instead of taking the next message; `body` as it goes out, after a slow trickle."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    trickle_seconds: float = 0.0

    def answer(self) -> Response:
        """The answer; a late one never keeps a reader waiting for long between two bytes."""
        return StreamingResponse(self._parts(), self.status, self.headers)

    async def _parts(self) -> AsyncIterator[bytes]:
        for _ in range(round(self.trickle_seconds / 0.02)):
            yield b" "
            await asyncio.sleep(0.02)
        yield self.body


@dataclass
class TwilioServer:
    """Messages resource and signed webhooks; https://www.twilio.com/docs/messaging/api/message-resource."""

    account_sid: str = "AC" + "5" * 32
    auth_token: str = "tw-secret-token"
    landlines: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    sent: list[dict[str, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def app(self) -> FastAPI:
        """The REST API."""
        app = FastAPI()

        @app.post("/2010-04-01/Accounts/{sid}/Messages.json")
        async def messages(sid: str, request: Request) -> Response:
            form = parse_qs((await request.body()).decode(), keep_blank_values=True, strict_parsing=True)
            return self._take(sid, request, {name: values[-1] for name, values in form.items()})

        return app

    def _take(self, sid: str, request: Request, form: dict[str, str]) -> Response:
        if self.failures:
            return self.failures.pop(0).answer()
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}" or sid != self.account_sid:
            return twilio_error(401, 20003)
        refused = self._refusal(form)
        if refused is not None:
            return twilio_error(400, refused)
        self.sent.append(form)
        body = {"sid": f"SM{len(self.sent):032x}", "status": "queued", "error_code": None, "to": form["To"]}
        return JSONResponse(body, 201)

    def _refusal(self, form: dict[str, str]) -> int | None:
        to, body = form.get("To", ""), form.get("Body", "")
        checks = (
            (not to, 21604),
            (not body, 21602),
            (not (form.get("From") or form.get("MessagingServiceSid")), 21603),
            (re.fullmatch(r"\+[1-9]\d{7,14}", to) is None, 21211),
            (to in self.landlines, 21614),
            (to in self.stopped, 21610),
            (len(body) > 1600, 21617),
        )
        return next((code for wrong, code in checks if wrong), None)

    def signature(self, url: str, form: Iterable[tuple[str, str]]) -> str:
        """X-Twilio-Signature: the address, then each name and value in the order of the names."""
        text = url
        for name, value in sorted(form):
            text += f"{name}{value}"
        return base64.b64encode(hmac.new(self.auth_token.encode(), text.encode(), "sha1").digest()).decode()

    def form(self, text: str, sender: str = "+8613800000001", number: int = 1, **more: str) -> dict[str, str]:
        """The form of one incoming SMS; `number` makes its MessageSid."""
        return {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": text,
            "From": sender,
            "MessageSid": f"SM{number:032x}",
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "To": "+15005550006",
        } | more

    def deliver(self, url: str, form: dict[str, str], tries: int = 2) -> list[httpx.Response]:
        """Call a webhook as Twilio does, again with the same form after a server error; what each try got."""
        answers: list[httpx.Response] = []
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": self.signature(url, form.items()),
        }
        while len(answers) < tries and (not answers or answers[-1].status_code >= 500):
            answers.append(httpx.post(url, content=urlencode(form), headers=headers, trust_env=False))
        return answers


def twilio_error(status: int, code: int) -> JSONResponse:
    """An error as the REST API writes it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse(
        {"code": code, "message": "refused +8613800000001", "more_info": more, "status": status}, status
    )


@dataclass
class AlibabaServer:
    """SendSms of dysmsapi 2017-05-25 with the V3 signature, and the SmsUp push."""

    now: Callable[[], datetime]
    key_id: str = "LTAI-test-key"
    key_secret: str = "ali-secret-key"
    sign_name: str = "社保助手"
    template_code: str = "SMS_154950909"
    variable: str = "text"
    longest_value: int = 35
    per_day: int = 50
    blacklist: set[str] = field(default_factory=set)
    sent: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    def app(self) -> FastAPI:
        """The API gateway."""
        app = FastAPI()

        @app.post("/")
        async def call(request: Request) -> Response:
            if self.failures:
                return self.failures.pop(0).answer()
            refused = self._gateway(request, await request.body())
            if refused is not None:
                status, code = refused
                return JSONResponse({"RequestId": "A-1", "HostId": "dysmsapi", "Code": code, "Message": code}, status)
            query = dict(part.split("=", 1) for part in request.url.query.split("&"))
            code = self._business({name: unquote(value) for name, value in query.items()})
            return JSONResponse({"Code": code, "Message": code, "RequestId": "A-2", "BizId": "9006197469364984^0"})

        return app

    def _gateway(self, request: Request, body: bytes) -> tuple[int, str] | None:
        given = request.headers
        shape = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
            given.get("authorization", ""),
        )
        if shape is None:
            return 400, "IncompleteSignature"
        if shape[1] != self.key_id:
            return 404, "InvalidAccessKeyId.NotFound"
        if (given.get("x-acs-action"), given.get("x-acs-version")) != ("SendSms", "2017-05-25"):
            return 404, "InvalidAction.NotFound"
        sent = datetime.strptime(given["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(self.now() - sent) > timedelta(minutes=15):
            return 400, "InvalidTimeStamp.Expired"
        if given["x-acs-signature-nonce"] in self.nonces:
            return 400, "SignatureNonceUsed"
        self.nonces.add(given["x-acs-signature-nonce"])
        self.hosts.add(given["host"])
        if self._signature(request, shape[2].split(";"), body) != shape[3]:
            return 400, "SignatureDoesNotMatch"
        return None

    def _signature(self, request: Request, names: list[str], body: bytes) -> str:
        must = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
        if not must <= set(names) or request.headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest():
            return ""
        query = "&".join(sorted(request.url.query.split("&")))
        wanted = [request.method, request.url.path, query]
        wanted += [f"{name}:{request.headers[name]}" for name in sorted(names)]
        wanted += ["", ";".join(sorted(names)), request.headers["x-acs-content-sha256"]]
        digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
        return hmac.new(self.key_secret.encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), "sha256").hexdigest()

    def _business(self, query: dict[str, str]) -> str:
        try:
            value = json.loads(query.get("TemplateParam", "{}")).get(self.variable)
        except ValueError:
            return "isv.INVALID_JSON_PARAM"
        number = query.get("PhoneNumbers", "")
        checks = (
            (query.get("SignName") != self.sign_name, "isv.SMS_SIGNATURE_ILLEGAL"),
            (query.get("TemplateCode") != self.template_code, "isv.SMS_TEMPLATE_ILLEGAL"),
            (re.fullmatch(r"1[3-9]\d{9}|[2-9]\d{7,14}", number) is None, "isv.MOBILE_NUMBER_ILLEGAL"),
            (not value, "isv.TEMPLATE_MISSING_PARAMETERS"),
            (len(value or "") > self.longest_value, "isv.PARAM_LENGTH_LIMIT"),
            ("http" in (value or ""), "isv.BLACK_KEY_CONTROL_LIMIT"),
            (number in self.blacklist, "isv.MOBILE_IN_BLACK"),
            (Counter(to for to, _ in self.sent)[number] >= self.per_day, "isv.BUSINESS_LIMIT_CONTROL"),
        )
        refused = next((code for wrong, code in checks if wrong), None)
        if refused is None:
            self.sent.append((number, str(value)))
        return refused or "OK"

    def message(self, text: str, sender: str = "13800000001", number: int = 1, **more: object) -> dict[str, object]:
        """One entry of a push, sent by the worker just now."""
        return {
            "phone_number": sender,
            "content": text,
            "send_time": self.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "dest_code": "1069",
            "sequence_id": str(number),
        } | more

    def push(self, url: str, *messages: dict[str, object]) -> list[httpx.Response]:
        """Call an address with a batch, three times more unless it answers 200 and a number as `code`."""
        answers: list[httpx.Response] = []
        while len(answers) < 4:
            answers.append(httpx.post(url, json=list(messages), trust_env=False))
            if answers[-1].status_code == 200 and isinstance(answers[-1].json().get("code"), int):
                break
        return answers


@dataclass
class OurSide:
    """What the dispatcher does with a channel, as little of it as an SMS needs: 403, 400, 500 when told, answers."""

    verify: Callable[[Any, datetime], None]
    parse: Callable[[Any], Any]
    build: Callable[..., Any]
    refusals: dict[type[Exception], int]
    now: Callable[[], datetime]
    events: list[Any] = field(default_factory=list)
    broken: int = 0

    def app(self, path: str) -> FastAPI:
        """The route of a channel; the address it is called by is the public one."""
        app = FastAPI()

        @app.post(path)
        async def receive(raw: Request) -> Response:
            if self.broken:
                self.broken -= 1
                return Response(status_code=503)
            request = self.build(
                method=raw.method,
                url=str(raw.url),
                path=raw.url.path,
                query=dict(raw.query_params),
                headers=dict(raw.headers),
                body=await raw.body(),
            )
            try:
                self.verify(request, self.now())
                received = self.parse(request)
            except tuple(self.refusals) as refused:
                return Response(status_code=self.refusals[type(refused)])
            self.events += received.events
            return Response(received.response.body, received.response.status, media_type=received.response.media_type)

        return app
