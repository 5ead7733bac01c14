"""Typed text as the rest of the system sees it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.cleaning import clean, script_language

CLEANED: list[tuple[str, str, str]] = [
    ("plain text", "断缴了怎么办", "断缴了怎么办"),
    ("full-width forms", "ＡＢＣ１２３", "ABC123"),
    ("Chinese punctuation stays", "交了（１５年），还算吗？", "交了（15年），还算吗？"),
    ("line ends become spaces", "第一行\r\n第二行\u2028第三行", "第一行 第二行 第三行"),
    ("runs of spaces", "  a \u3000\t b  ", "a b"),
    ("control characters", "a\x00b\x1bc\x7f", "abc"),
    ("zero-width characters", "社\u200b保\u200d\ufeff", "社保"),
    ("direction overrides", "\u202eabc\u202c\u2066d\u2069", "abcd"),
    ("tag characters", "你好\U000e0069\U000e0067\U000e006e", "你好"),
    ("variation selectors", "好\ufe0f\U000e0100", "好"),
    ("Hangul fillers", "a\u3164\u115fb", "ab"),
    ("private use and unassigned", "a\ue000\U000f0000b", "ab"),
    ("stacked marks", "a" + "\u0336" * 40, "a" + "\u0336" * 3),
    ("emoji stay", "谢谢👍", "谢谢👍"),
    ("accents stay", "café", "café"),
]


@pytest.mark.parametrize(("label", "typed", "seen"), CLEANED, ids=[case[0] for case in CLEANED])
def test_cleaned(label: str, typed: str, seen: str) -> None:
    assert clean(typed) == seen


@given(st.text())
def test_nothing_invisible_and_no_leading_slash_is_left_in_any_text(typed: str) -> None:
    seen = clean(typed)
    assert not seen.startswith(("/", " "))
    assert not [c for c in seen if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}]


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    assert clean(clean(typed)) == clean(typed)


LANGUAGES = [
    ("断缴了怎么办", "zh"),
    ("APP里交不了", "zh"),
    ("what about the gap", "en"),
    ("what does 断缴 mean for my pension", None),
    ("12345", None),
    ("?", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_a_clear_script_tells_the_language_and_an_unclear_one_does_not(text: str, language: str | None) -> None:
    assert script_language(text) == language
