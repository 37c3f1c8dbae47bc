"""What the evidence keeps: entries as hashed bytes, and apart from them what is about children."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from gateway.database import Instant, metadata
from gateway.sequence.numbering import Numbered, number_column, unnumbered_index

# Rows are never changed but once: to receive their position.
entries = Table(
    "entries",
    metadata,
    Column("entry_id", String(32), primary_key=True),
    number_column("position"),
    Column("canonical", LargeBinary, nullable=False),
)
unnumbered_index(entries, "entry_id", number="position")
NUMBERED_ENTRIES = Numbered(entries, "entry_id", "position")

# Which entries are about a child (by its blind reference), and the detail, sealed under its key.
entry_subjects = Table(
    "entry_subjects",
    metadata,
    Column("entry_id", ForeignKey("entries.entry_id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("ref", String(32), nullable=False),
    Column("key_id", ForeignKey("data_keys.key_id"), nullable=False),
    Column("sealed", LargeBinary),  # null once let go or erased; its hash stays in the entry
    Index("entry_subjects_ref", "ref", "entry_id"),
)

# What was signed over the log, size by size. One that should have been witnessed waits until one of
# at least its size was.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("witnessed_at", Instant),
    Column("waiting_since", Instant),
)
_waiting = checkpoints.c.waiting_since.is_not(None)
Index(
    "checkpoints_waiting",
    checkpoints.c.waiting_since,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

# What was in force when a process last started, by what it is: its digest, so that a change shows.
in_force = Table(
    "in_force",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
)
