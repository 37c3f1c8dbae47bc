"""The lanes as the store had them moments ago, for calls that were recorded and wait to leave."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from gateway.calls.hours import Hours
from gateway.calls.lanes import Lane
from gateway.calls.standing import Standing, load_standings
from gateway.database import Database

FRESH_SECONDS = 0.5  # how late at most a process learns that another one stopped a lane


class Watch:
    """Looks at the store again when what it knows is no longer fresh, once for all who ask."""

    def __init__(self, database: Database, hours: Mapping[str, Hours]) -> None:
        self._database = database
        self._hours = hours
        self._looking = asyncio.Lock()
        self._known: dict[str, tuple[float, Standing]] = {}

    async def standing(self, system: str) -> Standing:
        """How the lanes to a system stood half a second ago or later."""
        known = self._fresh(system)
        if known is not None:
            return known
        async with self._looking:
            known = self._fresh(system)  # another may have looked while we waited
            return known or await self._look(system)

    def lately_open(self, system: str) -> Standing | None:
        """How the lanes stood half a second ago or later, where none of them was closed."""
        known = self._fresh(system)
        return None if known is None or known.closed else known

    def note(self, standing: Standing) -> None:
        """Know what was read from the store elsewhere just now."""
        self._known[standing.system] = (asyncio.get_running_loop().time(), standing)

    def note_lane(self, lane: Lane) -> None:
        """Know what this process has just written."""
        if lane.system in self._known:
            at, standing = self._known[lane.system]
            lanes = {**standing.lanes, lane.operation: lane}
            self._known[lane.system] = (at, replace(standing, lanes=lanes))

    def _fresh(self, system: str) -> Standing | None:
        looked_at, standing = self._known.get(system, (float("-inf"), None))
        age = asyncio.get_running_loop().time() - looked_at
        return standing if age < FRESH_SECONDS else None

    async def _look(self, system: str) -> Standing:
        async with self._database.reading() as connection:
            standing = (await load_standings(connection, self._hours, [system]))[system]
        self.note(standing)
        return standing
