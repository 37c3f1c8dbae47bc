"""What is kept of pushing: how each lane stands, and which events were set aside."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table

from gateway.database import Instant, metadata

REASON_LENGTH = 64


def _whose() -> Column[str]:
    return Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True)


push_standings = Table(
    "push_standings",
    metadata,
    _whose(),
    Column("reached", BigInteger, nullable=False),  # delivered so far, but for what is set aside
    Column("bound", BigInteger, nullable=False),  # up to here a batch failed twice; or less
    Column("suspect", BigInteger, nullable=False),  # the event that alone failed, or 0
    Column("failures", Integer, nullable=False),  # failed attempts in a row
    Column("failing_since", Instant),
    Column("rests_until", Instant),
    Column("reason", String(REASON_LENGTH), nullable=False),
    Column("delivered_at", Instant),
    Column("beat_at", Instant),  # when the last heartbeat left
)

# An event that alone is not taken, and behind it the later events of the same child.
push_asides = Table(
    "push_asides",
    metadata,
    _whose(),
    Column("number", BigInteger, primary_key=True),
    Column("person_id", String(32), nullable=False),
    Column("front", Boolean, nullable=False),  # the first of its child: the others wait for it
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),  # empty where it waits, or was given up
    Column("reason", String(REASON_LENGTH), nullable=False),
    Column("since", Instant, nullable=False),
    Column("announced_at", Instant),
)
