"""Claims an accepted change has put aside: what is found of them again opens nothing for a while.

A register goes on holding the former particulars until its own staff follow. Asked about them, the
population register says again what was decided already.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Column, String, Table, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Instant, insert_into, metadata

superseded_claims = Table(
    "superseded_claims",
    metadata,
    Column("subject_id", String(64), primary_key=True),
    Column("claim", String(32), primary_key=True),  # blind index of what is asked no more
    Column("quiet_until", Instant, nullable=False),
)
_columns = superseded_claims.c

Pair = tuple[str, str]  # a child and a claim


async def supersede(
    connection: AsyncConnection, subject_id: str, claims: Collection[str], quiet_until: datetime
) -> None:
    """Put these claims of one child aside until then."""
    rows = [
        {"subject_id": subject_id, "claim": claim, "quiet_until": quiet_until}
        for claim in sorted(set(claims) - {""})
    ]
    if not rows:
        return
    statement = insert_into(connection, superseded_claims)
    later = statement.on_conflict_do_update(
        index_elements=["subject_id", "claim"],
        set_={"quiet_until": statement.excluded.quiet_until},
    )
    await connection.execute(later, rows)


async def put_aside(connection: AsyncConnection, pairs: Sequence[Pair], now: datetime) -> set[Pair]:
    """Those of the pairs that are put aside."""
    named = sorted({pair for pair in pairs if pair[1]})
    if not named:
        return set()
    query = (
        select(_columns.subject_id, _columns.claim)
        .where(tuple_(_columns.subject_id, _columns.claim).in_(named))
        .where(_columns.quiet_until > now)
    )
    return {(row.subject_id, row.claim) for row in await connection.execute(query)}
