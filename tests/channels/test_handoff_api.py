"""The desk's routes and the route a worker's page polls, over a database in a folder of the test."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from actions.database import open_database, upgrade_database
from channels import handoff_api
from channels.channel import SEND_FAILURES, ConnectionThrottled, ContactStopped
from channels.handoff_api import ANSWER_CHARACTERS, DESK_NAME_CHARACTERS, LARGEST_ID, news, router
from channels.handoffs import Handoff, Handoffs, Line
from channels.message import Reply
from channels.refusals import Reason, Refused
from channels.sentences import load_sentences
from tests.databases import sqlite

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "desk-token-口令-0123456789"
ANN = "a" * 32
PATH = "/api/v1/handoffs"
SENTENCES = load_sentences()
SAID = (Line("worker", "我想找人", NOON), Line("assistant", "好，我去叫人。", NOON))


@dataclass
class Counting:
    """Stands for the gateway: lets so many requests of an address through."""

    left: int = 1000

    def admit_request(self, address: str) -> None:
        if not self.left:
            raise Refused(Reason.TOO_MANY_MESSAGES, retry_after_seconds=7, values={"seconds": 7})
        self.left -= 1


@dataclass
class Room:
    """The routes on a small application, what they delivered, and the database behind them."""

    client: httpx.AsyncClient
    app: FastAPI
    handoffs: Handoffs
    gateway: Counting
    failure: BaseException | None = None
    delivered: list[tuple[str, Reply]] = field(default_factory=list)

    async def deliver(self, conversation_id: str, reply: Reply) -> None:
        if self.failure is not None:
            raise self.failure
        self.delivered.append((conversation_id, reply))

    async def opened(self, language: Any = "zh") -> Handoff:
        return await self.handoffs.open(ANN, "requested", language, "telegram", SAID)

    async def claimed(self, desk: str = "Li") -> Handoff:
        return await self.handoffs.claim((await self.opened()).id, desk)

    async def get(self, path: str, desk: str = "Li", token: str = TOKEN) -> httpx.Response:
        return await self.client.get(path, headers=headers(desk, token))

    async def post(self, path: str, body: object = None, desk: str = "Li", token: str = TOKEN) -> httpx.Response:
        return await self.client.post(path, json=body, headers=headers(desk, token))

    async def news(self, after: object = 0, who: str = ANN) -> httpx.Response:
        return await self.client.get(f"/api/v1/conversations/{who}/news", params={"after": str(after)})


def headers(desk: str, token: str) -> dict[bytes, bytes]:
    return {b"Authorization": f"Bearer {token}".encode(), b"X-Desk": desk.encode()}


def small_app() -> FastAPI:
    """The routes alone, with refusals answered as the channel server answers them."""
    app = FastAPI()
    app.include_router(router)
    app.include_router(news)
    app.state.sentences = SENTENCES

    async def refuse(_: Request, refusal: Exception) -> JSONResponse:
        assert isinstance(refusal, Refused)
        message = SENTENCES.both("errors", refusal.reason.code, **refusal.values).model_dump()
        error = {"code": refusal.reason.code, "message": message, "accepted": refusal.accepted}
        wait = {"Retry-After": str(refusal.retry_after_seconds)} if refusal.retry_after_seconds else None
        return JSONResponse({"error": error}, refusal.reason.status, wait)

    async def refuse_invalid(request: Request, _: Exception) -> JSONResponse:
        return await refuse(request, Refused(Reason.REQUEST_INVALID))

    app.add_exception_handler(Refused, refuse)
    app.add_exception_handler(RequestValidationError, refuse_invalid)
    return app


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return small_app()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    with sqlite(tmp_path_factory.mktemp("db")) as url:
        upgrade_database(url)
        return url


@pytest.fixture
async def room(app: FastAPI, address: str) -> AsyncIterator[Room]:
    engine = open_database(address)
    handoffs = Handoffs(engine, lambda: NOON)
    await handoffs.forget(ANN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        here = Room(client, app, handoffs, Counting())
        app.state.settings = SimpleNamespace(desk_token=SecretStr(TOKEN))
        app.state.gateway, app.state.handoffs, app.state.deliver = here.gateway, handoffs, here.deliver
        yield here
    await engine.dispose()


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which is always said in both languages."""
    error = response.json()["error"]
    assert error["message"]["zh"]
    assert error["message"]["en"]
    return response.status_code, error["code"]


