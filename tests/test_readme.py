"""The commands and examples in the documents are real: what a reader copies works."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actions.answering.articles import read_article
from actions.parameters import read_parameter
from channels.cli import app

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    "README.md", "knowledge/README.md", "docs/operations.md", "docs/integration.md", "docs/retrieval.md",
    "docs/simulator.md", "docs/channels.md", "docs/embedding.md", "docs/adding-a-channel.md",
    "docs/reminders.md", "docs/reminder-rules.md", "docs/campaigns.md",
]  # fmt: skip
_EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```\w+\n(.*?)\n```", re.DOTALL)
_COMMAND = re.compile(r"\bshebao ((?:[a-z]+)(?: [a-z][a-z-]*)?)")
_TARGET = re.compile(r"\bmake ([a-z-]+)")
_LINK = re.compile(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"")


def examples() -> dict[str, str]:
    """The whole files shown in the staff's handbook."""
    return dict(_EXAMPLE.findall((PROJECT / "knowledge/README.md").read_text(encoding="utf-8")))


def test_the_article_in_the_handbook_is_valid(tmp_path: Path) -> None:
    name = "articles/transfer/between-provinces.md"
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(examples()[name], encoding="utf-8")
    article = read_article(path, tmp_path / "articles")
    assert article.applies_on(date(2026, 11, 23))


def test_the_article_in_the_handbook_passes_every_check_beside_the_real_ones(tmp_path: Path) -> None:
    from actions.answering.lint import check

    folder = tmp_path / "knowledge"
    shutil.copytree(PROJECT / "knowledge", folder)
    name = "articles/transfer/between-provinces.md"
    (folder / name).write_text(examples()[name], encoding="utf-8")
    assert [problem for problem in check(folder, date(2026, 11, 23)) if problem.path == name] == []


def test_the_parameter_in_the_handbook_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "base_lower.yml"
    path.write_text(examples()["parameters/contribution/base_lower.yml"], encoding="utf-8")
    assert "CN-ZJ" in read_parameter(path).values


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_named_exists(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    groups = {"knowledge", "database", "simulate", "reminders", "campaigns"}
    for words in [match.split() for match in _COMMAND.findall(text)]:
        command = words if words[0] in groups and len(words) > 1 else words[:1]
        result = CliRunner().invoke(app, [*command, "--help"])
        assert result.exit_code == 0, f"{document}: shebao {' '.join(command)}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_named_exists(document: str) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    text = (PROJECT / document).read_text(encoding="utf-8")
    blocks = " ".join(re.findall(r"`[^`]+`|```sh\n.*?```", text, re.DOTALL))
    missing = {target for target in _TARGET.findall(blocks) if f"\n{target}:" not in f"\n{makefile}"}
    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_linked_exists(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    links = {one or other for one, other in _LINK.findall(text)}
    missing = {link for link in links if not (PROJECT / document).parent.joinpath(link).exists()}
    assert missing == set()


def test_every_setting_is_documented() -> None:
    from actions.settings import Settings as ActionSettings
    from channels.settings import Settings as ChannelSettings

    text = (PROJECT / "docs/operations.md").read_text(encoding="utf-8")
    fields = {*ActionSettings.model_fields, *ChannelSettings.model_fields}
    missing = {name for name in fields if f"SHEBAO_{name.upper()}" not in text}
    assert missing == set()


def test_every_file_that_the_handbook_names_exists() -> None:
    handbook = (PROJECT / "knowledge/README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z_]+\.yml)`", handbook, re.MULTILINE))
    assert len(named) > 5
    assert {name for name in named if not (PROJECT / "knowledge" / name).exists()} == set()
