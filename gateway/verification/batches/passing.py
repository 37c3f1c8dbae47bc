"""One pass over a chunk: which rows are asked together, and what each answer makes of them; pure.

An outcome comes from the register's own word only. A refused group is asked in halves until the
row that spoils it stands alone; a row the register was vague about is asked by itself; a failure
to answer costs an attempt, and what has no attempt left ends as UNKNOWN with the reason.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.capabilities import Verdict
from contracts.errors import Closed, Malformed, NotEntitled, SystemFailure, TooMany
from contracts.outcomes import Outcome
from gateway.calls.bisecting import bisects, split
from gateway.verification.batches.rows import Answer, Pending, Standing

ATTEMPTS_BEFORE_UNKNOWN = 4
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
_WAITED_FOR = (Closed, NotEntitled)  # until it opens or an operator acts: no attempt was made
_HOPELESS = (TooMany, Malformed)  # of a single row: asking again would not help

Group = Sequence[int]


@dataclass(frozen=True, slots=True)
class Kept:
    """Why the pass ended early: the register cannot be asked now."""

    seconds: float


class Pass:
    """The rows of a chunk that are still to be asked, and what has come of all of them."""

    def __init__(self, standings: Sequence[Standing], at_once: int) -> None:
        self.standings = list(standings)
        pending = [row for row, one in enumerate(standings) if isinstance(one, Pending)]
        self._groups: deque[Group] = deque(
            tuple(pending[start : start + at_once]) for start in range(0, len(pending), at_once)
        )
        self.kept: Kept | None = None
        self._asked_to_wait = 0.0

    @property
    def pending(self) -> int:
        """How many rows have no answer yet."""
        return sum(isinstance(one, Pending) for one in self.standings)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be asked in this pass."""
        return not self._groups or self.kept is not None

    def take(self, calls: int) -> list[Group]:
        """The next groups, at most so many."""
        return [self._groups.popleft() for _ in range(min(calls, len(self._groups)))]

    def backoff(self) -> float:
        """How many seconds later another pass is worth while, where rows are still pending."""
        if self.kept is not None:
            return self.kept.seconds
        attempts = [one.attempts for one in self.standings if isinstance(one, Pending)]
        wait: float = FIRST_WAIT_SECONDS * 2.0 ** max(min(attempts, default=0) - 1, 0)
        return max(min(wait, LONGEST_WAIT_SECONDS), self._asked_to_wait)

    def answered(self, group: Group, verdicts: Sequence[Verdict], call_id: str) -> None:
        """Take the register's answers, row by row; doubtful ones are asked once more, alone."""
        for row, verdict in zip(group, verdicts, strict=True):
            if verdict.outcome is not Outcome.UNKNOWN:
                self.standings[row] = _answer(verdict, call_id)
            elif len(group) > 1:
                self._groups.append((row,))
            else:
                self._attempted(row, verdict.code, call_id)

    def refused(self, group: Group, failure: SystemFailure) -> None:
        """Take a failure: fewer at once, later, or not at all."""
        if bisects(failure, len(group)):
            self._groups.extend(split(group))
        elif isinstance(failure, _WAITED_FOR):
            self.kept = Kept(max(failure.retry_after or FIRST_WAIT_SECONDS, 0.1))
        else:
            self._asked_to_wait = max(self._asked_to_wait, failure.retry_after or 0.0)
            for row in group:
                if isinstance(failure, _HOPELESS):
                    self.standings[row] = Answer(Outcome.UNKNOWN, failure.code)
                else:
                    self._attempted(row, failure.code, "")

    def _attempted(self, row: int, code: str, call_id: str) -> None:
        standing = self.standings[row]
        attempts = 1 + (standing.attempts if isinstance(standing, Pending) else 0)
        last = attempts >= ATTEMPTS_BEFORE_UNKNOWN
        unknown = Answer(Outcome.UNKNOWN, code, call_id)
        self.standings[row] = unknown if last else Pending(attempts)


def _answer(verdict: Verdict, call_id: str) -> Answer:
    as_of = verdict.as_of.isoformat() if verdict.as_of else ""
    return Answer(verdict.outcome, verdict.code, call_id, as_of)
