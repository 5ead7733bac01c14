"""The index on disk: what a build costs, what a killed or broken one leaves; loading changes nothing."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from actions.answering.answer import Outcome, Question
from actions.answering.index import FORMAT, Index, IndexUnusable, digest_of
from actions.answering.library import STAMP, Library
from actions.answering.passages import OUTSIDE
from tests.fakes import WordCountEmbedder
from tests.folders import TODAY, article, change, copy_small_folder, open_small

FILES = [
    "vectors.npy", "entries.json", "manifest.json", "tokens.npz", "tokens.json", "topics.npz", "topics.json",
    "topic_weights.npz",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its index, to be copied."""
    place = tmp_path_factory.mktemp("built")
    open_small(copy_small_folder(place), place / "index")
    return place


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """A copy of the folder and its index, to break."""
    shutil.copytree(built, tmp_path / "copy")
    return tmp_path / "copy"


def reopen(place: Path) -> tuple[Library, WordCountEmbedder]:
    embedder = WordCountEmbedder()
    return open_small(place / "knowledge", place / "index", embedder), embedder


def answers(library: Library) -> bool:
    return library.answer(Question("跨省转移怎么转", TODAY)).outcome is Outcome.ANSWERED


def test_a_second_opening_embeds_nothing(place: Path) -> None:
    library, embedder = reopen(place)
    assert embedder.embedded == []
    assert answers(library)


def test_one_changed_variant_embeds_one_text_of_the_folder(place: Path) -> None:
    change(article(place / "knowledge", "pension/minimum-years"), "交满多少年能领", "攒够几年才发钱")
    library, embedder = reopen(place)
    indexed = {entry.text for entry in library.tools.index.entries}
    assert [text for text in embedder.embedded if text in indexed] == ["攒够几年才发钱"]


