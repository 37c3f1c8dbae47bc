"""The institutions a handover touches: whose county is whose, and which kindergarten has closed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, String, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Institution
from gateway.among import among, parameter
from gateway.database import Instant, insert_into, metadata

institutions = Table(
    "institutions",
    metadata,
    Column("code", String(10), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("region", String(6), nullable=False),
    Column("authority", String(12), nullable=False),
    Column("status", String(16), nullable=False),
    Column("merged_into", String(10)),
    Column("read_at", Instant, nullable=False),
)
_PLACES = select(institutions).where(among(institutions.c.code, parameter("codes")))


async def load_places(
    connection: AsyncConnection, codes: Collection[str]
) -> Mapping[str, Institution]:
    """The institutions known by these codes."""
    found = {}
    for row in await connection.execute(_PLACES, {"codes": sorted(codes)}):
        columns = row._asdict()
        del columns["read_at"]
        found[row.code] = Institution(**columns)
    return found


async def store_places(
    connection: AsyncConnection, places: Sequence[Institution], now: datetime
) -> None:
    """Keep what a register's directory says of these institutions."""
    for place in places:
        values = asdict(place) | {"read_at": now}
        statement = insert_into(connection, institutions).values(values)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["code"], set_=values)
        )
