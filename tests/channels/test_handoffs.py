"""Conversations that a person takes over, on SQLite and on PostgreSQL: the same claims hold for both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from sqlalchemy import delete, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.database import HandoffLineRow, HandoffRow, open_database, upgrade_database
from channels.handoffs import (
    LINES_AT_ONCE,
    ClaimedByAnother,
    Handoff,
    HandoffFailure,
    Handoffs,
    Line,
    UnknownHandoff,
    WrongState,
)
from tests.databases import postgresql, sqlite

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANN, BO = "a" * 32, "b" * 32
SAID = (
    Line("worker", "断缴了怎么办", NOON - timedelta(minutes=3)),
    Line("assistant", "可以补缴。", NOON - timedelta(minutes=3)),
    Line("worker", "我想找人", NOON - timedelta(minutes=1)),
)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desks:
    """A database, and as many processes at work on it as are asked for."""

    address: str
    engine: AsyncEngine
    clock: Clock
    engines: list[AsyncEngine] = field(default_factory=list)

    @property
    def handoffs(self) -> Handoffs:
        return Handoffs(self.engine, self.clock)

    def another(self) -> Handoffs:
        self.engines.append(open_database(self.address))
        return Handoffs(self.engines[-1], self.clock)

    async def opened(self, who: str = ANN, transcript: tuple[Line, ...] = SAID) -> Handoff:
        return await self.handoffs.open(who, "requested", "zh", "web", transcript)

    async def claimed(self, who: str = ANN, desk: str = "Li") -> Handoff:
        return await self.handoffs.claim((await self.opened(who)).id, desk)

    async def rows(self) -> tuple[int, int]:
        async with self.engine.connect() as connection:
            handoffs = await connection.scalar(select(func.count()).select_from(HandoffRow))
            lines = await connection.scalar(select(func.count()).select_from(HandoffLineRow))
        return handoffs or 0, lines or 0


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sqlite(tmp_path_factory.mktemp("db")) if request.param == "sqlite" else postgresql() as url:
        upgrade_database(url)
        yield url


@pytest.fixture
async def desks(address: str) -> AsyncIterator[Desks]:
    engine = open_database(address)
    async with engine.begin() as connection:
        for table in (HandoffRow, HandoffLineRow):
            await connection.execute(delete(table))
    here = Desks(address, engine, Clock())
    yield here
    for each in (engine, *here.engines):
        await each.dispose()


def words(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.said_by, line.text) for line in lines]


async def outcome(asked: Awaitable[object]) -> str:
    """What became of a call: the name of the failure, or `done`."""
    try:
        await asked
    except HandoffFailure as failure:
        return type(failure).__name__
    return "done"


async def test_a_new_handoff_waits_and_holds_what_was_said_before(desks: Desks) -> None:
    opened = await desks.handoffs.open(ANN, "distress", "en", "telegram", SAID)
    assert opened == Handoff(opened.id, ANN, "distress", "en", "telegram", "waiting", NOON)
    kept = await desks.handoffs.lines(opened.id)
    assert [replace(line, id=0) for line in kept] == list(SAID)
    assert all(first.id < second.id for first, second in pairwise(kept))


async def test_opening_twice_gives_the_open_one_and_adds_nothing(desks: Desks) -> None:
    first = await desks.opened()
    desks.clock.now += timedelta(minutes=5)
    assert await desks.handoffs.open(ANN, "misses", "en", "sms", SAID) == first
    claimed = await desks.handoffs.claim(first.id, "Li")
    assert await desks.opened() == claimed
    assert await desks.rows() == (1, len(SAID))


async def test_many_processes_that_open_at_once_open_one(desks: Desks) -> None:
    opened = await asyncio.gather(
        *(desks.another().open(ANN, "requested", "zh", "web", SAID) for _ in range(6)), desks.opened(BO)
    )
    assert len({handoff.id for handoff in opened[:6]}) == 1
    assert await desks.rows() == (2, 2 * len(SAID))


async def test_a_closed_conversation_can_be_handed_over_again(desks: Desks) -> None:
    first = await desks.claimed()
    await desks.handoffs.close(first.id, "Li")
    second = await desks.opened()
    assert second.id > first.id
    assert second.state == "waiting"


async def test_only_an_open_handoff_of_this_conversation_is_current(desks: Desks) -> None:
    await desks.opened(BO)
    assert await desks.handoffs.current(ANN) is None
    opened = await desks.opened()
    assert await desks.handoffs.current(ANN) == opened
    claimed = await desks.handoffs.claim(opened.id, "Li")
    assert await desks.another().current(ANN) == claimed
    await desks.handoffs.close(opened.id, "Li")
    assert await desks.handoffs.current(ANN) is None


async def test_asking_for_the_current_one_is_one_query_and_is_never_remembered(desks: Desks) -> None:
    asked: list[str] = []
    event.listen(desks.engine.sync_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    handoffs = desks.handoffs
    assert await handoffs.current(ANN) is None
    assert len([text for text in asked if text.startswith("SELECT handoffs")]) == 1
    await desks.another().open(ANN, "requested", "zh", "web", ())
    assert await handoffs.current(ANN) is not None


async def test_of_two_desks_that_claim_at_once_one_wins(desks: Desks) -> None:
    opened = await desks.opened()
    names = [f"desk {number}" for number in range(6)]
    outcomes = await asyncio.gather(*(outcome(desks.another().claim(opened.id, name)) for name in names))
    assert sorted(outcomes) == ["ClaimedByAnother"] * 5 + ["done"]
    winner = await desks.handoffs.current(ANN)
    assert winner is not None
    assert winner.claimed_by == names[outcomes.index("done")]


async def test_claiming_again_changes_nothing(desks: Desks) -> None:
    claimed = await desks.claimed()
    desks.clock.now += timedelta(hours=1)
    assert await desks.handoffs.claim(claimed.id, "Li") == claimed
    assert (claimed.claimed_by, claimed.claimed_at) == ("Li", NOON)


async def in_state(desks: Desks, state: str, who: str) -> int:
    """A handoff of Li's in that state."""
    opened = await desks.opened(who)
    if state in ("claimed", "closed"):
        await desks.handoffs.claim(opened.id, "Li")
    if state == "closed":
        await desks.handoffs.close(opened.id, "Li")
    return opened.id + 1000 * (state == "unknown")


