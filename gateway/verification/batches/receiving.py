"""A batch goes in: its rows are sealed as they arrive, and it is open once all of it is durable.

The rows are written a chunk at a time, so that nobody else waits for a long sheet to come in.
Until the last of it is there the batch is only being received: a sheet that is refused, a sender
who leaves and a process that dies leave nothing behind that would ever be asked.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.identifiers import Identifiers
from gateway.sealing import DataKey, KeyRow, Sealer, store_keys
from gateway.sheets.rows import Limits
from gateway.sheets.streams import StreamedSheet
from gateway.verification.batches.chunk import OPEN
from gateway.verification.batches.destroying import RECEIVING, discard
from gateway.verification.batches.rows import (
    ROWS_A_CHUNK,
    Pending,
    Row,
    SameAs,
    Standing,
    count,
    seal_rows,
    seal_standings,
)
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.batches.turns import Turns
from gateway.verification.batches.understanding import REQUIRED, Understanding
from gateway.web.idempotency import Keys, Wish
from mappings import Crosswalks

RECEIVING_SECONDS = 3600.0  # how long a sheet may take to arrive before it counts as given up

_batches = verification_batches.c


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A sheet on its way, with who hands it in, for which register, and what is to be done."""

    grant: Grant
    system: str
    school: str  # that holds the records; empty where they are several schools'
    opens_problems: bool
    media_type: str
    pieces: AsyncIterator[bytes] = field(repr=False)
    # The repeatable request this is, once the digest of its content is known.
    wish: Callable[[bytes], Wish | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receiving:
    """What it takes to receive batches."""

    database: Database
    sealer: Sealer
    clock: Clock
    identifiers: Identifiers
    log: Log
    keys: Keys
    crosswalks: Crosswalks
    turns: Turns
    limits: Limits
    kept_days: int

    async def receive(self, handed: HandedIn) -> str:
        """The id of the batch, durable; under a key that was used before, the one it made.

        Raises `ListRefused`, and whatever `handed.pieces` raises; nothing is kept then.
        """
        sheet = StreamedSheet(handed.media_type, self.limits, REQUIRED)
        chunks = await self._announce(handed)
        digest = sha256()
        try:
            async for piece in handed.pieces:
                digest.update(piece)
                for row in sheet.feed(piece):
                    await chunks.add(chunks.understanding.read(row))
            for row in sheet.end():
                await chunks.add(chunks.understanding.read(row))
            await chunks.flush()
            return await self._open(handed, chunks, digest.digest())
        except Exception:
            await discard(self.database, chunks.batch_id)
            raise

    async def _announce(self, handed: HandedIn) -> "Chunks":
        batch_id, now = self.identifiers(), self.clock.now()
        wrapped, key = self.sealer.new_key()
        async with self.database.transaction() as connection:
            await store_keys(connection, [KeyRow(key_id=batch_id, wrapped=wrapped, created_at=now)])
            announced = verification_batches.insert().values(self._batch(batch_id, handed, now))
            await connection.execute(announced)
        understanding = Understanding(self.crosswalks, self.sealer)
        return Chunks(self.database, batch_id, key, understanding)

    def _batch(self, batch_id: str, handed: HandedIn, now: datetime) -> dict[str, object]:
        grant = handed.grant
        return {
            "batch_id": batch_id,
            "institution": grant.institution,
            "school": handed.school,
            "area": grant.area,
            "system": handed.system,
            "key_id": batch_id,
            "case": grant.case,
            "trace_id": grant.trace_id,
            "opens_problems": handed.opens_problems,
            "state": RECEIVING,
            "rows": 0,
            "received_at": now,
            "kept_until": now + timedelta(seconds=RECEIVING_SECONDS),
        }

    async def _open(self, handed: HandedIn, chunks: "Chunks", digest: bytes) -> str:
        batch_id, now = chunks.batch_id, self.clock.now()
        async with self.database.transaction() as connection:
            made = await self._claim(connection, handed.wish(digest), batch_id)
            if made == batch_id:
                opened = {
                    "state": OPEN,
                    "rows": chunks.understanding.rows,
                    "kept_until": now + timedelta(days=self.kept_days),
                }
                mine = _batches.batch_id == batch_id
                await connection.execute(update(verification_batches).where(mine).values(opened))
                await self.turns.queue(connection, batch_id, now)
                content = self.sealer.index("batch", digest.hex())
                entry = handed.grant.entry(
                    Action.VERIFICATION_REQUESTED,
                    "batch",
                    batch_id,
                    rows=str(chunks.understanding.rows),
                    content=content,
                )
                await self.log.append(connection, [entry])
        if made != batch_id:
            await discard(self.database, batch_id)
        return made

    async def _claim(self, connection: AsyncConnection, wish: Wish | None, batch_id: str) -> str:
        if wish is None:
            return batch_id
        made = await self.keys.claim(connection, wish, batch_id, 1.0)
        if made == batch_id:
            await self.keys.settle(connection, wish)  # the batch is all the answer there is
        return made


@dataclass(slots=True)
class Chunks:
    """The rows of one batch on their way into the store."""

    database: Database
    batch_id: str
    key: DataKey = field(repr=False)
    understanding: Understanding
    place: int = 0
    waiting: list[tuple[Row, Standing]] = field(default_factory=list, repr=False)

    async def add(self, row: tuple[Row, Standing]) -> None:
        """Take one row more."""
        self.waiting.append(row)
        if len(self.waiting) == ROWS_A_CHUNK:
            await self.flush()

    async def flush(self) -> None:
        """Write what has come together as one chunk."""
        if not self.waiting:
            return
        self.place += 1
        rows = [row for row, _ in self.waiting]
        standings = [standing for _, standing in self.waiting]
        self.waiting.clear()
        async with self.database.transaction() as connection:
            chunk = self._chunk(rows, standings)
            await connection.execute(verification_chunks.insert().values(chunk))

    def _chunk(self, rows: list[Row], standings: list[Standing]) -> dict[str, object]:
        work_id = f"{self.batch_id}/{self.place}"
        to_ask = sum(isinstance(standing, Pending) for standing in standings)
        return {
            "batch_id": self.batch_id,
            "place": self.place,
            "work_id": work_id,
            "turn": 0,
            "rows": len(rows),
            "to_ask": to_ask,
            "pending": to_ask,
            "repeated": sum(isinstance(standing, SameAs) for standing in standings),
            "counts": json.dumps(count(standings)),
            "sealed_rows": seal_rows(rows, self.key, work_id),
            "sealed_answers": seal_standings(standings, self.key, work_id),
        }
