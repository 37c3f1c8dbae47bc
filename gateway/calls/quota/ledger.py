"""The truth of a quota: calls are reserved here before one of them may leave.

A count only says what may have been sent: a process that dies takes what it had reserved along.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.quota.limits import Period, Window
from gateway.calls.quota.tables import reserved_calls
from gateway.database import insert_into

BLOCK = 100
SHARE = 20  # of what is left, one part in so many is taken in advance
KEPT = timedelta(days=40)  # hours and days gone by, for whoever asks where a quota went


async def reserve(
    connection: AsyncConnection, system: str, windows: Collection[Window], wanted: int
) -> int:
    """Count the calls wanted in all of the windows, and some in advance; how many were to be had.

    The fewer are left, the fewer are taken in advance: what one process holds no other can use.
    """
    counted = await lock_windows(connection, system, windows)
    left = min(max(0, window.limit - counted[window]) for window in windows)
    taken = min(left, max(wanted, min(BLOCK, left // SHARE)))
    if taken:
        await _count(connection, system, windows, taken)
        await _forget(connection, system, windows)
    return taken


async def give_back(
    connection: AsyncConnection, system: str, windows: Collection[Window], calls: int
) -> None:
    """Take reserved calls off the count again: they were never sent, and never will be."""
    await lock_windows(connection, system, windows)
    await _count(connection, system, windows, -calls)


async def lock_windows(
    connection: AsyncConnection, system: str, windows: Collection[Window]
) -> Mapping[Window, int]:
    """What is counted in each window; nobody else counts in them before the transaction ends."""
    counted = {}
    for window in sorted(windows, key=_key):  # one order for all, so that none waits in a circle
        row = {"system": system, "period": window.period, "starts_at": window.starts_at}
        statement = insert_into(connection, reserved_calls).values(**row, calls=0)
        locked = await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["system", "period", "starts_at"],
                set_={"calls": reserved_calls.c.calls},
            ).returning(reserved_calls.c.calls)
        )
        counted[window] = locked.scalar_one()
    return counted


async def load_counts(
    connection: AsyncConnection, system: str, windows: Collection[Window]
) -> Mapping[Window, int]:
    """What is counted in each window at this moment."""
    rows = await connection.execute(select(reserved_calls).where(_in(system, windows)))
    found = {(row.period, row.starts_at): row.calls for row in rows}
    return {window: found.get(_key(window), 0) for window in windows}


async def _count(
    connection: AsyncConnection, system: str, windows: Collection[Window], calls: int
) -> None:
    counted = reserved_calls.c.calls + calls
    await connection.execute(
        update(reserved_calls).where(_in(system, windows)).values(calls=counted)
    )


async def _forget(connection: AsyncConnection, system: str, windows: Collection[Window]) -> None:
    before = max(window.starts_at for window in windows) - KEPT
    passing = reserved_calls.c.period.in_([Period.HOUR, Period.DAY])
    old = and_(reserved_calls.c.system == system, passing, reserved_calls.c.starts_at < before)
    await connection.execute(delete(reserved_calls).where(old))


def _in(system: str, windows: Collection[Window]) -> ColumnElement[bool]:
    window_of = tuple_(reserved_calls.c.period, reserved_calls.c.starts_at)
    named = window_of.in_([_key(window) for window in windows])
    return and_(reserved_calls.c.system == system, named)


def _key(window: Window) -> tuple[str, datetime]:
    return window.period, window.starts_at
