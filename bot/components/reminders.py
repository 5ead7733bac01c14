"""What the classifier must not get wrong about reminders: a word that stops them stops them, and nothing else is one.

A stop word of the messaging apps is that here too. Words that also leave a form ("stop", 停) are not in the list: there
the form is what stops, and with no form open the action that answers them stops the reminders. The other way round, a
message without any word for a reminder, a payment or "later" is a question, however much it resembles one of them.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

STOP_INTENT = "stop_reminders"
_STOP_WORD = re.compile(
    r"\W*(?:回?\s*td?\s*退订|退订|取消订阅|td|unsubscribe|stop ?all|stop (?:all )?(?:the |my )?reminders?|"
    r"opt ?out|revoke)\W*",
    re.IGNORECASE,
)
_SENT = (
    r"提醒|题醒|題醒|提行|通知|推送|消息|短信|信息|\bre?m[ia]\w*nd\w*|notif\w*|messag\w*|\btext(?:s|ing|ed)?\b|alert"
)
# What a message of each intent speaks of, in one word at least.
_SPEAKS_OF = {
    "remind": (
        rf"{_SENT}|闹钟|叫(?:我|一)|喊|催|告诉我|让我忘|订阅|改|换成|挪|调|暂停|停|恢复|跳过|取消|删|关掉|"
        r"[这下]次|别|不要|打扰|随时|时间|重新|继续|alarm|nudge|ping|forget|tell me|change|move|make it|switch|"
        r"resched|paus|resum|skip|cancel|stop|delet|remov|writ|quiet|\btime\b|edit|instead|hold|back on"
    ),
    "list_reminders": _SENT,
    "explain_reminder": rf"{_SENT}|收到|给我发|发(?:给我|这)|\b(?:get|got|sen[dt]|writ\w*|came?|why)\b",
    "snooze": (
        r"再|晚|迟|推|稍|待会|等|过.{0,4}[天会]|以后|往后|忙|没空|"
        r"later|again|snooz|postpon|put|not now|more|busy|until|remind"
    ),
    "paid": r"[交缴付扣]|paid|pay",
    STOP_INTENT: rf"{_SENT}|退|订|发|烦|停|取消|关|unsub|opt|stop|writ|alone|reminder|nag|bother|contact",
}
_PATTERNS = {intent: re.compile(words, re.IGNORECASE) for intent, words in _SPEAKS_OF.items()}


def is_stop_word(text: str) -> bool:
    """Whether the whole message is a word that stops reminders."""
    return _STOP_WORD.fullmatch(text) is not None


def speaks_of(intent: str, text: str) -> bool:
    """Whether a message may have this intent, by its words; true for every other intent."""
    return intent not in _PATTERNS or _PATTERNS[intent].search(text) is not None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ReminderCheck(GraphComponent):
    """Gives a stop word its intent, and takes the intents of reminders from what does not speak of them."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ReminderCheck:
        """Rasa's way of building a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Looks at every typed message."""
        for message in messages:
            text = message.get(TEXT) or ""
            chosen = (message.get(INTENT) or {}).get(INTENT_NAME_KEY) or ""
            if is_stop_word(text):
                _choose(message, STOP_INTENT, 1.0)
            elif not text.startswith("/") and not speaks_of(chosen, text):
                _choose(message, DEFAULT_NLU_FALLBACK_INTENT_NAME, 0.0)
        return messages


def _choose(message: Message, intent: str, confidence: float) -> None:
    chosen = {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: confidence}
    others = [entry for entry in message.get(INTENT_RANKING_KEY, []) if entry[INTENT_NAME_KEY] != intent]
    message.set(INTENT, chosen, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [chosen, *others], add_to_output=True)
