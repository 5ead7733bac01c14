"""Document numbers in questions: what is read as one, which article it leads to, and what is never guessed."""

from pathlib import Path

import pytest

from actions.answering.answer import Outcome, Question
from actions.answering.documents import Documents, numbers_in
from actions.answering.folder import read_knowledge
from actions.answering.library import Library
from tests.fakes import WordCountEmbedder
from tests.folders import PROJECT, TODAY, article, copy_small_folder, open_small

DECISION_38 = "instruments/guofa-2005-38"
TRANSFER_66 = "instruments/guobanfa-2009-66"
READ = {
    "国发〔2005〕38号讲了什么": (2005, 38),
    "那个国发2005年38号文": (2005, 38),
    "国发［2005］第38号": (2005, 38),
    "Guo Fa [2005] No. 38": (2005, 38),
    "what is Ren She Bu Fa 2014 no 17": (2014, 17),
    "guofa 2005 38": (2005, 38),
    "〔2009〕66号文件": (2009, 66),
}
NO_NUMBER = (
    "2025年3月24号交的社保",
    "I paid for more than 2020 12 months",
    "2005年38岁还能交吗",
    "交了15年，2026年退休",
    "12333打不通",
)


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(read_knowledge(PROJECT / "knowledge").articles.values())


@pytest.mark.parametrize("text", READ)
def test_a_number_is_read_however_it_is_typed(text: str) -> None:
    assert [(number.year, number.number) for number in numbers_in(text)] == [READ[text]]


@pytest.mark.parametrize("text", NO_NUMBER)
def test_a_date_or_an_age_names_no_document(text: str, documents: Documents) -> None:
    assert documents.about(text) is None


@pytest.mark.parametrize(
    ("text", "article_id"),
    [
        ("国发〔2005〕38号讲了什么", DECISION_38),
        ("guofa 2005 38", DECISION_38),
        ("Guo Fa [2005] No. 38, what does it say", DECISION_38),
        ("国办发2009年66号", TRANSFER_66),
        ("〔2009〕66号文件", TRANSFER_66),
    ],
)
def test_a_known_number_leads_to_its_article(text: str, article_id: str, documents: Documents) -> None:
    assert documents.about(text) == (article_id,)


@pytest.mark.parametrize(
    "text", ["国发〔2005〕39号", "国办发〔2005〕38号", "Ren She Bu Fa [2023] 5", "沪人社规〔2026〕9号"]
)
def test_an_unknown_number_or_another_issuer_leads_nowhere(text: str, documents: Documents) -> None:
    assert documents.about(text) == ()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The small folder with one document."""
    folder = copy_small_folder(tmp_path)
    text = article(folder, "transfer/between-provinces").read_text("utf-8")
    text = text.replace("id: transfer/between-provinces", f"id: {TRANSFER_66}").replace(
        "topic: transfer", "topic: instruments"
    )
    lines = [
        f"{line} 国办发〔2009〕66号 {i}" if line.startswith("    - ") else line
        for i, line in enumerate(text.splitlines())
    ]
    path = folder / "articles" / f"{TRANSFER_66}.md"
    path.parent.mkdir()
    path.write_text("\n".join(lines).replace("zh: ", "zh: 文件", 1).replace("en: ", "en: Document ", 1), "utf-8")
    return open_small(folder, tmp_path / "index", WordCountEmbedder())


def test_a_question_with_a_known_number_is_answered_from_its_document(library: Library) -> None:
    answer = library.answer(Question("国办发2009年66号讲什么", TODAY))
    assert (answer.outcome, answer.article_id) == (Outcome.ANSWERED, TRANSFER_66)
    assert answer.score == 1.0
    assert library.rank("国办发2009年66号讲什么", TODAY) == [TRANSFER_66]


def test_a_question_with_an_unknown_number_gets_no_other_document(library: Library) -> None:
    answer = library.answer(Question("国办发2009年67号讲什么", TODAY))
    assert answer.outcome is Outcome.UNANSWERABLE_NO_SOURCE
    assert library.rank("国办发2009年67号讲什么", TODAY) == []
