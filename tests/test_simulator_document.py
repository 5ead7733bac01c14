"""The commands and bodies shown in docs/simulator.md work as they stand there."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actions.simulator.kinds import KINDS
from channels.cli import app
from tests.channels.channel_world import world

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "simulator.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)\n```", DOCUMENT, re.DOTALL) for line in block.splitlines()]
BODIES = re.findall(r"<!-- post: (\S+) -->\n```json\n(.*?)\n```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("command", [line for line in COMMANDS if "--batch" not in line])
def test_a_command_shown_works(command: str) -> None:
    name, *words = shlex.split(command)
    result = CliRunner().invoke(app, words)
    assert (name, result.exit_code) == ("shebao", 0), result.stderr


def test_the_batch_shown_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = (line for line in COMMANDS if "--batch" in line)
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("id,grade,own_wage,region\na,6,6000,CN-SC\n", encoding="utf-8")
    assert CliRunner().invoke(app, shlex.split(command)[1:]).exit_code == 0
    assert "a,6000,96000" in Path("results.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "body"), BODIES)
async def test_a_body_shown_is_taken(kind: str, body: str) -> None:
    async with world() as here:
        response = await here.client.post(f"/api/v1/simulations/{kind}", json=json.loads(body))
    assert response.status_code == 200, response.text


def test_every_kind_is_shown_by_command_and_by_body() -> None:
    assert {kind for kind, _ in BODIES} == set(KINDS)
    assert {shlex.split(line)[2] for line in COMMANDS} == set(KINDS)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_field_of_a_kind_is_described(kind: str) -> None:
    fields = set(KINDS[kind].case.model_fields)
    assert {field for field in fields if f"`{field}`" not in DOCUMENT} == set()