ROUTES = [("GET", ""), ("GET", "/1"), ("POST", "/1/claim"), ("POST", "/1/answer"), ("POST", "/1/close")]
STRANGERS: dict[str, dict[bytes, bytes]] = {
    "nobody": {},
    "an empty token": {b"Authorization": b"Bearer "},
    "another token": {b"Authorization": b"Bearer wrong"},
    "the token and more": {b"Authorization": f"Bearer {TOKEN}x".encode()},
    "most of the token": {b"Authorization": f"Bearer {TOKEN[:-1]}".encode()},
    "another case": {b"Authorization": f"Bearer {TOKEN.upper()}".encode()},
    "no scheme": {b"Authorization": TOKEN.encode()},
    "another scheme": {b"Authorization": f"Basic {TOKEN}".encode()},
    "bytes that are no text": {b"Authorization": b"Bearer \xff\xfe\xfd"},
}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{m} {p}" for m, p in ROUTES])
async def test_a_stranger_sees_and_changes_nothing(room: Room, method: str, path: str) -> None:
    for who, given in STRANGERS.items():
        body = {"text": "x"} if path.endswith("answer") else None
        response = await room.client.request(method, PATH + path, json=body, headers={b"X-Desk": b"Li"} | given)
        assert refused(response) == (401, "desk_token_refused"), who


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{m} {p}" for m, p in ROUTES])
async def test_without_a_desk_token_nobody_comes_in(room: Room, method: str, path: str) -> None:
    room.app.state.settings = SimpleNamespace(desk_token=SecretStr(""))
    body = {"text": "x"} if path.endswith("answer") else None
    for token in ("", TOKEN):
        response = await room.client.request(method, PATH + path, json=body, headers=headers("Li", token))
        assert refused(response) == (403, "desk_disabled")


async def test_guessing_the_token_is_slowed_down_and_working_is_not(room: Room) -> None:
    room.gateway.left = 2
    for _ in range(4):
        assert (await room.get(PATH)).status_code == 200
    assert [(await room.get(PATH, token="guess")).status_code for _ in range(3)] == [401, 401, 429]
    assert (await room.get(PATH, token="guess")).headers["Retry-After"] == "7"


NAMES = [
    ("L", 200), ("x" * DESK_NAME_CHARACTERS, 200), ("王" * DESK_NAME_CHARACTERS, 200), ("Desk 3", 200), ("小王", 200),
    ("", 422), ("   ", 422), ("x" * (DESK_NAME_CHARACTERS + 1), 422), ("王" * (DESK_NAME_CHARACTERS + 1), 422),
    ("a\tb", 422), ("a\u200bb", 422), ("\u3164", 422), ("a\u202eb", 422),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status"), NAMES, ids=[ascii(name)[:12] + f" {status}" for name, status in NAMES])
async def test_a_desk_says_who_works(room: Room, name: str, status: int) -> None:
    response = await room.get(PATH, desk=name)
    assert response.status_code == status
    if status == 422:
        assert refused(response) == (422, "desk_name_invalid")


@pytest.mark.parametrize("given", [{}, {b"X-Desk": b"\xff\xfe"}], ids=["no name", "no text"])
async def test_a_name_that_cannot_be_read_is_refused(room: Room, given: dict[bytes, bytes]) -> None:
    response = await room.client.get(PATH, headers={b"Authorization": f"Bearer {TOKEN}".encode()} | given)
    assert refused(response) == (422, "desk_name_invalid")


async def test_the_desk_sees_who_waits_and_never_the_workers_secret(room: Room) -> None:
    opened = await room.opened()
    listed = await room.get(PATH)
    talk = await room.get(f"{PATH}/{opened.id}")
    expected = {
        "id": opened.id, "reason": "requested", "language": "zh", "channel": "telegram", "state": "waiting",
        "opened_at": "2026-11-23T12:00:00Z", "claimed_by": None, "claimed_at": None, "closed_at": None,
    }  # fmt: skip
    assert listed.json() == [expected]
    assert talk.json()["handoff"] == expected
    assert [(line["said_by"], line["text"]) for line in talk.json()["lines"]] == [(s.said_by, s.text) for s in SAID]
    assert ANN not in listed.text + talk.text
    after = talk.json()["lines"][0]["id"]
    rest = await room.get(f"{PATH}/{opened.id}?after={after}")
    assert rest.json()["lines"] == talk.json()["lines"][1:]


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 1), ("?state=waiting", 1), ("?state=claimed", 0), ("?limit=1", 1), ("?before=1", 0), ("?limit=200", 1)],
)
async def test_the_list_can_be_narrowed(room: Room, query: str, found: int) -> None:
    await room.opened()
    assert len((await room.get(PATH + query)).json()) == found


