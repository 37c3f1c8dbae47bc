"""A word that something happened, for whoever waits for it; it may be lost, so waiting has an end.

    with wakeups.listening("work") as woken:
        ...                            # look whether it is there already
        await woken.wait()             # within a timeout, after which to look again

Publish after the commit: who is woken looks at the store.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

WORK = "work"  # there may be work for a worker


class Wakeups(Protocol):
    """Wakes those who listen to a name."""

    @property
    def reach_all(self) -> bool:
        """Whether other processes are woken as well at present."""

    def listening(self, name: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever the name is published; clear it before looking again."""

    async def publish(self, name: str) -> None:
        """Wake whoever listens to the name."""


class OwnWakeups:
    """Wakes those who listen in this process."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = defaultdict(set)

    @property
    def reach_all(self) -> bool:
        """No: other processes have to look for themselves."""
        return False

    @contextmanager
    def listening(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the name is published; clear it before looking again."""
        woken = asyncio.Event()
        self._listening[name].add(woken)
        try:
            yield woken
        finally:
            self._listening[name].discard(woken)
            if not self._listening[name]:
                del self._listening[name]

    async def publish(self, name: str) -> None:
        """Wake whoever listens to the name here."""
        self.wake(name)

    def wake(self, name: str) -> None:
        """Wake whoever listens to the name here."""
        for woken in self._listening.get(name, ()):
            woken.set()

    def wake_all(self) -> None:
        """Wake everybody: words may have been lost."""
        for name in list(self._listening):
            self.wake(name)
