"""A person takes a conversation over: the assistant keeps silent, the talk is kept masked, the worker can go back."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from channels.app import create_app
from channels.messaging import Messaging
from channels.settings import Settings
from tests.channels.channel_world import FakeServer, Handler, World
from tests.channels.pigeon import SEAL, Pigeon, request

TOKEN = "desk-token-of-the-tests-0123456789"
DESK = {"Authorization": f"Bearer {TOKEN}", "X-Desk": "desk 1"}


def rasa(outcome: str = "handoff_requested") -> Handler:
    """Opens a handoff where a person is asked for, and answers everything else."""

    async def turn(asked: httpx.Request) -> httpx.Response:
        wants = "人工" in asked.content.decode()
        said = {"text": "好，找同事。" if wants else "答。"}
        return httpx.Response(200, json=[said, {"custom": {"outcome": outcome if wants else "answered"}}])

    return turn


class Office(World):
    """The channel server with a desk and a pigeon."""

    pigeon: Pigeon
    app: object


async def office(engine: AsyncEngine, outcome: str = "handoff_requested", desk: str = TOKEN) -> Office:
    """A fresh one over this database."""
    fake, pigeon = FakeServer(rasa(outcome)), Pigeon()
    app = create_app(
        Settings(desk_token=SecretStr(desk)),
        rasa_transport=httpx.MockTransport(fake),
        actions_transport=httpx.MockTransport(fake),
        messaging=Messaging((pigeon,), engine, SEAL, timedelta(days=730)),
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")
    found = Office(client, fake, fake)
    found.pigeon, found.app = pigeon, app
    return found


async def talk(at: Office, *lines: str, **more: object) -> tuple[str, list[str | None]]:
    """Says the lines one after the other; the conversation's id, and the outcome of the last reply to each."""
    conversation: str | None = None
    outcomes = []
    for line in lines:
        content = {"payload": line} if line.startswith("/") else {"text": line}
        body = {**content, **({"conversation_id": conversation} if conversation else {}), **more}
        answer = (await at.client.post("/api/v1/messages", json=body)).json()
        conversation = answer["conversation_id"]
        outcomes.append(answer["replies"][-1]["outcome"])
    assert conversation
    return conversation, outcomes


@pytest.mark.parametrize("outcome", ["handoff_requested", "handoff_distress"])
async def test_while_a_person_is_asked_for_the_assistant_keeps_silent(engine: AsyncEngine, outcome: str) -> None:
    at = await office(engine, outcome)
    _, outcomes = await talk(at, "断缴了怎么办", "人工", "在吗", "还有人吗")
    assert outcomes == ["answered", outcome, "handoff_waiting", "handoff_waiting"]
    assert at.heard() == ["断缴了怎么办", "人工"]


async def test_the_desk_reads_what_was_said_with_numbers_covered_and_answers(engine: AsyncEngine) -> None:
    at = await office(engine)
    conversation, _ = await talk(at, "我的身份证是11010519491231002X，断缴了", "人工", "电话13912345678")
    (waiting,) = (await at.client.get("/api/v1/handoffs", headers=DESK)).json()
    whole = (await at.client.get(f"/api/v1/handoffs/{waiting['id']}", headers=DESK)).text
    assert "断缴了" in whole
    assert "11010519491231002X" not in whole
    assert "13912345678" not in whole
    assert (await at.client.post(f"/api/v1/handoffs/{waiting['id']}/claim", headers=DESK)).status_code == 200
    answer = await at.client.post(f"/api/v1/handoffs/{waiting['id']}/answer", headers=DESK, json={"text": "我来帮你。"})
    assert answer.status_code == 200
    news = (await at.client.get(f"/api/v1/conversations/{conversation}/news?after=0")).json()
    assert [line["text"] for line in news["lines"]] == ["我来帮你。"]
    assert news["handoff"] == "claimed"


async def test_the_desk_gives_back_and_the_assistant_answers_again(engine: AsyncEngine) -> None:
    at = await office(engine)
    conversation, _ = await talk(at, "人工")
    (waiting,) = (await at.client.get("/api/v1/handoffs", headers=DESK)).json()
    await at.client.post(f"/api/v1/handoffs/{waiting['id']}/claim", headers=DESK)
    assert (await at.client.post(f"/api/v1/handoffs/{waiting['id']}/close", headers=DESK)).status_code == 200
    body = {"conversation_id": conversation, "text": "断缴了怎么办"}
    answer = (await at.client.post("/api/v1/messages", json=body)).json()
    assert answer["replies"][-1]["outcome"] == "answered"


async def test_the_worker_can_go_back_to_the_assistant(engine: AsyncEngine) -> None:
    at = await office(engine)
    _, outcomes = await talk(at, "人工", "/cancel", "断缴了怎么办")
    assert outcomes == ["handoff_requested", "handoff_closed", "answered"]


async def test_the_persons_words_reach_the_worker_in_the_same_app(engine: AsyncEngine) -> None:
    at = await office(engine)
    dispatcher = at.app.state.dispatcher  # type: ignore[attr-defined]
    await dispatcher.receive(at.pigeon, request(text="人工"))
    while dispatcher._tasks:
        await asyncio.wait(set(dispatcher._tasks))
    (waiting,) = (await at.client.get("/api/v1/handoffs", headers=DESK)).json()
    await at.client.post(f"/api/v1/handoffs/{waiting['id']}/claim", headers=DESK)
    answer = await at.client.post(f"/api/v1/handoffs/{waiting['id']}/answer", headers=DESK, json={"text": "我来帮你。"})
    assert answer.json()["delivered"] is True
    assert at.pigeon.texts[-1] == "我来帮你。"


async def test_without_a_desk_the_assistant_goes_on(engine: AsyncEngine) -> None:
    at = await office(engine, desk="")
    _, outcomes = await talk(at, "人工", "断缴了怎么办")
    assert outcomes == ["handoff_requested", "answered"]
    assert (await at.client.get("/api/v1/handoffs", headers=DESK)).status_code == 403


async def test_deleting_ones_data_deletes_the_talk_with_the_colleague(engine: AsyncEngine) -> None:
    at = await office(engine, "data_deleted")
    first = await office(engine)
    conversation, _ = await talk(first, "人工")
    body = {"conversation_id": conversation, "payload": "/cancel"}
    await first.client.post("/api/v1/messages", json=body)
    await at.client.post("/api/v1/messages", json={"conversation_id": conversation, "text": "人工，都删掉"})
    assert (await first.client.get("/api/v1/handoffs", headers=DESK)).json() == []
