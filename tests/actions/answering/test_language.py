"""Which language a text is answered in."""

import pytest

from actions.answering.answer import Language
from actions.answering.language import language_of

CLEAR: list[tuple[str, Language]] = [
    ("断缴了怎么办", "zh"),
    ("社保", "zh"),
    ("我在Meituan跑单，受伤谁管", "zh"),
    ("12333能打吗", "zh"),
    ("app上怎么报案", "zh"),
    ("how much do I pay", "en"),
    ("ok", "en"),
    ("Can I join without local hukou?", "en"),
    ("what does 断缴 mean for my pension", "en"),
    ("i don't know", "en"),
    ("HELP", "en"),
]

NEITHER = ["", "12333", "???", "😀", "2024-03-01", "   "]


@pytest.mark.parametrize(("text", "language"), CLEAR)
@pytest.mark.parametrize("before", ["zh", "en"])
def test_clear_words_decide_whatever_came_before(text: str, language: Language, before: Language) -> None:
    assert language_of(text, before) == language


@pytest.mark.parametrize("text", NEITHER)
@pytest.mark.parametrize("before", ["zh", "en"])
def test_a_text_without_letters_keeps_the_language_of_the_talk(text: str, before: Language) -> None:
    assert language_of(text, before) == before
