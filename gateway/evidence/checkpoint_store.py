"""The checkpoints that were signed, kept in the store: the newest, the witnessed, the waiting."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.evidence.checkpoints import Checkpoint, parse_checkpoint
from gateway.evidence.notes import parse_note
from gateway.evidence.tables import checkpoints


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it was signed, and when the witness signed it too, if it did."""

    checkpoint: Checkpoint
    note: bytes
    signed_at: datetime
    witnessed_at: datetime | None = None


async def load_newest(connection: AsyncConnection) -> Kept | None:
    """The checkpoint over most entries; None where none was signed yet."""
    newest = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
    return _kept((await connection.execute(newest)).one_or_none())


async def load_witnessed(connection: AsyncConnection) -> Kept | None:
    """The newest checkpoint the witness signed; None where there is none."""
    witnessed = (
        select(checkpoints)
        .where(checkpoints.c.witnessed_at.is_not(None))
        .order_by(checkpoints.c.size.desc())
        .limit(1)
    )
    return _kept((await connection.execute(witnessed)).one_or_none())


async def waiting_since(connection: AsyncConnection) -> datetime | None:
    """When the first checkpoint was signed that no witness has covered; None where none waits."""
    waiting = checkpoints.c.waiting_since
    first: datetime | None = await connection.scalar(
        select(func.min(waiting)).where(waiting.is_not(None))
    )
    return first


async def keep(connection: AsyncConnection, kept: Kept, *, waits: bool) -> None:
    """Keep a checkpoint; one that was witnessed covers all before it."""
    row = {
        "size": kept.checkpoint.size,
        "note": kept.note,
        "signed_at": kept.signed_at,
        "witnessed_at": kept.witnessed_at,
        "waiting_since": kept.signed_at if waits else None,
    }
    inserted = insert_into(connection, checkpoints)
    later = {name: inserted.excluded[name] for name in ("note", "witnessed_at", "waiting_since")}
    await connection.execute(
        inserted.on_conflict_do_update(index_elements=["size"], set_=later), row
    )
    if kept.witnessed_at is not None:
        await connection.execute(
            update(checkpoints)
            .where(
                checkpoints.c.waiting_since.is_not(None),
                checkpoints.c.size <= kept.checkpoint.size,
            )
            .values(waiting_since=None)
        )


def _kept(row: Row[tuple[object, ...]] | None) -> Kept | None:
    if row is None:
        return None
    checkpoint = parse_checkpoint(parse_note(row.note).text)
    return Kept(checkpoint, row.note, row.signed_at, row.witnessed_at)
