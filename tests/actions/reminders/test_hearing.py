"""What is heard in the words of workers: `tables/hearing.yml`, and what a table cannot say."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.heard_numbers import number, plain
from actions.reminders.heard_times import ImpossibleTime, times_in
from actions.reminders.heard_wishes import AT_NO_HOUR, Wish, is_stop_word, paid_month_in, quiet_in, wish_in, zone_in
from actions.reminders.hearing import Heard, Trouble, TroubleKind, hear, which_in, yes_or_no

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()
TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "tables/hearing.yml").read_text(encoding="utf-8")
)
ROWS = [row for rows in TABLE.values() for row in rows]
ENOUGH = 120


def heard_as_written(heard: Heard) -> dict[str, Any]:
    """What was heard, as the table writes it."""
    plain_parts = {name: getattr(heard, name) for name in ("day", "month", "lead")}
    words = {name: getattr(heard, name) and getattr(heard, name).value for name in ("about", "rhythm")}
    at = {"date": heard.on, "at": None if heard.at is None else f"{heard.at:%H:%M}"}
    trouble = {"trouble": heard.trouble and heard.trouble.kind.value}
    return {name: value for name, value in (words | plain_parts | at | trouble).items() if value is not None}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['say']}|{row.get('asked', '')}")
def test_what_a_worker_says_is_heard(row: dict[str, Any]) -> None:
    expected = {name: value for name, value in row.items() if name not in ("say", "asked", "wish", "which")}
    assert heard_as_written(hear(row["say"], NOW, row.get("asked"))) == expected
    assert wish_in(row["say"]) == row.get("wish")
    assert which_in(row["say"]) == row.get("which")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_are_enough_utterances(language: str) -> None:
    assert len(ROWS) >= ENOUGH
    assert len(TABLE[language]) >= ENOUGH // 2


def test_every_wish_and_every_trouble_is_in_the_table() -> None:
    assert {row.get("wish") for row in ROWS} >= set(Wish)
    assert {row.get("trouble") for row in ROWS} >= set(TroubleKind)


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ("每月32号提醒我", Trouble(TroubleKind.NO_SUCH_DAY, 1, 31)),
        ("13月1号提醒我", Trouble(TroubleKind.NO_SUCH_MONTH, 1, 12)),
        ("下个月0号提醒我", Trouble(TroubleKind.NO_SUCH_DAY, 1, 31)),
        ("2026年11月31号提醒我", Trouble(TroubleKind.NO_SUCH_DAY, 1, 30)),
        ("remind me yesterday", Trouble(TroubleKind.OVER, TODAY)),
        ("remind me on 1999-01-01", Trouble(TroubleKind.NO_SUCH_YEAR, 2026, 2086)),
        ("remind me in 900 years", Trouble(TroubleKind.NO_SUCH_YEAR, 2026, 2086)),
    ],
)
def test_what_cannot_be_comes_with_what_is_accepted(said: str, accepted: Trouble) -> None:
    assert hear(said, NOW).trouble == accepted


STOP_WORDS = [
    "退订",
    "TD",
    "t",
    "回TD退订",
    "停",
    "stop",
    "STOP!",
    "Unsubscribe",
    "stop all",
    "opt out",
    "取消订阅。",
    "ＳＴＯＰ",
]


@pytest.mark.parametrize("word", STOP_WORDS)
def test_a_stop_word_alone_stops_everything(word: str) -> None:
    assert is_stop_word(word)
    assert wish_in(word) is Wish.STOP_ALL


@pytest.mark.parametrize("said", ["别忘了提醒我", "别让我忘了交社保", "don't let me forget", "不要忘了提醒我交社保"])
def test_not_to_forget_is_no_wish_to_stop(said: str) -> None:
    assert wish_in(said) is Wish.MAKE


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("晚上9点以后别发", (time(21), None)),
        ("早上9点以前别发", (None, time(9))),
        ("晚上10点到早上7点别打扰我", (time(22), time(7))),
        ("don't write after 8", (time(20), None)),
        ("don't write after 8 pm", (time(20), None)),
        ("nothing before 9 am please, don't send messages", (None, time(9))),
        ("quiet hours from 22:00 to 8:00", (time(22), time(8))),
        ("随时都可以发", AT_NO_HOUR),
        ("any time is fine", AT_NO_HOUR),
        ("normal quiet hours please", (None, None)),
        ("晚上别发", None),
    ],
)
def test_hours_in_which_to_be_left_alone(said: str, hours: tuple[time | None, time | None] | None) -> None:
    assert quiet_in(said) == hours


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("我交了", "2026-11"),
        ("上个月的交了", "2026-10"),
        ("10月的交了", "2026-10"),
        ("12月的交了", "2026-12"),
        ("1月的交了", "2026-01"),
        ("十月份交完了", "2026-10"),
        ("last month is paid", "2026-10"),
        ("I paid for October", "2026-10"),
        ("交了三个月的", None),
        ("I paid two months", None),
        ("13月的交了", None),
    ],
)
def test_the_month_that_is_paid(said: str, month: str | None) -> None:
    assert paid_month_in(said, TODAY) == month


def test_december_said_in_january_is_last_year_s() -> None:
    assert paid_month_in("12月的交了", date(2027, 1, 5)) == "2026-12"


@pytest.mark.parametrize(
    "said", ["同意", "好的", "好", "可以", "行吧", "嗯", "yes", "Yes, please", "OK", "I agree", "sure"]
)
def test_a_yes(said: str) -> None:
    assert yes_or_no(said) is True


@pytest.mark.parametrize("said", ["不用", "不用了谢谢", "不同意", "算了", "no", "No thanks", "not now", "不要"])
def test_a_no(said: str) -> None:
    assert yes_or_no(said) is False


@pytest.mark.parametrize("said", ["好的，改成15号", "10号", "为什么要同意", "yes but on the 5th", "不知道"])
def test_neither_yes_nor_no(said: str) -> None:
    assert yes_or_no(said) is None


def test_only_a_zone_that_is_asked_for_counts() -> None:
    assert zone_in("我在新疆") is None
    assert zone_in("按新疆时间") == "Asia/Urumqi"
    assert zone_in("use Beijing time") == "Asia/Shanghai"


@pytest.mark.parametrize("said", ["25点", "8点61分", "at 30 o'clock", "24:00", "9:99"])
def test_a_time_that_no_clock_shows(said: str) -> None:
    with pytest.raises(ImpossibleTime):
        times_in(plain(said))


@given(st.integers(0, 99))
def test_a_number_below_a_hundred_is_read_in_chinese(value: int) -> None:
    signs = "零一二三四五六七八九"
    tens, ones = divmod(value, 10)
    written = (signs[tens] if tens > 1 else "") + ("十" if tens else "") + (signs[ones] if ones or not tens else "")
    assert number(written) == value


@given(st.text(max_size=60))
def test_no_text_breaks_the_hearing(text: str) -> None:
    heard = hear(text, NOW)
    wish_in(text)
    which_in(text)
    yes_or_no(text)
    paid_month_in(text, TODAY)
    assert heard.on is None or heard.on >= TODAY


@given(st.text(alphabet="每月年日号点半早晚上下一二三十0123456789季提醒我后天周:：.-/pam ", max_size=24))
def test_no_numbers_break_the_hearing(text: str) -> None:
    heard = hear(text, NOW, "day")
    assert heard.day is None or 1 <= heard.day <= 31
