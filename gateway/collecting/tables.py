"""What collecting keeps: how far each feed was read, and changes that are not applied yet."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from gateway.database import Instant, metadata

cursors = Table(
    "cursors",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("read_at", Instant, nullable=False),
)

# The register's own bytes, sealed; gone once applied, their digest stays.
collected_changes = Table(
    "collected_changes",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("key_id", String(32)),
    Column("sealed", LargeBinary),
    Column("collected_at", Instant, nullable=False),
    Column("applied_at", Instant),
)