@pytest.mark.parametrize(
    "path",
    [
        "?state=lost", "?state=", "?limit=0", "?limit=201", "?limit=x", "?before=0", f"?before={LARGEST_ID + 1}",
        "/0", "/-1", "/x", f"/{LARGEST_ID + 1}", "/99999999999999999999", "/1?after=-1", f"/1?after={LARGEST_ID + 1}",
    ],
)  # fmt: skip
async def test_a_query_that_cannot_be_is_refused(room: Room, path: str) -> None:
    assert refused(await room.get(PATH + path)) == (422, "request_invalid")


async def test_the_largest_id_is_merely_unknown(room: Room) -> None:
    assert refused(await room.get(f"{PATH}/{LARGEST_ID}")) == (404, "handoff_unknown")
    for call, body in (("claim", None), ("answer", {"text": "你好"}), ("close", None)):
        assert refused(await room.post(f"{PATH}/{LARGEST_ID}/{call}", body)) == (404, "handoff_unknown")


async def test_a_conversation_is_claimed_answered_and_given_back(room: Room) -> None:
    opened = await room.opened()
    claimed = await room.post(f"{PATH}/{opened.id}/claim", desk="小王")
    assert (claimed.status_code, claimed.json()["state"], claimed.json()["claimed_by"]) == (200, "claimed", "小王")
    answered = await room.post(f"{PATH}/{opened.id}/answer", {"text": "你好，我姓王。"}, desk="小王")
    assert (answered.json()["delivered"], answered.json()["reason"]) == (True, None)
    assert answered.json()["line"]["text"] == "你好，我姓王。"
    closed = await room.post(f"{PATH}/{opened.id}/close", desk="小王")
    assert (closed.json()["handoff"]["state"], closed.json()["delivered"]) == ("closed", True)
    (said_to, answer), (told, closing) = room.delivered
    assert said_to == told == ANN
    assert answer == Reply("你好，我姓王。", outcome="handoff_answered", language="zh")
    assert (closing.outcome, closing.text) == ("handoff_closed", SENTENCES.say("handoff", "closed", "zh"))


async def test_the_closing_words_are_in_the_workers_language(room: Room) -> None:
    opened = await room.opened("en")
    await room.post(f"{PATH}/{opened.id}/claim")
    await room.post(f"{PATH}/{opened.id}/close")
    assert room.delivered[0][1].text == SENTENCES.say("handoff", "closed", "en")


async def test_another_desk_cannot_claim_answer_or_close(room: Room) -> None:
    claimed = await room.claimed("Li")
    for call, body in (("claim", None), ("answer", {"text": "你好"}), ("close", None)):
        response = await room.post(f"{PATH}/{claimed.id}/{call}", body, desk="Wu")
        assert refused(response) == (409, "handoff_claimed"), call
    assert room.delivered == []


