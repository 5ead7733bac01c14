"""A long text is cut where a reader would pause, and nothing of it is lost."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.splitting import split, utf16_units

URL = "https://www.mohrss.gov.cn/a/b?c=1&d=2"
MEASURES: dict[str, Callable[[str], int]] = {
    "characters": len,
    "UTF-16 units": utf16_units,
    "UTF-8 bytes": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "Chinese doubles all": lambda text: len(text) * (1 if text.isascii() else 2),
}
LETTERS = st.one_of(
    st.sampled_from(
        ["社", "保", "。", "，", "！", " ", "\n", "\n\n", ".", "a", "1", URL, "😀", "👨‍👩‍👧", "🇨🇳", "é", "“", "”", "\t"]
    ),
    st.characters(exclude_categories=["Cs"]),
)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("一二三\n\n四五六", 5, ["一二三", "四五六"]),
        ("一二。三\n四五\n\n六七八", 9, ["一二。三\n四五", "六七八"]),
        ("一二。三\n四五六七", 7, ["一二。三", "四五六七"]),
        ("一二。三四五六", 5, ["一二。", "三四五六"]),
        ("他说“一二。”三四五", 8, ["他说“一二。”", "三四五"]),
        ("Pay it. Then wait here.", 15, ["Pay it.", "Then wait here."]),
        ("Pay it. Then wait", 12, ["Pay it.", "Then wait"]),
        ("pay it then wait", 8, ["pay it", "then", "wait"]),
        ("The rate is 3.5 percent", 14, ["The rate is", "3.5 percent"]),
        ("1. 打电话问", 5, ["1.", "打电话问"]),
        ("先去社保局，再打电话", 8, ["先去社保局，", "再打电话"]),
        ("一二三四五六七", 3, ["一二三", "四五六", "七"]),
        ("交满一百八十个月", 4, ["交满一百", "八十个月"]),
        ("一二三，四", 3, ["一二", "三，四"]),
        ("一二《三四", 3, ["一二", "《三四"]),
        ("每月要交1234.5元钱", 8, ["每月要交", "1234.5元钱"]),
        (f"看这里{URL}就行了", 38, ["看这里", f"{URL}就"[:38], "行了"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("  一二  ", 9, ["一二"]),
        ("一二\r\n\r\n三四。五", 4, ["一二", "三四。五"]),
        ("一二 \n \n 三", 3, ["一二", "三"]),
        ("", 5, []),
        (" \n\u3000", 5, []),
    ],
)
def test_a_text_is_cut_at_the_best_place(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit, len) == parts


@pytest.mark.parametrize("length", [1, 2, 4095, 4096])
def test_up_to_the_limit_a_text_stays_whole(length: int) -> None:
    assert split("字" * length, 4096, utf16_units) == ["字" * length]


def test_one_over_the_limit_makes_two_parts() -> None:
    assert [len(part) for part in split("字" * 4097, 4096, utf16_units)] == [4096, 1]


@pytest.mark.parametrize(("limit", "parts"), [(2, ["😀", "😀", "😀"]), (3, ["😀", "😀", "😀"]), (4, ["😀😀", "😀"])])
def test_a_surrogate_pair_is_never_cut(limit: int, parts: list[str]) -> None:
    assert split("😀😀😀", limit, utf16_units) == parts


@pytest.mark.parametrize("whole", ["👨‍👩‍👧", "🇨🇳", "👍🏽", "é", "☎️", "\ud83d\ude00"])
def test_what_is_drawn_as_one_character_stays_one(whole: str) -> None:
    assert split(f"字字{whole}", len(whole) + 1, len) == ["字字", whole]


@pytest.mark.parametrize("before", [1, 5, 20, 37])
def test_an_address_stays_whole_whatever_stands_in_front_of_it(before: int) -> None:
    assert URL in split("字" * before + URL + "。完", len(URL), len)


def test_an_address_longer_than_the_limit_is_cut_as_late_as_can_be() -> None:
    parts = split(f"看 {URL}", 20, len)
    assert parts[0] == "看"
    assert "".join(parts[1:]) == URL
    assert max(len(part) for part in parts) == 20


def test_the_white_space_at_the_limit_does_not_count() -> None:
    assert split("一二三\n\n\n\n四五六", 3, len) == ["一二三", "四五六"]


@pytest.mark.parametrize("limit", [-1, 0, 1])
def test_a_character_over_the_limit_is_an_error_and_not_an_endless_loop(limit: int) -> None:
    with pytest.raises(ValueError, match="one character"):
        split("😀", limit, utf16_units)


def test_a_very_long_text_is_cut_quickly_enough_to_be_sent() -> None:
    text = "先去社保局，再打电话。" * 20_000
    parts = split(text, 4096, utf16_units)
    assert "".join(parts) == text
    assert {part[-1] for part in parts} == {"。"}


@given(text=st.lists(LETTERS, max_size=60).map("".join), limit=st.integers(4, 50), name=st.sampled_from(list(MEASURES)))
def test_nothing_but_white_space_is_lost_and_no_part_is_empty_or_too_long(text: str, limit: int, name: str) -> None:
    measure = MEASURES[name]
    parts = split(text, limit, measure)
    assert all(part.strip() == part != "" for part in parts)
    assert all(measure(part) <= limit for part in parts)
    pattern = r"\s*".join(re.escape(part) for part in parts)
    assert re.fullmatch(rf"\s*{pattern}\s*", text)
