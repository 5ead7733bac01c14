"""Makes `actions/answering/chinese_centre.npy`: the middle of the folder's Chinese questions in the Chinese model.

Run it once when the model changes, not when the folder does: the middle moves all vectors alike.
"""

import numpy as np

from actions.answering import chinese_embedder
from actions.answering.folder import read_knowledge
from benchmarks.retrieval import ROOT

SAMPLE = 4000  # questions: more do not move the middle


def main() -> None:
    """Embeds a sample of the variants and writes their mean."""
    articles = read_knowledge(ROOT / "knowledge").articles.values()
    questions = [question for article in articles for question in article.questions.zh]
    chosen = np.random.default_rng(0).permutation(len(questions))[:SAMPLE]
    rows = chinese_embedder.ChineseEmbedder().uncentred([questions[i] for i in chosen])
    np.save(chinese_embedder.CENTRE, rows.mean(axis=0).astype(np.float16))


if __name__ == "__main__":
    main()
