"""The HTTP server around the gateway: routes, health, headers, sizes, and errors that show nothing."""

import json
from typing import Any

import httpx
import pytest

from actions.simulator.kinds import KINDS
from tests.channels.channel_world import REGIONS, Handler, fails, never, says, sends, world

PAGES = ["/", "/docs"]


async def test_the_api_offers_exactly_these_routes() -> None:
    async with world() as here:
        described = (await here.client.get("/openapi.json")).json()
    routes = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    assert routes == {
        "POST /api/v1/messages",
        "POST /api/v1/answers",
        "GET /api/v1/regions",
        "GET /api/v1/simulations",
        *(f"POST /api/v1/simulations/{kind}" for kind in KINDS),
        *(f"POST /api/v1/simulations/{kind}/chart" for kind in KINDS),
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    }


async def test_every_route_and_shape_of_the_api_is_described() -> None:
    async with world() as here:
        described = (await here.client.get("/openapi.json")).json()
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    assert all(operation["summary"] and operation["description"] for operation in operations)
    shapes = described["components"]["schemas"]
    ours = [shape for name, shape in shapes.items() if "ValidationError" not in name]
    assert all(shape["description"] for shape in ours)
    assert shapes["MessageRequest"]["examples"]


async def test_the_examples_of_the_api_are_taken() -> None:
    async with world() as here:
        shapes = (await here.client.get("/openapi.json")).json()["components"]["schemas"]
        answers = [await here.say(**example) for example in shapes["MessageRequest"]["examples"]]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_alive_says_nothing_about_the_others() -> None:
    async with world(fails(httpx.ConnectError), fails(httpx.ConnectError)) as here:
        assert (await here.client.get("/healthz")).json() == {"status": "ok"}


UP = sends(200, b'{"status": "ok"}')
READY: list[tuple[str, Handler, Handler, int, dict[str, bool]]] = [
    ("both answer", UP, UP, 200, {"ready": True, "rasa": True, "actions": True}),
    ("no Rasa", fails(httpx.ConnectError), UP, 503, {"ready": False, "rasa": False, "actions": True}),
    ("Rasa hangs", never, UP, 503, {"ready": False, "rasa": False, "actions": True}),
    ("actions load", UP, sends(503, b"{}"), 503, {"ready": False, "rasa": True, "actions": False}),
    ("actions hang", UP, never, 503, {"ready": False, "rasa": True, "actions": False}),
]


@pytest.mark.parametrize(("label", "rasa", "actions", "status", "body"), READY, ids=[r[0] for r in READY])
async def test_ready_means_that_rasa_and_the_action_server_answer(
    label: str, rasa: Handler, actions: Handler, status: int, body: dict[str, bool]
) -> None:
    async with world(rasa, actions, ready_deadline_seconds=0.05) as here:
        response = await here.client.get("/readyz")
    assert (response.status_code, response.json()) == (status, body)


