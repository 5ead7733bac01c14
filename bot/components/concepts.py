"""Features from `concepts.yml`: which ideas a message touches, whatever words it uses for them.

A small training set cannot show the classifier every word for losing one's job; the list can. Each pattern
found counts `weight` times as much as a single word.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_BOT_FOLDER = Path(__file__).resolve().parents[1]
_MODEL_FILE = "concepts.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ConceptFeaturizer(SparseFeaturizer, GraphComponent):
    """Sentence features: `weight` for each pattern that is found in the message."""

    def __init__(self, name: str, config: dict[str, Any], patterns: list[str]) -> None:
        super().__init__(name, config)
        self._texts = patterns
        self._patterns = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]

    @classmethod
    def required_components(cls) -> list[type]:
        """Sequence features have one row a token, so there must be tokens."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`path`: the concepts, relative to the bot folder; `weight`: what a pattern found counts."""
        return {**SparseFeaturizer.get_default_config(), "path": "concepts.yml", "weight": 3.0}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing beyond the types Rasa checks itself."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Has Rasa read the list again when it has changed."""
        path = _BOT_FOLDER / config.get("path", cls.get_default_config()["path"])
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ConceptFeaturizer:
        """Reads the list; `train` keeps it in the model."""
        concepts = yaml.safe_load((_BOT_FOLDER / config["path"]).read_text(encoding="utf-8"))
        patterns = [pattern for patterns in concepts.values() for pattern in patterns]
        featurizer = cls(execution_context.node_name, config, patterns)
        featurizer._storage = (model_storage, resource)
        return featurizer

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ConceptFeaturizer:
        """Restores the list from the model."""
        with model_storage.read_from(resource) as folder:
            patterns = json.loads((folder / _MODEL_FILE).read_text(encoding="utf-8"))
        return cls(execution_context.node_name, config, patterns)

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing to learn: writes the list into the model."""
        storage, resource = self._storage
        with storage.write_to(resource) as folder:
            (folder / _MODEL_FILE).write_text(json.dumps(self._texts, ensure_ascii=False), encoding="utf-8")
        return resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the features to every message that has text."""
        for message in messages:
            text, tokens = message.get(TEXT), message.get(TOKENS_NAMES[TEXT])
            if not text or not tokens:
                continue
            found = np.array([[bool(pattern.search(text)) for pattern in self._patterns]], dtype=float)
            sentence = scipy.sparse.coo_matrix(found * self._config["weight"])
            sequence = scipy.sparse.coo_matrix((len(tokens), len(self._patterns)))
            self.add_features_to_message(sequence, sentence, TEXT, message)
        return messages
