"""The small knowledge folder of the tests: how it is copied, changed, opened and asked."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from actions.answering.embedder import Embedder
from actions.answering.library import Library, open_library
from tests.fakes import WordCountEmbedder

PROJECT = Path(__file__).resolve().parent.parent
KEPT_FROM_THE_REAL_FOLDER = (
    "texts.yml",
    "guards.yml",
    "regions.yml",
    "glossary.yml",
    "answering.yml",
    "estimates.yml",
    "interview.yml",
)
TODAY = date(2026, 11, 23)


def copy_small_folder(place: Path) -> Path:
    """The four example articles with the real texts, guards, regions, glossary and rules."""
    folder = place / "knowledge"
    shutil.copytree(PROJECT / "tests" / "example_knowledge", folder)
    for name in KEPT_FROM_THE_REAL_FOLDER:
        shutil.copy(PROJECT / "knowledge" / name, folder / name)
    shutil.copytree(PROJECT / "knowledge" / "estimates", folder / "estimates")
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Replaces the first `old`; fails where the text is not there, so that no test breaks nothing."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def change_yaml(path: Path, **values: Any) -> None:
    """Sets top-level keys of a YAML file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, **values}, allow_unicode=True, sort_keys=False), encoding="utf-8")


def article(folder: Path, article_id: str) -> Path:
    """The file of an article."""
    return folder / "articles" / f"{article_id}.md"


def open_small(folder: Path, index: Path, embedder: Embedder | None = None) -> Library:
    """The folder, ready to answer."""
    return open_library(folder, index, embedder or WordCountEmbedder(), TODAY)
