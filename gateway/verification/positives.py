"""Matches the register said a short while ago, so that the same claim need not be asked again.

Only MATCH is kept: what may change for the better tomorrow is asked again each time. A match is
found by the claim's blind index alone, goes with its time, and goes at once where a record of the
document is corrected or the register now says otherwise.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Column, Date, Index, String, Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim
from gateway.clock import Clock
from gateway.database import Instant, insert_on, metadata
from gateway.rows import write_rows
from gateway.sealing import Sealer
from gateway.verification.claims import index_claim

positives = Table(
    "positives",
    metadata,
    Column("claim", String(32), primary_key=True),  # blind index of number and name
    Column("citizen_number", String(32), nullable=False),  # blind index, for forgetting
    Column("call_id", String(32), nullable=False),  # the exchange in which the register said so
    Column("as_of", Date),
    Column("answered_at", Instant, nullable=False),
    Index("positives_citizen_number", "citizen_number"),
    Index("positives_answered_at", "answered_at"),
)
_RECALL = select(positives).where(
    positives.c.claim.in_(bindparam("claims", expanding=True)),
    positives.c.answered_at > bindparam("oldest", type_=Instant),
)


@dataclass(frozen=True, slots=True)
class Positive:
    """A match the register said at `answered_at` in the exchange `call_id`."""

    claim: str
    call_id: str
    as_of: date | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Positives:
    """The matches of the last `hours`; none are kept where that is 0."""

    sealer: Sealer
    clock: Clock
    hours: float

    async def recall(
        self, connection: AsyncConnection, claims: Collection[Claim]
    ) -> Mapping[str, Positive]:
        """The matches that still count, by `index_claim`."""
        if not self.hours or not claims:
            return {}
        indexes = [index_claim(claim, self.sealer) for claim in claims]
        rows = await connection.execute(_RECALL, {"claims": indexes, "oldest": self._oldest()})
        return {
            row.claim: Positive(row.claim, row.call_id, row.as_of, row.answered_at) for row in rows
        }

    async def keep(
        self, connection: AsyncConnection, matched: Sequence[tuple[Claim, str, date | None]]
    ) -> None:
        """Keep claims the register just matched, each with its call's id and its day."""
        if not self.hours or not matched:
            return
        rows = [self._row(*one) for one in matched]
        await write_rows(connection, _renewing(connection.dialect.name), rows)

    async def forget(self, connection: AsyncConnection, numbers: Collection[str]) -> int:
        """Drop what is kept of these citizen numbers, under whatever name; how many it were.

        For a corrected record, and for a number of which the register says something else now.
        """
        if not numbers:
            return 0
        indexes = [self._number(number) for number in set(numbers)]
        mine = delete(positives).where(positives.c.citizen_number.in_(indexes))
        return (await connection.execute(mine)).rowcount

    async def forget_old(self, connection: AsyncConnection) -> int:
        """Drop what counts no more; how many it were."""
        old = delete(positives).where(positives.c.answered_at <= self._oldest())
        return (await connection.execute(old)).rowcount

    def _row(self, claim: Claim, call_id: str, as_of: date | None) -> dict[str, object]:
        return {
            "claim": index_claim(claim, self.sealer),
            "citizen_number": self._number(claim.citizen_number),
            "call_id": call_id,
            "as_of": as_of,
            "answered_at": self.clock.now(),
        }

    def _number(self, citizen_number: str) -> str:
        return self.sealer.index("citizen_number", citizen_number)

    def _oldest(self) -> datetime:
        return self.clock.now() - timedelta(hours=self.hours)


@cache
def _renewing(engine: str) -> sqlite.Insert | postgresql.Insert:
    statement = insert_on(engine, positives)
    fresh = {name: statement.excluded[name] for name in ("call_id", "as_of", "answered_at")}
    return statement.on_conflict_do_update(index_elements=["claim"], set_=fresh)
