"""The sentences of estimates: everything that a rule says has words in both languages, and a broken file is named."""

# ruff: noqa: E501 - one row of a table is one line

import ast
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from actions.simulator.estimate import Amount, CannotEstimate, Estimate, ImpossibleCase, Remark, SimulationError
from actions.simulator.kinds import KINDS
from actions.simulator.month import Month
from actions.simulator.spelling import Language
from actions.simulator.texts import EstimateTexts, InvalidTexts, problems_of_texts, read_texts
from actions.simulator.wording import MissingText, Wordsmith
from tests.actions.simulator.expert_cases import HERE, KNOWLEDGE, expert_cases, parameters, rules

ON = date(2026, 11, 23)
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def place_name(code: str, language: Language) -> str:
    """A name that shows which place and language were asked for."""
    return f"<{code} {language}>"


def wordsmith() -> Wordsmith:
    return Wordsmith(EstimateTexts.load(KNOWLEDGE), parameters(), place_name)


def every_case() -> list[tuple[str, date, dict[str, Any]]]:
    """The examples of every kind, and the experts' cases of the tables that are named like a kind."""
    found = [(kind.name, ON, dict(example)) for kind in KINDS.values() for example in kind.examples]
    for kind in KINDS:
        if (HERE / "cases" / f"{kind}.yml").exists():
            found += [(kind, row.on, dict(row.case)) for row in expert_cases(kind)]
    return found


@pytest.mark.parametrize(("kind", "on", "raw"), every_case(), ids=lambda v: v if isinstance(v, str) else "")
def test_everything_that_a_rule_says_has_words_in_both_languages(kind: str, on: date, raw: dict[str, Any]) -> None:
    case = KINDS[kind].case.model_validate(raw)
    smith = wordsmith()
    for language in LANGUAGES:
        try:
            said = smith.words_for(KINDS[kind].estimate(case, rules(on)), language)
        except ImpossibleCase as refusal:
            smith.impossible(kind, refusal, language)  # raises where there are no words
            continue
        except CannotEstimate as refusal:
            smith.not_published(kind, refusal, language)
            continue
        lines = [said.headline, *said.steps, *said.assumptions, *said.warnings, *said.alternatives]
        lines += [part for row in said.rows for part in (row.label, row.value)]
        assert all(lines)
        assert [line for line in lines if "{" in line] == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_examples_of_a_kind_give_an_estimate(kind: str) -> None:
    for example in KINDS[kind].examples:
        result = KINDS[kind].estimate(KINDS[kind].case.model_validate(example), rules(ON))
        assert (result.kind, result.on) == (kind, ON)
        assert result.rule_set
        assert result.amounts


def test_the_files_of_the_folder_are_in_order() -> None:
    assert list(problems_of_texts(KNOWLEDGE, frozenset(KINDS))) == []


BROKEN = [
    ("amounts: {a: {zh: 甲}}", "amounts.a.en: Field required"),
    ("amounts: {a: {zh: 甲, en: ''}}", "amounts.a.en: String should have at least 1 character"),
    ("remarks: {a: {zh: '{months}个月', en: some months}}", "remarks.a: Value error, the placeholders differ: zh has ['months'], en has []"),
    ("remarks: {a: {zh: '{}个月', en: '{} months'}}", "remarks.a: Value error, '' is no placeholder"),
    ("remarks: {a: {zh: '{a', en: '{a'}}", "remarks.a: Value error, a brace stands alone"),
    ("label: {a: {zh: 甲, en: a}}", "label: Extra inputs are not permitted"),
    ("amounts: [", "not readable YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_broken_file_is_named_with_its_key(tmp_path: Path, written: str, reason: str) -> None:
    path = tmp_path / "injury.yml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(InvalidTexts) as told:
        read_texts(path)
    assert str(told.value).startswith(f"{path}: {reason}")


def test_the_check_finds_broken_missing_and_needless_files(tmp_path: Path) -> None:
    (tmp_path / "estimates").mkdir()
    (tmp_path / "estimates.yml").write_text("remarks: {}", encoding="utf-8")
    (tmp_path / "estimates" / "injury.yml").write_text("amounts: 5", encoding="utf-8")
    (tmp_path / "estimates" / "divorce.yml").write_text("amounts: {}", encoding="utf-8")
    assert dict(problems_of_texts(tmp_path, frozenset({"injury", "transfer"}))) == {
        "estimates/injury.yml": "amounts: Input should be a valid dictionary",
        "estimates/transfer.yml": "this file is missing",
        "estimates/divorce.yml": "there is no such simulation",
    }


def test_a_key_without_words_is_named() -> None:
    with pytest.raises(MissingText, match="injury: amounts: fortune"):
        wordsmith().words_for(Estimate("injury", ON, "CN", (Amount("fortune", 1),)), "zh")


def test_places_figures_and_days_become_words() -> None:
    remark = Remark("last_known_value", {"figure": "contribution.average_wage", "since": "2025-01-01"})
    said = wordsmith().words_for(Estimate("injury", ON, "CN", (), assumptions=(remark,)), "en")
    assert said.assumptions[0].startswith("For “Full-scope average wage")
    assert "1 January 2025" in said.assumptions[0]


def test_the_plans_of_a_comparison_keep_their_names() -> None:
    amounts = (Amount("flexible.lump_sum", 1), Amount("my plan.lump_sum", 2))
    rows = wordsmith().words_for(Estimate("injury", ON, "CN", amounts), "en").rows
    assert [row.label for row in rows] == [
        "on your own (flexible worker): Lump sum for the disability",
        "my plan: Lump sum for the disability",
    ]


def test_a_refusal_names_the_place_and_the_day() -> None:
    refusal = CannotEstimate("contribution.average_wage", "CN-XZ", ON)
    said = wordsmith().not_published("injury", refusal, "en")
    assert "<CN-XZ en>" in said
    assert "23 November 2026" in said


def test_a_value_that_cannot_be_is_refused_with_what_can() -> None:
    refusal: SimulationError = ImpossibleCase("month", "month_in_the_future", latest=Month(2026, 11))
    assert isinstance(refusal, ImpossibleCase)
    assert wordsmith().impossible("injury", refusal, "zh") == "出事的月份不能晚于2026年11月"


SECTION_OF = {
    "Amount": "amounts",
    "amount_of": "steps",
    "Step": "steps",
    "Remark": "remarks",
    "ImpossibleCase": "reasons",
}


def keys_in_the_rules() -> list[tuple[str, str, str]]:
    """Module, section and key of everything that a rule may say, read from its text."""
    found = []
    for path in sorted((KNOWLEDGE.parent / "actions" / "simulator" / "benefits").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in SECTION_OF:
                continue
            name = ast.unparse(node.func)
            key = node.args[1 if name == "ImpossibleCase" else 0] if node.args else None
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append((path.stem, SECTION_OF[name], key.value))
    return found


def test_every_key_that_stands_in_a_rule_has_words_in_some_file() -> None:
    texts = EstimateTexts.load(KNOWLEDGE)
    files = (texts.shared, *texts.kinds.values())
    known = {(section, key) for file in files for section in SECTION_OF.values() for key in getattr(file, section)}
    keys = keys_in_the_rules()
    assert len(keys) > 50
    assert {(module, section, key) for module, section, key in keys if (section, key) not in known} == set()
