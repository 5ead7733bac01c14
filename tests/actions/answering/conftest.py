"""What the steps of answering use, on the small folder."""

import pytest

from actions.answering.library import Library
from actions.answering.pipeline import Tools


@pytest.fixture(scope="module")
def tools(small_library: Library) -> Tools:
    return small_library.tools
