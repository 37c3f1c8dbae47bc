"""Work that must happen: durable items, leased to one process at a time under a fencing token.

An item is due at `due_at`. Leasing it postpones it to the end of the lease, so that work whose
holder died becomes due again by itself; whoever asks for it meanwhile pulls `due_at` forward,
which its holder sees on finishing, so that no wish is lost.
"""

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
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.among import among, parameter
from gateway.database import Instant, insert_on, metadata
from gateway.rows import write_rows

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
_UNTOUCHED = work.c.due_at == work.c.held_until
_KIND = work.c.kind == bindparam("this_kind")
_FINISH_ONE = delete(work).where(
    _KIND,
    work.c.subject_id == bindparam("this_subject"),
    work.c.fence == bindparam("this_fence"),
    _UNTOUCHED,
)
# Kinds and subjects are there for the index; the third condition says which belong together.
_OURS = and_(
    among(work.c.kind, parameter("kinds")),
    among(work.c.subject_id, parameter("subjects")),
    among(
        work.c.kind + " " + cast(work.c.fence, String) + " " + work.c.subject_id,
        parameter("tokens"),
    ),
)
_ORDERED = select(work.c.subject_id).where(_OURS).order_by(work.c.kind, work.c.subject_id)
_IN_ORDER = _ORDERED.with_for_update()
_FINISH = delete(work).where(_OURS, _UNTOUCHED)
_FINISH_AGAIN = work.update().where(_OURS).values(held_until=None, attempts=0)
_POSTPONE = (
    work.update()
    .where(_OURS)
    .values(
        due_at=case((_UNTOUCHED, bindparam("until", type_=Instant)), else_=work.c.due_at),
        held_until=None,
        attempts=work.c.attempts + bindparam("attempt", type_=Integer),
    )
)
_EXTEND = (
    work.update()
    .where(_OURS)
    .values(
        due_at=case((_UNTOUCHED, bindparam("until", type_=Instant)), else_=work.c.due_at),
        held_until=bindparam("until", type_=Instant),
    )
    .returning(work.c.subject_id)
)
_LEASE = (
    work.update()
    .where(_KIND, among(work.c.subject_id, parameter("subjects")))
    .values(
        due_at=bindparam("until", type_=Instant),
        held_until=bindparam("until", type_=Instant),
        fence=work.c.fence + 1,
    )
    .returning(work.c.subject_id, work.c.fence, work.c.attempts)
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
    await write_rows(connection, _ENQUEUE[connection.dialect.name], rows)


async def take(
    connection: AsyncConnection, kind: str, subject_id: str, now: datetime, seconds: float
) -> Lease:
    """New work, held by this process from the start; others may have it when the lease is over."""
    until = now + timedelta(seconds=seconds)
    held = {"due_at": until, "held_until": until, "fence": 1, "attempts": 0}
    await write_rows(connection, _TAKE, [{"kind": kind, "subject_id": subject_id, **held}])
    return Lease(kind, subject_id, fence=1, attempts=0)


def is_due(kind: str, now: datetime) -> ColumnElement[bool]:
    """The condition on `work` under which an item of a kind may be leased."""
    return _is_due(literal(kind), literal(now, Instant))


async def anything_due(connection: AsyncConnection, kind: str, now: datetime) -> bool:
    """Whether any item of a kind may be leased."""
    found = await connection.execute(select(exists().where(is_due(kind, now))))
    return bool(found.scalar())


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
    query = _DUE if subject_ids is None else _DUE_AMONG
    this = {"this_kind": kind, "now": now, "most": limit, "subjects": subject_ids}
    due = await connection.execute(query, this)
    found = due.scalars().all()
    if not found:
        return []
    until = now + timedelta(seconds=seconds)
    held = {"this_kind": kind, "subjects": found, "until": until}
    taken = await connection.execute(_LEASE, held)
    return [Lease(kind, row.subject_id, row.fence, row.attempts) for row in taken]


async def finish(connection: AsyncConnection, leases: Sequence[Lease]) -> None:
    """End the leases in the transaction that commits their work; raise `LeaseLost` if one is lost.

    An item asked for again meanwhile stays, due when it was asked for.
    """
    if not leases:
        return
    await _lock(connection, leases)
    done = await _finish_untouched(connection, leases)
    if done == len(leases):
        return
    again = await connection.execute(_FINISH_AGAIN, _these(leases))
    if done + again.rowcount != len(leases):
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
    await _lock(connection, leases)
    put_off = {**_these(leases), "until": due_at, "attempt": int(attempted)}
    later = await connection.execute(_POSTPONE, put_off)
    if later.rowcount != len(leases):
        raise LeaseLost("a lease ended before its work was given back")


async def extend(
    connection: AsyncConnection, leases: Sequence[Lease], until: datetime
) -> frozenset[str]:
    """Hold on to the items until then; the subjects of those that nobody took over meanwhile."""
    if not leases:
        return frozenset()
    await _lock(connection, leases)
    held = await connection.execute(_EXTEND, {**_these(leases), "until": until})
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


async def _lock(connection: AsyncConnection, leases: Sequence[Lease]) -> None:
    """Lock several items in the order in which `enqueue` does: nobody locks crosswise."""
    if len(leases) > 1 and connection.dialect.name == "postgresql":
        await connection.execute(_IN_ORDER, _these(leases))


async def _finish_untouched(connection: AsyncConnection, leases: Sequence[Lease]) -> int:
    if len(leases) == 1:  # somebody waits for that one
        (one,) = leases
        this = {"this_kind": one.kind, "this_subject": one.subject_id, "this_fence": one.fence}
        return (await connection.execute(_FINISH_ONE, this)).rowcount
    return (await connection.execute(_FINISH, _these(leases))).rowcount


def _these(leases: Sequence[Lease]) -> dict[str, object]:
    return {
        "kinds": sorted({held.kind for held in leases}),
        "subjects": [held.subject_id for held in leases],
        "tokens": [f"{held.kind} {held.fence} {held.subject_id}" for held in leases],
    }


def _is_due(kind: ColumnElement[str], now: ColumnElement[datetime]) -> ColumnElement[bool]:
    free = or_(work.c.held_until.is_(None), work.c.held_until <= now)
    return and_(work.c.kind == kind, work.c.due_at <= now, free)


def _earliest_due(among_these: ColumnElement[bool]) -> Select[str]:
    due = _is_due(bindparam("this_kind"), bindparam("now", type_=Instant))
    return (
        select(work.c.subject_id)
        .where(due, among_these)
        .order_by(work.c.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


def _enqueuing(engine: str) -> sqlite.Insert | postgresql.Insert:
    statement = insert_on(engine, work)
    sooner = case(
        (work.c.due_at < statement.excluded.due_at, work.c.due_at), else_=statement.excluded.due_at
    )
    return statement.on_conflict_do_update(
        index_elements=["kind", "subject_id"], set_={"due_at": sooner}
    )


_DUE = _earliest_due(true())
_DUE_AMONG = _earliest_due(among(work.c.subject_id, parameter("subjects")))
_ENQUEUE = {engine: _enqueuing(engine) for engine in ("sqlite", "postgresql")}
