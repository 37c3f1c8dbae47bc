"""Identical claims are found however many there are, and different ones never taken for another."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.verification.batches.repeats import Repeats

_INDEX = st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}")
# Indexes that meet in one slot: only the whole of them tells them apart.
_CROWDED = st.integers(0, 40).map(lambda number: f"{number % 7:016x}{(number // 7) << 32:016x}")


@given(st.lists(st.one_of(_INDEX, _CROWDED), max_size=300))
def test_the_first_row_of_a_claim_is_the_one_found(indexes: list[str]) -> None:
    repeats, seen = Repeats(), {}
    for ordinal, index in enumerate(indexes, 1):
        assert repeats.first(index, ordinal) == seen.setdefault(index, ordinal)


def test_growing_forgets_no_claim() -> None:
    repeats = Repeats()
    indexes = [f"{number * 2654435761 % 2**128:032x}" for number in range(1, 20_001)]
    for ordinal, index in enumerate(indexes, 1):
        assert repeats.first(index, ordinal) == ordinal
    for ordinal, index in enumerate(indexes, 1):
        assert repeats.first(index, 10**6) == ordinal