CALLS: dict[str, Callable[[Handoffs, int], Awaitable[object]]] = {
    "Li claims": lambda handoffs, number: handoffs.claim(number, "Li"),
    "Wu claims": lambda handoffs, number: handoffs.claim(number, "Wu"),
    "Li answers": lambda handoffs, number: handoffs.answer(number, "Li", "你好"),
    "Wu answers": lambda handoffs, number: handoffs.answer(number, "Wu", "你好"),
    "Li closes": lambda handoffs, number: handoffs.close(number, "Li", "再见"),
    "Wu closes": lambda handoffs, number: handoffs.close(number, "Wu", "再见"),
    "the worker speaks": lambda handoffs, number: handoffs.worker_said(number, "在吗"),
    "the lines are read": lambda handoffs, number: handoffs.lines(number),
    "it is read": lambda handoffs, number: handoffs.get(number),
}
WRONG, OTHER, GONE, DONE = "WrongState", "ClaimedByAnother", "UnknownHandoff", "done"
#                       waiting  claimed by Li  closed  unknown
MATRIX = {
    "Li claims":          (DONE,  DONE,  WRONG, GONE),
    "Wu claims":          (DONE,  OTHER, WRONG, GONE),
    "Li answers":         (WRONG, DONE,  WRONG, GONE),
    "Wu answers":         (WRONG, OTHER, WRONG, GONE),
    "Li closes":          (WRONG, DONE,  WRONG, GONE),
    "Wu closes":          (WRONG, OTHER, WRONG, GONE),
    "the worker speaks":  (DONE,  DONE,  WRONG, GONE),
    "the lines are read": (DONE,  DONE,  DONE,  GONE),
    "it is read":         (DONE,  DONE,  DONE,  GONE),
}  # fmt: skip
STATES = ("waiting", "claimed", "closed", "unknown")


