"""A log on a store and in a folder, as a process has it; what tests of it share."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.evidence import Action, Actor, Entry, Log
from gateway.evidence.checkpoint_store import Kept
from gateway.evidence.hashing import SHA256, TreeHash
from gateway.evidence.leading import Cosigner, Leader
from gateway.evidence.log_folder import LogFolder
from gateway.evidence.signing import Signatory
from gateway.evidence.tables import entries
from gateway.identifiers import Identifiers

NOW = datetime(2026, 9, 1, tzinfo=UTC)
ORIGIN = "a-log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def entry(case: str) -> Entry:
    """An entry about nobody."""
    return Entry(
        action=Action.HANDOVER_MOVED,
        outcome="carried",
        actor=Actor("jisui", "", "", ""),
        purpose="handover",
        basis="",
        case=case,
        object_ref="",
        request_id="trace-1",
    )


async def written(database: Database) -> list[dict[str, Any]]:
    """Every entry as its canonical bytes say it, oldest first."""
    query = select(entries.c.canonical).order_by(entries.c.entry_id)
    async with database.reading() as connection:
        rows = (await connection.execute(query)).scalars().all()
    return [json.loads(row[1:]) for row in rows]


@dataclass
class Installation:
    """A store, its log's folder, and the clock of all its processes."""

    database: Database
    path: Path
    clock: VirtualClock
    hashing: TreeHash = SHA256
    origin: str = ORIGIN
    key: Ed25519PrivateKey = KEY

    def __post_init__(self) -> None:
        self.identifiers = Identifiers(self.clock, os.urandom)
        self.log = Log(self.origin, self.clock, self.identifiers)

    @property
    def folder(self) -> LogFolder:
        """Where the tree lies."""
        return LogFolder(self.path, self.hashing)

    def signatory(self, *, witnessed: bool = False) -> Signatory:
        """Who signs."""
        return Signatory(self.origin, self.key, self.hashing, witnessed)

    def leader(self, witness: Cosigner | None = None) -> Leader:
        """One more process's part in leading."""
        return Leader(
            self.database,
            self.clock,
            self.identifiers(),
            self.folder,
            self.signatory(witnessed=witness is not None),
            witness,
        )

    async def append(self, count: int) -> None:
        """So many more entries, committed."""
        async with self.database.transaction() as connection:
            await self.log.append(connection, [entry(f"case-{place}") for place in range(count)])

    async def lead(self, witness: Cosigner | None = None) -> Kept:
        """The checkpoint of a round that nobody kept from leading."""
        kept = await self.leader(witness).lead()
        assert kept is not None
        return kept
