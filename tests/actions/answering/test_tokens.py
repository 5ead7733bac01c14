"""What the lexical leg sees of a text."""

import pytest

from actions.answering.glossary import Glossary
from actions.answering.tokens import Tokeniser, TokenTable, plain
from tests.actions.answering.test_glossary import entry


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("  a \n  b ", "a b"),
        ("I don’t", "i don't"),
        ("社保？", "社保?"),
        ("", ""),
        ("①", "1"),
    ],
)
def test_one_spelling_for_what_looks_alike(text: str, spelling: str) -> None:
    assert plain(text) == spelling


@pytest.fixture(scope="module")
def tokeniser() -> Tokeniser:
    return Tokeniser(Glossary.of((entry("resident", "新农保"),)))


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("新农保能转吗", "新农保"),  # a word of the glossary is not cut
        ("新农保能转吗", "c:resident"),
        ("养老保险", "养老"),
        ("养老保险", "g:老保"),
        ("Transfer my pension", "pension"),
        ("pension", "g:<pen"),
        ("pensions", "g:pens"),  # a plural shares most of its parts
        ("打12333", "12333"),
    ],
)
def test_a_token_is_in_the_text(tokeniser: Tokeniser, text: str, token: str) -> None:
    assert token in tokeniser.tokens(text)


def test_short_english_words_have_no_parts(tokeniser: Tokeniser) -> None:
    assert tokeniser.tokens("my") == ["my"]


def test_signs_and_pictures_are_no_tokens(tokeniser: Tokeniser) -> None:
    assert tokeniser.tokens("！？…😀") == []


def test_repeated_words_are_repeated_tokens(tokeniser: Tokeniser) -> None:
    assert tokeniser.tokens("my my") == ["my", "my"]


def test_a_table_gives_back_its_lists_and_can_be_rearranged() -> None:
    table = TokenTable.of([["a", "b", "a"], [], ["c"]])
    again = TokenTable(table.vocabulary, table.ids, table.starts)
    assert again.lists == table.lists == [["a", "b", "a"], [], ["c"]]
    other = again.rearranged([2, ["d", "a"], 0])
    assert other.lists == [["c"], ["d", "a"], ["a", "b", "a"]]
    assert TokenTable(other.vocabulary, other.ids, other.starts).lists == other.lists
