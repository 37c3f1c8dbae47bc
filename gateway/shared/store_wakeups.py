"""Wake-ups through PostgreSQL itself (LISTEN and NOTIFY), where no Redis is configured.

One connection of its own hears and tells. What is published within a few milliseconds is told at
once, each name once. While the connection is away nobody relies on it, and it is made anew.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import asyncpg
import structlog
from sqlalchemy.engine import URL

from gateway.shared.wakeups import OwnWakeups

REST_SECONDS = 0.5  # before the connection is made anew
LOOK_SECONDS = 5.0  # between two looks whether the connection still carries words
SECONDS = 2.0  # for one exchange with the store
GATHER_SECONDS = 0.005  # between two tellings
_CHANNEL = "jisui_wakeups"
_TELL = "SELECT pg_notify($1, name) FROM unnest($2::text[]) AS name"
_HELLO = ""  # nobody's name: that it comes back shows that words do
_SETTINGS = {"synchronous_commit": "off"}  # a word may be lost; nobody waits for the disk
_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

_log = structlog.get_logger()


class StoreWakeups:
    """Wakes those who listen in any process on the same PostgreSQL store."""

    def __init__(self, own: OwnWakeups) -> None:
        self._own = own
        self._hearing = False
        self._untold: set[str] = set()
        self._stirred = asyncio.Event()

    @property
    def reach_all(self) -> bool:
        """Whether PostgreSQL carries words at present."""
        return self._hearing

    def listening(self, name: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever the name is published; clear it before looking again."""
        return self._own.listening(name)

    async def publish(self, name: str) -> None:
        """Wake whoever listens to the name, here at once and elsewhere as soon as it is told."""
        self._own.wake(name)
        self._untold.add(name)
        self._stirred.set()

    async def carry(self, address: URL) -> None:
        """Tell and hear words, for as long as this is not cancelled."""
        _, options = address.get_dialect()().create_connect_args(address)
        while True:
            try:
                connection = await asyncpg.connect(
                    **options, timeout=SECONDS, server_settings=_SETTINGS
                )
                try:
                    await self._serve(connection)
                finally:
                    connection.terminate()
            except _FAULTS as fault:
                self._hearing = False
                _log.warning("wakeups_lost", fault=type(fault).__name__)
            await asyncio.sleep(REST_SECONDS)

    async def _serve(self, connection: Any) -> None:  # asyncpg declares no types
        connection.add_termination_listener(self._lost)
        await connection.add_listener(_CHANNEL, self._heard)
        self._untold.add(_HELLO)
        while True:
            self._stirred.clear()
            names, self._untold = sorted(self._untold) or [_HELLO], set()
            await connection.fetch(_TELL, _CHANNEL, names, timeout=SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._stirred.wait()
            except TimeoutError:
                continue

    def _heard(self, _connection: object, _process: int, _channel: str, name: str) -> None:
        if not self._hearing:
            self._hearing = True
            self._own.wake_all()  # words may have been lost
        self._own.wake(name)

    def _lost(self, _connection: object) -> None:
        self._hearing = False
        self._stirred.set()


@asynccontextmanager
async def open_store_wakeups(address: URL) -> AsyncIterator[StoreWakeups]:
    """Wake-ups through the PostgreSQL at this address, which need not answer yet."""
    wakeups = StoreWakeups(OwnWakeups())
    carrying = asyncio.create_task(wakeups.carry(address), name="wakeups")
    try:
        yield wakeups
    finally:
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