@pytest.mark.parametrize("call", CALLS)
async def test_what_can_be_done_to_a_handoff_depends_on_its_state_and_desk(desks: Desks, call: str) -> None:
    numbers = [await in_state(desks, state, f"{place:032x}") for place, state in enumerate(STATES)]
    for number, state, expected in zip(numbers, STATES, MATRIX[call], strict=True):
        before = await desks.rows()
        assert await outcome(CALLS[call](desks.handoffs, number)) == expected, state
        if expected != DONE:
            assert await desks.rows() == before


async def test_a_wrong_state_says_which_states_would_do(desks: Desks) -> None:
    opened = await desks.opened()
    with pytest.raises(WrongState) as caught:
        await desks.handoffs.answer(opened.id, "Li", "秘密")
    assert (caught.value.state, caught.value.accepted) == ("waiting", ("claimed",))
    assert "秘密" not in str(caught.value)


async def test_the_talk_is_kept_in_order_and_read_on_from_a_line(desks: Desks) -> None:
    claimed = await desks.claimed()
    answer = await desks.handoffs.answer(claimed.id, "Li", "你好")
    said = await desks.handoffs.worker_said(claimed.id, "在吗\0")
    assert said.id > answer.id
    assert words(await desks.handoffs.lines(claimed.id))[3:] == [("desk", "你好"), ("worker", "在吗")]
    assert await desks.handoffs.lines(claimed.id, after=answer.id) == [replace(said, text="在吗")]
    assert await desks.handoffs.lines(claimed.id, after=said.id) == []


async def test_a_page_polls_desk_lines_and_the_closing_line_and_nothing_else(desks: Desks) -> None:
    claimed = await desks.claimed()
    other = await desks.claimed(BO)
    await desks.handoffs.answer(other.id, "Li", "给别人的")
    first = await desks.handoffs.answer(claimed.id, "Li", "你好")
    await desks.handoffs.worker_said(claimed.id, "在吗")
    desks.clock.now += timedelta(minutes=1)
    await desks.handoffs.close(claimed.id, "Li", "还是我来答")
    assert words(await desks.handoffs.answers_for(ANN, 0)) == [("desk", "你好"), ("assistant", "还是我来答")]
    assert words(await desks.handoffs.answers_for(ANN, first.id)) == [("assistant", "还是我来答")]
    assert await desks.handoffs.answers_for("c" * 32, 0) == []


async def test_what_the_assistant_said_before_is_no_closing_line_even_at_the_same_moment(desks: Desks) -> None:
    opened = await desks.opened(transcript=(Line("assistant", "我去叫人", NOON),))
    await desks.handoffs.claim(opened.id, "Li")
    await desks.handoffs.close(opened.id, "Li", "完")
    assert words(await desks.handoffs.answers_for(ANN, 0)) == [("assistant", "完")]


async def test_closing_without_words_adds_no_line(desks: Desks) -> None:
    claimed = await desks.claimed()
    desks.clock.now += timedelta(minutes=1)
    shut = await desks.handoffs.close(claimed.id, "Li")
    assert (shut.state, shut.closed_at) == ("closed", NOON + timedelta(minutes=1))
    assert await desks.handoffs.answers_for(ANN, 0) == []


async def test_nothing_is_answered_after_the_close_even_at_the_same_moment(desks: Desks) -> None:
    claimed = await desks.claimed()
    desk, window = desks.another(), desks.another()
    outcomes = await asyncio.gather(
        *(outcome(desk.answer(claimed.id, "Li", f"{n}")) for n in range(4)),
        outcome(window.close(claimed.id, "Li", "完")),
        *(outcome(desk.answer(claimed.id, "Li", f"{n}")) for n in range(4, 8)),
    )
    assert set(outcomes) <= {DONE, WRONG}
    lines = words(await desks.handoffs.lines(claimed.id))
    assert lines[-1] == ("assistant", "完")
    assert len(lines) == len(SAID) + outcomes.count(DONE)


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_long_talk_is_read_in_parts(desks: Desks, extra: int) -> None:
    count = LINES_AT_ONCE + extra
    opened = await desks.opened(transcript=tuple(Line("worker", str(n), NOON) for n in range(count)))
    first = await desks.handoffs.lines(opened.id)
    rest = await desks.handoffs.lines(opened.id, after=first[-1].id)
    assert [line.text for line in first + rest] == [str(n) for n in range(count)]
    assert len(first) == min(count, LINES_AT_ONCE)


