"""What the person index keeps: persons, and every number each has had."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from gateway.database import Instant, metadata

persons = Table(
    "persons",
    metadata,
    Column("person_id", String(32), primary_key=True),
    Column("key_id", String(32), nullable=False),
    Column("source", String(32), nullable=False),  # the register whose record began the person
    Column("created_at", Instant, nullable=False),
    # The person it was found to be; this one has no numbers from then on.
    Column("merged_into", String(32), index=True),
)

person_numbers = Table(
    "person_numbers",
    metadata,
    Column("number_index", String(32), primary_key=True),
    Column("person_id", ForeignKey("persons.person_id"), nullable=False),
    Column("place", Integer, nullable=False),  # 1 is the first number the person had here
    Column("sealed_number", LargeBinary, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("since_at", Instant, nullable=False),
    Column("until_at", Instant),  # null for the number in force
    Column("reason", String(32), nullable=False),
    Column("decider", Text, nullable=False),
    Index("person_numbers_person", "person_id", "place"),
)
