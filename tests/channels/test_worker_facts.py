"""What platforms tell of their workers: signed, checked as a whole, and never over the worker's own word."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.reminders.model import Subscription
from actions.reminders.store import Reminders
from channels.platforms import Platforms
from tests.channels.test_visitors import SECRET, Site, token

FACTS = {"scheme": "flexible", "region": "CN-ZJ", "rhythm": "monthly", "pay_day": 15, "months_paid": 60}


@pytest.fixture
def rider_app(tmp_path: Path) -> Platforms:
    path = tmp_path / "platforms.yml"
    path.write_text(
        """
platforms:
  rider-app:
    name: {zh: 骑手通, en: Rider app}
    origins: [https://rider.example]
    keys: [{id: k1, algorithm: HS256, secret_env: SHEBAO_PLATFORM_RIDER_K1}]
    facts: [region, language]
    notify: {url: 'https://rider.example/messages', secret_env: NOTIFY}
""",
        encoding="utf-8",
    )
    return Platforms.load(path, {"SHEBAO_PLATFORM_RIDER_K1": SECRET, "NOTIFY": "n" * 40})


class Told:
    """A platform's back end over one site."""

    def __init__(self, engine: AsyncEngine, platforms: Platforms) -> None:
        self.site, self.reminders = Site(engine, platforms), Reminders(engine)

    async def put(self, body: dict[str, Any], bearer: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token() if bearer is None else bearer}"}
        return await self.site.client.put("/api/v1/workers/w-77/facts", json=body, headers=headers)

    async def subscription(self) -> Subscription:
        """The only worker's."""
        pages = [one async for page in self.reminders.subscriptions.pages(9) for one in page]
        (one,) = pages
        return one


@pytest.fixture
def told(engine: AsyncEngine, rider_app: Platforms) -> Told:
    return Told(engine, rider_app)


async def test_facts_and_the_workers_yes_are_kept(told: Told) -> None:
    answer = await told.put({"facts": FACTS, "reminders": {"agreed": True, "wording": "2026-11"}, "language": "en"})
    assert answer.status_code == 200
    assert answer.json() == {"facts": {name: str(value) for name, value in FACTS.items()}, "reminded": True}
    subscription = await told.subscription()
    assert (subscription.language, subscription.agreed) == ("en", True)
    assert await told.reminders.apps_of(subscription.conversation_id) == ("platform",)


async def test_facts_alone_make_nobody_reminded(told: Told) -> None:
    answer = await told.put({"facts": FACTS})
    assert answer.json()["reminded"] is False


async def test_a_no_takes_everything_back(told: Told) -> None:
    await told.put({"reminders": {"agreed": True, "wording": "1"}})
    answer = await told.put({"reminders": {"agreed": False, "wording": "1"}})
    assert answer.json()["reminded"] is False


async def test_null_takes_a_fact_away(told: Told) -> None:
    await told.put({"facts": FACTS})
    answer = await told.put({"facts": {"pay_day": None}})
    assert "pay_day" not in answer.json()["facts"]


async def test_one_bad_fact_keeps_all_out_and_every_one_is_named(told: Told) -> None:
    answer = await told.put({"facts": FACTS | {"pay_day": 32, "birth": "May", "region": "CN-XX"}})
    assert answer.status_code == 422
    accepted = answer.json()["error"]["accepted"]
    assert all(name in accepted for name in ("pay_day", "birth", "region"))
    assert (await told.put({})).json()["facts"] == {}


@pytest.mark.parametrize(
    "reminders",
    [
        {"agreed": True, "wording": "1", "at": "2999-01-01T00:00:00Z"},
        {"agreed": True, "wording": "1", "time_zone": "Mars/Phobos"},
        {"agreed": True},
        {"agreed": "perhaps", "wording": "1"},
    ],
)
async def test_an_agreement_that_cannot_be_is_refused(told: Told, reminders: dict[str, Any]) -> None:
    assert (await told.put({"reminders": reminders})).status_code == 422


@pytest.mark.parametrize("whose", ["nobody", "nonsense", "another worker", "another secret"])
async def test_only_the_platform_of_the_worker_may_tell(told: Told, whose: str) -> None:
    secret = "another secret that nobody here knows"
    bearers = {"nobody": "", "nonsense": "nonsense", "another worker": token("w-78")}
    bearer = bearers.get(whose, token(secret=secret))
    answer = await told.put({"facts": FACTS}, bearer=bearer)
    assert answer.status_code == 401


async def test_a_payment_that_the_platform_saw_is_a_payment(told: Told) -> None:
    await told.put({"facts": FACTS | {"last_paid": "2026-09"}})
    answer = await told.put({"facts": {"last_paid": "2026-11"}})
    facts = answer.json()["facts"]
    assert (facts["last_paid"], facts["months_paid"]) == ("2026-11", "62")
