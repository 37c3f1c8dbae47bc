"""The leader's round: number what is committed, lay it into the tree, sign it, have it witnessed.

One process at a time leads, for one round: it takes the lease with the numbering, and what it keeps
at the end is kept only if it holds the lease still. Between the two lie files that say the same
whoever writes them, so that a crash anywhere leaves nothing the next round does not finish.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence.checkpoint_store import Kept, keep, load_newest
from gateway.evidence.checkpoints import Checkpoint
from gateway.evidence.laying import Forked, lay, require_grown, stored_size
from gateway.evidence.log_folder import FolderBusy, LogFolder
from gateway.evidence.notes import Note, note_bytes
from gateway.evidence.signing import Signatory
from gateway.evidence.tables import NUMBERED_ENTRIES
from gateway.evidence.witnessing.failures import WitnessAway
from gateway.sequence.numbering import Numbering, number_rows

NUMBERED_AT_ONCE = 5000


class Cosigner(Protocol):
    """Has checkpoints witnessed."""

    async def cosign(self, folder: LogFolder, signatory: Signatory, checkpoint: Checkpoint) -> Note:
        """The checkpoint signed by both, or raise `WitnessAway`, `RolledBack` or `Forked`."""


@dataclass(frozen=True, slots=True)
class _Head:
    """How many entries are numbered, and what was signed last."""

    size: int
    signed: Kept | None


class Leader:
    """One process's part in leading the log."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holder: str,
        folder: LogFolder,
        signatory: Signatory,
        witness: Cosigner | None = None,
    ) -> None:
        """`holder` is an id no other process has; without a witness nobody cosigns."""
        self._database = database
        self._clock = clock
        self._numbering = Numbering(NUMBERED_ENTRIES, holder)
        self._folder = folder
        self._signatory = signatory
        self._witness = witness

    async def number(self) -> bool:
        """Number every entry committed so far; False while another process leads."""
        return await self._number(lambda _: False) is not None

    async def lead(self) -> Kept | None:
        """The checkpoint over every entry committed before; None while another process leads.

        Also None over no entries at all. Raises `RolledBack`, `Forked` or `Gap`.
        """
        head = await self._number(self._is_unsigned)
        if head is None:
            return None
        if not self._is_unsigned(head):
            return head.signed
        try:
            return await self._sign(head)
        except BaseException as failure:
            await self._step_down()
            if isinstance(failure, FolderBusy):
                return None
            raise

    async def _number(self, leads_on: Callable[[_Head], bool]) -> _Head | None:
        """What is there once every entry committed so far has its number; None without the lease.

        Gives the lease up at once unless there is something to lead on for.
        """
        while True:
            async with self._database.transaction() as connection:
                now = self._clock.now()
                if not await self._numbering.leads(connection, now):
                    return None
                numbered = await number_rows(connection, NUMBERED_ENTRIES, NUMBERED_AT_ONCE)
                if numbered == NUMBERED_AT_ONCE:
                    continue
                head = _Head(await stored_size(connection), await load_newest(connection))
                if not leads_on(head):
                    await self._numbering.stop(connection, now)
                return head

    def _is_unsigned(self, head: _Head) -> bool:
        """Whether there is more than was signed, or less, or the witness has not signed it yet."""
        signed = head.signed.checkpoint if head.signed else None
        size = signed.size if signed else 0
        awaited = self._witness is not None and head.signed and head.signed.witnessed_at is None
        return size != head.size or self._folder.checkpoint() != signed or bool(awaited)

    async def _sign(self, head: _Head) -> Kept | None:
        await lay(self._database, self._folder, head.size)
        self._require_own(head)
        root = self._folder.tree(head.size).root()
        kept = await self._cosigned(self._signatory.checkpoint(head.size, root))
        self._folder.write_checkpoint(kept.note)
        return await self._keep(kept)

    def _require_own(self, head: _Head) -> None:
        """Return where the tree grew from what the store and the folder say was signed last."""
        stored = head.signed.checkpoint if head.signed else None
        for signed in (stored, self._folder.checkpoint()):
            require_grown(self._folder, head.size, signed)
            if signed is not None and signed.origin != self._signatory.origin:
                raise Forked(signed.size)

    async def _cosigned(self, checkpoint: Checkpoint) -> Kept:
        alone = Kept(checkpoint, note_bytes(self._signatory.sign(checkpoint)), self._clock.now())
        if self._witness is None:
            return alone
        try:
            note = await self._witness.cosign(self._folder, self._signatory, checkpoint)
        except WitnessAway:
            return alone
        return replace(alone, note=note_bytes(note), witnessed_at=self._clock.now())

    async def _keep(self, kept: Kept) -> Kept | None:
        waits = self._witness is not None and kept.witnessed_at is None
        async with self._database.transaction() as connection:
            now = self._clock.now()
            # Who slept past its lease keeps nothing: a successor may have signed a longer log.
            if not await self._numbering.leads(connection, now):
                return None
            await keep(connection, kept, waits=waits)
            await self._numbering.stop(connection, now)
        return kept

    async def _step_down(self) -> None:
        async with self._database.transaction() as connection:
            await self._numbering.stop(connection, self._clock.now())
