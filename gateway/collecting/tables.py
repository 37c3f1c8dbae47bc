"""What collecting keeps: how far each feed was read, what it told, what waits for a decision."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)

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

# What a feed told once is not told again, under whichever version it comes back: by a keyed hash
# of all it said. A register that is restored from a copy numbers its changes anew.
told_changes = Table(
    "told_changes",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Column("told_at", Instant, nullable=False),
)

# A record as its feed last showed it, so that what changed can be told where the feed does not say.
# Nothing of the child stands here: all but the institution are keyed hashes.
seen_records = Table(
    "seen_records",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("record", String(32), primary_key=True),
    Column("institution", String(10), nullable=False),
    Column("status", String(32), nullable=False),
    Column("particulars", String(32), nullable=False),
    Column("approval", String(32), nullable=False),
)

# Changes whose code nobody has decided about: kept, and told once the table has a row for it.
parked_changes = Table(
    "parked_changes",
    metadata,
    Column("parked_id", String(32), primary_key=True),
    Column("system", String(32), nullable=False),
    Column("code_system", String(32), nullable=False),
    Column("code", String(64), nullable=False),
    Column("owner", Text, nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("key_id", ForeignKey("data_keys.key_id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("school", String(10), nullable=False),
    Column("school_before", String(10), nullable=False),
    Column("school_after", String(10), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("parked_at", Instant, nullable=False),
    Column("released_at", Instant),
)
Index(
    "parked_changes_waiting",
    parked_changes.c.system,
    parked_changes.c.code_system,
    parked_changes.c.code,
    sqlite_where=parked_changes.c.released_at.is_(None),
    postgresql_where=parked_changes.c.released_at.is_(None),
)
