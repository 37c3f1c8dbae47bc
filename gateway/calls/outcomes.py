"""The latest outcomes of one operation in this process, and when they are bad enough."""

from collections import deque
from datetime import datetime, timedelta

from contracts.errors import SystemFailure
from gateway.calls.call import NotSent
from gateway.calls.lanes import failed

REMEMBERED = 20
FEWEST = 10
IN_A_ROW = 5
SPAN = timedelta(seconds=60)


class Outcomes:
    """Says when an operation is to rest: five failures in a row, or half of ten to twenty."""

    def __init__(self) -> None:
        self._latest: deque[tuple[datetime, bool]] = deque(maxlen=REMEMBERED)
        self.tripped: SystemFailure | None = None  # the failure that was one too many

    def add(self, result: object, now: datetime) -> None:
        """Count one more outcome."""
        if isinstance(result, NotSent):
            return
        while self._latest and now - self._latest[0][0] > SPAN:
            self._latest.popleft()
        self._latest.append((now, failed(result)))
        if isinstance(result, SystemFailure) and failed(result) and self._bad():
            self.tripped = result

    def forget(self) -> None:
        """Begin anew: what was counted has had its effect."""
        self._latest.clear()
        self.tripped = None

    def _bad(self) -> bool:
        failures = [failure for _, failure in self._latest]
        in_a_row = len(failures) >= IN_A_ROW and all(failures[-IN_A_ROW:])
        return in_a_row or (len(failures) >= FEWEST and 2 * sum(failures) >= len(failures))
