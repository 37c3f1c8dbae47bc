"""A search of the evidence, which is itself evidence, also when it finds nothing."""

from dataclasses import dataclass, replace

from gateway.auditing.trails import Named, trail_of
from gateway.database import Database
from gateway.evidence import Entry, Log
from gateway.evidence.searching.indexing import index_entries
from gateway.evidence.searching.reading import Read
from gateway.evidence.searching.searching import PAGE, Asked, Trail, search
from gateway.sealing import Sealer

FOUND, NOTHING = "found", "nothing"


@dataclass(frozen=True, slots=True)
class Searching:
    """What searching needs."""

    database: Database
    sealer: Sealer
    log: Log

    async def find(
        self,
        asked: Asked,
        entry: Entry,
        named: Named | None = None,
        *,
        before: int = 0,
        limit: int = PAGE,
    ) -> list[Read]:
        """One page of what is asked, put on record as `entry` with what was asked and found."""
        await index_entries(self.database)
        async with self.database.reading() as connection:
            if named is not None:
                child = await trail_of(connection, self.sealer, named)
                asked = replace(asked, child=child)
            found = await search(connection, asked, before=before, limit=limit)
        await self.note(entry, asked, named, len(found))
        return found

    async def note(self, entry: Entry, asked: Asked, named: Named | None, count: int) -> None:
        """Put on record who searched for what, and whether anything was found."""
        content = {"by": ",".join(asked.by), "count": str(count)}
        content |= {
            name: value
            for name, value in {
                "case": asked.case,
                "caller": asked.caller,
                "action": asked.action,
                "outcome": asked.outcome,
                "since": asked.since.isoformat() if asked.since else "",
                "until": asked.until.isoformat() if asked.until else "",
                "child": _child(self.sealer, asked.child, named),
            }.items()
            if value
        }
        outcome = FOUND if count else NOTHING
        async with self.database.transaction() as connection:
            await self.log.append(
                connection, [replace(entry, outcome=outcome, content={**entry.content, **content})]
            )


def _child(sealer: Sealer, child: Trail | None, named: Named | None) -> str:
    """The blind reference of the child that was asked about."""
    if named is not None:
        return named.index(sealer)
    return min(child.refs, default="") if child else ""
