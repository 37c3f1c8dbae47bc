"""The worker's step that collects: read on from the cursor, keep what came, then apply it."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change, Changes, Reply
from contracts.errors import CURSOR_AHEAD, SystemFailure
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.collecting.tables import collected_changes, cursors
from gateway.database import Database, insert_into, insert_on
from gateway.identifiers import Identifiers
from gateway.rows import write_rows
from gateway.sealing import Sealer, store_keys

R = TypeVar("R")
PAGE = 500

Read = Callable[[int, int, str], Awaitable[Reply[Changes[R]]]]
Apply = Callable[[AsyncConnection, Sequence[Change[R]]], Awaitable[None]]
Learn = Callable[[Sequence[Change[R]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Feed(Generic[R]):
    """One register's change feed; `apply` says what its changes mean to us.

    `learn` asks what has to be known before that and is not yet, as whose county a school is; where
    it cannot be asked now, the changes are kept and applied later.
    """

    system: str
    read: Read[R]
    apply: Apply[R]
    learn: Learn[R]
    database: Database
    sealer: Sealer
    identifiers: Identifiers
    clock: Clock
    calls: Calls

    async def collect(self) -> int:
        """Read and apply everything new; how many changes there were."""
        total = 0
        while True:
            page = await self._page()
            total += len(page.changes) if page else 0
            if page is None or not page.more:
                return total

    async def _page(self) -> Changes[R] | None:
        async with self.database.transaction() as connection:
            lane = await self.calls.lane(connection, self.system)
            if not lane.lets_through(self.clock.now()):
                return None
            after = await self._cursor(connection)
            calls = await self.calls.asked(connection, [self._call(after)])
        answers = await self.calls.send(calls)
        answer = answers[0]
        async with self.database.transaction() as connection:
            await self.calls.answered(connection, calls, answers)
            if isinstance(answer, SystemFailure):
                if answer.code == CURSOR_AHEAD:
                    await self._rewind(connection)
                return None
            await self._keep(connection, answer.value)
        try:
            await self.learn(answer.value.changes)
        except SystemFailure:
            return None
        async with self.database.transaction() as connection:
            await self._apply(connection, answer.value.changes)
        return answer.value

    def _call(self, after: int) -> Call[Changes[R]]:
        trace_id = self.identifiers()
        return Call(self.system, "changes", lambda: self.read(after, PAGE, trace_id), (), trace_id)

    async def _cursor(self, connection: AsyncConnection) -> int:
        """The last version applied: what was kept and not applied is simply read again."""
        query = select(cursors.c.cursor).where(cursors.c.system == self.system)
        return (await connection.execute(query)).scalar() or 0

    async def _rewind(self, connection: AsyncConnection) -> None:
        """Read the feed from its beginning next time: applying a change twice does no harm."""
        mine = cursors.c.system == self.system
        await connection.execute(update(cursors).where(mine).values(cursor=0))

    async def _keep(self, connection: AsyncConnection, page: Changes[R]) -> None:
        if not page.changes:
            return
        now = self.clock.now()
        wrapped, key = self.sealer.new_key()
        key_id = self.identifiers()
        await store_keys(connection, [{"key_id": key_id, "wrapped": wrapped, "created_at": now}])
        rows = [
            {
                "system": self.system,
                "version": change.version,
                "kind": change.kind,
                "digest": hashlib.sha256(change.raw).hexdigest(),
                "key_id": key_id,
                "sealed": key.seal(change.raw, "change"),
                "collected_at": now,
            }
            for change in page.changes
        ]
        await write_rows(connection, _KEEP[connection.dialect.name], rows)

    async def _apply(self, connection: AsyncConnection, changes: Sequence[Change[R]]) -> None:
        if not changes:
            return
        now, last = self.clock.now(), changes[-1].version
        await self.apply(connection, changes)
        await connection.execute(
            update(collected_changes)
            .where(collected_changes.c.system == self.system, collected_changes.c.version <= last)
            .where(collected_changes.c.applied_at.is_(None))
            .values(applied_at=now, sealed=None, key_id=None)
        )
        values = {"cursor": last, "read_at": now}
        statement = insert_into(connection, cursors).values(system=self.system, **values)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["system"], set_=values)
        )


def _keeping(engine: str) -> sqlite.Insert | postgresql.Insert:
    statement = insert_on(engine, collected_changes)
    # A register that began anew gives a version to another change: the new one is kept.
    kept = {c.name: statement.excluded[c.name] for c in collected_changes.c}
    return statement.on_conflict_do_update(
        index_elements=["system", "version"],
        set_=kept | {"applied_at": null()},
        where=collected_changes.c.digest != statement.excluded.digest,
    )


_KEEP = {engine: _keeping(engine) for engine in ("sqlite", "postgresql")}
