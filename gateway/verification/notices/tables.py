"""What notices keep: each as it was sent, and a quarantined correction for each record it meets."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from gateway.database import Instant, metadata

identity_notices = Table(
    "identity_notices",
    metadata,
    Column("notice_id", String(32), primary_key=True),
    Column("receipt_id", String(32), nullable=False),  # of the request it came with
    Column("place", Integer, nullable=False),  # within that request
    Column("unit", String(32), nullable=False),
    Column("officer", String(256), nullable=False),
    Column("case", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("sealed_notice", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("takes_back", String(32)),  # the notice that this one is to undo
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", String(256)),
    Index("identity_notices_receipt", "receipt_id", "place"),
)

# Nothing of it reaches the record before two persons of the county have said so.
identity_corrections = Table(
    "identity_corrections",
    metadata,
    Column("correction_id", String(32), primary_key=True),
    Column("notice_id", ForeignKey("identity_notices.notice_id"), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("due_on", String(10)),
    Column("escalations", Integer, nullable=False),
    Column("effects_hash", String(64)),  # of the chain the first person proposed
    Column("proposed_by", String(256)),
    Column("decided_by", String(256)),
    Column("decided_at", Instant),
    Column("created_at", Instant, nullable=False),
    Index("identity_corrections_area", "area", "correction_id"),
    Index("identity_corrections_notice", "notice_id"),
    Index("identity_corrections_due", "due_on"),
    Index("identity_corrections_subject", "subject_id"),
)
