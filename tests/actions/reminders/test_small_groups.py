"""Small groups are not told, and cannot be computed back from what is told."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reminders.small_groups import Shown, may_be_shown

FEWEST = 20


@pytest.mark.parametrize(
    ("name", "groups", "alone", "together"),
    [
        ("large groups are told", {"rider": (90, 80), "driver": (40, 50)}, ("rider", "driver"), ()),
        ("a group at the limit is told", {"rider": (90, 80), "driver": (20, 20)}, ("rider", "driver"), ()),
        ("two small ones are told together", {"r": (90, 80), "v": (12, 11), "d": (9, 12)}, ("r",), ("d", "v")),
        ("one small one takes the next with it", {"r": (90, 80), "c": (30, 30), "d": (5, 5)}, ("r",), ("d", "c")),
        ("two that are too few together take a third", {"r": (90, 80), "c": (30, 30), "v": (3, 9), "d": (2, 4)},
         ("r",), ("d", "v", "c")),
        ("one arm below the limit is enough", {"r": (90, 80), "c": (400, 19), "d": (50, 50)}, ("r",), ("c", "d")),
        ("a group without any worker in one arm hides like a small one", {"r": (90, 80), "c": (40, 40), "d": (0, 30)},
         ("r",), ("d", "c")),
        ("only one group is no table", {"r": (90, 80)}, (), ()),
        ("one large and one small would be the total", {"woman": (90, 80), "man": (5, 6)}, (), ()),
        ("nothing but small ones", {"woman": (5, 6), "man": (5, 6)}, (), ()),
        ("no workers at all", {}, (), ()),
    ],
)  # fmt: skip
def test_which_groups_are_told(
    name: str, groups: dict[str, tuple[int, int]], alone: tuple[str, ...], together: tuple[str, ...]
) -> None:
    sizes = {group: {"control": control, "plain": plain} for group, (control, plain) in groups.items()}
    assert may_be_shown(sizes, FEWEST) == Shown(alone, together), name


cells = st.integers(0, 60)
tables = st.dictionaries(
    st.sampled_from("abcdefgh"), st.fixed_dictionaries({"control": cells, "x": cells, "y": cells}), max_size=8
)


@given(tables)
def test_no_difference_of_told_totals_is_a_small_group(groups: dict[str, dict[str, int]]) -> None:
    """Who knows every total and subtracts any told rows is left with no group alone and with no small number."""
    shown = may_be_shown(groups, FEWEST)
    if not shown.alone and not shown.together:
        return
    for count in range(len(shown.alone) + 1):
        for subtracted in combinations(shown.alone, count):
            left = [name for name in groups if name not in subtracted]
            for arm in ("control", "x", "y"):
                workers = sum(groups[name][arm] for name in left)
                assert not left or workers >= FEWEST
    assert len(shown.together) != 1
    assert sorted(shown.alone + shown.together) == sorted(groups)
    assert all(min(groups[name].values()) >= FEWEST for name in shown.alone)
