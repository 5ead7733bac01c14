"""Which language a message is in, and when it says nothing about that."""

import pytest
from components.language import LanguageExtractor, language_of
from rasa.shared.nlu.training_data.message import Message


def told(text: str, metadata: dict[str, str] | None = None) -> str | None:
    message = Message(data={"text": text, "metadata": metadata})
    LanguageExtractor().process([message])
    found = [e["value"] for e in message.get("entities", []) if e["entity"] == "language"]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("怎么交社保", "zh"),
        ("好", "zh"),
        ("12333是什么", "zh"),
        ("滴滴driver怎么交社保", "zh"),
        ("在APP里怎么交", "zh"),
        ("hello", "en"),
        ("How much do I pay?", "en"),
        ("I work in 杭州 as a rider", "en"),
        ("Zhejiang", "en"),
        ("4500", None),
        ("ok", None),
        ("OK", None),
        ("", None),
        ("…", None),
        ("💰", None),
        ("社保 insurance", None),
    ],
)
def test_the_script_tells_the_language_where_it_is_clear(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("说中文", "zh"),
        ("能讲英文吗", "en"),
        ("用英语回答", "en"),
        ("换成英文", "en"),
        ("英文", "en"),
        ("可以说英语吗？", "en"),
        ("English please", "en"),
        ("speak English", "en"),
        ("Chinese please", "zh"),
        ("answer in Chinese", "zh"),
        ("switch to Chinese", "zh"),
        ("can you speak Mandarin?", "zh"),
        ("换个语言", None),
        ("change language", None),
    ],
)
def test_a_language_asked_for_by_name_wins_over_the_script(text: str, language: str | None) -> None:
    assert told(text) == language


def test_metadata_decides_where_the_text_does_not() -> None:
    assert told("4500", {"language": "en"}) == "en"
    assert told("ok", {"language": "zh"}) == "zh"


def test_a_clear_script_wins_over_metadata() -> None:
    assert told("怎么交社保", {"language": "en"}) == "zh"


def test_unknown_metadata_is_no_language() -> None:
    assert told("4500", {"language": "fr"}) is None
    assert told("4500", None) is None


def test_a_payload_has_no_language_of_its_own() -> None:
    assert told('/read{"article":"pension/formula"}', {"language": "en"}) is None


def test_a_long_message_that_mentions_a_language_is_no_request() -> None:
    assert told("我在英语培训机构当老师，公司没有给我交社保，我想用英语写一封投诉信，应该找哪个部门") == "zh"


@pytest.mark.parametrize("word", ["menu", "ok", "hello", "help!", "APP?", "Zhejiang"])
def test_one_latin_word_does_not_switch_a_conversation_that_is_under_way(word: str) -> None:
    assert told(word, {"language": "zh"}) == "zh"
    assert told(word, {"language": "en"}) == "en"


def test_one_latin_word_is_english_where_nothing_is_known_yet() -> None:
    assert told("hello") == "en"
    assert told("menu", {}) == "en"


def test_an_english_sentence_switches() -> None:
    assert told("show menu", {"language": "zh"}) == "en"
    assert told("English", {"language": "zh"}) == "en"
