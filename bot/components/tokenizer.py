"""A tokenizer for Chinese, English, and both at once: jieba for Chinese runs, words elsewhere."""

from __future__ import annotations

import logging
import re
from typing import Any

import jieba
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

jieba.setLogLevel(logging.WARNING)

_PIECE = re.compile(
    r"(?P<chinese>[\u3400-\u9fff]+)|(?P<word>[A-Za-z]+(?:['’][A-Za-z]+)*)|(?P<number>\d+(?:[.,]\d+)*)|"
    r"(?P<question>[?？]+)"
)
_LEMMAS = {"question": "questionmark", "number": "0"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BilingualTokenizer(Tokenizer):
    """Tokens with their offsets in the original text; a question mark is a token, other signs are none."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """See `Tokenizer`."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        jieba.initialize()  # a second of work: at start-up, not in the first worker's turn

    @staticmethod
    def required_packages() -> list[str]:
        """See `GraphComponent`."""
        return ["jieba"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """See `Tokenizer.tokenize`."""
        return tokens_of(message.get(attribute))


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text; a text without words (an emoji, dots) is one token, as featurizers need one."""
    tokens: list[Token] = []
    for piece in _PIECE.finditer(text):
        kind, start = piece.lastgroup or "", piece.start()
        if kind == "chinese":
            tokens += [Token(word, start + first) for word, first, _ in jieba.tokenize(piece.group())]
        else:
            lemma = _LEMMAS.get(kind, piece.group().lower().replace("’", "'"))
            tokens.append(Token(piece.group(), start, lemma=lemma))
    return tokens or [Token(text, 0)]
