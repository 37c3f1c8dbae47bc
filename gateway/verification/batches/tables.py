"""What batches keep: who handed one in, and its rows and answers in sealed chunks."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from gateway.database import Instant, metadata

verification_batches = Table(
    "verification_batches",
    metadata,
    Column("batch_id", String(32), primary_key=True),
    Column("institution", String(32), nullable=False),  # on whose behalf, and whose share it is of
    Column("school", String(32), nullable=False),  # that holds the records
    Column("area", String(6), nullable=False),
    Column("system", String(32), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("case", String(256), nullable=False),
    Column("trace_id", String(64), nullable=False),
    Column("opens_problems", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("kept_until", Instant, nullable=False),
    Column("destroyed_at", Instant),
    Index("verification_batches_institution", "institution", "batch_id"),
    Index("verification_batches_kept_until", "kept_until"),
)

# A few hundred rows each: a million rows of their own would be a million rows to find people in.
verification_chunks = Table(
    "verification_chunks",
    metadata,
    Column("batch_id", ForeignKey("verification_batches.batch_id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # 1, 2, 3…
    Column("work_id", String(64), nullable=False, unique=True),
    Column("turn", BigInteger, nullable=False),  # the lowest one that is due is asked next
    Column("rows", Integer, nullable=False),
    Column("to_ask", Integer, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("counts", Text, nullable=False),  # JSON: outcome, how many
    Column("sealed_rows", LargeBinary),  # null once destroyed
    Column("sealed_answers", LargeBinary),
    Column("finished_at", Instant),
    Index("verification_chunks_finished", "batch_id", "finished_at"),
)
