"""A bare fact holds a fact, and a message that is nothing but a fact is one.

The classifier has to choose some intent, and letters that mean nothing ("asdfgh") resemble a short fact more than
anything else. Without a place, an amount, an age or the like such a message goes to the answering pipeline. The
other way round, the name of a city that no example holds is still the worker's place.
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
ESTIMATE_INTENT = "simulate"
FACTS_OF_A_CASE = 2
# Facts and the wish to have something worked out of them in one message.
_ASKS_FOR_A_FIGURE = re.compile(
    r"算(?:一?下|算|一算)|帮我算|测算|估算|\b(?:calculate|estimate|work out|simulate)\b", re.IGNORECASE
)
_NO_FACT = {"language", "statement"}  # found in nearly every message
_CORRECTABLE = {"deny"}  # "no, 4500" puts something right, it does not only say no
_WHOLE_FACTS = {"region", "money", "age", "duration", "date"}
_UNSURE = {DEFAULT_NLU_FALLBACK_INTENT_NAME, "out_of_scope", "policy_question"}
_AROUND_A_FACT = re.compile(
    r"(?:我|是|在|今年|住|来自|就|交|社保|省|市|人|的|吧|啊|呢|i'm|i am|i live|i work|i pay|my insurance|in|at|from|"
    r"[\s,，。.!！、])*",
    re.IGNORECASE,
)
# Facts that no entity stands for: the worker's sex and household registration.
_PLAIN_FACT = re.compile(
    r"^(?:我?是?[男女](?:的|性|人|士|生)?)(?![\u3400-\u9fff])|户口|户籍|\b(?:fe)?male\b|\b(?:wo)?man\b|\bhukou\b",
    re.IGNORECASE,
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FactCheck(GraphComponent):
    """Turns `inform` into `nlu_fallback` where there is nothing to be informed of, and a lone fact into `inform`."""

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
            chosen = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
            if text.startswith("/"):
                continue
            entities = message.get(ENTITIES, [])
            facts = [e for e in entities if e["entity"] not in _NO_FACT]
            if chosen == FACT_INTENT and not facts and not _PLAIN_FACT.search(text):
                _choose(message, DEFAULT_NLU_FALLBACK_INTENT_NAME)
                continue
            if _ASKS_FOR_A_FIGURE.search(text) and (chosen == FACT_INTENT or _tells_a_case(chosen, facts)):
                _choose(message, ESTIMATE_INTENT)
                continue
            corrects = chosen in _CORRECTABLE and any(e["entity"] in _WHOLE_FACTS for e in facts)
            if corrects or (chosen in _UNSURE and _is_nothing_but_facts(text, entities)):
                _choose(message, FACT_INTENT)
        return messages


def _tells_a_case(chosen: str | None, facts: list[dict[str, Any]]) -> bool:
    """Whether a message that the classifier is not sure of holds several facts of somebody's own case."""
    return chosen in _UNSURE and len([e for e in facts if e["entity"] in _WHOLE_FACTS]) >= FACTS_OF_A_CASE


def _is_nothing_but_facts(text: str, entities: list[dict[str, Any]]) -> bool:
    facts = [e for e in entities if e["entity"] in _WHOLE_FACTS]
    rest = list(text)
    for fact in facts:
        rest[fact["start"] : fact["end"]] = " " * (fact["end"] - fact["start"])
    return bool(facts) and bool(_AROUND_A_FACT.fullmatch("".join(rest)))


def _choose(message: Message, intent: str) -> None:
    confidence = (message.get(INTENT) or {}).get(PREDICTED_CONFIDENCE_KEY, 0.0)
    chosen = {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: confidence}
    others = [entry for entry in message.get(INTENT_RANKING_KEY, []) if entry[INTENT_NAME_KEY] != intent]
    message.set(INTENT, chosen, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [chosen, *others], add_to_output=True)
