"""The action server as Rasa and the gateway call it: the real Sanic application on a free port.

`recorded_action_call.json` is what Rasa 3.6.21 sends for a question: made by its own `RemoteAction` from the
project's domain, so its shape is Rasa's and not ours.
"""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic
from sanic.application.constants import ServerStage
from sanic.application.state import ApplicationServerInfo

from actions.answering.shelf import Shelf
from actions.database import open_database, upgrade_database
from actions.reminders.store import Reminders
from actions.server import ACTIONS, build_app
from actions.settings import Settings
from actions.workers import Workers
from tests.actions.custom.desk_world import NOW
from tests.fakes import WordCountEmbedder
from tests.folders import article, change, copy_small_folder, open_small

RECORDED = json.loads((Path(__file__).parent / "recorded_action_call.json").read_text(encoding="utf-8"))

# Rasa 3.6 is the last open version; the SDK speaks the same protocol and says so on every call.
pytestmark = pytest.mark.filterwarnings("ignore:Your versions of rasa and rasa_sdk:UserWarning")


@pytest.fixture
def address(tmp_path: Path) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path / 'shebao.db'}"
    upgrade_database(url)
    return url


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its index, to be copied."""
    place = tmp_path_factory.mktemp("built")
    open_small(copy_small_folder(place), place / "index")
    return place


@pytest.fixture
def shelf(built: Path, tmp_path: Path) -> Shelf:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return Shelf(tmp_path / "knowledge", tmp_path / "index", WordCountEmbedder(), lambda: NOW)


@pytest.fixture
async def running(shelf: Shelf, address: str) -> AsyncIterator[Any]:
    """Sanic's server on a free port; its tasks do not run before a test starts them."""
    Sanic.test_mode = True  # lets each test build its own application under the SDK's one name
    engine = open_database(address)
    app = build_app(
        Settings(retrieval_deadline_seconds=4.0, knowledge_check_seconds=0.1), shelf, Workers(engine), Reminders(engine)
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        running = await app.create_server(sock=free, return_asyncio_server=True)
        assert running is not None
        await running.startup()
        yield running
        await running.before_stop()
        app.shutdown_tasks(timeout=0)
        running.close()
    await engine.dispose()


@pytest.fixture
async def server(running: Any) -> AsyncIterator[httpx.AsyncClient]:
    port = running.server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client


async def start_tasks(running: Any) -> None:
    """What looks at the folder and lets old rows expire."""
    running.app.state.server_info.append(ApplicationServerInfo({}, ServerStage.SERVING))  # else Sanic starts no task
    await running.after_start()


def called(action: str, **latest: Any) -> dict[str, Any]:
    """The recorded call for another action or message."""
    tracker = RECORDED["tracker"]
    return {
        **RECORDED,
        "next_action": action,
        "tracker": {**tracker, "latest_message": {**tracker["latest_message"], **latest}},
    }


async def test_rasa_s_own_call_is_answered_with_events_and_responses(server: httpx.AsyncClient) -> None:
    response = await server.post("/webhook", json=RECORDED)
    assert response.status_code == 200
    said = response.json()
    assert set(said) == {"events", "responses"}
    assert {event["name"]: event["value"] for event in said["events"]} == {
        "misses": 0,
        "last_article": "transfer/between-provinces",
    }
    words, rest = said["responses"]
    assert words["text"].startswith("不会丢")
    assert rest["custom"]["outcome"] == "answered"


@pytest.mark.parametrize("action", [action.__name__ for action in ACTIONS])
async def test_every_action_answers_rasa_s_call(server: httpx.AsyncClient, action: str) -> None:
    name = "action" + "".join(f"_{c.lower()}" if c.isupper() else c for c in action)
    response = await server.post("/webhook", json=called(name))
    assert response.status_code == 200
    assert response.json()["responses"][0]["text"]


async def test_an_action_that_does_not_exist_is_refused(server: httpx.AsyncClient) -> None:
    response = await server.post("/webhook", json=called("action_make_coffee"))
    assert response.status_code == 404
    assert response.json()["action_name"] == "action_make_coffee"


async def test_the_message_that_was_masked_by_nobody_is_not_stored(server: httpx.AsyncClient, address: str) -> None:
    await server.post("/webhook", json=called("action_answer_question", text="我电话13812345678，怎么转"))
    assert b"13812345678" not in b"".join(
        path.read_bytes() for path in Path(address.split("///")[1]).parent.glob("shebao.db*")
    )


async def test_one_question_is_answered_without_a_conversation(server: httpx.AsyncClient) -> None:
    response = await server.post("/answers", json={"text": "灵活就业一个月最少交多少钱", "region": "CN-ZJ"})
    assert response.status_code == 200
    said = response.json()
    assert said["outcome"] == "answered"
    assert "997.2元" in said["answer"]
    assert "元" in response.text  # Chinese is written as Chinese
    assert set(said) == {
        "outcome", "answer", "language", "article_id", "title", "score", "region",
        "citations", "next_steps", "suggestions", "reviewed_on", "timings_ms",
    }  # fmt: skip
    assert set(said["citations"][0]) == {"title", "source", "as_of", "url"}


@pytest.mark.parametrize(("on", "words"), [("2029-12-31", "15年"), ("2030-01-01", "15年零6个月")])
async def test_a_question_may_be_asked_for_another_day(server: httpx.AsyncClient, on: str, words: str) -> None:
    response = await server.post("/answers", json={"text": "养老保险最少交几年", "on": on})
    assert response.json()["answer"].split("\n")[0] == f"现在最少要交{words}。"


async def test_the_wished_language_is_used(server: httpx.AsyncClient) -> None:
    response = await server.post("/answers", json={"text": "跨省转移怎么转", "language": "en"})
    assert response.json()["answer"].startswith("Nothing is lost")


BAD = [
    ({}, "text"),
    ({"text": ""}, "text"),
    ({"text": "x" * 4001}, "text"),
    ({"text": 5}, "text"),
    ({"text": "x", "language": "de"}, "language"),
    ({"text": "x", "region": "CN-XX"}, "region"),
    ({"text": "x", "region": "x" * 41}, "region"),
    ({"text": "x", "on": "someday"}, "on"),
    ({"text": "x", "colour": "red"}, "colour"),
    ([], "body"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
async def test_a_bad_body_names_the_field(server: httpx.AsyncClient, body: Any, field: str) -> None:
    response = await server.post("/answers", json=body)
    assert response.status_code == 422
    assert response.json()["error"].startswith(f"{field}: ")


@pytest.mark.parametrize("path", ["/answers", "/conversations/forget"])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null"])
async def test_a_body_that_is_no_json_object_is_refused(server: httpx.AsyncClient, path: str, body: bytes) -> None:
    response = await server.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["error"].startswith("body: ")


async def test_the_input_is_never_echoed_in_an_error(server: httpx.AsyncClient) -> None:
    response = await server.post("/answers", json={"text": "ok", "secret13812345678": "x", "on": "13812345678"})
    assert "13812345678" not in response.json()["error"].replace("secret13812345678: ", "")


async def test_every_place_is_listed_with_its_province(server: httpx.AsyncClient) -> None:
    places = {place["code"]: place for place in (await server.get("/regions")).json()}
    assert places["CN-GD.shenzhen"] == {
        "code": "CN-GD.shenzhen",
        "name": {"zh": "深圳", "en": "Shenzhen"},
        "level": "city",
        "parent": "CN-GD",
    }
    assert (places["CN-GD"]["level"], places["CN-GD"]["parent"]) == ("province", "CN")


async def test_a_ready_server_is_healthy_and_counts_its_articles(server: httpx.AsyncClient) -> None:
    response = await server.get("/healthz")
    state = {"loaded_at": NOW.isoformat(), "problem": None}
    assert (response.status_code, response.json()) == (200, {"status": "ok", "articles": 4, "knowledge": state})


async def test_answers_are_counted_by_outcome(server: httpx.AsyncClient) -> None:
    await server.post("/answers", json={"text": "明天下雨吗"})
    text = (await server.get("/metrics")).text
    assert 'shebao_answers_total{outcome="refused_out_of_scope"} 1.0' in text
    assert "shebao_answer_seconds_count 1.0" in text


async def test_a_conversation_is_forgotten_on_request(server: httpx.AsyncClient) -> None:
    await server.post("/webhook", json=RECORDED)
    who = {"conversation_id": RECORDED["sender_id"]}
    assert (await server.post("/conversations/forget", json=who)).json() == {"deleted": 2}
    assert (await server.post("/conversations/forget", json=who)).json() == {"deleted": 0}


@pytest.mark.parametrize("body", [{}, {"conversation_id": ""}, {"conversation_id": "x" * 65}])
async def test_a_conversation_to_forget_must_be_named(server: httpx.AsyncClient, body: dict[str, str]) -> None:
    response = await server.post("/conversations/forget", json=body)
    assert response.status_code == 422
    assert response.json()["error"].startswith("conversation_id: ")


async def test_a_saved_article_is_in_force_and_a_broken_one_is_shown(
    running: Any, server: httpx.AsyncClient, shelf: Shelf
) -> None:
    await start_tasks(running)
    state = (await server.get("/healthz")).json()["knowledge"]
    assert state["problem"] is None
    path = article(shelf.folder, "transfer/between-provinces")
    change(path, "# zh\n", "# zh\n放心。")
    await until(lambda: shelf.loads == 2)
    told = await server.post("/answers", json={"text": "跨省转移怎么转"})
    assert "放心。" in told.json()["answer"]
    change(path, "# en", "# fr")
    await until(lambda: shelf.refusals == 1)
    told = await server.post("/answers", json={"text": "跨省转移怎么转"})
    assert "放心。" in told.json()["answer"]
    assert "between-provinces" in (await server.get("/healthz")).json()["knowledge"]["problem"]
    assert "shebao_knowledge_broken 1.0" in (await server.get("/metrics")).text


async def until(reached: Callable[[], bool]) -> None:
    """Waits for the task that looks at the folder."""
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110 - the shelf tells nobody when it is done
            await asyncio.sleep(0.05)
