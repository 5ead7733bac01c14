"""The closed list of what a button may send."""

import pytest

from channels.payloads import INTENT_KEYS, LIFE_EVENTS, UnknownPayload, read_payload
from tests.channels.channel_world import world

KNOWN = [
    "/menu",
    "/handoff",
    "/affirm",
    "/deny",
    "/my_data",
    "/delete_my_data",
    *(f"/{event}" for event in sorted(LIFE_EVENTS)),
    '/read{"article":"transfer/between-provinces"}',
    '/read_more{"article":"pension/minimum-years"}',
    '/helpful{"article":"pension/minimum-years"}',
    '/unhelpful{"article":"pension/minimum-years"}',
    *(f'/why_not{{"reason":"{reason}"}}' for reason in ("other_question", "unclear", "wrong", "other_place")),
    '/why_not{"reason":"wrong","language":"en"}',
    "/helpful",
    "/unhelpful",
    "/change_region",
    "/change_language",
    "/read_more",
    '/change_region{"region":"CN"}',
    '/change_region{"region":"CN-ZJ"}',
    '/change_region{"region":"CN-GD.shenzhen"}',
    '/change_language{"language":"en"}',
    '/menu{"language":"zh"}',
]

UNKNOWN: list[tuple[str, str]] = [
    ("a Rasa intent", "/restart"),
    ("another Rasa intent", "/session_start"),
    ("an intent only people may express", "/policy_question"),
    ("no slash", "menu"),
    ("nothing", ""),
    ("two slashes", "//menu"),
    ("a confidence", "/menu@0.9"),
    ("behind a space", " /menu"),
    ("before a line end", "/menu\n"),
    ("a slot no button fills", '/affirm{"delete_confirmed":"yes"}'),
    ("a missing key", "/read"),
    ("a verdict on a path out of the folder", '/helpful{"article":"../secrets"}'),
    ("a verdict with a reason in it", '/unhelpful{"article":"a/b","reason":"wrong"}'),
    ("a missing reason", "/why_not"),
    ("a reason nobody offers", '/why_not{"reason":"other"}'),
    ("a reason with a tail", '/why_not{"reason":"wrong; drop"}'),
    ("a reason in one's own words", '/why_not{"reason":"我叫王小明"}'),
    ("a reason that is no text", '/why_not{"reason":["wrong"]}'),
    ("a reason about another article", '/why_not{"reason":"wrong","article":"a/b"}'),
    ("an unknown key", '/read{"article":"a/b","slot":"x"}'),
    ("a value that is no text", '/read{"article":1}'),
    ("a value that is a list", '/read{"article":["a/b"]}'),
    ("a path out of the folder", '/read{"article":"../secrets"}'),
    ("an article in capitals", '/read{"article":"Transfer/X"}'),
    ("a region that is none", '/change_region{"region":"US-CA"}'),
    ("a region with a tail", '/change_region{"region":"CN-ZJ;drop"}'),
    ("a language we do not speak", '/change_language{"language":"fr"}'),
    ("broken JSON", '/read{"article":"a/b"'),
    ("JSON with more behind", '/read{"article":"a/b"}{"x":1}'),
    ("over-long", '/read{"article":"' + "a" * 120 + '/b"}'),
    ("deeply nested", "/menu" + '{"a":' * 30 + "1" + "}" * 30),
]


@pytest.mark.parametrize("raw", KNOWN)
def test_a_payload_on_a_button_is_read_and_written_back_the_same(raw: str) -> None:
    assert str(read_payload(raw)) == raw


@pytest.mark.parametrize(("label", "raw"), UNKNOWN, ids=[case[0] for case in UNKNOWN])
def test_a_payload_of_no_button_is_refused(label: str, raw: str) -> None:
    with pytest.raises(UnknownPayload):
        read_payload(raw)


TOLD = [
    ("/menu", "en", '/menu{"language":"en"}'),
    ('/read{"article":"a/b"}', "zh", '/read{"article":"a/b","language":"zh"}'),
    ('/change_language{"language":"en"}', "zh", '/change_language{"language":"en"}'),
    ("/change_language", "zh", "/change_language"),
    ("/menu", None, "/menu"),
]


@pytest.mark.parametrize(("raw", "language", "heard"), TOLD)
async def test_the_bot_is_told_the_clients_language_with_a_payload(raw: str, language: str | None, heard: str) -> None:
    async with world() as here:
        await here.say(payload=raw, language=language)
    assert here.heard() == [heard]


async def test_a_refused_payload_names_the_intents_that_are_known() -> None:
    async with world() as here:
        error = (await here.say(payload="/restart")).json()["error"]
    assert all(intent in error["accepted"] for intent in INTENT_KEYS)
