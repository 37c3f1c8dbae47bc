"""What is kept of a snapshot until it is fetched: its manifest, and its files, sealed."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from gateway.database import Instant, metadata

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", String(32), primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), nullable=False),
    Column("state", String(8), nullable=False),  # asked or ready
    Column("next_number", BigInteger),
    Column("manifest", LargeBinary),
    Column("signature", String(128)),
    Column("asked_at", Instant, nullable=False),
    Column("taken_at", Instant),
    Column("kept_until", Instant, nullable=False),
    Index("snapshots_subscription", "subscription_id", "snapshot_id"),
    Index("snapshots_kept_until", "kept_until"),
)

snapshot_files = Table(
    "snapshot_files",
    metadata,
    Column("snapshot_id", ForeignKey("snapshots.snapshot_id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # 1, 2, 3…
    Column("sealed", LargeBinary, nullable=False),  # under the subscription's key
)
