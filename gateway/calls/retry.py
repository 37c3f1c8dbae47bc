"""The one place that sends again: reads without an answer, within deadline and budget."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from contracts.errors import Unavailable
from gateway.calls.deadlines import Deadline

T = TypeVar("T")

READ_ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.1
RETRIES_PER_CALL = 0.1
RETRIES_IN_HAND = 5.0


class RetryBudget:
    """One retry for ten calls to a system, and a few in hand: a storm finds it spent at once."""

    def __init__(self) -> None:
        self._left = RETRIES_IN_HAND

    def earn(self) -> None:
        """Count a call that was sent for the first time."""
        self._left = min(RETRIES_IN_HAND, self._left + RETRIES_PER_CALL)

    def spend(self) -> bool:
        """Whether one more retry may leave, which is counted."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


async def retried(
    attempt: Callable[[], Awaitable[T]], budget: RetryBudget, deadline: Deadline
) -> T:
    """The answer of the first attempt that gives one; raises the last attempt's failure.

    A failure that says when to come back is not tried again here.
    """
    budget.earn()
    for retry in range(READ_ATTEMPTS):
        wait = random.uniform(0.0, FIRST_WAIT_SECONDS * 2.0**retry)
        try:
            return await attempt()
        except Unavailable as failure:
            last = retry + 1 == READ_ATTEMPTS or wait >= deadline.remaining
            if last or failure.retry_after is not None or not budget.spend():
                raise
        await asyncio.sleep(wait)
    raise AssertionError("a retry loop ends in an answer or an exception")
