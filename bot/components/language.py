"""The language of a message, as entity `language`: by script share, or because the worker asks for one.

A message without a clear script (a number, "ok", half and half) says nothing, and the conversation keeps its
language, unless the channel's metadata names one. One Latin word alone ("menu") is no sentence: it counts only
where no language is known yet.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

LANGUAGES = ("zh", "en")
_CHINESE_CHARACTER = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[a-z]{2,}(?:['’][a-z]+)?", re.IGNORECASE)
# Words that stand in messages of either language.
_NEUTRAL = {
    "ok",
    "okay",
    "app",
    "apps",
    "vip",
    "wechat",
    "alipay",
    "qq",
    "sms",
    "pdf",
    "id",
    "no",
    "rmb",
    "cny",
    "km",
    "pos",
    "wifi",
    "didi",
    "meituan",
    "kfc",
}
_CHINESE_CHARACTERS_PER_WORD = 2
_CLEAR = 0.7
_LONGEST_REQUEST = 30

_WANTS = {
    "en": re.compile(
        r"(?:说|讲|用|换|切|改|转|会|能|可以|懂|要|有|看|发|回复?|想)[^，。]{0,6}(?:英文|英语)|^(?:英文|"
        r"英语)(?:版|吧|谢谢|回复|模式|界面)?[。！!?？]?$|"
        r"\b(?:in|speak|use|to|switch|prefer|want|try|into)\s+english\b|\benglish(?:,? please| version|"
        r"\s*[.!?]?$)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:说|讲|用|换|切|改|转|会|能|可以|懂|要|有|看|发|回复?|想)[^，。]{0,6}(?:中文|汉语|普通话|"
        r"国语)|^(?:中文|汉语)(?:版|吧|谢谢|回复|模式|界面)?[。！!?？]?$|"
        r"\b(?:in|speak|use|to|switch|prefer|want|try|into)\s+(?:chinese|mandarin)\b|\b(?:chinese|"
        r"mandarin)(?:,? please| version|\s*[.!?]?$)",
        re.IGNORECASE,
    ),
}
_WANTS_ANOTHER = re.compile(
    r"(?:换|切换|改|选)[^，。]{0,4}语言|语言(?:设置|切换)|别的语言|change (?:the )?language|"
    r"switch (?:the )?language|(?:an)?other language",
    re.IGNORECASE,
)


def language_of(text: str) -> str | None:
    """`zh` or `en` where the script is clear; None for numbers, mixtures and words of both languages."""
    characters = len(_CHINESE_CHARACTER.findall(text))
    words = [w for w in _LATIN_WORD.findall(text) if w.lower() not in _NEUTRAL]
    weight = characters + _CHINESE_CHARACTERS_PER_WORD * len(words)
    if not weight:
        return None
    if characters / weight >= _CLEAR:
        return "zh"
    return "en" if characters / weight <= 1 - _CLEAR else None


def _is_one_latin_word(text: str) -> bool:
    return not _CHINESE_CHARACTER.search(text) and len(_LATIN_WORD.findall(text)) <= 1


def language_wanted(text: str) -> str | None:
    """The language a short message asks for by name (能讲英文吗 → en)."""
    if len(text) > _LONGEST_REQUEST:
        return None
    wanted = [language for language in LANGUAGES if _WANTS[language].search(text)]
    return wanted[0] if len(wanted) == 1 else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageExtractor(GraphComponent, EntityExtractorMixin):
    """Entity `language`, which the slot of the same name follows."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageExtractor:
        """Rasa's way of building a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entity to every message whose language is known; its span is empty, it covers no words."""
        for message in messages:
            text = message.get(TEXT) or ""
            language = None if text.startswith("/") else self._language(text, message.get("metadata"))
            if language:
                entity = {"entity": "language", "start": 0, "end": 0, "value": language}
                known = message.get(ENTITIES, [])
                message.set(ENTITIES, known + self.add_extractor_name([entity]), add_to_output=True)
        return messages

    def _language(self, text: str, metadata: Any) -> str | None:
        """The conversation's language, as the channel tells it, outweighs one foreign word (menu, hello)."""
        if wanted := language_wanted(text):
            return wanted
        if _WANTS_ANOTHER.search(text) and len(text) <= _LONGEST_REQUEST:
            return None
        told = metadata.get("language") if isinstance(metadata, dict) else None
        told = told if told in LANGUAGES else None
        return (told if _is_one_latin_word(text) else None) or language_of(text) or told
