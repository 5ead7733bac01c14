"""Rasa's own command, except that the shape of action results is prepared once instead of at every turn.

Rasa checks its JSON schema against the schema of schemas each time an action answers, which takes half the
processor time of a turn. Every result is still checked against the same schema. Used as `python serve.py run …`.

With SHEBAO_RASA_TOKEN set, the HTTP API is on for whoever has that token: the gateway deletes conversations by it.
The token is read here, because a command line is visible to every user of the machine.
"""

import os
import sys
from typing import Any

import rasa.__main__
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def prepare_action_results() -> None:
    """Let remote actions check their results with one validator, made here."""
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema, default=Draft202012Validator)
    kind.check_schema(schema)
    prepared = kind(schema)

    def check(_: RemoteAction, result: dict[str, Any]) -> bool:
        error = best_match(prepared.iter_errors(result))
        if error is not None:
            error.message += ". The action server's answer has not the shape that Rasa expects"
            raise error
        return True

    RemoteAction._validate_action_result = check


def api_options() -> list[str]:
    """The options that open Rasa's HTTP API, if there is a token to close it with.

    One word with the token, because a token may begin with a dash.
    """
    token = os.environ.get("SHEBAO_RASA_TOKEN", "")
    return ["--enable-api", f"--auth-token={token}"] if token else []


if __name__ == "__main__":
    prepare_action_results()
    sys.argv += api_options()
    rasa.__main__.main()
