"""The chore that notices new crosswalk rows: what waited for one is looked at again by itself."""

from dataclasses import dataclass

from sqlalchemy import Column, String, Table, select

from gateway.clock import Clock
from gateway.database import Database, Instant, insert_into, metadata
from gateway.intake.rules.states import Hold
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import handovers
from gateway.leases import enqueue
from mappings import Crosswalks

editions = Table(
    "crosswalk_editions",
    metadata,
    Column("edition", String(64), primary_key=True),
    Column("loaded_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Reloading:
    """Compares the tables with those last seen, at start and each minute."""

    database: Database
    clock: Clock
    crosswalks: Crosswalks

    async def check(self) -> None:
        """Load changed tables; where an edition is new to this store, release what is parked."""
        self.crosswalks.refresh()
        async with self.database.transaction() as connection:
            now = self.clock.now()
            values = {"edition": self.crosswalks.edition, "loaded_at": now}
            statement = insert_into(connection, editions).values(values).on_conflict_do_nothing()
            if (await connection.execute(statement)).rowcount == 0:
                return
            parked = select(handovers.c.handover_id).where(
                handovers.c.hold == Hold.UNMAPPED_CODE.value
            )
            ids = (await connection.execute(parked)).scalars().all()
            await enqueue(connection, LOOK, ids, now)