async def test_turns_and_refusals_are_counted_without_a_word_of_the_worker() -> None:
    async with world(says({"text": "好。"}, {"custom": {"outcome": "answered"}})) as here:
        await here.say("我的秘密")
        await here.say("")
        await here.say("你好", language="fr")
        counted = (await here.client.get("/metrics")).text
    assert 'shebao_turns_total{outcome="answered"} 1.0' in counted
    assert 'shebao_refused_total{reason="text_empty"} 1.0' in counted
    assert 'shebao_refused_total{reason="request_invalid"} 1.0' in counted
    assert "shebao_turn_seconds_count 1.0" in counted
    assert "秘密" not in counted


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/api/v1/regions", "/widget/chat.js", "/nowhere"])
async def test_every_response_carries_the_security_headers(path: str) -> None:
    async with world() as here:
        headers = (await here.client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_nothing_but_our_own_files(path: str) -> None:
    async with world() as here:
        page = await here.client.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy
    assert "<style" not in page.text
    assert " on" + "click" not in page.text
    assert page.text.count("<script") == page.text.count('<script type="module" src="/widget/')


@pytest.mark.parametrize("origins", ["", "https://platform.example"])
async def test_another_site_may_read_answers_only_where_it_is_named(
    origins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEBAO_ALLOWED_ORIGINS", origins)
    async with world() as here:
        sent = {"Origin": "https://platform.example"}
        allowed = await here.client.get("/api/v1/regions", headers=sent)
        stranger = await here.client.get("/api/v1/regions", headers={"Origin": "https://evil.example"})
    assert allowed.headers.get("Access-Control-Allow-Origin") == (origins or None)
    assert "Access-Control-Allow-Origin" not in stranger.headers


async def test_a_body_over_the_limit_is_refused_also_when_it_hides_its_length() -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 1024

    async with world(max_body_bytes=2048) as here:
        whole = await here.client.post("/api/v1/messages", content=b"x" * 2049)
        hidden = await here.client.post("/api/v1/messages", content=chunks())
        fitting = await here.client.post("/api/v1/messages", json={"text": "好", "message_id": "a" * 64})
    assert [whole.status_code, hidden.status_code, fitting.status_code] == [413, 413, 200]
    assert "2048" in whole.json()["error"]["accepted"]


BAD_REQUESTS: list[tuple[str, str, str, bytes, int]] = [
    ("broken JSON", "POST", "/api/v1/messages", b'{"text": ', 422),
    ("no body", "POST", "/api/v1/messages", b"", 422),
    ("a list", "POST", "/api/v1/messages", b"[]", 422),
    ("deep nesting", "POST", "/api/v1/messages", b"[" * 15000, 422),
    ("not UTF-8", "POST", "/api/v1/messages", b'{"text": "\xff"}', 422),
    ("another method", "GET", "/api/v1/messages", b"", 405),
    ("another path", "GET", "/api/v1/secrets", b"", 404),
    ("out of the folder", "GET", "/widget/../settings.py", b"", 404),
    ("out of the folder, encoded", "GET", "/widget/%2e%2e/settings.py", b"", 404),
    ("no question", "POST", "/api/v1/answers", b"{}", 422),
    ("a place that is none", "POST", "/api/v1/answers", b'{"question": "x", "region": "US"}', 422),
    ("a day that is none", "POST", "/api/v1/answers", b'{"question": "x", "on": "2026-02-30"}', 422),
]


@pytest.mark.parametrize(
    ("label", "method", "path", "content", "status"), BAD_REQUESTS, ids=[case[0] for case in BAD_REQUESTS]
)
async def test_every_error_is_json_in_both_languages(
    label: str, method: str, path: str, content: bytes, status: int
) -> None:
    async with world() as here:
        response = await here.client.request(
            method, path, content=content, headers={"Content-Type": "application/json"}
        )
    error = response.json()["error"]
    assert response.status_code == status
    assert set(error["message"]) == {"zh", "en"}
    assert "Traceback" not in response.text


async def test_an_unforeseen_error_shows_nothing_and_logs_no_text(caplog: pytest.LogCaptureFixture) -> None:
    async def explode(request: httpx.Request) -> httpx.Response:
        raise RuntimeError(json.loads(request.content)["message"])

    async with world(explode) as here:
        response = await here.say("我的秘密")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "秘密" not in response.text + caplog.text
    assert "RuntimeError" in caplog.text


ANSWER = {"outcome": "answered", "answer": "能。", "language": "zh", "timings_ms": {"retrieve": 3.5}}


async def test_a_question_goes_to_the_action_server_with_its_place_and_day() -> None:
    async with world(actions=sends(200, json.dumps(ANSWER).encode())) as here:
        response = await here.client.post(
            "/api/v1/answers",
            json={"question": " 能转吗 ", "language": "zh", "region": "CN-GD.shenzhen", "on": "2026-11-23"},
        )
    assert here.actions.received == [
        {"text": "能转吗", "language": "zh", "region": "CN-GD.shenzhen", "on": "2026-11-23"}
    ]
    assert response.json()["answer"] == "能。"
    assert response.json()["timings_ms"] == {"retrieve": 3.5}
    assert here.heard() == []


BROKEN_ACTIONS: list[tuple[str, Handler, int]] = [
    ("refused", fails(httpx.ConnectError), 503),
    ("server error", sends(500, b"x"), 503),
    ("nonsense", sends(200, b"[1]"), 503),
    ("hangs", never, 504),
]


@pytest.mark.parametrize(("label", "actions", "status"), BROKEN_ACTIONS, ids=[c[0] for c in BROKEN_ACTIONS])
async def test_a_broken_action_server_is_an_honest_error(label: str, actions: Handler, status: int) -> None:
    async with world(actions=actions, actions_deadline_seconds=0.05) as here:
        answer = await here.client.post("/api/v1/answers", json={"question": "能转吗"})
        regions = await here.client.get("/api/v1/regions")
    assert (answer.status_code, regions.status_code) == (status, status)
    assert int(answer.headers["Retry-After"]) >= 1


async def test_regions_once_read_outlive_the_action_server() -> None:
    async with world() as here:
        first = await here.client.get("/api/v1/regions")
        here.actions.handler = fails(httpx.ConnectError)
        second = await here.client.get("/api/v1/regions")
    assert first.json() == second.json() == REGIONS


async def test_a_place_that_the_action_server_does_not_know_is_named_and_is_no_outage() -> None:
    async def refuses(_: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"error": "region: 'CN-QQ' is not known; GET /regions lists them"})

    async with world(actions=refuses) as here:
        answer = await here.client.post("/api/v1/answers", json={"question": "能转吗", "region": "CN-QQ"})
    assert answer.status_code == 422
    assert "CN-QQ" in answer.json()["error"]["accepted"]


async def test_a_platforms_page_gets_the_script_and_every_module_of_the_widget() -> None:
    async with world(allowed_origins="https://rider.example") as here:
        for path in ("/widget.js", "/widget/assistant.js", "/widget/strings.zh.json"):
            answer = await here.client.get(path, headers={"Origin": "https://rider.example"})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://rider.example")
        other = await here.client.get("/widget.js", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_the_demo_page_may_run_its_own_scripts_and_nothing_else() -> None:
    async with world() as here:
        policy = (await here.client.get("/widget/demo.html")).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
