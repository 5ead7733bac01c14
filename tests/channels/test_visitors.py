"""Workers whose platform signs for them: known by the token, not by the id of the conversation."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.workers import Workers
from channels.app import create_app
from channels.contacts import Contacts
from channels.links import Links
from channels.messaging import Messaging
from channels.platforms import Platforms
from channels.sentences import load_sentences
from channels.settings import Settings
from tests.channels.channel_world import FakeServer, Handler, says
from tests.channels.pigeon import SEAL

SECRET = "a secret that the rider app and we share, long enough"
ORIGIN = "https://rider.example"
FILE = """
platforms:
  rider-app:
    name: {zh: 骑手通, en: Rider app}
    origins: [https://rider.example]
    keys: [{id: k1, algorithm: HS256, secret_env: SHEBAO_PLATFORM_RIDER_K1}]
    facts: [region, language]
"""


@pytest.fixture
def platforms(tmp_path: Path) -> Platforms:
    """One platform with one key."""
    path = tmp_path / "platforms.yml"
    path.write_text(FILE, encoding="utf-8")
    return Platforms.load(path, {"SHEBAO_PLATFORM_RIDER_K1": SECRET})


def token(worker: str = "w-77", secret: str = SECRET, **facts: str) -> str:
    """What the platform's back end signs."""
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": "rider-app", "sub": worker, "aud": "shebao-assistant", "iat": now, "exp": now + timedelta(minutes=5),
        "facts": facts,
    }  # fmt: skip
    return jwt.encode(claims, secret, "HS256", {"kid": "k1"})


class Site:
    """The channel server as a page of the platform calls it."""

    def __init__(self, engine: AsyncEngine, platforms: Platforms, rasa: Handler | None = None) -> None:
        self.rasa = FakeServer(rasa or says({"text": "好。"}))
        app = create_app(
            Settings(),
            rasa_transport=httpx.MockTransport(self.rasa),
            actions_transport=httpx.MockTransport(self.rasa),
            messaging=Messaging((), engine, SEAL, timedelta(days=730), platforms=platforms),
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")

    async def say(self, given: str | None = None, conversation: str | None = None, **more: Any) -> httpx.Response:
        """One message, with a token where one is given."""
        headers = {"Origin": ORIGIN} | ({"Authorization": f"Bearer {given}"} if given else {})
        body = {"text": "你好", **({"conversation_id": conversation} if conversation else {}), **more}
        return await self.client.post("/api/v1/messages", json=body, headers=headers)


async def test_a_worker_finds_their_conversation_again_from_any_device(
    engine: AsyncEngine, platforms: Platforms
) -> None:
    site = Site(engine, platforms)
    first = (await site.say(token())).json()["conversation_id"]
    again = (await site.say(token())).json()["conversation_id"]
    other = (await site.say(token("w-78"))).json()["conversation_id"]
    assert first == again != other


async def test_the_id_of_a_known_workers_conversation_opens_nothing(engine: AsyncEngine, platforms: Platforms) -> None:
    site = Site(engine, platforms)
    stolen = (await site.say(token())).json()["conversation_id"]
    refused = await site.say(None, stolen)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "conversation_unknown")
    mine = (await site.say(token("w-78"), stolen)).json()["conversation_id"]
    assert mine != stolen


async def test_what_a_colleague_wrote_to_a_known_worker_is_read_with_their_token_only(
    engine: AsyncEngine, platforms: Platforms
) -> None:
    site = Site(engine, platforms)
    conversation = (await site.say(token())).json()["conversation_id"]
    path = f"/api/v1/conversations/{conversation}/news"

    async def asked(given: str | None) -> int:
        headers = {"Origin": ORIGIN} | ({"Authorization": f"Bearer {given}"} if given else {})
        return (await site.client.get(path, headers=headers)).status_code

    assert [await asked(given) for given in (None, token("w-78"), token())] == [422, 422, 200]


async def test_without_a_token_one_talks_anonymously(engine: AsyncEngine, platforms: Platforms) -> None:
    site = Site(engine, platforms)
    first = (await site.say()).json()["conversation_id"]
    assert (await site.say(None, first)).json()["conversation_id"] == first


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (lambda: token(secret="another secret of the same length, or longer"), "token_signature"),
        (lambda: "not.a.token", "token_malformed"),
        (lambda: "", "token_malformed"),
        (lambda: token(region="Mars"), "token_claims"),
    ],
)
async def test_a_token_that_does_not_hold_is_refused_and_no_turn_is_taken(
    engine: AsyncEngine, platforms: Platforms, given: Callable[[], str], code: str
) -> None:
    site = Site(engine, platforms)
    headers = {"Authorization": f"Bearer {given()} ", "Origin": ORIGIN}
    refused = await site.client.post("/api/v1/messages", json={"text": "你好"}, headers=headers)
    assert (refused.status_code, code in refused.json()["error"]["accepted"]) == (401, True)
    assert site.rasa.received == []


