"""Cross-validates the whole NLU pipeline and prints its quality per language; exit code 1 below the bar.

    .venv/bin/python cross_validate.py

Rasa trains and judges the pipeline of `config.yml` five times over; this script only counts its verdicts.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FOLDS = 5
SEED = 1
BAR = 0.93
CONFUSIONS_SHOWN = 10
LANGUAGE_NAMES = {"zh": "Chinese", "en": "English"}
BOT_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Verdict:
    """One example: the intent it belongs to and the one that was predicted."""

    text: str
    intent: str
    predicted: str


def main() -> int:
    """Runs the folds and prints the report."""
    os.chdir(BOT_FOLDER)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TQDM_DISABLE", "1")
    warnings.filterwarnings("ignore")
    languages = {text: language for language in LANGUAGE_NAMES for text in _examples(language)}
    verdicts = asyncio.run(_judge())
    print(f"{FOLDS}-fold cross-validation, {len(verdicts)} examples\n")
    print(f"{'language':10} {'macro F1':>9} {'accuracy':>9} {'examples':>9} {'intents':>8}")
    reached = True
    for language, name in LANGUAGE_NAMES.items():
        own = [v for v in verdicts if languages.get(v.text) == language]
        score = macro_f1(own)
        reached = reached and score >= BAR
        accuracy = sum(v.intent == v.predicted for v in own) / len(own)
        print(f"{name:10} {score:9.3f} {accuracy:9.3f} {len(own):9} {len({v.intent for v in own}):8}")
    print("\nmost confused (true intent -> predicted)")
    confused = Counter((v.intent, v.predicted) for v in verdicts if v.intent != v.predicted)
    for (intent, predicted), times in confused.most_common(CONFUSIONS_SHOWN):
        print(f"{times:4}  {intent} -> {predicted}")
    print(f"\n{'reached' if reached else 'MISSED'}: macro F1 of at least {BAR} in each language")
    return 0 if reached else 1


def macro_f1(verdicts: list[Verdict]) -> float:
    """The unweighted mean over the intents of the harmonic mean of precision and recall."""
    scores = []
    for intent in {v.intent for v in verdicts}:
        hits = sum(v.intent == v.predicted == intent for v in verdicts)
        relevant = sum(v.intent == intent for v in verdicts)
        predicted = sum(v.predicted == intent for v in verdicts)
        scores.append(2 * hits / (relevant + predicted))
    return sum(scores) / len(scores)


def _examples(language: str) -> list[str]:
    import yaml

    texts: list[str] = []
    for file in sorted((BOT_FOLDER / "data" / "nlu" / language).glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            texts += [line.removeprefix("- ") for line in entry["examples"].splitlines()]
    return texts


async def _judge() -> list[Verdict]:
    import numpy as np
    from rasa.nlu.test import cross_validate
    from rasa.shared.importers.rasa import RasaFileImporter
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    np.random.seed(SEED)  # Rasa shuffles the folds with it; the same figure every time
    importer = RasaFileImporter(config_file="config.yml", domain_path="domain", training_data_paths="data")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        await cross_validate(
            importer.get_nlu_data(),
            FOLDS,
            "config.yml",
            output=folder,
            successes=True,
            errors=True,
            disable_plotting=True,
        )
        return _read(Path(folder, "intent_successes.json")) + _read(Path(folder, "intent_errors.json"))


def _read(path: Path) -> list[Verdict]:
    if not path.is_file():
        return []
    return [
        Verdict(
            text=entry["text"],
            intent=entry["intent"],
            predicted=entry.get("intent_prediction", entry.get("predicted", {})).get("name", ""),
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]


if __name__ == "__main__":
    sys.exit(main())
