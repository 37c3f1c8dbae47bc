"""Splitting refused groups finds the rows that spoil them, all of them and no others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import (
    Ambiguous,
    Closed,
    Malformed,
    NotEntitled,
    SystemFailure,
    TooMany,
    Unavailable,
)
from gateway.calls.bisecting import bisects, split


@pytest.mark.parametrize("kind", [TooMany, Ambiguous, Malformed])
def test_what_one_row_can_cause_splits_a_group_and_never_a_single_row(
    kind: type[SystemFailure],
) -> None:
    assert bisects(kind("s", "o"), 2)
    assert not bisects(kind("s", "o"), 1)


@pytest.mark.parametrize("kind", [Unavailable, Closed, NotEntitled])
def test_what_no_row_can_cause_splits_nothing(kind: type[SystemFailure]) -> None:
    assert not bisects(kind("s", "o"), 100)


@given(st.lists(st.integers()))
def test_the_parts_are_the_group_in_order_and_nearly_equal(group: list[int]) -> None:
    parts = split(group)
    assert [item for part in parts for item in part] == group
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert len(group) < 2 or len(parts) == 2


@given(st.integers(1, 200), st.sets(st.integers(0, 199), max_size=3))
def test_only_the_poisonous_rows_end_alone_and_refused(size: int, poison: set[int]) -> None:
    waiting, answered, refused, asked = [list(range(size))], [], [], 0
    while waiting:
        group = list(waiting.pop())
        asked += 1
        if not poison.intersection(group):
            answered += group
        elif bisects(Malformed("s", "o"), len(group)):
            waiting += [list(part) for part in split(group)]
        else:
            refused += group
    present = poison.intersection(range(size))
    assert sorted(refused) == sorted(present)
    assert sorted(answered) == sorted(set(range(size)) - present)
    assert asked <= 1 + 2 * len(present) * math.ceil(math.log2(size) + 1)
