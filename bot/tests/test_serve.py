"""How Rasa is started: with its HTTP API closed by a token, whatever the token looks like."""

import pytest
from rasa.__main__ import create_argument_parser
from serve import api_options


@pytest.mark.parametrize("token", ["plain", "-begins-with-a-dash", "--looks=like-an-option", "_x-"])
def test_rasa_reads_any_token_as_its_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("SHEBAO_RASA_TOKEN", token)
    read = create_argument_parser().parse_args(["run", *api_options()])
    assert (read.enable_api, read.auth_token) == (True, token)


@pytest.mark.parametrize("token", ["", None])
def test_without_a_token_the_api_stays_closed(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    if token is None:
        monkeypatch.delenv("SHEBAO_RASA_TOKEN", raising=False)
    else:
        monkeypatch.setenv("SHEBAO_RASA_TOKEN", token)
    assert api_options() == []
