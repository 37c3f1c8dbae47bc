"""Who numbers: one holder at a time, under a fencing token that a successor makes worthless."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, String, Table, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Instant, insert_into, metadata

LEASE_SECONDS = 10.0

sequence_leases = Table(
    "sequence_leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
_RENEW = (
    sequence_leases.update()
    .where(
        sequence_leases.c.name == bindparam("this_name"),
        sequence_leases.c.holder == bindparam("this_holder"),
        sequence_leases.c.token == bindparam("this_token"),
    )
    .values(expires_at=bindparam("until", type_=Instant))
)


async def renew(
    connection: AsyncConnection, name: str, holder: str, token: int, now: datetime
) -> bool:
    """Whether `holder` still holds the lease under `token`; if so, until the commit at least.

    The row stays locked for the rest of the transaction: what is numbered in it is numbered by the
    one holder, however long the process slept before.
    """
    mine = {"this_name": name, "this_holder": holder, "this_token": token}
    renewed = await connection.execute(_RENEW, {**mine, "until": _end(now)})
    return renewed.rowcount == 1


async def take(connection: AsyncConnection, name: str, holder: str, now: datetime) -> int | None:
    """The token of a lease that was free or had run out, or None while another holds it."""
    free = {"name": name, "holder": "", "token": 0, "expires_at": now}
    await connection.execute(
        insert_into(connection, sequence_leases).on_conflict_do_nothing(), free
    )
    taken = await connection.execute(
        sequence_leases.update()
        .where(sequence_leases.c.name == name, sequence_leases.c.expires_at <= now)
        .values(holder=holder, token=sequence_leases.c.token + 1, expires_at=_end(now))
        .returning(sequence_leases.c.token)
    )
    token: int | None = taken.scalar()
    return token


async def release(
    connection: AsyncConnection, name: str, holder: str, token: int, now: datetime
) -> None:
    """Give the lease up, so that a successor need not wait for its end."""
    await connection.execute(
        sequence_leases.update()
        .where(
            sequence_leases.c.name == name,
            sequence_leases.c.holder == holder,
            sequence_leases.c.token == token,
        )
        .values(expires_at=now)
    )


async def pause(connection: AsyncConnection, name: str, now: datetime) -> None:
    """Keep whoever numbers from doing so until this transaction's end."""
    free = {"name": name, "holder": "", "token": 0, "expires_at": now}
    await connection.execute(
        insert_into(connection, sequence_leases).on_conflict_do_nothing(), free
    )
    mine = sequence_leases.c.name == name
    await connection.execute(
        sequence_leases.update().where(mine).values(token=sequence_leases.c.token)
    )


def _end(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)
