"""The newest root of the evidence, as far as this process has followed it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.merkle import Tree
from gateway.evidence.tables import entries

AT_ONCE = 5000


class EvidenceHead:
    """Follows the log entry by entry: computing its root anew for a page would take seconds."""

    def __init__(self) -> None:
        self._tree = Tree()

    async def newest(self, connection: AsyncConnection) -> tuple[int, str]:
        """Size and root (hexadecimal) of the log so far; `AT_ONCE` entries are added at most."""
        position = entries.c.position
        query = (
            select(position, entries.c.canonical)
            .where(position > self._tree.size)
            .order_by(position)
            .limit(AT_ONCE)
        )
        for at, canonical in (await connection.execute(query)).all():
            if at == self._tree.size + 1:  # another request may have added it meanwhile
                self._tree.append(canonical)
        return self._tree.size, self._tree.root().hex()