async def test_neither_the_workers_id_nor_the_token_is_kept(engine: AsyncEngine, platforms: Platforms) -> None:
    given = token("employee-007", region="CN-ZJ")
    await Site(engine, platforms).say(given)
    async with engine.connect() as connection:
        held = ""
        for table in ("contacts", "workers", "consents", "inbox"):
            held += str((await connection.execute(text(f"select * from {table}"))).all())
    assert "employee-007" not in held
    assert given[-20:] not in held


async def test_the_place_that_a_platform_tells_counts_until_the_worker_says_another(
    engine: AsyncEngine, platforms: Platforms
) -> None:
    site, workers = Site(engine, platforms), Workers(engine)
    conversation = (await site.say(token(region="CN-ZJ.hangzhou"))).json()["conversation_id"]
    assert (await workers.held(conversation)).region == "CN-ZJ.hangzhou"
    await workers.remember(conversation, "zh", "CN-SC", datetime.now(UTC))
    await site.say(token(region="CN-ZJ.hangzhou"))
    assert (await workers.held(conversation)).region == "CN-SC"


async def test_deleting_ones_data_ends_the_conversation_for_good(engine: AsyncEngine, platforms: Platforms) -> None:
    gone = says({"text": "删了。"}, {"custom": {"outcome": "data_deleted", "language": "zh"}})
    first = (await Site(engine, platforms).say(token())).json()["conversation_id"]
    await Site(engine, platforms, gone).say(token())
    assert (await Site(engine, platforms).say(token())).json()["conversation_id"] != first


async def test_only_the_platforms_own_pages_may_read_the_answers(engine: AsyncEngine, platforms: Platforms) -> None:
    site = Site(engine, platforms)
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    ours = await site.client.options("/api/v1/messages", headers={"Origin": ORIGIN, **asked})
    others = await site.client.options("/api/v1/messages", headers={"Origin": "https://evil.example", **asked})
    assert ours.headers.get("access-control-allow-origin") == ORIGIN
    assert "access-control-allow-origin" not in others.headers


def code_in(answer: httpx.Response) -> str:
    """The code of a reply to "link"."""
    found = re.search(r"\d{6}", answer.json()["replies"][0]["text"])
    assert found is not None
    return found[0]


async def test_a_page_and_an_app_are_joined_by_a_code_either_way_round(
    engine: AsyncEngine, platforms: Platforms
) -> None:
    site = Site(engine, platforms)
    contacts = Contacts(engine, SEAL)
    app = await contacts.heard_from("telegram", "7", datetime.now(UTC), "zh")
    links = Links(contacts, load_sentences(), lambda: datetime.now(UTC))

    (told,) = await links.answer(app, "绑定")
    code = "".join(filter(str.isdigit, told.text))[:6]
    joined = (await site.say(token(), text=f"绑定 {code}")).json()
    assert "绑好了" in joined["replies"][0]["text"]
    assert joined["conversation_id"] == app.conversation_id
    assert (await site.say(token())).json()["conversation_id"] == app.conversation_id

    second = await contacts.heard_from("sms", "8", datetime.now(UTC), "en")
    offered = code_in(await site.say(token(), text="link", language="en"))
    (done,) = await links.answer(second, f"link {offered}")
    assert done.text.startswith("Done")
    assert (await contacts.heard_from("sms", "8", datetime.now(UTC), "en")).conversation_id == app.conversation_id


@pytest.mark.parametrize(("language", "words"), [("zh", "没登录"), ("en", "not logged in")])
async def test_a_page_without_a_login_is_told_why_it_cannot_be_linked(
    engine: AsyncEngine, platforms: Platforms, language: str, words: str
) -> None:
    site = Site(engine, platforms)
    answer = (await site.say(text="绑定", language=language)).json()
    assert words in answer["replies"][0]["text"]
    assert (await site.say(conversation=answer["conversation_id"])).status_code == 200


async def test_codes_cannot_be_tried_on_the_web_without_end(engine: AsyncEngine, platforms: Platforms) -> None:
    site = Site(engine, platforms)
    contacts = Contacts(engine, SEAL)
    app = await contacts.heard_from("telegram", "7", datetime.now(UTC), "zh")
    code = await contacts.code_for(app.conversation_id, datetime.now(UTC))
    wrong = [f"{number:06}" for number in range(6) if f"{number:06}" != code][:5]
    for tried in wrong:
        assert "不对" in (await site.say(token(), text=f"绑定{tried}")).json()["replies"][0]["text"]
    assert "不对" in (await site.say(token(), text=f"绑定{code}")).json()["replies"][0]["text"]