async def test_a_handoff_in_the_wrong_state_says_which_would_do(room: Room) -> None:
    opened = await room.opened()
    response = await room.post(f"{PATH}/{opened.id}/answer", {"text": "你好"})
    assert refused(response) == (409, "handoff_state")
    assert response.json()["error"]["accepted"] == "a handoff that is claimed"
    await room.post(f"{PATH}/{opened.id}/claim")
    await room.post(f"{PATH}/{opened.id}/close")
    for call in ("claim", "close"):
        assert refused(await room.post(f"{PATH}/{opened.id}/{call}")) == (409, "handoff_state")
    assert len(room.delivered) == 1


ANSWERS = [
    ("n-1", "字" * (ANSWER_CHARACTERS - 1), 200, ""),
    ("n", "字" * ANSWER_CHARACTERS, 200, ""),
    ("n+1", "字" * (ANSWER_CHARACTERS + 1), 422, "request_invalid"),
    ("one character", "好", 200, ""),
    ("nothing", "", 422, "request_invalid"),
    ("spaces", " \n\t ", 422, "text_empty"),
    ("invisible characters", "\u200b\u202e\u3164", 422, "text_empty"),
    ("the hot line", "打12333，或者0571-87654321。", 200, ""),
    ("an ID number", "你的号是11010519491231002X吧", 422, "answer_private"),
    ("a mobile number", "打我手机138 1234 5678", 422, "answer_private"),
    ("an e-mail address", "写到 wang@example.com", 422, "answer_private"),
    ("a number", 7, 422, "request_invalid"),
    ("null", None, 422, "request_invalid"),
    ("a list", ["好"], 422, "request_invalid"),
]


@pytest.mark.parametrize(("case", "text", "status", "code"), ANSWERS, ids=[case[0] for case in ANSWERS])
async def test_what_a_desk_may_write(room: Room, case: str, text: object, status: int, code: str) -> None:
    claimed = await room.claimed()
    response = await room.post(f"{PATH}/{claimed.id}/answer", {"text": text})
    assert response.status_code == status
    if code:
        assert refused(response)[1] == code
    assert [reply.text for _, reply in room.delivered] == ([] if code else [text])
    assert len(await room.handoffs.answers_for(ANN, 0)) == (0 if code else 1)


BODIES = [
    b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"text": "a", "more": 1}', b'{"text": "\\ud800"}', b"\xff",
    b'{"text":' + b"[" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("content", BODIES, ids=[str(body[:20]) for body in BODIES])
async def test_a_body_that_is_no_answer_is_refused(room: Room, content: bytes) -> None:
    claimed = await room.claimed()
    kind = {b"Content-Type": b"application/json"}
    response = await room.client.post(
        f"{PATH}/{claimed.id}/answer", content=content, headers=headers("Li", TOKEN) | kind
    )
    assert response.status_code in (400, 422)
    assert room.delivered == []


async def test_an_answer_keeps_its_lines_and_loses_what_nobody_sees(room: Room) -> None:
    claimed = await room.claimed()
    response = await room.post(f"{PATH}/{claimed.id}/answer", {"text": "第一\u200b行\r\n\n /第二行\0\n"})
    assert response.json()["line"]["text"] == room.delivered[0][1].text == "第一行\n\n第二行"


FAILURES: list[tuple[BaseException, str]] = [
    *((kind(), code) for kind, code in zip(
        SEND_FAILURES,
        ("connection_failed", "connection_throttled", "message_invalid", "message_too_long", "credentials_refused",
         "contact_unknown", "contact_stopped", "push_unsupported"), strict=True,
    )),
    (ConnectionThrottled("slow", 3.0), "connection_throttled"),
    (TimeoutError(), "connection_failed"),
    (RuntimeError("13812345678 秘密"), "internal"),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=[type(failure).__name__ for failure, _ in FAILURES])
