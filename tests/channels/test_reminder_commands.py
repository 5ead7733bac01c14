"""`shebao reminders …` and `shebao campaigns …`: what operators read, and how mistakes end."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner

from actions.database import open_database, upgrade_database
from actions.reminders.delivery_rows import Ended, Planned
from actions.reminders.model import DeliveryState
from actions.reminders.store import Reminders
from channels.cli import app

T = TypeVar("T")
FACTS = {"scheme": "flexible", "rhythm": "monthly", "region": "CN-ZJ", "base": "lowest", "pay_day": "15"}


@dataclass
class Office:
    """The commands over one database."""

    address: str

    def run(self, *words: str, code: int = 0) -> str:
        """What a command says."""
        result = CliRunner().invoke(app, [*words])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    def json(self, *words: str) -> Any:
        """What a command says to programs."""
        return json.loads(self.run(*words, "--json"))

    def do(self, work: Callable[[Reminders], Awaitable[T]]) -> T:
        """Something over the same database."""

        async def run() -> T:
            engine = open_database(self.address)
            try:
                return await work(Reminders(engine))
            finally:
                await engine.dispose()

        return asyncio.run(run())


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    address = f"sqlite+aiosqlite:///{tmp_path / 'office.db'}"
    monkeypatch.setenv("SHEBAO_DATABASE_URL", address)
    monkeypatch.setenv("SHEBAO_STATE_DIR", str(tmp_path))
    upgrade_database(address)
    return Office(address)


def now() -> datetime:
    return datetime.now(UTC)


async def worker(reminders: Reminders) -> None:
    await reminders.agree("ann", "zh", "chat", "1", now())
    await reminders.keep_facts("ann", "zh", FACTS, "chat", now())
    at = now() - timedelta(minutes=1)
    planned = Planned("ann", "rule:payment-due", "2099-12/on_the_day", at, at + timedelta(days=2), 60)
    await reminders.deliveries.plan([planned], now())


def test_the_rules_and_campaigns_of_the_project_can_be_used(office: Office) -> None:
    assert "rules and" in office.run("reminders", "check")


def test_planning_counts_workers_and_twice_does_no_harm(office: Office) -> None:
    office.do(worker)
    first, again = (office.json("reminders", "plan") for _ in range(2))
    assert first == again
    assert first["workers"] == 1


def test_due_says_how_many_would_go_and_why_others_would_not(office: Office) -> None:
    office.do(worker)
    said = office.json("reminders", "due")
    assert said["planned"] == 1
    assert sum(said["suppressed"].values()) == 1
    assert said["messages"] == 0


def test_sending_writes_down_how_it_went_and_the_report_has_it(office: Office) -> None:
    office.do(worker)
    office.run("reminders", "send")
    rows = office.json("reminders", "report")
    assert [row["origin"] for row in rows] == ["rule:payment-due"]
    assert "payment-due" in office.run("reminders", "report")


def test_explain_says_why_in_the_language_that_is_asked_for(office: Office) -> None:
    office.do(worker)
    (row,) = office.json("reminders", "explain", "ann", "--lang", "zh")
    assert "提醒" in row["why"]
    assert "reminder" in office.run("reminders", "explain", "ann", "--lang", "en")
    assert "nothing was ever planned" in office.run("reminders", "explain", "bob")


def test_a_dead_one_is_listed_and_can_be_sent_again_once(office: Office) -> None:
    async def dies(reminders: Reminders) -> int:
        await worker(reminders)
        [ids] = await reminders.deliveries.take_due(now(), now(), 10, timedelta(minutes=1))
        await reminders.deliveries.claim(ids, now(), timedelta(minutes=1))
        await reminders.deliveries.record([Ended(ids[0], DeliveryState.DEAD, now(), "MessageInvalid")])
        return ids[0]

    number = office.do(dies)
    assert office.json("reminders", "dead")[0]["reason"] == "MessageInvalid"
    assert "goes out again" in office.run("reminders", "resend", str(number))
    assert "neither dead nor unsure" in office.run("reminders", "resend", str(number), code=1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("reminders", "explain", "ann", "--lang", "fr"), "zh and en are accepted"),
        (("reminders", "work", "--processes", "3"), "SHEBAO_BROKER_URL"),
        (("campaigns", "report", "no-such"), "accepted: back-after-a-break"),
        (("campaigns", "stop", "back-after-a-break", "--by", " "), "--by"),
    ],
)
def test_mistakes_end_in_one_line_that_says_what_is_accepted(
    office: Office, words: tuple[str, ...], says: str
) -> None:  # fmt: skip
    assert says in office.run(*words, code=1).replace("\n", " ")


def test_a_database_without_tables_is_told_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_DATABASE_URL", office.address.replace("office.db", "empty.db"))
    assert "shebao database upgrade" in office.run("reminders", "plan", code=1)


def test_a_broker_that_cannot_be_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_BROKER_URL", "redis://127.0.0.1")
    assert "amqp://" in office.run("reminders", "send", code=1)


def test_a_draft_shows_what_is_missing_before_its_start(office: Office) -> None:
    office.do(worker)
    said = office.run("campaigns", "preflight", "back-after-a-break", "--lang", "en")
    assert "approver is missing" in said
    assert "draft" in office.run("campaigns", "list")


def test_a_stopped_campaign_stays_stopped(office: Office) -> None:
    assert "is stopped" in office.run("campaigns", "stop", "back-after-a-break", "--by", "Team for contributions")
    assert office.json("campaigns", "list")[0]["state"] == "stopped"
    office.run("campaigns", "report", "back-after-a-break")
