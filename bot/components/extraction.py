"""What all extractors share: from `find(text)` to Rasa entities, never claiming a number twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.numerals import half_width

_NUMERIC = {"money", "duration", "age", "date"}


@dataclass(frozen=True)
class Found:
    """One entity in a text: its kind, where it stands, its normalised value, its role if it has one."""

    entity: str
    start: int
    end: int
    value: str | int
    role: str | None = None


class Extraction(GraphComponent, EntityExtractorMixin, ABC):
    """An extractor is its `find`; the text it is given is half-width and lower case, offsets unchanged."""

    @abstractmethod
    def find(self, text: str) -> list[Found]:
        """Every entity of this kind in the text, in order, without overlaps."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Extraction:
        """Rasa's way of building a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds what was found to each message; button payloads carry their own entities."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text or text.startswith("/"):
                continue
            known = message.get(ENTITIES, [])
            found = [f for f in self.find(half_width(text)) if not _is_claimed(f, known)]
            message.set(ENTITIES, known + self.add_extractor_name([_as_entity(f) for f in found]), add_to_output=True)
        return messages


def _is_claimed(found: Found, known: list[dict[str, Any]]) -> bool:
    """Whether an earlier extractor has read the same number as something else."""
    rivals = [e for e in known if e["entity"] in _NUMERIC] if found.entity in _NUMERIC else []
    return any(e["start"] < found.end and found.start < e["end"] for e in rivals)


def _as_entity(found: Found) -> dict[str, Any]:
    entity = {"entity": found.entity, "start": found.start, "end": found.end, "value": found.value}
    return entity | ({"role": found.role} if found.role else {})
