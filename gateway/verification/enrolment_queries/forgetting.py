"""The chore that forgets: traces no window reaches, and answers nobody may have repeated."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from gateway.clock import Clock
from gateway.database import Database
from gateway.sealing import destroy_key
from gateway.verification.enrolment_queries.scanning import forget_traces
from gateway.verification.enrolment_queries.tables import enrolment_queries
from gateway.web.idempotency import KEPT

AT_ONCE = 200
_columns = enrolment_queries.c


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What forgetting needs; `window` is the time in which scanning is looked for."""

    database: Database
    clock: Clock
    window: timedelta

    async def run(self) -> None:
        """Forget all that is past its time; what the evidence holds stays."""
        while await self._forget_answers() == AT_ONCE:
            pass
        async with self.database.transaction() as connection:
            await forget_traces(connection, self.clock.now() - self.window)

    async def _forget_answers(self) -> int:
        now = self.clock.now()
        query = (
            select(_columns.query_id, _columns.key_id)
            .where(_columns.sealed_answers.is_not(None), _columns.asked_at <= now - KEPT)
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            rows = (await connection.execute(query)).all()
            for row in rows:
                await destroy_key(connection, row.key_id, now)
            mine = _columns.query_id.in_([row.query_id for row in rows])
            await connection.execute(
                update(enrolment_queries).where(mine).values(sealed_answers=None)
            )
        return len(rows)
