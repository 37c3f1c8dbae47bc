"""How far a stream was trimmed for its age, and what tells so."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.feed.tables import stream_trims


class Trimmed(JisuiError):
    """Events that were asked for are past the time for which they are kept."""


async def load_trimmed(connection: AsyncConnection, subscription_id: str) -> int:
    """The last number of a stream that is no longer kept; 0 where all of it is."""
    mine = stream_trims.c.subscription_id == subscription_id
    return (await connection.execute(select(stream_trims.c.number).where(mine))).scalar() or 0
