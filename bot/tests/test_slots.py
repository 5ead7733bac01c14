"""The slots that a mapping can clear, and the one that counts interruptions."""

from components.slots import ClearableSlot, PatienceSlot


def test_a_slot_is_emptied_by_the_word_clear() -> None:
    slot = ClearableSlot("complaint_text", mappings=[])
    slot.value = "站点乱扣钱"
    assert slot.value == "站点乱扣钱"
    slot.value = "clear"
    assert slot.value is None


def test_a_second_interruption_ends_the_patience() -> None:
    slot = PatienceSlot("interruptions", mappings=[], values=["once", "over"])
    seen = []
    for word in ("more", "more", "more", "clear", "more"):
        slot.value = word
        seen.append(slot.value)
    assert seen == ["once", "over", "over", None, "once"]


def test_a_carried_over_value_stays_as_it_was() -> None:
    slot = PatienceSlot("interruptions", mappings=[], values=["once", "over"])
    slot.value = "once"
    assert slot.value == "once"
