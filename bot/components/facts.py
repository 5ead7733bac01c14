"""A message that is taken for a bare fact but holds none ("asdfgh") was not understood.

The classifier has to choose some intent, and letters that mean nothing resemble a short fact more than anything
else. Without a place, an amount, an age or the like, the message goes to the answering pipeline instead.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

FACT_INTENT = "inform"
_NO_FACT = {"language", "statement"}  # found in nearly every message
# Facts that no entity stands for: the worker's sex and household registration.
_PLAIN_FACT = re.compile(
    r"^(?:我?是?[男女](?:的|性|人|士|生)?)(?![\u3400-\u9fff])|户口|户籍|\b(?:fe)?male\b|\b(?:wo)?man\b|\bhukou\b",
    re.IGNORECASE,
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FactCheck(GraphComponent):
    """Turns `inform` into `nlu_fallback` where there is nothing to be informed of."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactCheck:
        """Rasa's way of building a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Looks at what the classifier chose and at what the extractors found."""
        for message in messages:
            text = message.get(TEXT) or ""
            intent = message.get(INTENT) or {}
            if intent.get(INTENT_NAME_KEY) != FACT_INTENT or text.startswith("/"):
                continue
            facts = [e for e in message.get(ENTITIES, []) if e["entity"] not in _NO_FACT]
            if not facts and not _PLAIN_FACT.search(text):
                _fall_back(message)
        return messages


def _fall_back(message: Message) -> None:
    fallback = {
        INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
        PREDICTED_CONFIDENCE_KEY: message.get(INTENT).get(PREDICTED_CONFIDENCE_KEY, 0.0),
    }
    message.set(INTENT, fallback, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [fallback, *message.get(INTENT_RANKING_KEY, [])], add_to_output=True)
