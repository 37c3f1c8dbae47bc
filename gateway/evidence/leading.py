"""The leader's round: number what is committed, lay it into the tree, sign it, have it witnessed.

One process at a time leads, for one round: it takes the lease with the numbering, and what it keeps
at the end is kept only if it holds the lease still. Between the two lie files that say the same
whoever writes them, so that a crash anywhere leaves nothing the next round does not finish.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence.checkpoint_store import Kept, keep, load_newest
from gateway.evidence.growing import Grown, read_grown
from gateway.evidence.laying import AT_ONCE, Forked, lay, leaf_hashes, require_grown, stored_size
from gateway.evidence.log_folder import FolderBusy, LogFolder
from gateway.evidence.notes import Note, note_bytes
from gateway.evidence.signing import Signatory
from gateway.evidence.tables import NUMBERED_ENTRIES
from gateway.evidence.tile_files import DamagedTiles
from gateway.evidence.witnessing.failures import WitnessAway
from gateway.sequence.numbering import Numbering, number_rows

NUMBERED_AT_ONCE = 5000


class Cosigner(Protocol):
    """Has checkpoints witnessed."""

    async def cosign(self, signatory: Signatory, grown: Grown) -> Note:
        """The checkpoint over this log signed by both.

        Raises `WitnessAway`, `RolledBack`, `Forked`, or `DamagedTiles` where older leaves are
        wanted and not laid.
        """


@dataclass(frozen=True, slots=True)
class _Head:
    """What is numbered: how much, what was signed last, and the leaves since for who needs them."""

    size: int
    signed: Kept | None
    arrived: tuple[bytes, ...] = ()


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
        self._left: tuple[Kept, Grown] | None = None

    async def number(self) -> bool:
        """Number every entry committed so far; False while another process leads."""
        return await self._number(leading_on=False) is not None

    async def lead(self) -> Kept | None:
        """The checkpoint over every entry committed before; None while another process leads.

        Its tiles are laid, and the store is compared with what was signed. Also None over no
        entries at all. Raises `RolledBack`, `Forked` or `Gap`.
        """
        self._left = None
        return await self.lead_on()

    async def lead_on(self) -> Kept | None:
        """The same in haste: where nobody led since this process did, tiles are laid by others."""
        head = await self._number(leading_on=True)
        if head is None:
            return None
        if not self._is_unsigned(head):
            return head.signed
        try:
            return await self._sign(head)
        except BaseException as failure:
            self._left = None
            await self._step_down()
            if isinstance(failure, FolderBusy):
                return None
            raise

    async def _number(self, *, leading_on: bool) -> _Head | None:
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
                head = await self._head(connection)
                if not (leading_on and self._is_unsigned(head)):
                    await self._numbering.stop(connection, now)
                return head

    async def _head(self, connection: AsyncConnection) -> _Head:
        size, signed = await stored_size(connection), await load_newest(connection)
        first = signed.checkpoint.size if signed else 0
        if self._left is None or self._left[0] != signed or not 0 <= size - first <= AT_ONCE:
            return _Head(size, signed)
        arrived = await leaf_hashes(connection, self._folder.hashing, first, size)
        return _Head(size, signed, tuple(arrived))

    def _is_unsigned(self, head: _Head) -> bool:
        """Whether there is more than was signed, or less, or the witness or the folder lacks it."""
        if self._has_left(head):
            return bool(head.arrived) or self._is_awaited(head)
        signed = head.signed.checkpoint if head.signed else None
        size = signed.size if signed else 0
        return size != head.size or self._folder.checkpoint() != signed or self._is_awaited(head)

    def _is_awaited(self, head: _Head) -> bool:
        return bool(self._witness and head.signed and head.signed.witnessed_at is None)

    def _has_left(self, head: _Head) -> bool:
        return self._left is not None and self._left[0] == head.signed

    async def _sign(self, head: _Head) -> Kept | None:
        grown = await self._grown(head)
        signed = head.signed
        if signed is None or signed.checkpoint.size != head.size or self._is_awaited(head):
            signed = await self._cosigned(grown)
        if not self._has_left(head):
            self._folder.write_checkpoint(signed.note)
        return await self._keep(signed, grown)

    async def _grown(self, head: _Head) -> Grown:
        if self._left is not None and self._has_left(head):
            return self._left[1].with_leaves(list(head.arrived))
        await lay(self._database, self._folder, head.size)
        self._require_own(head)
        return read_grown(self._folder, head.size)

    def _require_own(self, head: _Head) -> None:
        """Return where the tree grew from what the store and the folder say was signed last."""
        stored = head.signed.checkpoint if head.signed else None
        for signed in (stored, self._folder.checkpoint()):
            require_grown(self._folder, head.size, signed)
            if signed is not None and signed.origin != self._signatory.origin:
                raise Forked(signed.size)

    async def _cosigned(self, grown: Grown) -> Kept:
        checkpoint = self._signatory.checkpoint(grown.size, grown.root)
        alone = Kept(checkpoint, note_bytes(self._signatory.sign(checkpoint)), self._clock.now())
        if self._witness is None:
            return alone
        try:
            note = await self._witnessed(self._witness, grown)
        except WitnessAway:
            return alone
        return replace(alone, note=note_bytes(note), witnessed_at=self._clock.now())

    async def _witnessed(self, witness: Cosigner, grown: Grown) -> Note:
        try:
            return await witness.cosign(self._signatory, grown)
        except DamagedTiles:  # it lacks leaves that nobody had laid yet
            await lay(self._database, self._folder, grown.size)
            return await witness.cosign(self._signatory, grown)

    async def _keep(self, kept: Kept, grown: Grown) -> Kept | None:
        waits = self._witness is not None and kept.witnessed_at is None
        async with self._database.transaction() as connection:
            now = self._clock.now()
            # Who slept past its lease keeps nothing: a successor may have signed a longer log.
            if not await self._numbering.leads(connection, now):
                return None
            await keep(connection, kept, waits=waits)
            await self._numbering.stop(connection, now)
        self._left = (kept, replace(grown, arrived=()))
        return kept

    async def _step_down(self) -> None:
        async with self._database.transaction() as connection:
            await self._numbering.stop(connection, self._clock.now())
