"""What is kept of incidents: one a cause, and whom it affected from when until when."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from gateway.database import Instant, metadata

incidents = Table(
    "incidents",
    metadata,
    Column("incident_id", String(32), primary_key=True),
    Column("cause", String(32), nullable=False),
    Column("affected", Integer, nullable=False),  # how many it affects, or affected in the end
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
)
Index(
    "incidents_open",
    incidents.c.cause,
    unique=True,
    sqlite_where=incidents.c.closed_at.is_(None),
    postgresql_where=incidents.c.closed_at.is_(None),
)

incident_members = Table(
    "incident_members",
    metadata,
    Column("incident_id", ForeignKey("incidents.incident_id"), primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.subscription_id"), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)
