"""What is kept about subscriptions beside their rows: terms, orders to the publisher, memory."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from gateway.database import Instant, metadata


def _whose() -> Column[str]:
    return Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True)


# What was agreed from which number on: an event is read for ever under the terms of its number.
subscription_terms = Table(
    "subscription_terms",
    metadata,
    _whose(),
    Column("from_number", BigInteger, primary_key=True),
    Column("areas", Text, nullable=False),
    Column("stages", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("field_policy", String(32), nullable=False),
    Column("approval", Text, nullable=False),
    Column("agreed_at", Instant, nullable=False),
)

# Orders that only the publishing leader carries out, since they add numbers to the stream.
subscription_orders = Table(
    "subscription_orders",
    metadata,
    Column("order_id", String(32), primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), nullable=False),
    Column("kind", String(16), nullable=False),  # terms or latest
    Column("terms", Text, nullable=False),  # JSON; empty where the order is not about terms
    Column("ordered_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("first_number", BigInteger),  # what the order added to the stream, if anything
    Column("last_number", BigInteger),
)
Index(
    "subscription_orders_open",
    subscription_orders.c.order_id,
    sqlite_where=subscription_orders.c.done_at.is_(None),
    postgresql_where=subscription_orders.c.done_at.is_(None),
)

# A range to be delivered once more, marked as a replay.
replays = Table(
    "replays",
    metadata,
    Column("replay_id", String(32), primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("next", BigInteger, nullable=False),  # the next number to deliver again
    Column("ordered_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("replays_subscription", "subscription_id", "replay_id"),
)

# What a subscriber received of a child's field at a number, as a keyed hash and never the value.
received_fields = Table(
    "received_fields",
    metadata,
    _whose(),
    Column("child", String(32), primary_key=True),  # by the subscription's own name of the child
    Column("field", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("digest", String(32), nullable=False),
    Index("received_fields_number", "subscription_id", "number"),
)

# An erased child's events: what is left is the number, the type and the hash of what there was.
tombstones = Table(
    "tombstones",
    metadata,
    _whose(),
    Column("number", BigInteger, primary_key=True),
    Column("digest", String(64), nullable=False),
)

# A child new to a subscription: a ticket for its school, which alone may learn who it is.
claim_tickets = Table(
    "claim_tickets",
    metadata,
    _whose(),
    Column("number", BigInteger, primary_key=True),
    Column("person_id", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", String(64)),
)
