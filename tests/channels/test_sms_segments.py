"""How many SMS a text takes, at every edge."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.sms_segments import (
    GSM7_BASIC,
    GSM7_EXTENSION,
    Segmentation,
    capacity,
    encoding_of,
    measure,
    segments,
)

PLAIN, ESCAPED, HAN, EMOJI = "a", "€", "保", "🛵"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "gsm7", 0, 0),
        (PLAIN, "gsm7", 1, 1),
        (PLAIN * 159, "gsm7", 159, 1),
        (PLAIN * 160, "gsm7", 160, 1),
        (PLAIN * 161, "gsm7", 161, 2),
        (PLAIN * (153 * 2 - 1), "gsm7", 305, 2),
        (PLAIN * (153 * 2), "gsm7", 306, 2),
        (PLAIN * (153 * 2 + 1), "gsm7", 307, 3),
        (PLAIN * (153 * 4), "gsm7", 612, 4),
        (PLAIN * (153 * 4 + 1), "gsm7", 613, 5),
        (ESCAPED * 79, "gsm7", 158, 1),
        (ESCAPED * 80, "gsm7", 160, 1),
        (ESCAPED * 81, "gsm7", 162, 2),
        (PLAIN * 158 + ESCAPED, "gsm7", 160, 1),
        (PLAIN * 159 + ESCAPED, "gsm7", 161, 2),
        (ESCAPED * 152, "gsm7", 304, 2),  # 76 in each, one septet of each stays empty
        (ESCAPED * 153, "gsm7", 306, 3),
        (PLAIN * 152 + ESCAPED + PLAIN * 151, "gsm7", 305, 2),  # 152, then 2 + 151
        (PLAIN * 152 + ESCAPED + PLAIN * 152, "gsm7", 306, 3),
        (HAN * 69, "ucs2", 69, 1),
        (HAN * 70, "ucs2", 70, 1),
        (HAN * 71, "ucs2", 71, 2),
        (HAN * (67 * 2), "ucs2", 134, 2),
        (HAN * (67 * 2 + 1), "ucs2", 135, 3),
        (HAN * (67 * 4), "ucs2", 268, 4),
        (HAN * (67 * 4 + 1), "ucs2", 269, 5),
        (EMOJI * 35, "ucs2", 70, 1),
        (EMOJI * 36, "ucs2", 72, 2),
        (EMOJI * 66, "ucs2", 132, 2),  # 33 in each, one unit of each stays empty
        (EMOJI * 67, "ucs2", 134, 3),
        (HAN * 66 + EMOJI + HAN * 65, "ucs2", 133, 2),
        (HAN * 66 + EMOJI + HAN * 66, "ucs2", 134, 3),
        (PLAIN * 70 + HAN, "ucs2", 71, 2),
        ("“", "ucs2", 1, 1),
        ("…", "ucs2", 1, 1),
        ("ç", "ucs2", 1, 1),  # GSM 7-bit has the capital only
        ("Ç", "gsm7", 1, 1),
        ("\n\r", "gsm7", 2, 1),
        ("\t", "ucs2", 1, 1),
        ("\x1b", "ucs2", 1, 1),  # the escape itself is no character
    ],
)
def test_a_text_takes_as_many_sms_as_the_network_counts(text: str, encoding: str, units: int, count: int) -> None:
    counted = segments(text)
    assert (counted.encoding, counted.units, counted.segments) == (encoding, units, count)


def test_the_tables_are_those_of_the_standard() -> None:
    assert len(GSM7_BASIC) == 127  # 128 places, one of them the escape
    assert len(GSM7_EXTENSION) == 10
    assert not GSM7_BASIC & GSM7_EXTENSION


@pytest.mark.parametrize(("characters", "count"), [(70, 1), (71, 2), (160, 3), (201, 3), (202, 4)])
def test_a_network_that_counts_every_character_as_one_is_counted_so(characters: int, count: int) -> None:
    # Alibaba's own example: 160 characters are 67, 67 and 26.
    assert segments("a" * characters, "ucs2") == Segmentation("ucs2", characters, count)


few = settings(max_examples=50, deadline=None)
CHARACTERS = st.sampled_from([*"abc .\n", PLAIN, ESCAPED, "{", HAN, "。", EMOJI, "\ud83d"])
TEXTS = st.text(CHARACTERS, max_size=300) | st.text(st.sampled_from([PLAIN, ESCAPED]), max_size=400)


@few
@given(TEXTS, st.integers(1, 6))
@example(PLAIN * 160, 1)
@example(PLAIN * 161, 1)
@example(HAN * 70, 1)
@example(ESCAPED * 153, 2)
@example(EMOJI * 67, 2)
def test_a_text_is_within_the_measure_exactly_where_its_sms_suffice(text: str, most: int) -> None:
    assert (measure(text, most) <= capacity(most)) == (segments(text).segments <= most)


@few
@given(TEXTS, CHARACTERS, st.integers(1, 6))
@example(PLAIN * 152, ESCAPED, 2)
@example(ESCAPED * 76, HAN, 2)
def test_a_text_that_grows_never_gets_smaller(text: str, more: str, most: int) -> None:
    assert measure(text + more, most) >= measure(text, most)
    assert segments(text + more).segments >= segments(text).segments


@few
@given(TEXTS)
def test_the_cheaper_encoding_is_never_the_dearer_one(text: str) -> None:
    assert segments(text).segments <= segments(text, "ucs2").segments
    assert (encoding_of(text) == "gsm7") == all(c in GSM7_BASIC | GSM7_EXTENSION for c in text)


@few
@given(TEXTS)
def test_no_half_of_a_character_stands_at_the_end_of_a_segment(text: str) -> None:
    counted = segments(text)
    alone, room = {"gsm7": (160, 153), "ucs2": (70, 67)}[counted.encoding]
    filled = [0]
    for character in text:
        cost = 1 + (character in GSM7_EXTENSION if counted.encoding == "gsm7" else character > "\uffff")
        if filled[-1] + cost > room:
            filled.append(0)
        filled[-1] += cost
    assert counted.segments == (len(filled) if counted.units > alone else min(counted.units, 1))
