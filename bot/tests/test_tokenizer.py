"""Tokens of Chinese, English and mixed messages, and where they stand."""

import pytest
from components.tokenizer import tokens_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("社保怎么交", ["社保", "怎么", "交"]),
        ("How do I pay?", ["How", "do", "I", "pay", "?"]),
        ("I don't know", ["I", "don't", "know"]),
        ("用APP交社保", ["用", "APP", "交", "社保"]),
        ("交4500元", ["交", "4500", "元"]),
        ("3,500 yuan", ["3,500", "yuan"]),
        ("你好，在吗？", ["你好", "在", "吗", "？"]),
    ],
)
def test_a_message_is_cut_into_words(text: str, words: list[str]) -> None:
    assert [token.text for token in tokens_of(text)] == words


@pytest.mark.parametrize(
    "text",
    [
        "我在APP里交了4,500块，怎么查？",
        "  hello   世界 ",
        "I'm 骑手 in 杭州!",
        "“社保”……断了",
        "e-card 和 12333",
        "💰社保💰",
    ],
)
def test_every_token_stands_where_it_says(text: str) -> None:
    end = 0
    for token in tokens_of(text):
        assert text[token.start : token.end] == token.text
        assert token.start >= end
        end = token.end


@pytest.mark.parametrize("text", ["…", "💰", " ", "——"])
def test_a_message_without_words_is_one_token(text: str) -> None:
    assert [token.text for token in tokens_of(text)] == [text]


def test_a_question_mark_is_the_same_in_both_widths() -> None:
    assert tokens_of("吗？")[-1].lemma == tokens_of("pay?")[-1].lemma


def test_numbers_look_alike_to_the_classifier() -> None:
    assert tokens_of("4500")[0].lemma == tokens_of("3,500.5")[0].lemma
