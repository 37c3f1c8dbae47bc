"""Records as their feed showed them last, kept as keyed hashes that only the same child's fit."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TypedDict

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.among import among, parameter
from gateway.collecting.meaning import Before
from gateway.collecting.registers import Facts
from gateway.collecting.tables import seen_records
from gateway.database import insert_on
from gateway.rows import write_rows
from gateway.sealing import Sealer


class Seen(TypedDict):
    """One record as it is kept."""

    record: str
    institution: str
    status: str
    particulars: str
    approval: str


_SEEN = select(*(seen_records.c[name] for name in Seen.__annotations__)).where(
    seen_records.c.system == bindparam("this_system"),
    among(seen_records.c.record, parameter("records")),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Remembers the records of one system."""

    system: str
    sealer: Sealer

    def index(self, record_id: str) -> str:
        """The name a record is remembered under."""
        return self.sealer.index(f"record of {self.system}", record_id)

    async def load(self, connection: AsyncConnection, record_ids: Iterable[str]) -> dict[str, Seen]:
        """These records as they were seen last, by the name they are remembered under."""
        names = sorted({self.index(record_id) for record_id in record_ids})
        rows = await connection.execute(_SEEN, {"this_system": self.system, "records": names})
        return {
            row.record: Seen(
                record=row.record,
                institution=row.institution,
                status=row.status,
                particulars=row.particulars,
                approval=row.approval,
            )
            for row in rows
        }

    async def store(self, connection: AsyncConnection, seen: Mapping[str, Seen]) -> None:
        """Remember these in place of what was seen before."""
        rows = [{"system": self.system, **one} for _, one in sorted(seen.items())]
        await write_rows(connection, _REMEMBER[connection.dialect.name], rows)

    def seen(self, facts: Facts) -> Seen:
        """A record as it will be remembered."""
        return Seen(
            record=self.index(facts.record_id),
            institution=facts.institution,
            status=self._digest(facts, "status", facts.status),
            particulars=self._digest(facts, "particulars", _particulars(facts)),
            approval=self._digest(facts, "approval", str(facts.approved)),
        )

    def compare(self, earlier: Seen, now: Facts, statuses: Collection[str]) -> Before:
        """What can be said of the earlier sight beside the present one."""
        present = self.seen(now)
        fits = (s for s in statuses if self._digest(now, "status", s) == earlier["status"])
        same_status = earlier["status"] == present["status"]
        return Before(
            institution=earlier["institution"],
            status=now.status if same_status else next(fits, ""),
            same_status=same_status,
            same_particulars=earlier["particulars"] == present["particulars"],
            same_approval=earlier["approval"] == present["approval"],
        )

    def _digest(self, facts: Facts, what: str, value: str) -> str:
        return self.sealer.index(f"{what} of {self.system}", f"{facts.record_id}|{value}")


def _particulars(facts: Facts) -> str:
    """Name, sex, birth date and document: what a change of key data (关键信息变更) is about."""
    identity = facts.identity
    document = asdict(identity.document) if identity.document else ""
    return f"{identity.name}|{identity.sex}|{identity.born_on}|{document}"


def _remembering(engine: str) -> sqlite.Insert | postgresql.Insert:
    statement = insert_on(engine, seen_records)
    fresh = {name: statement.excluded[name] for name in Seen.__annotations__ if name != "record"}
    return statement.on_conflict_do_update(index_elements=["system", "record"], set_=fresh)


_REMEMBER = {engine: _remembering(engine) for engine in ("sqlite", "postgresql")}
