"""What is kept of handing out: how far each subscriber was given its stream without a hole."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table

from gateway.database import metadata

# Up to `number` every event was given at least once; a page asked for further on does not count.
handed_out = Table(
    "handed_out",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
