"""Places as entity `region`: every form in `knowledge/regions.yml`, the longest first, with its role.

The list is read at training time and kept in the model, so a served model needs no other folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.extraction import Extraction, Found

_BOT_FOLDER = Path(__file__).resolve().parents[1]
_MODEL_FILE = "regions.json"

_FROM = re.compile(r"(?:从|由|自|离开|辞别)\s*$|\b(?:from|left|leaving|leave)\s+$")
_TO = re.compile(r"(?:到了?|去了?|来了?|回了?|往|转[到入至]|搬[到来至])\s*$|\b(?:to|into|back in|now in)\s+$")
_ONWARDS = re.compile(
    r"\s*(?:省|市)?\s*(?:那边|这边|老家)?\s*(?:搬|转|换|跑|调|迁)?(?:到|去|来|回|至|->|→|\bto\b|"
    r"\binto\b)\s*(?:了)?\s*"
)
_JOINT = re.compile(r"\s*[,，·]?\s*(?:的)?")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RegionExtractor(Extraction):
    """Entity `region` with an ISO code; role `origin` or `destination` where the words say so."""

    def __init__(self, forms: dict[str, str], short: dict[str, str]) -> None:
        self._forms, self._short = forms, short
        ordered = sorted(forms, key=len, reverse=True)
        chinese = "|".join(re.escape(f) for f in ordered if not f.isascii())
        latin = "|".join(re.escape(f) for f in ordered if f.isascii())
        self._pattern = re.compile(rf"(?:{chinese or '(?!)'})|(?<![a-z])(?:{latin or '(?!)'})(?![a-z])")

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`path`: the list of places, relative to the bot folder."""
        return {"path": "../knowledge/regions.yml"}

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
    ) -> RegionExtractor:
        """Reads the list and keeps it in the model."""
        extractor = cls.read(_BOT_FOLDER / config["path"])
        extractor._storage = (model_storage, resource)
        return extractor

    @classmethod
    def read(cls, path: Path) -> RegionExtractor:
        """The extractor for a list of places."""
        forms: dict[str, str] = {}
        short: dict[str, str] = {}
        for code, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            also = entry.get("also", {})
            for form in (*entry["name"].values(), *also.get("zh", []), *also.get("en", [])):
                forms.setdefault(form.lower(), code)
            for form in entry.get("short", {}).get("zh", []):
                short.setdefault(form, code)
        return cls(forms, short)

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing to learn: writes the list into the model."""
        storage, resource = self._storage
        with storage.write_to(resource) as folder:
            content = json.dumps({"forms": self._forms, "short": self._short}, ensure_ascii=False)
            (folder / _MODEL_FILE).write_text(content, encoding="utf-8")
        return resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RegionExtractor:
        """Restores the list from the model."""
        with model_storage.read_from(resource) as folder:
            return cls(**json.loads((folder / _MODEL_FILE).read_text(encoding="utf-8")))

    def find(self, text: str) -> list[Found]:
        """See `Extraction.find`."""
        alone = text.strip(" 。.，,!！?？")
        if alone in self._short:
            start = text.index(alone)
            return [Found("region", start, start + len(alone), self._short[alone])]
        places = [Found("region", m.start(), m.end(), self._forms[m.group()]) for m in self._pattern.finditer(text)]
        return _with_roles(_joined(places, text), text)


def _joined(places: list[Found], text: str) -> list[Found]:
    """浙江杭州 and Hangzhou, Zhejiang are one place: the city."""
    joined: list[Found] = []
    for place in places:
        before = joined[-1] if joined else None
        if before and _JOINT.fullmatch(text, before.end, place.start):
            nearer = max(before.value, place.value, key=lambda code: len(str(code)))
            if str(nearer).startswith(f"{before.value}.") or str(nearer).startswith(f"{place.value}."):
                joined[-1] = replace(before, end=place.end, value=nearer)
                continue
        joined.append(place)
    return joined


def _with_roles(places: list[Found], text: str) -> list[Found]:
    roles = []
    for index, place in enumerate(places):
        onwards = _ONWARDS.match(text, place.end)
        leads_on = onwards and any(p.start == onwards.end() for p in places[index + 1 :])
        before = text[: place.start]
        role = "origin" if _FROM.search(before) or leads_on else "destination" if _TO.search(before) else None
        roles.append(replace(place, role=role))
    return roles
