"""Lets go of what entries say of children once it is past its time; the entries stay.

The hash of what is gone stays in its entry, so that the tree verifies as before. Half a year for
whatever happened (网络安全法), three years for what was handed to somebody (个人信息保护法 56), are
floors that no configuration goes below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database, insert_into
from gateway.evidence.entry import Entry
from gateway.evidence.log import Log
from gateway.evidence.retaining.classes import KeepingClass, load_accounts
from gateway.evidence.retaining.holding import is_held
from gateway.evidence.retaining.tables import expired_details
from gateway.evidence.searching.tables import entry_index
from gateway.evidence.tables import entry_subjects
from gateway.settings.evidence import OPERATION_FLOOR_DAYS, PROVISION_FLOOR_DAYS

AT_ONCE = 1000
FLOORS: Mapping[KeepingClass, timedelta] = {
    KeepingClass.OPERATION: timedelta(days=OPERATION_FLOOR_DAYS),
    KeepingClass.PROVISION: timedelta(days=PROVISION_FLOOR_DAYS),
}
_index, _subjects = entry_index.c, entry_subjects.c


@dataclass(frozen=True, slots=True)
class Expiring:
    """What letting go needs; `kept_for` may lengthen the floors and never shortens them."""

    database: Database
    clock: Clock
    log: Log
    kept_for: Mapping[KeepingClass, timedelta]

    async def run(self, entry: Entry) -> int:
        """Let go of everything past its time; how many particulars, each batch on record."""
        return sum([await self._expire(keeping, entry) for keeping in KeepingClass])

    async def _expire(self, keeping: KeepingClass, entry: Entry) -> int:
        gone = 0
        while True:
            async with self.database.transaction() as connection:
                some = await self._expire_some(connection, keeping)
                if some is None:
                    return gone
                if some:
                    content = {"class": keeping.value, "details": str(some)}
                    noted = replace(entry, outcome="expired", content=content)
                    await self.log.append(connection, [noted])
            gone += some

    async def _expire_some(self, connection: AsyncConnection, keeping: KeepingClass) -> int | None:
        """How many particulars of the next entries went; None where none is past its time."""
        after = await _reached(connection, keeping)
        to = await self._overdue(connection, keeping, after)
        if to is None:
            return None
        actions = [name for name, one in load_accounts().items() if one.keeping is keeping]
        free = (
            select(_subjects.entry_id, _subjects.row)
            .join(entry_index, _index.entry_id == _subjects.entry_id)
            .where(_index.position > after, _index.position <= to)
            .where(_index.action.in_(actions), _subjects.sealed.is_not(None))
            .where(~is_held(_subjects.ref, _index.case_reference))
        )
        rows = (await connection.execute(free)).all()
        for start in range(0, len(rows), AT_ONCE):
            some = [tuple(row) for row in rows[start : start + AT_ONCE]]
            mine = tuple_(_subjects.entry_id, _subjects.row).in_(some)
            await connection.execute(update(entry_subjects).where(mine).values(sealed=None))
        await _reach(connection, keeping, to)
        return len(rows)

    async def _overdue(
        self, connection: AsyncConnection, keeping: KeepingClass, after: int
    ) -> int | None:
        """The last of the next entries, as long as they are past the class's time."""
        kept_for = max(self.kept_for.get(keeping, FLOORS[keeping]), FLOORS[keeping])
        limit = self.clock.now() - kept_for
        following = (
            select(_index.position, _index.at)
            .where(_index.position > after)
            .order_by(_index.position)
            .limit(AT_ONCE)
            .subquery()
        )
        # An entry from before another may have been numbered after it: nothing is jumped over.
        young = select(func.min(following.c.position)).where(following.c.at >= limit)
        first_young = await connection.scalar(young)
        if first_young is not None:
            return first_young - 1 if first_young - 1 > after else None
        last: int | None = await connection.scalar(select(func.max(following.c.position)))
        return last


async def _reached(connection: AsyncConnection, keeping: KeepingClass) -> int:
    mine = expired_details.c.keeping == keeping.value
    return await connection.scalar(select(expired_details.c.position).where(mine)) or 0


async def _reach(connection: AsyncConnection, keeping: KeepingClass, position: int) -> None:
    inserted = insert_into(connection, expired_details)
    kept = inserted.on_conflict_do_update(
        index_elements=["keeping"], set_={"position": inserted.excluded.position}
    )
    await connection.execute(kept, {"keeping": keeping.value, "position": position})
