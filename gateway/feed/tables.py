"""What the feed keeps: changes in the order of their commits, subscriptions, and their streams."""

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
    UniqueConstraint,
)

from gateway.database import Instant, metadata
from gateway.sequence.numbering import Numbered, number_column, unnumbered_index

# Each child's place in the order of changes; its row is locked until the change is committed.
changed_children = Table(
    "changed_children",
    metadata,
    Column("person_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("order_key", BigInteger, nullable=False),
)

# Rows are never changed but once, to receive their position; an erased child's lose their places.
status_changes = Table(
    "status_changes",
    metadata,
    Column("change_id", String(32), primary_key=True),
    number_column("position"),
    Column("order_key", BigInteger, nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("event", String(32), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("area_from", String(6), nullable=False),  # empty where the change has no such side
    Column("area_to", String(6), nullable=False),
    Column("school_from", String(10), nullable=False),
    Column("school_to", String(10), nullable=False),
    Column("source", String(32), nullable=False),
    Column("source_code", String(32), nullable=False),
    # Told after later changes of its child: it leaves the child where those have left it.
    Column("late", Boolean, nullable=False, default=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("key_id", ForeignKey("data_keys.key_id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("person_id", "version"),
)
unnumbered_index(status_changes, "order_key", "change_id", number="position")
NUMBERED_CHANGES = Numbered(status_changes, "change_id", "position", order="order_key")

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscription_id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("institution", String(12), nullable=False),
    Column("areas", Text, nullable=False),  # prefixes of GB/T 2260, one space between two
    Column("stages", Text, nullable=False),
    Column("events", Text, nullable=False),  # empty: all of them
    Column("field_policy", String(32), nullable=False),
    Column("approval", Text, nullable=False),
    Column("mode", String(8), nullable=False),  # pull, push or both
    Column("batch", Integer, nullable=False),
    Column("url", Text),
    Column("networks", Text, nullable=False),
    Column("state", String(16), nullable=False),  # active, suspended or stopped
    Column("state_reason", Text, nullable=False),
    Column("key_id", ForeignKey("data_keys.key_id"), nullable=False),
    Column("sealed_secrets", LargeBinary, nullable=False),
    Column("overlap_until", Instant),  # until when the secrets before the newest hold too
    Column("position", BigInteger, nullable=False),  # the last change laid into the stream, or past
    Column("head", BigInteger, nullable=False),  # the last number of the stream
    Column("acknowledged", BigInteger, nullable=False),
    Column("asked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# A subscription's stream: which change stands under which number, and why it is there.
streams = Table(
    "streams",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("change_id", ForeignKey("status_changes.change_id"), nullable=False),
    Column("half", String(8), nullable=False),  # both, from or to: the side of a move it covers
    Column("reason", String(16), nullable=False),  # change, backfill or withdrawal
    Index("streams_change", "change_id", "subscription_id"),
)

# How old the numbers of a stream are: where it was at some moments.
stream_marks = Table(
    "stream_marks",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("marked_at", Instant, nullable=False),
)

# The last number of a stream that is no longer kept.
stream_trims = Table(
    "stream_trims",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
