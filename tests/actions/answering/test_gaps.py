"""Open questions in groups: what belongs together, how often it was asked, and what is not shown of people."""

import pytest

from actions.answering.gaps import EXAMPLES, NEAREST, Gap, Open, find_gaps, without_names
from actions.answering.library import Library
from tests.folders import TODAY

HEAT = [Open("夏天有没有高温补贴", 3, 2), Open("高温补贴有没有", 2, 2), Open("天热有高温补贴吗", 1, 1)]
INJURY = [Open("工伤赔多少", 4, 1), Open("出了工伤赔不赔", 3, 1)]
ENGLISH = [Open("how do I claim heat pay", 1, 1)]


def gaps(library: Library, *questions: Open) -> list[Gap]:
    return find_gaps(questions, library, TODAY)


def examples(found: list[Gap]) -> list[tuple[str, ...]]:
    return [gap.examples for gap in found]


def test_questions_about_one_thing_are_one_group(small_library: Library) -> None:
    found = gaps(small_library, HEAT[0], INJURY[0], ENGLISH[0], HEAT[1], INJURY[1], HEAT[2])
    assert {frozenset(gap.examples) for gap in found} == {
        frozenset(question.text for question in group) for group in (HEAT, INJURY, ENGLISH)
    }


def test_times_and_askers_of_a_group_are_added_up(small_library: Library) -> None:
    assert [(gap.times, gap.askers) for gap in gaps(small_library, *HEAT, *INJURY)] == [(7, 2), (6, 5)]


def test_the_most_asked_group_comes_first_then_the_one_of_more_people(small_library: Library) -> None:
    found = gaps(small_library, Open("工伤赔多少", 2, 1), Open("夏天有没有高温补贴", 2, 2), Open("户口在外地", 9, 1))
    assert examples(found) == [("户口在外地",), ("夏天有没有高温补贴",), ("工伤赔多少",)]


def test_the_words_of_most_people_are_the_examples(small_library: Library) -> None:
    more = [Open("有没有高温补贴呀", 9, 1), Open("高温补贴到底有没有", 1, 4)]
    (found,) = gaps(small_library, *HEAT, *more)
    assert found.examples == ("高温补贴到底有没有", "夏天有没有高温补贴", "高温补贴有没有")
    assert len(found.examples) == EXAMPLES
    assert found.times == 16


def test_the_nearest_articles_are_named_best_first(small_library: Library) -> None:
    (found,) = gaps(small_library, Open("怎么从外省转移社保", 4, 1), Open("跨省转移怎么转啊", 1, 1))
    assert found.nearest[0][0] == "transfer/between-provinces"
    scores = [score for _, score in found.nearest]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == NEAREST


def test_one_question_is_a_group_of_its_own(small_library: Library) -> None:
    (found,) = gaps(small_library, INJURY[0])
    assert (found.examples, found.times, found.askers) == (("工伤赔多少",), 4, 1)


@pytest.mark.parametrize("texts", [[], ["🙂"], ["？", "。。。"], ["", "  "]])
def test_without_a_word_there_is_no_gap(small_library: Library, texts: list[str]) -> None:
    assert gaps(small_library, *(Open(text, 1, 1) for text in texts)) == []


def test_a_smile_among_questions_is_left_out(small_library: Library) -> None:
    assert examples(gaps(small_library, Open("🙂", 9, 9), INJURY[0])) == [("工伤赔多少",)]


# What is not shown


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("断缴了怎么办", "断缴了怎么办"),
        ("我叫王小明，断缴了怎么办", "…，断缴了怎么办"),
        ("你好我是王小明，断缴了怎么办", "你好…，断缴了怎么办"),
        ("姓名：欧阳小明 断缴了怎么办", "… 断缴了怎么办"),
        ("断缴了怎么办，我叫买买提·吐尔逊", "断缴了怎么办，…"),
        ("My name is Ann, what about my gap?", "…, what about my gap?"),
        ("my name is Wang Xiaoming, what about my gap?", "…, what about my gap?"),
        ("This is John Paul Smith. Can I retire?", "…. Can I retire?"),
        ("I am called Ann", "…"),
        ("电话13812345678，断缴了怎么办", "电话[phone]，断缴了怎么办"),
        ("我叫王小明，电话13812345678", "…，电话[phone]"),
    ],
)
def test_names_and_numbers_of_people_are_blanked_out(asked: str, shown: str) -> None:
    assert without_names(asked) == shown


def test_an_example_is_shown_without_its_name_and_once(small_library: Library) -> None:
    found = gaps(small_library, Open("我叫王小明，工伤赔多少", 1, 1), Open("我叫李小红，工伤赔多少", 1, 1))
    assert examples(found) == [("…，工伤赔多少",)]
    assert found[0].times == 2
