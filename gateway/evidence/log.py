"""The log: appends entries in their caller's transaction, numbers them, and tells the root."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.clock import Clock
from gateway.database import streamed
from gateway.evidence.entry import (
    SALT_LENGTH,
    Entry,
    Subject,
    canonical_bytes,
    detail_bytes,
    subject_hash,
)
from gateway.evidence.hashing import SHA256, TreeHash
from gateway.evidence.merkle import Tree
from gateway.evidence.tables import NUMBERED_ENTRIES, entries, entry_subjects
from gateway.evidence.witnessing.failures import EvidenceStopped
from gateway.evidence.witnessing.patience import Patience
from gateway.identifiers import Identifiers
from gateway.rows import write_rows
from gateway.sequence.numbering import Numbering

NUMBERED_AT_ONCE = 5000
_READ_AT_ONCE = 1000
_ENTRIES = entries.insert()
_SUBJECTS = entry_subjects.insert()

Row = dict[str, object]


class Gap(JisuiError):
    """The stored positions are not 1, 2, 3…: entries were removed, or numbers tampered with."""


class Log:
    """One process's hand on the installation's log; all processes share its tables."""

    def __init__(
        self,
        log_id: str,
        clock: Clock,
        identifiers: Identifiers,
        patience: Patience | None = None,
    ) -> None:
        """`log_id` names the log in every entry and never changes.

        `patience` says how long a witness may be away; without it nobody witnesses.
        """
        self._log_id = log_id
        self._patience = patience
        self._halted = False
        self._clock = clock
        self._identifiers = identifiers
        self._numbering = Numbering(NUMBERED_ENTRIES, identifiers())

    async def append(self, connection: AsyncConnection, new: Sequence[Entry]) -> list[str]:
        """The ids of the entries, written with whatever else this transaction writes.

        Raises `PersonalContent` where one would carry a citizen number or a student number, and
        `EvidenceStopped` where the witness has been away for too long, or after `halt`.
        """
        if not new:
            return []
        at = self._clock.now()
        if self._halted:
            raise EvidenceStopped
        if self._patience is not None:
            await self._patience.require(connection, at)
        drafts = [self._draft(entry, at) for entry in new]
        await write_rows(connection, _ENTRIES, [row for row, _ in drafts])
        await write_rows(connection, _SUBJECTS, [row for _, rows in drafts for row in rows])
        return [str(row["entry_id"]) for row, _ in drafts]

    def halt(self) -> None:
        """Append nothing more in this process: the store is not the log that was signed for."""
        self._halted = True

    async def number(self, connection: AsyncConnection) -> int:
        """Number the entries committed so far, in a transaction of their own; how many it were.

        At most `NUMBERED_AT_ONCE` at a time; 0 where none wait or another process numbers them.
        """
        return await self._numbering.step(connection, self._clock.now(), NUMBERED_AT_ONCE)

    async def stop(self, connection: AsyncConnection) -> None:
        """Leave the numbering to other processes at once; for an orderly end."""
        await self._numbering.stop(connection, self._clock.now())

    async def root(
        self, connection: AsyncConnection, hashing: TreeHash = SHA256
    ) -> tuple[int, str]:
        """Size and root (hexadecimal) of the numbered entries; see `recompute`."""
        return await recompute(connection, hashing)

    def _draft(self, entry: Entry, at: datetime) -> tuple[Row, list[Row]]:
        entry_id = self._identifiers()
        sealed = [
            _seal(subject, entry_id) for subject in sorted(entry.subjects, key=attrgetter("row"))
        ]
        canonical = canonical_bytes(
            entry,
            log_id=self._log_id,
            entry_id=entry_id,
            at=at,
            subjects=[digest for digest, _ in sealed],
        )
        row: Row = {"entry_id": entry_id, "canonical": canonical}
        return row, [subject_row for _, subject_row in sealed]


async def recompute(connection: AsyncConnection, hashing: TreeHash = SHA256) -> tuple[int, str]:
    """Size and RFC 6962 root (hexadecimal) over the stored bytes of all numbered entries, in order.

    Raises `Gap` where their positions are not 1, 2, 3…
    """
    numbered = (
        select(entries.c.position, entries.c.canonical)
        .where(entries.c.position.is_not(None))
        .order_by(entries.c.position)
    )
    tree = Tree(hashing)
    async with streamed(connection, numbered, _READ_AT_ONCE) as rows:
        async for position, canonical in rows:
            if position != tree.size + 1:
                raise Gap(f"position {tree.size + 1} is missing")
            tree.append(canonical)
    return tree.size, tree.root().hex()


def subject_context(entry_id: str, row: int) -> str:
    """What a sealed detail is bound to: it opens in its own entry and row only."""
    return f"entry {entry_id} {row}"


def _seal(subject: Subject, entry_id: str) -> tuple[str, Row]:
    salted = detail_bytes(subject, secrets.token_bytes(SALT_LENGTH))
    sealed = subject.key.seal(salted, subject_context(entry_id, subject.row))
    return subject_hash(salted), {
        "entry_id": entry_id,
        "row": subject.row,
        "ref": subject.ref,
        "key_id": subject.key_id,
        "sealed": sealed,
    }
