"""The trained leg: what it prefers, what training one article anew changes, and the way of very large folders."""

from pathlib import Path

import numpy as np
import pytest

from actions.answering.embedder import Vectors
from actions.answering.topics import TopicClassifier

TEXTS = {
    "gap": ["stopped paying", "missed some months", "a gap in payments", "pause my payments"],
    "move": ["moved to another province", "new province old years", "transfer my years", "province changed"],
    "death": ["what if i die", "money after death", "family gets the account", "died before pension"],
}


def sample(texts: dict[str, list[str]] = TEXTS) -> tuple[list[list[str]], Vectors, list[str]]:
    """Token lists, vectors that say nothing, and ids."""
    lists = [text.split() for some in texts.values() for text in some]
    ids = [article_id for article_id, some in texts.items() for _ in some]
    rows = np.random.default_rng(0).normal(size=(len(lists), 8)).astype(np.float32)
    return lists, 0.01 * rows / np.linalg.norm(rows, axis=1, keepdims=True), ids


def best(classifier: TopicClassifier, text: str) -> str:
    scores = classifier.scores(text.split(), np.zeros(8, dtype=np.float32))
    return classifier.labels[int(scores.argmax())]


@pytest.fixture
def trained() -> TopicClassifier:
    return TopicClassifier.train(*sample())


@pytest.fixture
def centroids(monkeypatch: pytest.MonkeyPatch) -> TopicClassifier:
    monkeypatch.setattr("actions.answering.topics.MOST_TRAINED", 2)
    return TopicClassifier.train(*sample())


@pytest.mark.parametrize("article_id", TEXTS)
def test_every_text_leads_to_its_article(trained: TopicClassifier, centroids: TopicClassifier, article_id: str) -> None:
    for text in TEXTS[article_id]:
        assert best(trained, text) == article_id
        assert best(centroids, text) == article_id


def test_training_twice_gives_the_same(trained: TopicClassifier) -> None:
    again = TopicClassifier.train(*sample())
    for text in ("my years", "the gap"):
        vector = np.zeros(8, dtype=np.float32)
        np.testing.assert_array_equal(again.scores(text.split(), vector), trained.scores(text.split(), vector))


@pytest.mark.parametrize("kind", ["trained", "centroids"])
def test_a_new_article_is_found_and_the_others_keep_their_weights(kind: str, request: pytest.FixtureRequest) -> None:
    before: TopicClassifier = request.getfixturevalue(kind)
    texts = {**TEXTS, "baby": ["having a baby", "maternity money", "pregnant rider"]}
    after = before.updated(*sample(texts), changed={"baby"})
    assert after.labels == ["baby", "death", "gap", "move"]
    assert best(after, "pregnant baby") == "baby"
    for article_id in TEXTS:
        one = before.weights[:, before.labels.index(article_id)].toarray()
        two = after.weights[: len(one), after.labels.index(article_id)].toarray()
        np.testing.assert_array_equal(one, two)


def test_an_article_that_went_away_has_no_score(trained: TopicClassifier) -> None:
    fewer = {key: texts for key, texts in TEXTS.items() if key != "move"}
    after = trained.updated(*sample(fewer), changed={"move"})
    assert after.labels == ["death", "gap"]


def test_training_one_article_anew_is_nearly_training_all(trained: TopicClassifier) -> None:
    after = trained.updated(*sample(), changed={"gap"})
    vector = np.zeros(8, dtype=np.float32)
    for text in ("a gap in payments", "moved to another province"):
        one, two = (c.scores(text.split(), vector) for c in (trained, after))
        np.testing.assert_allclose(one, two, atol=0.05)


def test_saving_changes_no_score(trained: TopicClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path)
    loaded = TopicClassifier.load(tmp_path)
    vector = np.full(8, 0.1, dtype=np.float32)
    np.testing.assert_allclose(loaded.scores(["gap"], vector), trained.scores(["gap"], vector), rtol=1e-6)


def test_one_article_alone_can_be_trained() -> None:
    alone = TopicClassifier.train(*sample({"gap": TEXTS["gap"]}))
    assert best(alone, "gap") == "gap"


def test_words_nobody_used_weigh_as_the_rarest(trained: TopicClassifier) -> None:
    assert trained.mass(["zzz"]) == trained.mass(["pregnant"]) > trained.mass(["province"])
    assert trained.known_share(["province", "zzz"]) < 0.5
