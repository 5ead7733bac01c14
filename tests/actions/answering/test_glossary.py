"""What workers say leads to the concept they mean, in both languages; the real glossary."""

from pathlib import Path

import pytest

from actions.answering.glossary import Entry, Glossary

MEANT = [
    ("社宝断了", "social_insurance"),
    ("射保怎么交", "social_insurance"),
    ("养老钱够不够", "pension"),
    ("when i'm old who pays", "pension"),
    ("新农保能转吗", "resident_pension"),
    ("village pension", "resident_pension"),
    ("打零工的", "flexible_worker"),
    ("I do gig work", "flexible_worker"),
    ("送外卖的", "rider"),
    ("two riders", "rider"),  # a plural is the same word
    ("跑滴滴", "ride_hailing_driver"),
    ("MEITUAN", "rider"),
]


@pytest.fixture(scope="module")
def glossary(real_knowledge: Path) -> Glossary:
    return Glossary.load(real_knowledge / "glossary.yml")


@pytest.mark.parametrize(("text", "concept"), MEANT)
def test_a_saying_leads_to_its_concept(glossary: Glossary, text: str, concept: str) -> None:
    assert concept in glossary.concepts_in(text)


@pytest.mark.parametrize("text", ["今天天气不错", "what a lovely day", "", "the bridles"])
def test_other_words_lead_nowhere(glossary: Glossary, text: str) -> None:
    assert glossary.concepts_in(text) == ()


def test_every_saying_of_every_concept_is_found(glossary: Glossary) -> None:
    lost = [
        (entry.concept, form)
        for entry in glossary.entries
        for form in (entry.term.zh, entry.term.en, *entry.says.zh, *entry.says.en)
        if entry.concept not in glossary.concepts_in(f"x {form} y")
    ]
    assert lost == []


def entry(concept: str, *zh: str) -> Entry:
    text = {"zh": f"词{concept}", "en": f"term {concept}"}
    return Entry.model_validate({"concept": concept, "term": text, "meaning": text, "says": {"zh": zh}})


def test_overlapping_sayings_all_count() -> None:
    glossary = Glossary.of((entry("a", "灵活就业"), entry("b", "就业")))
    assert glossary.concepts_in("灵活就业") == ("a", "b")


def test_one_saying_may_mean_several_things() -> None:
    glossary = Glossary.of((entry("a", "双保"), entry("b", "双保")))
    assert glossary.concepts_in("双保") == ("a", "b")


def test_a_concept_counts_once() -> None:
    assert Glossary.of((entry("a", "双保"),)).concepts_in("双保双保") == ("a",)


def test_an_empty_glossary_finds_nothing() -> None:
    assert Glossary.of(()).concepts_in("社保 pension") == ()
