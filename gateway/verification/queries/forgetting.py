"""The chore that forgets: queries past their time with their keys, old matches, used-up keys."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import work
from gateway.sealing import destroy_key
from gateway.verification.positives import Positives
from gateway.verification.queries.tables import identity_queries
from gateway.verification.tables import verifications
from gateway.web.idempotency import Keys

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What forgetting needs."""

    database: Database
    clock: Clock
    positives: Positives
    keys: Keys

    async def run(self) -> None:
        """Forget all that is past its time, some queries in each transaction."""
        while await self._forget_queries() == AT_ONCE:
            pass
        async with self.database.transaction() as connection:
            await self.positives.forget_old(connection)
            await self.keys.forget(connection)

    async def _forget_queries(self) -> int:
        """Destroy the keys of queries that are kept no longer; how many it were.

        What the evidence holds of them stays, and its details can be read by nobody.
        """
        now = self.clock.now()
        expired = (
            select(verifications.c.subject_id, verifications.c.key_id)
            .join(identity_queries, identity_queries.c.query_id == verifications.c.subject_id)
            .where(identity_queries.c.kept_until <= now)
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            rows = (await connection.execute(expired)).all()
            for row in rows:
                await destroy_key(connection, row.key_id, now)
            ids = [row.subject_id for row in rows]
            for column in (
                identity_queries.c.query_id,
                verifications.c.subject_id,
                work.c.subject_id,
            ):
                await connection.execute(delete(column.table).where(column.in_(ids)))
        return len(rows)
