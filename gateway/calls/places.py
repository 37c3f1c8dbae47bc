"""The calls one process has under way to one system, with a place kept for whoever waits in person.

Batches never take the last places; where people want all there are, every tenth still goes to a
batch, so that neither starves the other.
"""

import asyncio
from collections import deque

from gateway.calls.limit import Limit

KEPT_OF = 8  # one place in eight is kept for people
TURNS_OF_PEOPLE = 9

_Turn = asyncio.Future[None]


class Places:
    """Places for calls, as many as the limit allows at the moment."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._batch = 0
        self._people = 0
        self._waiting: dict[bool, deque[_Turn]] = {True: deque(), False: deque()}
        self._turns_of_people = 0  # since a batch that waited had its turn

    async def take(self, *, interactive: bool) -> None:
        """Return with a place, waited for in turn; whoever has one gives it back with `leave`."""
        if not self._waiting[interactive] and self._fits(interactive):
            self._enter(interactive)
            return
        turn: _Turn = asyncio.get_running_loop().create_future()
        self._waiting[interactive].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(interactive=interactive)  # the turn came in the moment we gave up
            elif turn in self._waiting[interactive]:
                self._waiting[interactive].remove(turn)
            raise

    def leave(self, *, interactive: bool) -> None:
        """Give a place back, to whoever comes next."""
        self._count(interactive, -1)
        while (following := self._next()) is not None:
            turn = self._waiting[following].popleft()
            if not turn.cancelled():  # whoever just gave up has not been told yet
                self._enter(following)
                turn.set_result(None)

    @property
    def under_way(self) -> int:
        """How many calls have a place now."""
        return self._batch + self._people

    @property
    def room(self) -> int:
        """How many more calls of a batch keep every place busy, and as many waiting for one."""
        return max(0, 2 * self._for_batches - self._batch - len(self._waiting[False]))

    def _next(self) -> bool | None:
        """Who comes next: a person, a batch, or for now nobody."""
        people, batch = (self._waiting[kind] and self._fits(kind) for kind in (True, False))
        if batch and (not people or self._turns_of_people >= TURNS_OF_PEOPLE):
            return False
        return True if people else None

    def _enter(self, interactive: bool) -> None:
        self._count(interactive, 1)
        batch_waits = bool(self._waiting[False])
        self._turns_of_people = self._turns_of_people + 1 if interactive and batch_waits else 0

    def _count(self, interactive: bool, change: int) -> None:
        if interactive:
            self._people += change
        else:
            self._batch += change

    def _fits(self, interactive: bool) -> bool:
        if self.under_way >= self._total:
            return False
        return interactive or self._batch < self._for_batches

    @property
    def _total(self) -> int:
        # Squeezed to one, the lane still has a second place for a person, where it ever had two.
        return max(self._limit.now, min(2, self._limit.most))

    @property
    def _for_batches(self) -> int:
        kept = max(1, self._total // KEPT_OF)
        return max(1, self._total - kept)
