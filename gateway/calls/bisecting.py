"""Asking for fewer at once, until the one row that spoils every answer stands alone."""

from collections.abc import Sequence
from typing import TypeVar

from contracts.errors import Ambiguous, Malformed, SystemFailure, TooMany

T = TypeVar("T")

# What a single row can bring upon all that are asked about with it.
_SPOILT_BY_ONE = (TooMany, Ambiguous, Malformed)


def bisects(failure: SystemFailure, size: int) -> bool:
    """Whether a group of this size, refused in this way, is worth asking about in two parts."""
    return size > 1 and isinstance(failure, _SPOILT_BY_ONE)


def split(group: Sequence[T]) -> tuple[Sequence[T], ...]:
    """The group in two halves, in order; a group of one, or of none, stays whole."""
    if len(group) < 2:
        return (group,)
    middle = len(group) // 2
    return group[:middle], group[middle:]
