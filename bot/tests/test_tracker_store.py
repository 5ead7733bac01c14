"""What the tracker store keeps of a conversation, and what it lets go."""

import asyncio

import pytest
from components.tracker_store import RecentConversations
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask]
slots:
  region: {type: text, influence_conversation: false, mappings: [{type: custom}]}
forms:
  region_form: {required_slots: [region]}
"""
)


@pytest.fixture
def store() -> RecentConversations:
    return RecentConversations(DOMAIN, turns=3, conversations=2, hours=1)


def conversation(sender_id: str, turns: int) -> DialogueStateTracker:
    tracker = DialogueStateTracker.from_events(sender_id, [], slots=DOMAIN.slots)
    tracker.update(ActionExecuted("action_listen"), DOMAIN)
    tracker.update(SlotSet("region", "CN-ZJ"), DOMAIN)
    for number in range(turns):
        tracker.update(UserUttered(f"question {number}", intent={"name": "ask"}), DOMAIN)
        tracker.update(ActionExecuted("action_listen"), DOMAIN)
    return tracker


def saved(store: RecentConversations, tracker: DialogueStateTracker) -> DialogueStateTracker | None:
    async def turn() -> DialogueStateTracker | None:
        await store.save(tracker)
        return await store.retrieve(tracker.sender_id)

    return asyncio.run(turn())


def texts(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def test_a_short_conversation_is_kept_whole(store: RecentConversations) -> None:
    assert len(texts(saved(store, conversation("a", 5)))) == 5


def test_a_long_conversation_keeps_its_last_turns_and_its_slots(store: RecentConversations) -> None:
    kept = saved(store, conversation("a", 6))
    assert texts(kept) == ["question 3", "question 4", "question 5"]
    assert kept
    assert kept.get_slot("region") == "CN-ZJ"
    assert kept.latest_action_name == "action_listen"


def test_an_open_form_is_never_cut(store: RecentConversations) -> None:
    tracker = conversation("a", 9)
    tracker.update(ActiveLoop("region_form"), DOMAIN)
    kept = saved(store, tracker)
    assert kept
    assert kept.active_loop_name == "region_form"
    assert len(texts(kept)) == 9


def test_saving_no_events_forgets_the_conversation(store: RecentConversations) -> None:
    saved(store, conversation("a", 1))
    assert saved(store, DialogueStateTracker.from_events("a", [], slots=DOMAIN.slots)) is None


def test_the_conversation_unused_for_longest_is_let_go(store: RecentConversations) -> None:
    for sender_id in ("a", "b", "a", "c"):
        saved(store, conversation(sender_id, 1))
    assert sorted(asyncio.run(store.keys())) == ["a", "c"]


def test_a_conversation_is_let_go_after_its_time(store: RecentConversations, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("components.tracker_store.time.time", lambda: now)
    saved(store, conversation("a", 1))
    now += 3601
    saved(store, conversation("b", 1))
    assert list(asyncio.run(store.keys())) == ["b"]
