"""What the gateway remembers, for how long, and how much at most."""

import pytest

from channels.conversations import REMEMBERED_TURNS, Conversations, mint_conversation_id
from channels.floods import Floods, network_of
from channels.message import Reply, Turn
from channels.settings import Settings

OPENING = ("192.0.2.7", "8b0c3a52-5d8e-4a44-9a1c-0c2c8c3c9f11", "digest")


class Clock:
    """Seconds that pass when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_conversation_is_forgotten_after_its_lifetime_and_not_before() -> None:
    clock = Clock()
    conversations = Conversations(clock, lifetime_seconds=60, capacity=10)
    first = conversations.open(None, None)
    clock.now = 60
    assert conversations.open(first.id, None) is first
    clock.now = 121
    assert conversations.open(first.id, None) is not first


def test_the_longest_silent_conversation_makes_room_for_a_new_one() -> None:
    conversations = Conversations(Clock(), lifetime_seconds=60, capacity=2)
    first, second = conversations.open(None, None), conversations.open(None, None)
    assert conversations.open(first.id, None) is first
    conversations.open(None, None)
    assert len(conversations) <= 2
    assert conversations.open(second.id, None) is not second


def test_a_forgotten_conversation_is_not_found_by_the_message_that_opened_it() -> None:
    conversations = Conversations(Clock(), lifetime_seconds=60, capacity=2)
    first = conversations.open(None, OPENING)
    assert conversations.open(None, OPENING) is first
    conversations.forget(first.id)
    assert conversations.open(None, OPENING) is not first


def test_only_the_last_few_turns_are_kept() -> None:
    conversation = Conversations(Clock(), lifetime_seconds=60, capacity=2).open(None, None)
    for number in range(REMEMBERED_TURNS + 1):
        conversation.remember(f"m{number}", Turn(conversation.id, (Reply("好"),)))
    assert conversation.answered("m0") is None
    assert conversation.answered("m1") is not None
    assert conversation.answered(None) is None


def test_ids_are_never_the_same_twice() -> None:
    assert len({mint_conversation_id() for _ in range(1000)}) == 1000


NETWORKS = [
    ("192.0.2.7", "192.0.2.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("::ffff:192.0.2.7", "192.0.2.7"),
    ("testclient", "testclient"),
]


@pytest.mark.parametrize(("address", "counted_as"), NETWORKS)
def test_floods_are_counted_by_household(address: str, counted_as: str) -> None:
    assert network_of(address) == counted_as


def test_a_second_address_of_the_same_ipv6_household_shares_its_limit() -> None:
    floods = Floods("1/minute", "1/minute")
    assert floods.wait_for_address("2001:db8::1") is None
    assert floods.wait_for_address("2001:db8::2") is not None
    assert floods.wait_for_address("2001:db8:0:1::1") is None


BAD_SETTINGS = [
    ("SHEBAO_RATE_CONVERSATION", "often"),
    ("SHEBAO_RATE_ADDRESS", "20/fortnight"),
    ("SHEBAO_PORT", "0"),
    ("SHEBAO_PORT", "65536"),
    ("SHEBAO_MAX_TEXT_CHARACTERS", "0"),
    ("SHEBAO_TURN_DEADLINE_SECONDS", "5"),
]


@pytest.mark.parametrize(("name", "value"), BAD_SETTINGS)
def test_a_setting_that_cannot_work_stops_the_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=name.removeprefix("SHEBAO_").lower()):
        Settings()


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_RASA_PORT", "6005")
    monkeypatch.setenv("SHEBAO_ACTIONS_URL", "http://actions.example:1")
    monkeypatch.setenv("SHEBAO_ALLOWED_ORIGINS", "https://a.example, https://b.example")
    settings = Settings()
    assert settings.rasa_address == "http://127.0.0.1:6005"
    assert settings.actions_address == "http://actions.example:1"
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
