"""The extractors against the tables in `tables/`: a text and what must be found in it, and nothing else."""

from pathlib import Path

import pytest
import yaml
from components.dates import DateExtractor
from components.durations import DurationExtractor
from components.extraction import Extraction
from components.money import MoneyExtractor
from components.occupations import OccupationExtractor
from components.regions import RegionExtractor
from components.schemes import SchemeExtractor
from rasa.shared.nlu.training_data.message import Message

TABLES = Path(__file__).parent / "tables"
BOT_FOLDER = TABLES.parents[1]

# In the order of config.yml: the first that reads a number keeps it.
NUMERIC = [DateExtractor(), DurationExtractor(), MoneyExtractor()]


def rows(name: str) -> list[tuple[str, list[str]]]:
    table = yaml.load((TABLES / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return list(table.items())


def entities(text: str, *extractors: Extraction) -> list[dict[str, object]]:
    message = Message(data={"text": text})
    for extractor in extractors:
        extractor.process([message])
    return sorted(message.get("entities", []), key=lambda entity: entity["start"])


@pytest.fixture(scope="module")
def places() -> RegionExtractor:
    return RegionExtractor.read(BOT_FOLDER.parent / "knowledge" / "regions.yml")


@pytest.mark.parametrize(
    ("text", "expected"), [row for t in ("money", "durations", "ages", "dates") for row in rows(t)]
)
def test_a_number_is_read_as_one_thing_only(text: str, expected: list[str]) -> None:
    assert [f"{e['entity']} {e['value']}" for e in entities(text, *NUMERIC)] == expected


@pytest.mark.parametrize(("text", "expected"), rows("regions"))
def test_a_place_is_found_with_its_role(places: RegionExtractor, text: str, expected: list[str]) -> None:
    found = [f"{e['value']} {e.get('role', '')}".strip() for e in entities(text, places)]
    assert found == expected


@pytest.mark.parametrize(("text", "expected"), rows("occupations"))
def test_an_occupation_is_found(text: str, expected: list[str]) -> None:
    assert [e["value"] for e in entities(text, OccupationExtractor())] == expected


@pytest.mark.parametrize(("text", "expected"), rows("schemes"))
def test_a_scheme_is_found(text: str, expected: list[str]) -> None:
    assert [e["value"] for e in entities(text, SchemeExtractor())] == expected


def test_every_name_of_every_place_is_found(places: RegionExtractor) -> None:
    listed = yaml.safe_load((BOT_FOLDER.parent / "knowledge" / "regions.yml").read_text(encoding="utf-8"))
    for code, entry in listed.items():
        for form in (
            *entry["name"].values(),
            *entry.get("also", {}).get("zh", []),
            *entry.get("also", {}).get("en", []),
        ):
            assert [e["value"] for e in entities(form, places)] == [code], form


@pytest.mark.parametrize(
    "text",
    ["我在浙江省杭州市挣４５００块", "I'm 45, in Hangzhou, and earn ¥4,500", "从四川到杭州，1990年5月生"],
)
def test_offsets_point_at_the_words(places: RegionExtractor, text: str) -> None:
    for entity in entities(text, places, *NUMERIC):
        assert 0 <= entity["start"] < entity["end"] <= len(text)
        assert text[entity["start"] : entity["end"]].strip()


def test_a_button_payload_is_left_alone(places: RegionExtractor) -> None:
    assert entities('/change_region{"region":"CN-ZJ"}', places, *NUMERIC) == []
