"""A message that states something and asks nothing, as entity `statement`: its value is the whole message.

What a worker complains about is told in the same words as a question on the subject. Inside the complaint form a
statement is the complaint, and only a real question comes between.
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

_ASKS = re.compile(
    r"[?？]|[吗么呢][。.!！~～]*$|怎么(?:办|算|交|缴|转|领|查|报|申请|弄|补|赔|写|投诉|样才)|怎样才|如何|多少|咋[办整弄]|"
    r"能不能|可不可以|能否|要不要|是不是可以|在哪里?(?:办|交|查|领)|去哪|找谁|什么时候(?:能|可以|到)|什么是|是什么|几岁能|"
    r"几年能|合不合法|"
    r"^(?:what|how|which|when|where|who|why|is|are|do|does|did|can|could|may|should|will|would)\b|"
    r"\b(?:how (?:do|can|much|many|long|to)|what (?:is|are|should|can|happens|do i)|where (?:do|can|is)|"
    r"when (?:can|do|will) i|can i|should i|do i (?:have|need))\b",
    re.IGNORECASE,
)
# The wish to complain, without the complaint.
_BARE_WISH = re.compile(
    r"^(?:我?(?:还是|就是)?(?:要|想|打算)?)?(?:投诉|举报|反映|提意见|抱怨)(?:你们|平台|公司|站点|老板|他们|一下|问题|"
    r"一个问题|一件事)*[。.!！]*$|"
    r"^(?:i(?:'d| would)? (?:want|like|wish) to |i want to |let me )?(?:make |file |lodge )?(?:a )?"
    r"(?:complain|complaint)(?: about (?:you|this|something|it))?[.!]*$",
    re.IGNORECASE,
)


def states_something(text: str) -> bool:
    """Whether a message tells something: it has words, asks nothing and is no bare wish to complain."""
    plain = text.strip()
    return bool(re.search(r"\w", plain)) and not _ASKS.search(plain) and not _BARE_WISH.match(plain)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class StatementExtractor(GraphComponent, EntityExtractorMixin):
    """Entity `statement`, which the complaint form listens to."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StatementExtractor:
        """Rasa's way of building a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entity to every typed message that asks nothing."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith("/") or not states_something(text):
                continue
            entity = {"entity": "statement", "start": 0, "end": len(text), "value": text}
            known = message.get(ENTITIES, [])
            message.set(ENTITIES, known + self.add_extractor_name([entity]), add_to_output=True)
        return messages
