"""Whole conversations through web API, Rasa, actions and the real knowledge folder."""

from collections import Counter

import httpx
import pytest

from tests.running.conversations import Conversation, faults, read_conversations
from tests.running.stack import Stack

CONVERSATIONS = read_conversations()
ENOUGH = 24  # of each language


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: f"{one.file}: {one.name}")
def test_a_conversation_goes_as_written(conversation: Conversation, stack: Stack, client: httpx.Client) -> None:
    conversation_id: str | None = None
    said: list[str] = []
    for step in conversation.turns:
        answer = stack.post(client, step.message(conversation_id))
        said.append(f"> {step.say or step.tap}")
        assert answer.status_code == step.expect.status, "\n".join([*said, answer.text])
        if answer.is_success:
            turn = answer.json()
            conversation_id = turn["conversation_id"]
            said += [f"< {reply['text']} ({reply['outcome']}, {reply['article_id']})" for reply in turn["replies"]]
            assert all(reply["text"].strip() for reply in turn["replies"]), said
            assert not faults(step.expect, turn["replies"]), "\n".join(said)
        if step.expect.stored_lacks:
            stored = "\n".join(stack.stored())
            assert not [part for part in step.expect.stored_lacks if part in stored]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_are_enough_conversations_in_each_language(language: str) -> None:
    assert sum(one.file.startswith(f"{language}_") for one in CONVERSATIONS) >= ENOUGH


def test_no_claim_stands_twice() -> None:
    names = Counter((c.file, c.name) for c in CONVERSATIONS)
    assert [name for name, times in names.items() if times > 1] == []
