"""What our retrieval has to beat, measured on the same variants and questions: BM25, dense, Rasa's ResponseSelector.

None of them sees our glossary, classifier or judge.
"""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import bm25s
import jieba
import numpy as np

from actions.answering.embedder import Embedder, Vectors
from actions.answering.evaluation import RANKS
from actions.answering.passages import Passage
from actions.answering.tokens import plain

SECONDS_FOR_TRAINING = 1800
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9']+")


class BaselineUnavailable(Exception):
    """The bot's environment is not installed, or training failed; the message says which."""


def words_of(text: str) -> list[str]:
    """Words as jieba and blanks cut them: no glossary, no n-grams."""
    runs = _RUNS.findall(plain(text))
    return [word for run in runs for word in ([run] if run.isascii() else jieba.lcut(run))]


def bm25(entries: Sequence[Passage], questions: Sequence[str]) -> list[list[str]]:
    """bm25s as it comes, over words, best entry of each article."""
    index = bm25s.BM25()
    index.index([words_of(entry.text) for entry in entries], show_progress=False)
    found = []
    for question in questions:
        known = [word for word in words_of(question) if word in index.vocab_dict]
        scores = index.get_scores(known) if known else np.zeros(len(entries))
        found.append(_best_articles(entries, scores))
    return found


def dense(
    entries: Sequence[Passage], vectors: Vectors, questions: Sequence[str], embedder: Embedder
) -> list[list[str]]:
    """The embedding model alone, exact search, best entry of each article; `vectors` has a row an entry."""
    return [_best_articles(entries, vectors @ row) for row in embedder.embed(list(questions))]


def response_selector(entries: Sequence[Passage], questions: Sequence[str], bot: Path) -> list[list[str]]:
    """Rasa's ResponseSelector trained on the question variants; raises BaselineUnavailable."""
    python = bot / ".venv" / "bin" / "python"
    if not python.exists():
        raise BaselineUnavailable("the bot's environment is not installed; run `make setup`")
    variants = [[entry.article_id, entry.text] for entry in entries if entry.kind == "question"]
    asked = json.dumps({"variants": variants, "questions": list(questions)}, ensure_ascii=False)
    done = subprocess.run(  # noqa: S603 - our own script in our own environment
        [str(python), "response_selector.py"],
        cwd=bot,
        input=asked,
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_TRAINING,
        check=False,
    )
    if done.returncode != 0:
        raise BaselineUnavailable(f"training the ResponseSelector failed: {done.stderr.strip().splitlines()[-1:]}")
    rankings: list[list[str]] = json.loads(done.stdout)["rankings"]
    return rankings


def _best_articles(entries: Sequence[Passage], scores: np.ndarray) -> list[str]:
    order = np.argsort(-scores, kind="stable")
    return list(dict.fromkeys(entries[i].article_id for i in order))[:RANKS]
