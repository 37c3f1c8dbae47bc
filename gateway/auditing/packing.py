"""Makes an evidence pack of a range, a case or a child; one person asks, another approves."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import select

from contracts.errors import JisuiError
from gateway.access.persons import person
from gateway.auditing.trails import Named, trail_of
from gateway.clock import Clock
from gateway.database import Database, streamed
from gateway.evidence import Entry, Log
from gateway.evidence.packs.covering import ranges_of
from gateway.evidence.packs.writing import (
    Choice,
    Signed,
    entry_line,
    open_entries,
    open_pack,
    write_frame,
)
from gateway.evidence.proofs import Range
from gateway.evidence.searching.indexing import index_entries
from gateway.evidence.searching.searching import Asked, positions
from gateway.evidence.tables import entries
from gateway.evidence.tiles import TiledTree
from gateway.sealing import Sealer

_READ_AT_ONCE = 1000
_HASHED_AT_ONCE = 1 << 20


class NothingToPack(JisuiError):
    """No entry under the checkpoint was chosen."""

    def __init__(self) -> None:
        super().__init__("没有符合条件的条目 · no entry is like that")


class NotApproved(JisuiError):
    """Nobody, or the person who asks, approved handing evidence out."""

    def __init__(self) -> None:
        super().__init__("须由申请人以外的人批准 · somebody else has to approve")


@dataclass(frozen=True, slots=True)
class Vouched:
    """The tree that was signed, and what was signed over it."""

    tree: TiledTree
    signed: Signed


@dataclass(frozen=True, slots=True)
class Packing:
    """What making packs needs."""

    database: Database
    sealer: Sealer
    log: Log
    clock: Clock

    async def choose(self, kind: str, asked: Asked, named: Named | None, size: int) -> Choice:
        """Everything that is asked for among the first `size` entries, or raise `NothingToPack`."""
        await index_entries(self.database)
        async with self.database.reading() as connection:
            if named is not None:
                asked = replace(asked, child=await trail_of(connection, self.sealer, named))
            found = await positions(connection, asked, size)
        return _of_some(Choice(kind, ranges_of(found)))

    async def write(self, place: Path, choice: Choice, vouched: Vouched, entry: Entry) -> str:
        """The SHA-256 of the pack, which lies at `place` once its handing out is on record.

        Raises `NotApproved` where `entry` names no approver, or the one who asks.
        """
        if not entry.approver or person(entry.approver) == person(entry.actor.user):
            raise NotApproved
        draft = place.with_name(f"{place.name}.draft")
        try:
            with draft.open("wb+") as file:
                await self._fill(file, choice, vouched, self.clock.now())
                digest = _settled(file)
            await self._note(choice, vouched, entry, digest)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        return digest

    async def _fill(
        self, file: IO[bytes], choice: Choice, vouched: Vouched, made_at: datetime
    ) -> None:
        with open_pack(file) as pack:
            write_frame(pack, choice, vouched.signed, vouched.tree, made_at)
            with open_entries(pack) as lines:
                for each in choice.ranges:
                    await self._copy(lines, each)

    async def _copy(self, lines: IO[bytes], leaves: Range) -> None:
        position = entries.c.position
        query = (
            select(position, entries.c.canonical)
            .where(position > leaves[0], position <= leaves[1])
            .order_by(position)
        )
        async with (
            self.database.reading() as connection,
            streamed(connection, query, _READ_AT_ONCE) as rows,
        ):
            async for number, canonical in rows:
                lines.write(entry_line(number, canonical))

    async def _note(self, choice: Choice, vouched: Vouched, entry: Entry, digest: str) -> None:
        content = {
            "chosen_by": choice.kind,
            "count": str(choice.count),
            "size": str(vouched.tree.size),
            "sha256": digest,
        }
        noted = replace(entry, content={**entry.content, **content})
        async with self.database.transaction() as connection:
            await self.log.append(connection, [noted])


def whole_range(first: int, last: int | None, size: int) -> Choice:
    """The entries from one to another, or to the last; raise `NothingToPack`."""
    end = size if last is None else min(last, size)
    ranges: Sequence[Range] = [(first - 1, end)] if first <= end else []
    return _of_some(Choice("range", ranges, through_end=last is None))


def _of_some(choice: Choice) -> Choice:
    if not choice.count:
        raise NothingToPack
    return choice


def _settled(file: IO[bytes]) -> str:
    """The digest of what was written, once it is on the disk."""
    file.flush()
    os.fsync(file.fileno())
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_HASHED_AT_ONCE):
        digest.update(block)
    return digest.hexdigest()
