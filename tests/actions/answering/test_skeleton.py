"""A new article: `check` accepts it as it is, no worker sees it, and nothing that exists is touched."""

from pathlib import Path

import pytest

from actions.answering.answer import Outcome, Question
from actions.answering.articles import LONGEST_ID, read_article
from actions.answering.lint import check
from actions.answering.reading import Problem
from actions.answering.skeleton import NoSkeleton, new_article
from tests.folders import TODAY, article, change, open_small

ID, ZH, EN = "injury/heat-pay", "高温补贴有没有", "Pay for work in great heat"


def begin(folder: Path, article_id: str = ID, zh: str = ZH, en: str = EN, region: str = "CN") -> Path:
    return new_article(folder, article_id, zh, en, "example-law", region, TODAY)


TITLES = [
    (ZH, EN),
    (f"  {ZH} ", f" {EN}\t"),
    ('说“高温”："38度"以上、#1、{x}', 'Heat: "38 degrees", {x} & [y] # 1'),
    ("反斜杠\\n", "back\\slash \\"),
    ("- 是", "yes"),
    ("养老保险最少交几年", "how many years do I need to pay"),
]


@pytest.mark.parametrize(("zh", "en"), TITLES)
def test_a_new_article_passes_the_check_and_keeps_its_titles(small_folder: Path, zh: str, en: str) -> None:
    before = set(check(small_folder, TODAY))
    path = begin(small_folder, zh=zh, en=en)
    warning = Problem("warning", f"articles/{ID}.md", "confidence is unverified, so this article never answers")
    assert set(check(small_folder, TODAY)) - before == {warning}
    title = read_article(path, small_folder / "articles").title
    assert (title.zh, title.en) == (zh.strip(), en.strip())


def test_two_new_articles_pass_the_check_together(small_folder: Path) -> None:
    begin(small_folder)
    begin(small_folder, "transfer/abroad", "去国外干活", "Working abroad")
    assert [problem for problem in check(small_folder, TODAY) if problem.severity == "error"] == []


def test_it_lies_where_its_id_says_and_holds_where_it_was_told(small_folder: Path) -> None:
    path = begin(small_folder, region="CN-ZJ.hangzhou")
    assert path == article(small_folder, ID)
    begun = read_article(path, small_folder / "articles")
    assert (begun.topic, begun.regions, begun.sources) == ("injury", ("CN-ZJ.hangzhou",), ("example-law",))
    assert (begun.applies_from, begun.reviewed_on, begun.confidence) == (TODAY, TODAY, "unverified")


def test_it_never_answers_before_staff_say_so(small_folder: Path, tmp_path: Path) -> None:
    path = begin(small_folder)
    library = open_small(small_folder, tmp_path / "index")
    assert library.read(ID, "zh", None, TODAY).outcome is Outcome.UNANSWERABLE_NO_SOURCE
    assert ID not in library.rank(ZH, TODAY)
    assert library.answer(Question(ZH, TODAY)).article_id != ID
    change(path, "confidence: unverified", "confidence: consistent")
    assert open_small(small_folder, tmp_path / "index").read(ID, "zh", None, TODAY).outcome is Outcome.ANSWERED


def test_an_article_that_exists_is_not_touched(small_folder: Path) -> None:
    path = article(small_folder, "transfer/between-provinces")
    written = path.read_bytes()
    with pytest.raises(NoSkeleton, match="exists already"):
        begin(small_folder, "transfer/between-provinces")
    assert path.read_bytes() == written


REFUSED = [
    ("no topic", {"article_id": "heat-pay"}, "is no id"),
    ("a topic in a topic", {"article_id": "injury/heat/pay"}, "is no id"),
    ("capitals", {"article_id": "Injury/heat"}, "is no id"),
    ("Chinese", {"article_id": "injury/高温"}, "is no id"),
    ("an underline", {"article_id": "injury/heat_pay"}, "is no id"),
    ("a line end", {"article_id": f"{ID}\n"}, "is no id"),
    ("out of the folder", {"article_id": "../secrets"}, "is no id"),
    ("too long", {"article_id": "injury/" + "a" * (LONGEST_ID - 6)}, f"at most {LONGEST_ID} characters"),
    ("a region in small letters", {"region": "cn-zj"}, "is no region"),
    ("a region of another country", {"region": "US-CA"}, "is no region"),
    ("a region by its name", {"region": "浙江"}, "is no region"),
    ("no Chinese title", {"zh": " "}, "both titles are needed"),
    ("no English title", {"en": ""}, "both titles are needed"),
]


@pytest.mark.parametrize(("wanted", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_an_article_is_refused_and_leaves_nothing(
    small_folder: Path, wanted: dict[str, str], message: str
) -> None:
    before = sorted(small_folder.rglob("*"))
    with pytest.raises(NoSkeleton, match=message):
        begin(small_folder, **wanted)
    assert sorted(small_folder.rglob("*")) == before


def test_the_longest_id_is_accepted(small_folder: Path) -> None:
    assert begin(small_folder, "injury/" + "a" * (LONGEST_ID - 7)).exists()
