"""Work that must happen: durable items, leased to one process at a time under a fencing token.

An item is due at `due_at`. Leasing it postpones it to the end of the lease, so that work whose
holder died becomes due again by itself; whoever asks for it meanwhile pulls `due_at` forward,
which its holder sees on finishing, so that no wish is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.database import Instant, insert_into, metadata

work = Table(
    "work",
    metadata,
    Column("kind", String(64), primary_key=True),
    Column("subject_id", String(64), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("held_until", Instant),
    Column("fence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("work_due", "kind", "due_at"),
)
_TAKE = work.insert()
_FINISH_ONE = delete(work).where(
    work.c.kind == bindparam("this_kind"),
    work.c.subject_id == bindparam("this_subject"),
    work.c.fence == bindparam("this_fence"),
    work.c.due_at == work.c.held_until,
)


class LeaseLost(JisuiError):
    """Another process took the work over meanwhile; what was done on it must be rolled back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One item held by this process, under the token `fence`."""

    kind: str
    subject_id: str
    fence: int
    attempts: int


async def enqueue(
    connection: AsyncConnection, kind: str, subject_ids: Iterable[str], due_at: datetime
) -> None:
    """Have the work done at `due_at`, or earlier where it is due earlier already."""
    rows = [  # one order for everybody: nobody locks crosswise
        {"kind": kind, "subject_id": subject_id, "due_at": due_at, "fence": 0, "attempts": 0}
        for subject_id in sorted(subject_ids)
    ]
    if not rows:
        return
    statement = insert_into(connection, work)
    sooner = case(
        (work.c.due_at < statement.excluded.due_at, work.c.due_at), else_=statement.excluded.due_at
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "subject_id"], set_={"due_at": sooner}
        ),
        rows,
    )


async def take(
    connection: AsyncConnection, kind: str, subject_id: str, now: datetime, seconds: float
) -> Lease:
    """New work, held by this process from the start; others may have it when the lease is over."""
    until = now + timedelta(seconds=seconds)
    held = {"due_at": until, "held_until": until, "fence": 1, "attempts": 0}
    await connection.execute(_TAKE, {"kind": kind, "subject_id": subject_id, **held})
    return Lease(kind, subject_id, fence=1, attempts=0)


def is_due(kind: str, now: datetime) -> ColumnElement[bool]:
    """The condition on `work` under which an item of a kind may be leased."""
    free = or_(work.c.held_until.is_(None), work.c.held_until <= now)
    return and_(work.c.kind == kind, work.c.due_at <= now, free)


async def lease(
    connection: AsyncConnection,
    kind: str,
    limit: int,
    now: datetime,
    seconds: float,
    subject_ids: Sequence[str] | None = None,
) -> list[Lease]:
    """Up to `limit` due items of a kind, held for `seconds`; the longest due come first.

    Among the `subject_ids` only, where those are named.
    """
    among = true() if subject_ids is None else work.c.subject_id.in_(subject_ids)
    due = (
        select(work.c.subject_id)
        .where(is_due(kind, now), among)
        .order_by(work.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = (await connection.execute(due)).scalars().all()
    if not found:
        return []
    until = now + timedelta(seconds=seconds)
    taken = await connection.execute(
        work.update()
        .where(work.c.kind == kind, work.c.subject_id.in_(found))
        .values(due_at=until, held_until=until, fence=work.c.fence + 1)
        .returning(work.c.subject_id, work.c.fence, work.c.attempts)
    )
    return [Lease(kind, row.subject_id, row.fence, row.attempts) for row in taken]


async def finish(connection: AsyncConnection, leases: Sequence[Lease]) -> None:
    """End the leases in the transaction that commits their work; raise `LeaseLost` if one is lost.

    An item asked for again meanwhile stays, due when it was asked for.
    """
    if not leases:
        return
    done = await _finish_untouched(connection, leases)
    if done == len(leases):
        return
    again = work.update().where(_mine(leases)).values(held_until=None, attempts=0)
    if done + (await connection.execute(again)).rowcount != len(leases):
        raise LeaseLost("a lease ended before its work was committed")


async def postpone(
    connection: AsyncConnection,
    leases: Sequence[Lease],
    due_at: datetime,
    *,
    attempted: bool = True,
) -> None:
    """Give the items back, due at `due_at` or when they were asked for meanwhile.

    Who only waited, `attempted` false, keeps the number of attempts.
    """
    if not leases:
        return
    untouched = work.c.due_at == work.c.held_until
    later = await connection.execute(
        work.update()
        .where(_mine(leases))
        .values(
            due_at=case((untouched, literal(due_at, Instant)), else_=work.c.due_at),
            held_until=None,
            attempts=work.c.attempts + int(attempted),
        )
    )
    if later.rowcount != len(leases):
        raise LeaseLost("a lease ended before its work was given back")


async def extend(
    connection: AsyncConnection, leases: Sequence[Lease], until: datetime
) -> frozenset[str]:
    """Hold on to the items until then; the subjects of those that nobody took over meanwhile."""
    if not leases:
        return frozenset()
    untouched = work.c.due_at == work.c.held_until
    held = await connection.execute(
        work.update()
        .where(_mine(leases))
        .values(
            due_at=case((untouched, literal(until, Instant)), else_=work.c.due_at),
            held_until=until,
        )
        .returning(work.c.subject_id)
    )
    return frozenset(held.scalars())


async def reclaim(connection: AsyncConnection, now: datetime, *, spare: str = "") -> int:
    """Make due at once whatever is still held; for a worker that knows all other holders dead.

    Kinds that begin with `spare` are left to processes of another sort, which may well be alive.
    """
    held = work.update().where(work.c.held_until.is_not(None))
    if spare:
        held = held.where(work.c.kind.not_like(f"{spare}%"))
    reclaimed = await connection.execute(held.values(held_until=None, due_at=now))
    return reclaimed.rowcount


async def next_dues(connection: AsyncConnection, kinds: Sequence[str]) -> Mapping[str, datetime]:
    """When the next item of each of these kinds is due; kinds without one are absent."""
    dues = (await connection.execute(_earliest(tuple(kinds)))).one()
    return {kind: due_at for kind, due_at in zip(kinds, dues, strict=True) if due_at is not None}


@lru_cache(maxsize=64)
def _earliest(kinds: tuple[str, ...]) -> Select[*tuple[datetime | None, ...]]:
    # One seek in the index for each kind; grouping would read every item there is.
    earliest = [
        select(func.min(work.c.due_at)).where(work.c.kind == kind).scalar_subquery()
        for kind in kinds
    ]
    return select(*earliest)


async def _finish_untouched(connection: AsyncConnection, leases: Sequence[Lease]) -> int:
    if len(leases) == 1:  # somebody waits for that one
        (one,) = leases
        this = {"this_kind": one.kind, "this_subject": one.subject_id, "this_fence": one.fence}
        return (await connection.execute(_FINISH_ONE, this)).rowcount
    untouched = work.c.due_at == work.c.held_until
    return (await connection.execute(delete(work).where(_mine(leases), untouched))).rowcount


def _mine(leases: Sequence[Lease]) -> ColumnElement[bool]:
    # Most are of one kind and have been leased equally often: a list of ids is soon read.
    alike: dict[tuple[str, int], list[str]] = defaultdict(list)
    for held in leases:
        alike[held.kind, held.fence].append(held.subject_id)
    return or_(
        *(
            and_(work.c.kind == kind, work.c.fence == fence, work.c.subject_id.in_(subject_ids))
            for (kind, fence), subject_ids in alike.items()
        )
    )
