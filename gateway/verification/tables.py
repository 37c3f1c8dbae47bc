"""What verification keeps: one row for each child or single query that is to be verified."""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table

from gateway.database import Instant, metadata

verifications = Table(
    "verifications",
    metadata,
    Column("subject_id", String(64), primary_key=True),
    Column("key_id", String(32), nullable=False),
    Column("school", String(32), nullable=False),  # or the office on whose behalf it is
    Column("area", String(6), nullable=False),
    Column("trace_id", String(64), nullable=False),
    Column("case", String(256), nullable=False),
    Column("claim", String(32), nullable=False),  # blind index of what is asked
    Column("sealed_claim", LargeBinary),  # null where nothing is asked
    Column("outcome", String(16)),  # null while it is pending
    Column("code", String(32), nullable=False),
    Column("call_id", String(32), nullable=False),  # the exchange that answered; empty without one
    Column("as_of", Date),  # the day of the data the verdict rests on, where the register says it
    Column("attempts", Integer, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("wake", String(32), nullable=False),  # the kind of work to wake with the answer
    Index("verifications_outcome", "outcome"),
)
