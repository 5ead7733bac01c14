"""What each part of finding brings, on questions that nothing was fitted to; and how honest the judge's chances are.

For every row the index is built anew without one part, the fusion is learnt again on the calibration questions, and
the test questions are ranked. `make ablation` prints a Markdown table a language; `--plot` draws the reliability of the
judge (chances given, and the share of right answers among them) as an SVG.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")

import numpy as np

from actions.answering.answer import Language, Outcome, Question
from actions.answering.documents import Documents
from actions.answering.embedder import PackagedEmbedder, RememberingEmbedder
from actions.answering.evaluation import Asked, RetrievalFigures, rank_figures, read_questions
from actions.answering.folder import read_knowledge
from actions.answering.glossary import Glossary
from actions.answering.index import Index
from actions.answering.judge import Judge
from actions.answering.library import Library, calibrate
from actions.answering.passages import LANGUAGES, Passage, passages
from actions.answering.pipeline import Tools
from actions.answering.places import SIGNS, Places
from actions.answering.rendering import Renderer
from actions.answering.tokens import Tokeniser
from benchmarks.reliability import Bin, bins_of, svg
from benchmarks.retrieval import ROOT, today

FEW = 8  # question variants an article and language: what the format asks for at least


@dataclass(frozen=True)
class Setup:
    """One row of the table: the parts that an index is made of."""

    name: str
    entries: list[Passage]
    tokeniser: Tokeniser


class WordsOnly(Tokeniser):
    """Without character n-grams."""

    def tokens(self, text: str) -> list[str]:
        return [token for token in super().tokens(text) if not token.startswith("g:")]


def main() -> None:
    """Builds, measures, prints."""
    options = _options()
    folder: Path = options.folder
    knowledge = read_knowledge(folder)
    entries = passages(knowledge, Renderer(knowledge.parameters), today())
    embedder = RememberingEmbedder(PackagedEmbedder())
    whole = Tokeniser(knowledge.glossary)
    setups = [
        Setup("everything", entries, whole),
        Setup("without the glossary", entries, Tokeniser(Glossary.of(()))),
        Setup("without character n-grams", entries, WordsOnly(knowledge.glossary)),
        Setup(f"{FEW} question variants an article", list(_few(entries)), whole),
    ]
    asked = {one.language: one.questions for one in read_questions(folder / "evaluation", "test")}
    rows: dict[str, dict[Language, RetrievalFigures]] = {}
    for setup in setups:
        print(f"{setup.name} …", file=sys.stderr)
        index = Index.build(setup.entries, embedder, setup.tokeniser, None)
        documents = Documents(knowledge.articles.values())
        places = Places(knowledge.articles, [index.article_ids[row] for row in index.article_rows], knowledge.regions)
        tools = Tools(
            knowledge, index, embedder, setup.tokeniser, {}, Renderer(knowledge.parameters), documents, places
        )
        tools = replace(tools, judges=calibrate(tools, read_questions(folder / "evaluation", "calibration"), today()))
        rows[setup.name] = _figures(tools, asked)
        if setup.name == "everything":
            for legs, name in (((1, 0, 0), "dense leg"), ((0, 1, 0), "lexical leg"), ((0, 0, 1), "topical leg")):
                alone = {key: _only(judge, legs) for key, judge in tools.judges.items()}
                rows[f"{name} alone"] = _figures(replace(tools, judges=alone), asked)
            if options.plot:
                options.plot.write_text(svg(_reliability(Library(tools), asked)), encoding="utf-8")
    _print(rows)


def _few(entries: Sequence[Passage]) -> Iterator[Passage]:
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = (entry.article_id, entry.language)
        if entry.kind == "question":
            seen[key] = seen.get(key, 0) + 1
        if entry.kind != "question" or seen[key] <= FEW:
            yield entry


def _only(judge: Judge, legs: tuple[int, ...]) -> Judge:
    return replace(judge, fusion=(*(float(leg) for leg in legs), *([0.0] * SIGNS)))


def _figures(tools: Tools, asked: dict[Language, tuple[Asked, ...]]) -> dict[Language, RetrievalFigures]:
    library = Library(tools)
    return {
        language: rank_figures(asked[language], language, lambda text, _: library.rank(text, today()))
        for language in LANGUAGES
    }


def _reliability(library: Library, asked: dict[Language, tuple[Asked, ...]]) -> dict[str, list[Bin]]:
    """For every test question: the chance given to its best article, and whether that article is right."""
    found: dict[str, list[Bin]] = {}
    for language in LANGUAGES:
        chances, right = [], []
        for one in asked[language]:
            answer = library.answer(Question(one.q, today(), None, one.region))
            if answer.outcome in (Outcome.ANSWERED, Outcome.CLARIFY) and answer.score > 0:
                best = answer.article_id or (answer.candidates[0].article_id if answer.candidates else "")
                chances.append(answer.score)
                right.append(best in one.expect)
        found[language] = bins_of(np.array(chances), np.array(right))
    return found


def _print(rows: dict[str, dict[Language, RetrievalFigures]]) -> None:
    print("| | zh hit@1 | zh hit@3 | zh MRR@10 | en hit@1 | en hit@3 | en MRR@10 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, figures in rows.items():
        numbers = [
            f"{share:.3f}"
            for language in LANGUAGES
            for share in (figures[language].hit_at_1, figures[language].hit_at_3, figures[language].mrr_at_10)
        ]
        print(f"| {name} | {' | '.join(numbers)} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "knowledge", help="the knowledge folder")
    parser.add_argument("--plot", type=Path, help="where the reliability diagram is written (SVG)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