async def test_the_list_is_newest_first_by_state_and_in_pages(desks: Desks) -> None:
    ids = [(await desks.opened(f"{n:032x}")).id for n in range(5)]
    await desks.handoffs.claim(ids[1], "Li")
    handoffs = desks.handoffs
    assert [each.id for each in await handoffs.listed()] == ids[::-1]
    assert [each.id for each in await handoffs.listed("claimed")] == [ids[1]]
    assert await handoffs.listed("closed") == []
    first = await handoffs.listed("waiting", 2)
    assert [each.id for each in first] == [ids[4], ids[3]]
    assert [each.id for each in await handoffs.listed("waiting", 2, first[-1].id)] == [ids[2], ids[0]]


async def test_forgetting_takes_everything_of_one_conversation_and_nothing_of_another(desks: Desks) -> None:
    first = await desks.claimed()
    await desks.handoffs.close(first.id, "Li", "完")
    await desks.opened()
    kept = await desks.opened(BO)
    assert await desks.handoffs.forget(ANN) == 2 + 2 * len(SAID) + 1
    assert await desks.rows() == (1, len(SAID))
    assert await desks.handoffs.forget(ANN) == 0
    with pytest.raises(UnknownHandoff):
        await desks.handoffs.get(first.id)
    assert await desks.handoffs.current(BO) == kept


async def test_what_is_said_while_a_worker_is_forgotten_leaves_no_line(desks: Desks) -> None:
    opened = await desks.opened()
    others = [desks.another() for _ in range(4)]
    said = [outcome(each.worker_said(opened.id, "在吗")) for each in others]
    *outcomes, _ = await asyncio.gather(*said, desks.handoffs.forget(ANN))
    assert set(outcomes) <= {DONE, GONE}
    assert await desks.rows() == (0, 0)


async def test_a_handoff_expires_by_its_last_change(desks: Desks) -> None:
    first, second, _ = [(await desks.opened(who)).id for who in ("1" * 32, "2" * 32, "3" * 32)]
    desks.clock.now = NOON + timedelta(hours=3)
    await desks.handoffs.claim(first, "Li")
    await desks.handoffs.claim(second, "Li")
    desks.clock.now = NOON + timedelta(hours=5)
    await desks.handoffs.close(first, "Li")
    for hours, left in ((0, 3), (0.001, 2), (3, 2), (3.001, 1), (5, 1), (5.001, 0)):
        rows = (await desks.rows())[0]
        before = (NOON + timedelta(hours=hours)).astimezone(timezone(timedelta(hours=8)))
        assert await desks.handoffs.expire(before) == (rows - left) * (1 + len(SAID)), hours
        assert await desks.rows() == (left, left * len(SAID)), hours


async def test_times_come_back_as_they_went_in_from_any_zone(desks: Desks) -> None:
    china = timezone(timedelta(hours=8))
    desks.clock.now = NOON.astimezone(china)
    opened = await desks.opened(transcript=(Line("worker", "x", NOON.astimezone(china)),))
    (line,) = await desks.handoffs.lines(opened.id)
    for time in (opened.opened_at, line.said_at):
        assert (time, time.utcoffset()) == (NOON, timedelta(0))


async def test_a_failure_holds_nothing_of_the_talk(desks: Desks) -> None:
    claimed = await desks.claimed(desk="王小明")
    with pytest.raises(ClaimedByAnother) as caught:
        await desks.handoffs.answer(claimed.id, "Wu", "秘密")
    assert not {"王小明", "秘密", ANN} & set(str(caught.value).split())
