"""The newest root of the evidence that was signed: each page carries it to whoever pulls."""

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.checkpoint_store import load_newest

_NOTHING_SIGNED = (0, "")


async def newest_root(connection: AsyncConnection) -> tuple[int, str]:
    """Size and root (hexadecimal) of the newest checkpoint; 0 and nothing where none was signed."""
    kept = await load_newest(connection)
    if kept is None:
        return _NOTHING_SIGNED
    return kept.checkpoint.size, kept.checkpoint.root.hex()
