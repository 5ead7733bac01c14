"""Times finding: our three legs on this folder and on 100,000 generated articles, beside bm25s alone and exact search.

Also the build of the index and its update after one changed file. `make bench-retrieval` prints a table; `--json` one
object. Everything runs in this one process, on one thread, with the same questions.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

import bm25s
import numpy as np
from rich.console import Console
from rich.table import Table

from actions.answering.answer import Question
from actions.answering.embedder import PackagedEmbedder
from actions.answering.evaluation import read_questions
from actions.answering.index import Index
from actions.answering.library import Library, open_library
from actions.answering.pipeline import Draft, Tools, detect_language, expand_terms, normalise
from actions.answering.shelf import Shelf
from actions.settings import CHINA
from benchmarks.large_folder import generate

ROOT = Path(__file__).resolve().parent.parent
TOP = 10


def main() -> None:
    """Measures and prints."""
    options = _options()
    console = Console()
    with tempfile.TemporaryDirectory() as place:
        copy, kept = Path(place) / "knowledge", Path(place) / "index"
        shutil.copytree(options.folder, copy)
        library, build_seconds = _built(copy, kept)
        update = _update_seconds(copy, kept, library)
    questions = [q.q for one in read_questions(options.folder / "evaluation") for q in one.questions][
        : options.questions
    ]
    rows = {f"{len(library.tools.index.article_rows)} articles": _times(library.tools.index, library.tools, questions)}
    print(f"Generating {options.articles} articles …", file=sys.stderr)
    started = time.perf_counter()
    large = generate(library.tools.index, options.articles)
    generating = time.perf_counter() - started
    rows[f"{options.articles} generated"] = _times(large.index, library.tools, questions)
    figures = {
        "milliseconds a question (median, p95)": rows,
        "index build from nothing, s": round(build_seconds, 1),
        "update after one changed file, s": round(update, 1),
        "generated entries": large.entries,
        "generated index made in, s": round(generating),
    }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        _print(figures, console)


def _built(folder: Path, index: Path) -> tuple[Library, float]:
    """The library built from nothing, and how long that took once the embedding model was loaded."""
    embedder = PackagedEmbedder()
    embedder.embed(["warm"])
    started = time.perf_counter()
    library = open_library(folder, index, embedder, today())
    return library, time.perf_counter() - started


def _update_seconds(folder: Path, index: Path, library: Library) -> float:
    """From a saved file to answers from it, in a process that serves: what `Shelf.refresh` takes."""
    shelf = Shelf(folder, index, library.tools.embedder, _now)
    article = sorted((folder / "articles").rglob("*.md"))[0]
    text = article.read_text(encoding="utf-8")
    line = re.search(r"\n( +)- ", text[text.index("questions:") :])
    indent = line[1] if line else "    "
    changed = re.sub(r"(questions:.*?zh:\n)", rf"\1{indent}- 这是刚刚加上去的一个新问法\n", text, count=1, flags=re.S)
    article.write_text(changed, encoding="utf-8")
    started = time.perf_counter()
    shelf.refresh()
    if not shelf.refresh():
        raise SystemExit(f"the changed folder did not come into force: {shelf.problem}")
    return time.perf_counter() - started


def _times(index: Index, tools: Tools, questions: Sequence[str]) -> dict[str, tuple[float, float]]:
    drafts = [_draft(question, tools) for question in questions]
    vectors = {draft.text: tools.embedder.embed([draft.text])[0] for draft in drafts}
    alone = bm25s.BM25()
    alone.index([_words(tokens) for tokens in index.tokens.lists], show_progress=False)
    count = len(index.entries)

    def ours(draft: Draft) -> None:
        vector = tools.embedder.embed([draft.text])[0]
        index.search(vector, list(draft.tokens), draft.language)

    def search_only(draft: Draft) -> None:
        index.search(vectors[draft.text], list(draft.tokens), draft.language)

    def lexical_rival(draft: Draft) -> None:
        known = [word for word in _words(draft.tokens) if word in alone.vocab_dict]
        scores = alone.get_scores(known) if known else np.zeros(count, dtype=np.float32)
        np.argpartition(-scores, min(TOP, count - 1))

    def exact_rival(draft: Draft) -> None:
        vector = tools.embedder.embed([draft.text])[0]
        np.argpartition(-(index.vectors @ vector), min(TOP, count - 1))

    return {
        "ours, all three legs": _timed(ours, drafts),
        "ours without embedding": _timed(search_only, drafts),
        "bm25s alone": _timed(lexical_rival, drafts),
        "exact dense search": _timed(exact_rival, drafts),
    }


def _words(tokens: Sequence[str]) -> list[str]:
    """The words alone, without n-grams and concepts: what bm25s would be given."""
    return [token for token in tokens if token[:2] not in ("g:", "c:")]


def _draft(question: str, tools: Tools) -> Draft:
    draft = Draft(Question(question, today()), question)
    for step in (detect_language, normalise, expand_terms):
        draft = step(draft, tools)
    return draft


def _timed(run: Callable[[Draft], None], drafts: Sequence[Draft]) -> tuple[float, float]:
    for draft in drafts[:10]:
        run(draft)
    taken = []
    for draft in drafts:
        started = time.perf_counter()
        run(draft)
        taken.append((time.perf_counter() - started) * 1000)
    return round(median(taken), 1), round(float(np.percentile(taken, 95)), 1)


def _print(figures: dict[str, object], console: Console) -> None:
    rows = figures["milliseconds a question (median, p95)"]
    assert isinstance(rows, dict)
    table = Table("milliseconds a question: median (p95)", *rows)
    for way in next(iter(rows.values())):
        table.add_row(way, *(f"{times[way][0]} ({times[way][1]})" for times in rows.values()))
    console.print(table)
    for name, value in figures.items():
        if value is not rows:
            console.print(f"{name}: {value}")


def _now() -> datetime:
    return datetime.now(CHINA)


def today() -> date:
    """The day in China."""
    return _now().date()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "knowledge", help="the knowledge folder")
    parser.add_argument("--articles", type=int, default=100_000, help="how many articles are generated")
    parser.add_argument("--questions", type=int, default=300, help="how many questions are timed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
