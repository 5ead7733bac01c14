"""The sentences the gateway says by itself; the wording is in `sentences.yml`, never in Python."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from channels.message import Language

SENTENCES_FILE = Path(__file__).with_name("sentences.yml")


class Sentence(BaseModel):
    """One sentence in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


Section = Mapping[str, Sentence]


class Sentences:
    """Sentences by section and name; an unknown name is a `KeyError`."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._sections = sections

    def say(self, section: str, name: str, language: Language, **values: object) -> str:
        """The sentence in one language, with its {words} filled in."""
        sentence = self._sections[section][name]
        return (sentence.zh if language == "zh" else sentence.en).format(**values)

    def both(self, section: str, name: str, **values: object) -> Sentence:
        """The sentence in both languages, with its {words} filled in."""
        return Sentence(zh=self.say(section, name, "zh", **values), en=self.say(section, name, "en", **values))

    def names(self, section: str) -> frozenset[str]:
        """The names there are in a section."""
        return frozenset(self._sections[section])


def load_sentences(path: Path = SENTENCES_FILE) -> Sentences:
    """The sentences in a file; a missing language or an unknown key raises."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Sentences(TypeAdapter(dict[str, dict[str, Sentence]]).validate_python(written))