def test_a_changed_rule_builds_anew_without_embedding_the_folder(place: Path) -> None:
    rules = place / "knowledge" / "answering.yml"
    rules.write_text(re.sub(r"(false_answers_at_most: )[\d.]+", r"\g<1>0.5", rules.read_text("utf-8")), "utf-8")
    before = Index.load(place / "index")
    library, embedder = reopen(place)
    assert not set(embedder.embedded) & {entry.text for entry in before.entries}
    assert library.tools.index.digest == before.digest


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of four articles is none: let one of them be patched."""
    monkeypatch.setattr("actions.answering.index.PATCHED_AT_MOST", 0.5)


@pytest.mark.usefixtures("patient")
def test_a_changed_article_is_trained_alone_and_found_by_its_new_words(place: Path) -> None:
    change(article(place / "knowledge", "pension/minimum-years"), "交满多少年能领", "攒够几年才发钱")
    library, _ = reopen(place)
    assert library.tools.index.manifest.patched == ("pension/minimum-years",)
    assert library.rank("攒够几年才发钱", TODAY)[0] == "pension/minimum-years"


@pytest.mark.usefixtures("patient")
def test_a_patched_index_keeps_its_judge_and_is_as_quick_to_open(place: Path) -> None:
    judge = (place / "index" / "judge.json").read_bytes()
    change(article(place / "knowledge", "pension/minimum-years"), "交满多少年能领", "攒够几年才发钱")
    reopen(place)
    assert (place / "index" / "judge.json").read_bytes() == judge
    again, embedder = reopen(place)
    assert embedder.embedded == []
    assert again.tools.index.manifest.patched == ("pension/minimum-years",)


@pytest.mark.usefixtures("patient")
def test_an_article_that_went_away_is_found_no_more(place: Path) -> None:
    article(place / "knowledge", "pension/old-rule").unlink()
    library, _ = reopen(place)
    assert "pension/old-rule" not in library.tools.index.article_ids
    assert answers(library)


@pytest.mark.usefixtures("patient")
def test_changed_slang_trains_everything_anew(place: Path) -> None:
    glossary = place / "knowledge" / "glossary.yml"
    change(glossary, "says:\n    zh: [", "says:\n    zh: [从没听过的叫法, ")
    library, embedder = reopen(place)
    indexed = {entry.text for entry in library.tools.index.entries}
    assert library.tools.index.manifest.patched == ()
    assert not set(embedder.embedded) & indexed


def test_another_embedder_embeds_everything(place: Path) -> None:
    embedder = WordCountEmbedder()
    embedder.name = "another"
    library = open_small(place / "knowledge", place / "index", embedder)
    assert {entry.text for entry in library.tools.index.entries} <= set(embedder.embedded)


def test_the_leftover_of_a_killed_build_is_not_used(place: Path) -> None:
    leftover = place / "index.new-1"
    leftover.mkdir()
    (leftover / "vectors.npy").write_bytes(b"half")
    library, embedder = reopen(place)
    assert embedder.embedded == []
    assert answers(library)


def test_a_build_killed_before_its_end_is_built_again(place: Path) -> None:
    (place / "index" / STAMP).unlink()
    library, embedder = reopen(place)
    assert embedder.embedded  # the calibration questions
    assert answers(library)
    assert reopen(place)[1].embedded == []


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "halved": lambda old: old[: len(old) // 2],
    "garbled": lambda _: b"\x00rubbish\xff" * 9,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_file_is_unusable_and_says_how_to_mend_it(place: Path, name: str, harm: str) -> None:
    path = place / "index" / name
    path.write_bytes(HARMS[harm](path.read_bytes()))
    with pytest.raises(IndexUnusable, match="shebao knowledge index"):
        Index.load(place / "index")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_unusable(place: Path, name: str) -> None:
    (place / "index" / name).unlink()
    with pytest.raises(IndexUnusable):
        Index.load(place / "index")


@pytest.mark.parametrize(("name", "harm"), [("vectors.npy", "halved"), *(("judge.json", harm) for harm in HARMS)])
def test_a_harmed_index_is_built_anew(place: Path, name: str, harm: str) -> None:
    path = place / "index" / name
    path.write_bytes(HARMS[harm](path.read_bytes()))
    library, embedder = reopen(place)
    assert answers(library)
    assert embedder.embedded


def test_an_index_without_its_judge_is_built_anew(place: Path) -> None:
    (place / "index" / "judge.json").unlink()
    library, embedder = reopen(place)
    assert answers(library)
    assert embedder.embedded


def test_parts_that_do_not_fit_together_are_unusable(place: Path) -> None:
    entries = json.loads((place / "index" / "entries.json").read_text("utf-8"))
    (place / "index" / "entries.json").write_text(json.dumps(entries[:-1]), "utf-8")
    with pytest.raises(IndexUnusable, match="do not fit together"):
        Index.load(place / "index")


def test_no_index_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="no usable index"):
        Index.load(tmp_path / "nowhere")


def test_an_index_of_another_format_is_unusable(place: Path) -> None:
    change(place / "index" / "manifest.json", f'"format": {FORMAT}', '"format": 0')
    with pytest.raises(IndexUnusable, match="older format"):
        Index.load(place / "index")


@pytest.mark.parametrize("text", ["跨省转移怎么转", "how many years do I need", "从没见过的字眼 zzz", "?"])
def test_loading_gives_the_scores_that_were_saved(small_library: Library, tmp_path: Path, text: str) -> None:
    index = small_library.tools.index
    index.save(tmp_path / "index")
    loaded = Index.load(tmp_path / "index")
    vector = small_library.tools.embedder.embed([text])[0]
    tokens = small_library.tools.tokeniser.tokens(text)
    one, two = index.search(vector, tokens, "zh"), loaded.search(vector, tokens, "zh")
    for left, right in ((one.dense, two.dense), (one.lexical, two.lexical), (one.topical, two.topical)):
        np.testing.assert_allclose(left, right, rtol=1e-6)
    np.testing.assert_array_equal(one.nearest, two.nearest)
    assert loaded.article_ids == index.article_ids


def test_every_leg_prefers_the_article_that_asks_the_same(small_library: Library) -> None:
    index, text = small_library.tools.index, "跨省转移怎么转"
    hits = index.search(small_library.tools.embedder.embed([text])[0], small_library.tools.tokeniser.tokens(text), "zh")
    for leg in (hits.dense, hits.lexical, hits.topical):
        assert index.article_ids[int(leg.argmax())] == "transfer/between-provinces"
    row = index.article_ids.index("transfer/between-provinces")
    assert index.entries[hits.nearest[row]].text == text


def test_articles_and_topics_out_of_scope_are_kept_apart(small_library: Library) -> None:
    index = small_library.tools.index
    assert {index.article_ids[i] for i in index.outside_rows} == {
        f"{OUTSIDE}weather",
        f"{OUTSIDE}housing_fund",
    }
    assert len(index.article_rows) == 4


def test_the_digest_changes_with_any_entry_and_with_the_embedder(small_library: Library) -> None:
    entries, embedder = small_library.tools.index.entries, WordCountEmbedder()
    other = WordCountEmbedder()
    other.name = "other"
    assert digest_of(entries, embedder) == small_library.tools.index.digest
    assert digest_of(entries[1:], embedder) != digest_of(entries, embedder)
    assert digest_of(entries, other) != digest_of(entries, embedder)


def test_an_unverified_article_is_not_indexed(small_folder: Path, tmp_path: Path) -> None:
    change(article(small_folder, "pension/old-rule"), "confidence: verified", "confidence: unverified")
    library = open_small(small_folder, tmp_path / "index")
    assert "pension/old-rule" not in library.tools.index.article_ids


def test_passages_are_rendered_for_the_day_the_folder_is_opened(small_library: Library) -> None:
    texts = {e.text for e in small_library.entries() if e.kind == "passage" and e.language == "zh"}
    assert "现在最少要交15年。" in texts
    assert all("{{" not in text for text in texts)
    assert date(2030, 1, 1) > TODAY
