"""The HTTP API against its own description: whatever the schema lets through gets a described answer, never a 500."""

import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from starlette.types import Receive, Scope, Send

from channels.app import create_app
from channels.settings import Settings

EXAMPLES, SECONDS_FOR_ONE = 15, 5.0
APP = create_app(Settings(rate_address="1000000/minute"))


async def app_alone(scope: Scope, receive: Receive, send: Send) -> None:
    """The application without start and end: the test client would go through them for every request."""
    if scope["type"] != "lifespan":
        await APP(scope, receive, send)
        return
    for answer in ("lifespan.startup.complete", "lifespan.shutdown.complete"):
        await receive()
        await send({"type": answer})


schema = schemathesis.openapi.from_asgi("/openapi.json", app_alone)
simulations = schema.include(path_regex="^/api/v1/simulations")


@simulations.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_a_simulation_answers_as_its_description_says(case: schemathesis.Case[Any]) -> None:
    started = time.monotonic()
    response = case.call()
    assert time.monotonic() - started < SECONDS_FOR_ONE
    case.validate_response(response, checks=[not_a_server_error, status_code_conformance, content_type_conformance])
    assert b"NaN" not in response.content
    assert b"Infinity" not in response.content


@pytest.mark.parametrize("kind", ["pension", "compare", "gap", "contribution", "resident-pension", "transfer"])
def test_the_description_has_an_example_and_a_picture_for(kind: str) -> None:
    paths = APP.openapi()["paths"]
    assert f"/api/v1/simulations/{kind}" in paths
    assert "image/png" in paths[f"/api/v1/simulations/{kind}/chart"]["post"]["responses"]["200"]["content"]
