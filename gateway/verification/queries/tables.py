"""What a single query keeps beside its verification: what was told, and how long it is kept."""

from sqlalchemy import Column, Index, String, Table, Text

from gateway.database import Instant, metadata

identity_queries = Table(
    "identity_queries",
    metadata,
    Column("query_id", String(32), primary_key=True),  # the `subject_id` of its verification
    Column("question", String(32), nullable=False),  # keyed hash of everything that was told
    Column("checks", Text, nullable=False),  # what the number alone says of the rest, as JSON
    Column("kept_until", Instant, nullable=False),
    Index("identity_queries_kept_until", "kept_until"),
)
