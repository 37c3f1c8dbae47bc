"""Which claims a batch has held already: some thirty bytes a claim, so that a million fit."""

from array import array

_PARTS = 256  # each grows by itself, so that growing never needs all of the room twice
_FIRST_SLOTS = 16
_FULL = 0.75
_HALF = 1 << 64


class Repeats:
    """The first row of each claim, found by the claim's blind index (32 hexadecimal digits).

    The whole index is compared: a mistaken repeat would give one person another's answer.
    """

    def __init__(self) -> None:
        self._parts = [_Part() for _ in range(_PARTS)]

    def first(self, index: str, ordinal: int) -> int:
        """The ordinal of the first row with this claim: this one's, if it is new."""
        high, low = divmod(int(index, 16), _HALF)
        return self._parts[high % _PARTS].first(high, low, ordinal)


class _Part:
    """A table with open addressing over machine words; the ordinal 0 marks a free slot."""

    __slots__ = ("_high", "_low", "_ordinals", "_used")

    def __init__(self) -> None:
        self._used = 0
        self._make_room(_FIRST_SLOTS)

    def first(self, high: int, low: int, ordinal: int) -> int:
        if self._used >= _FULL * len(self._ordinals):
            self._grow()
        slot = self._slot(high, low)
        if not self._ordinals[slot]:
            self._high[slot], self._low[slot], self._ordinals[slot] = high, low, ordinal
            self._used += 1
        return self._ordinals[slot]

    def _slot(self, high: int, low: int) -> int:
        """Where the claim stands, or would stand."""
        slots = len(self._ordinals)
        slot = low % slots
        while self._ordinals[slot] and (self._low[slot] != low or self._high[slot] != high):
            slot = (slot + 1) % slots
        return slot

    def _grow(self) -> None:
        kept = self._high, self._low, self._ordinals
        self._make_room(len(self._ordinals) * 5 // 4)
        for high, low, ordinal in zip(*kept, strict=True):
            if ordinal:
                slot = self._slot(high, low)
                self._high[slot], self._low[slot], self._ordinals[slot] = high, low, ordinal

    def _make_room(self, slots: int) -> None:
        self._high, self._low = array("Q", bytes(8 * slots)), array("Q", bytes(8 * slots))
        self._ordinals = array("I", bytes(array("I").itemsize * slots))