async def test_an_answer_that_does_not_arrive_is_kept_and_says_why(
    room: Room, failure: BaseException, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    claimed = await room.claimed()
    room.failure = failure
    with caplog.at_level(logging.INFO):
        answered = await room.post(f"{PATH}/{claimed.id}/answer", {"text": "你好"})
        closed = await room.post(f"{PATH}/{claimed.id}/close")
    for response in (answered, closed):
        assert response.status_code == 200
        assert (response.json()["delivered"], response.json()["reason"]) == (False, code)
    kept = await room.handoffs.answers_for(ANN, 0)
    assert [line.said_by for line in kept] == ["desk", "assistant"]
    assert ("unforeseen RuntimeError" in caplog.text) == (code == "internal")
    assert not any(secret in caplog.text for secret in ("13812345678", "秘密", "你好", ANN, TOKEN))


async def test_the_page_gets_what_a_person_wrote_once(room: Room) -> None:
    assert (await room.news()).json() == {"lines": [], "handoff": None}
    opened = await room.opened()
    assert (await room.news()).json() == {"lines": [], "handoff": "waiting"}
    await room.post(f"{PATH}/{opened.id}/claim")
    line = (await room.post(f"{PATH}/{opened.id}/answer", {"text": "你好"})).json()["line"]
    assert (await room.news()).json() == {"lines": [line], "handoff": "claimed"}
    assert (await room.news(line["id"])).json() == {"lines": [], "handoff": "claimed"}
    room.failure = ContactStopped()
    await room.post(f"{PATH}/{opened.id}/close")
    last = (await room.news(line["id"])).json()
    assert [(each["said_by"], each["text"]) for each in last["lines"]] == [
        ("assistant", SENTENCES.say("handoff", "closed", "zh"))
    ]
    assert last["handoff"] is None


async def test_a_conversation_nobody_knows_has_no_news(room: Room) -> None:
    await room.claimed()
    assert (await room.news(who="b" * 32)).json() == {"lines": [], "handoff": None}


@pytest.mark.parametrize("who", ["a" * 31, "a" * 33, "A" * 32, "g" * 32, "1", "%00" * 32, "a" * 31 + "%0a"])
async def test_only_a_conversation_id_has_news(room: Room, who: str) -> None:
    assert refused(await room.news(who=who)) == (422, "conversation_unknown")


@pytest.mark.parametrize("after", [-1, "x", "", LARGEST_ID + 1, "1.5"])
async def test_news_after_nonsense_is_refused(room: Room, after: object) -> None:
    assert refused(await room.news(after)) == (422, "request_invalid")


async def test_polling_too_fast_is_told_to_wait(room: Room) -> None:
    room.gateway.left = 1
    assert (await room.news()).status_code == 200
    response = await room.news()
    assert refused(response) == (429, "too_many_messages")
    assert response.headers["Retry-After"] == "7"


async def test_nothing_of_a_refused_request_is_logged_or_echoed(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    claimed = await room.claimed()
    with caplog.at_level(logging.INFO):
        answers = [
            await room.post(f"{PATH}/{claimed.id}/answer", {"text": "11010519491231002X"}),
            await room.post(f"{PATH}/{claimed.id}/answer", {"text": "秘密"}, desk="Wu"),
            await room.get(PATH, token="geheim"),
        ]
    told = caplog.text + "".join(answer.text for answer in answers)
    assert not any(secret in told for secret in ("11010519491231002X", "秘密", "geheim", ANN, TOKEN))


def test_the_reference_describes_the_desk_with_examples_that_are_true(app: FastAPI) -> None:
    described = app.openapi()
    assert set(described["paths"]) == {
        PATH, f"{PATH}/{{handoff_id}}", f"{PATH}/{{handoff_id}}/claim", f"{PATH}/{{handoff_id}}/answer",
        f"{PATH}/{{handoff_id}}/close", "/api/v1/conversations/{conversation_id}/news",
    }  # fmt: skip
    assert described["components"]["securitySchemes"]["desk"]["scheme"] == "bearer"
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation["tags"] == (["messages"] if path.endswith("news") else ["handoffs"])
            assert operation["summary"]
            assert ("security" in operation) == (not path.endswith("news"))
    for name in ("LineBody", "HandoffBody", "HandoffTalk", "AnswerRequest", "AnsweredBody", "ClosedBody", "NewsBody"):
        assert described["components"]["schemas"][name]["examples"], name
        model = getattr(handoff_api, name)
        for example in model.model_config["json_schema_extra"]["examples"]:
            assert model.model_validate(example).model_dump(mode="json") == example, name
