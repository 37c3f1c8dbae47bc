"""The word that a single query may have its answer: its name, and how it is waited for."""

import asyncio
from contextlib import suppress

from gateway.shared.wakeups import Wakeups

LOOK_SECONDS = 0.2  # between two looks for an answer that another process may bring
WOKEN_LOOK_SECONDS = 1.0  # where its word reaches us, but may be lost


def answered(query_id: str) -> str:
    """The name under which word goes round that a query may have its answer."""
    return f"answered:{query_id}"


async def wait_for_word(wakeups: Wakeups, told: asyncio.Event, seconds: float) -> None:
    """Return when it is time to look for the answer again, after so many seconds at most."""
    longest = WOKEN_LOOK_SECONDS if wakeups.reach_all else LOOK_SECONDS
    with suppress(TimeoutError):
        async with asyncio.timeout(min(seconds, longest)):
            await told.wait()
