"""Leases of one kind settled as a group: found to be held, then each held on to or given back.

Only what `require_held` found in the same transaction may be held on to or given back.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Instant
from gateway.leases import Lease, LeaseLost, work

_DUE = case(
    (work.c.due_at == work.c.held_until, bindparam("this_time", type_=Instant)),
    else_=work.c.due_at,  # somebody asked for it meanwhile
)
_ONE = work.update().where(
    work.c.kind == bindparam("this_kind"), work.c.subject_id == bindparam("this_subject")
)
_HOLD_ON = _ONE.values(due_at=_DUE, held_until=bindparam("this_time", type_=Instant))
_GIVE_BACK = _ONE.values(due_at=_DUE, held_until=None)


async def require_held(connection: AsyncConnection, leases: Sequence[Lease]) -> None:
    """Raise `LeaseLost` where one was taken over; nobody takes any over until the commit."""
    fences = {held.subject_id: held.fence for held in leases}
    query = (
        select(work.c.subject_id, work.c.fence)
        .where(work.c.kind == leases[0].kind, work.c.subject_id.in_(sorted(fences)))
        .order_by(work.c.subject_id)  # one order for everybody: nobody locks crosswise
        .with_for_update()
    )
    rows = await connection.execute(query)
    if fences != {row.subject_id: row.fence for row in rows}:
        raise LeaseLost("a lease was taken over before what came of it was committed")


async def hold_on(connection: AsyncConnection, leases: Sequence[Lease], until: datetime) -> None:
    """Hold the items until then."""
    if leases:
        await connection.execute(_HOLD_ON, [_this(held, until) for held in leases])


async def give_back(connection: AsyncConnection, leases: Sequence[tuple[Lease, datetime]]) -> None:
    """Give the items back, each due at its time or when it was asked for meanwhile."""
    if leases:
        await connection.execute(_GIVE_BACK, [_this(held, due_at) for held, due_at in leases])


def _this(held: Lease, at: datetime) -> dict[str, object]:
    return {"this_kind": held.kind, "this_subject": held.subject_id, "this_time": at}
