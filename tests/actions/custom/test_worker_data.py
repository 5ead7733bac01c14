"""Place, language, data, people: what a worker tells, what is held of them, and whom they are led to."""

from pathlib import Path

import pytest
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.answering.library import Library
from actions.custom.answer_question import AnswerQuestion
from actions.custom.delete_my_data import DeleteMyData
from actions.custom.desk import Desk
from actions.custom.open_handoff import OpenHandoff
from actions.custom.set_language import SetLanguage
from actions.custom.set_region import SetRegion
from actions.custom.show_my_data import ShowMyData
from actions.custom.submit_complaint import SubmitComplaint
from actions.database import open_database
from actions.workers import Workers
from tests.actions.custom.desk_world import WHO, desk, named, take, tracker, with_calculator

TRANSFER, AMOUNT = "transfer/between-provinces", "contribution/monthly-amount"


# Place and language


async def test_a_place_is_kept_and_confirmed(at: Desk, workers: Workers) -> None:
    told = await take(SetRegion, at, tracker("浙江", "inform", named("region", "CN-ZJ")))
    assert "浙江" in told.text
    assert told.slots == {"region": "CN-ZJ", "misses": 0}
    assert (await workers.held(WHO)).region == "CN-ZJ"


async def test_an_answer_that_depends_on_the_place_is_given_once_more(at: Desk) -> None:
    told = await take(SetRegion, at, tracker("浙江", "inform", named("region", "CN-ZJ"), last_article=AMOUNT))
    assert len(told.messages) == 4
    assert "997.2元" in told.messages[2]["text"]
    assert told.messages[3]["custom"]["article_id"] == AMOUNT


async def test_an_answer_that_is_the_same_everywhere_is_not_given_again(at: Desk) -> None:
    told = await take(SetRegion, at, tracker("浙江", "inform", named("region", "CN-ZJ"), last_article=TRANSFER))
    assert len(told.messages) == 2


async def test_a_city_with_its_province_is_one_place(at: Desk) -> None:
    told = await take(SetRegion, at, tracker("浙江杭州", "inform", named("region", "CN-ZJ", "CN-ZJ.hangzhou")))
    assert told.slots["region"] == "CN-ZJ.hangzhou"


async def test_of_two_places_the_one_the_worker_went_to_counts(at: Desk) -> None:
    went_to = [
        {"entity": "region", "value": "CN-SC", "role": "origin"},
        {"entity": "region", "value": "CN-ZJ", "role": "destination"},
    ]
    told = await take(SetRegion, at, tracker("四川到浙江", "change_region", went_to))
    assert told.slots["region"] == "CN-ZJ"


@pytest.mark.parametrize(
    ("codes", "words"),
    [(("CN-ZJ", "CN-SH"), "不止一个地方"), (("CN-XX",), "没认出来"), ((), "没认出来")],
)
async def test_a_place_that_is_not_clear_is_asked_about(
    at: Desk, workers: Workers, codes: tuple[str, ...], words: str
) -> None:
    told = await take(SetRegion, at, tracker("那边", "inform", named("region", *codes)))
    assert words in told.text
    assert told.slots == {"region": None}
    assert (await workers.held(WHO)).region is None


@pytest.mark.parametrize(("wanted", "words"), [("en", "English"), ("zh", "中文")])
async def test_a_language_is_confirmed_in_that_language(at: Desk, workers: Workers, wanted: str, words: str) -> None:
    told = await take(SetLanguage, at, tracker("/change_language", "change_language", named("language", wanted)))
    assert words in told.text
    assert told.custom["language"] == wanted
    assert told.slots == {"language": wanted}
    assert (await workers.held(WHO)).language == wanted


@pytest.mark.parametrize(("now", "other"), [("zh", "en"), ("en", "zh")])
async def test_without_a_named_language_the_other_one_is_meant(at: Desk, now: str, other: str) -> None:
    assert (await take(SetLanguage, at, tracker("换个语言", "change_language", language=now))).slots == {
        "language": other
    }


# Data


async def test_nothing_held_is_said_plainly(at: Desk) -> None:
    told = await take(with_calculator(ShowMyData), at, tracker("/my_data", "my_data"))
    assert "没有你的任何信息" in told.text
    assert told.payloads == []


async def test_all_that_is_held_is_said_and_can_be_deleted(at: Desk) -> None:
    await take(AnswerQuestion, at, tracker("跨省转移怎么转", region="CN-ZJ"))
    await take(OpenHandoff, at, tracker("找真人", "handoff"))
    told = await take(with_calculator(ShowMyData), at, tracker("/my_data", "my_data"))
    assert "浙江" in told.text
    assert "问过的话1条" in told.text
    assert "记录1条" in told.text
    assert told.payloads == ["/delete_my_data"]


async def test_deletion_takes_everything_and_says_so_afterwards(at: Desk, workers: Workers) -> None:
    await take(AnswerQuestion, at, tracker("跨省转移怎么转", region="CN-ZJ"))
    told = await take(DeleteMyData, at, tracker("/affirm", "affirm", region="CN-ZJ"))
    assert told.custom["outcome"] == "data_deleted"
    assert (await workers.held(WHO)).questions == 0
    assert "reset_slots" in {event["event"] for event in told.events}


async def test_a_deletion_that_failed_does_not_say_that_it_is_done(small_library: Library, tmp_path: Path) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    told = await take(DeleteMyData, desk(small_library, Workers(engine)), tracker("/affirm", "affirm"))
    await engine.dispose()
    assert told.custom["outcome"] == "error_internal"
    assert told.events == []


# People


async def test_a_request_for_a_person_is_kept_and_answered(at: Desk, workers: Workers) -> None:
    told = await take(OpenHandoff, at, tracker("找真人", "handoff", misses=1.0))
    assert told.custom["outcome"] == "handoff_requested"
    assert "12333" in told.text
    assert told.slots == {"misses": 0}
    assert (await workers.held(WHO)).requests == 1


async def test_an_emergency_in_the_request_goes_first(at: Desk) -> None:
    told = await take(OpenHandoff, at, tracker("找真人，我刚被车撞了起不来", "handoff"))
    assert told.custom["outcome"] == "handoff_emergency"


async def test_a_complaint_is_kept_and_gets_its_number(at: Desk, workers: Workers, engine: AsyncEngine) -> None:
    told = await take(SubmitComplaint, at, tracker("好了", "complaint", complaint_text="站长不给交社保"))
    assert "编号1" in told.text
    assert told.slots == {"complaint_text": None}
    async with engine.connect() as connection:
        (row,) = (await connection.execute(sql("SELECT kind, text FROM requests"))).all()
    assert tuple(row) == ("complaint", "站长不给交社保")


async def test_a_complaint_that_could_not_be_kept_is_not_said_to_be(small_library: Library, tmp_path: Path) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    told = await take(SubmitComplaint, desk(small_library, Workers(engine)), tracker("x", complaint_text="不给交"))
    await engine.dispose()
    assert told.custom["outcome"] == "error_internal"
    assert "编号" not in told.text


async def test_a_personal_number_in_a_complaint_is_not_kept(at: Desk, engine: AsyncEngine) -> None:
    await take(SubmitComplaint, at, tracker("x", complaint_text="老板电话13812345678不给交"))
    async with engine.connect() as connection:
        (row,) = (await connection.execute(sql("SELECT text FROM requests"))).all()
    assert "13812345678" not in row[0]
