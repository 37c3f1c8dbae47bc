"""Which claims a batch has held already: forty bytes a claim, so that a million fit anywhere."""

from array import array

_FIRST_SLOTS = 1 << 12
_FULL = 0.6
_HALF = 1 << 64


class Repeats:
    """The first row of each claim, found by the claim's blind index (32 hexadecimal digits).

    The whole index is compared: a mistaken repeat would give one person another's answer.
    """

    def __init__(self) -> None:
        self._high = array("Q")
        self._low = array("Q")
        self._ordinals = array("L")
        self._used = 0
        self._make_room(_FIRST_SLOTS)

    def first(self, index: str, ordinal: int) -> int:
        """The ordinal of the first row with this claim: this one's, if it is new."""
        if self._used > _FULL * len(self._ordinals):
            self._grow()
        high, low = divmod(int(index, 16), _HALF)
        slot = self._slot(high, low)
        if not self._ordinals[slot]:
            self._high[slot], self._low[slot], self._ordinals[slot] = high, low, ordinal
            self._used += 1
        return self._ordinals[slot]

    def _slot(self, high: int, low: int) -> int:
        """Where the claim stands, or would stand."""
        mask = len(self._ordinals) - 1
        slot = low & mask
        while self._ordinals[slot] and (self._low[slot] != low or self._high[slot] != high):
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        kept = self._high, self._low, self._ordinals
        self._make_room(2 * len(self._ordinals))
        for high, low, ordinal in zip(*kept, strict=True):
            if ordinal:
                slot = self._slot(high, low)
                self._high[slot], self._low[slot], self._ordinals[slot] = high, low, ordinal

    def _make_room(self, slots: int) -> None:
        self._high, self._low = array("Q", bytes(8 * slots)), array("Q", bytes(8 * slots))
        self._ordinals = array("L", bytes(array("L").itemsize * slots))
