"""Every sentence exists in both languages, and every name that code uses is written down."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from channels.channel import SEND_FAILURES, PushUnsupported, SendFailure
from channels.message import Reply
from channels.payloads import LIFE_EVENTS
from channels.rasa import RasaFailure
from channels.refusals import Reason
from channels.sentences import SENTENCES_FILE, load_sentences
from channels.web import WebChannel

WIDGET = SENTENCES_FILE.parent / "widget"
WRITTEN = yaml.safe_load(SENTENCES_FILE.read_text(encoding="utf-8"))
EVERY_SENTENCE = [(f"{part}.{name}", both) for part, all_ in WRITTEN.items() for name, both in all_.items()]
PAGE_WORDS: dict[str, dict[str, Any]] = {
    language: json.loads((WIDGET / f"strings.{language}.json").read_text(encoding="utf-8")) for language in ("zh", "en")
}


@pytest.mark.parametrize(("name", "both"), EVERY_SENTENCE, ids=[case[0] for case in EVERY_SENTENCE])
def test_a_sentence_fills_in_the_same_words_in_both_languages(name: str, both: dict[str, str]) -> None:
    blanks = {language: set(re.findall(r"\{(\w+)\}", sentence)) for language, sentence in both.items()}
    assert blanks["zh"] == blanks["en"]
    assert re.search(r"[\u4e00-\u9fff]", both["zh"])
    assert not re.search(r"[\u4e00-\u9fff]", both["en"])


def test_every_reason_and_every_failure_of_rasa_has_its_sentence() -> None:
    sentences = load_sentences()
    assert sentences.names("errors") == {reason.code for reason in Reason}
    outcomes = {failure.outcome.removeprefix("error_") for failure in RasaFailure.__subclasses__()}
    assert outcomes <= sentences.names("replies")


def test_the_page_has_the_same_words_in_both_languages() -> None:
    zh, en = PAGE_WORDS["zh"], PAGE_WORDS["en"]
    assert zh.keys() == en.keys()
    assert zh["events"].keys() == en["events"].keys() <= LIFE_EVENTS
    assert len(zh["questions"]) == len(en["questions"])
    for name, word in zh.items():
        if isinstance(word, str):
            assert set(re.findall(r"\{\w+\}", word)) == set(re.findall(r"\{\w+\}", en[name])), name


def test_every_word_the_page_asks_for_is_written_and_every_written_word_is_used() -> None:
    page = (WIDGET / "index.html").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in WIDGET.glob("*.js"))
    in_page = set(re.findall(r'data-word="(\w+)"', page))
    assert in_page <= PAGE_WORDS["zh"].keys()
    assert set(re.findall(r'\bword\("(\w+)"', code)) <= PAGE_WORDS["zh"].keys()
    unused = {name for name in PAGE_WORDS["zh"] if name not in in_page and f'"{name}"' not in code}
    assert not unused


@pytest.mark.parametrize("script", sorted(WIDGET.glob("*.js")), ids=lambda path: path.name)
def test_a_script_of_the_page_never_writes_markup(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"):
        assert forbidden not in text


def test_the_send_failures_are_a_closed_list() -> None:
    assert set(SEND_FAILURES) == set(SendFailure.__subclasses__())
    assert [failure.__name__ for failure in SEND_FAILURES if failure.retryable] == [
        "ConnectionFailed",
        "ConnectionThrottled",
    ]


async def test_the_web_channel_cannot_write_first() -> None:
    with pytest.raises(PushUnsupported):
        await WebChannel().send("anybody", Reply("你好"))
