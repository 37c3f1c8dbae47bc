"""What periodic verification keeps: rounds, who takes part, rosters, children, what differs."""

from sqlalchemy import (
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

periodic_rounds = Table(
    "periodic_rounds",
    metadata,
    Column("round_id", String(32), primary_key=True),
    Column("term", String(16), nullable=False),  # 2026-2027-1
    Column("office", String(32), nullable=False),  # the institution that started it
    Column("area", String(6), nullable=False),  # of that office
    Column("reach", String(6), nullable=False),  # leading digits of the areas it goes through
    Column("state", String(12), nullable=False),
    Column("case", Text, nullable=False),
    Column("trace_id", String(64), nullable=False),
    Column("started_by", String(256), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_on", String(10), nullable=False),  # rosters are to be signed by then
    Column("closing_after", String(64)),  # the last record that was held against the rosters
    Column("closed_at", Instant),
    UniqueConstraint("reach", "term"),
)

# The records one register is asked about go into one batch, a chunk at a time.
periodic_sweeps = Table(
    "periodic_sweeps",
    metadata,
    Column("batch_id", String(32), primary_key=True),
    Column("round_id", ForeignKey("periodic_rounds.round_id"), nullable=False),
    Column("system", String(32), nullable=False),
    Column("stage", String(9), nullable=False),  # schools' records or kindergartens'
    Column("areas", Text, nullable=False),  # JSON
    Column("after", String(64), nullable=False),  # the last record that is in the batch
    Column("rows", Integer, nullable=False),
    Column("finished_at", Instant),
    Index("periodic_sweeps_round", "round_id", "system"),
)

# How far the preschool register's roll of a round's area was read.
periodic_rolls = Table(
    "periodic_rolls",
    metadata,
    Column("round_id", ForeignKey("periodic_rounds.round_id"), primary_key=True),
    Column("after", String(64), nullable=False),  # the register's key of the last record read
    Column("records", Integer, nullable=False),
    Column("finished_at", Instant),
)

periodic_schools = Table(
    "periodic_schools",
    metadata,
    Column("round_id", ForeignKey("periodic_rounds.round_id"), primary_key=True),
    Column("school", String(10), primary_key=True),
    Column("area", String(6), nullable=False),
    Column("records", Integer, nullable=False),  # when the round began
    Column("owner", String(64), nullable=False),
    Column("due_on", String(10)),
    Column("escalations", Integer, nullable=False),
    Index("periodic_schools_due", "due_on"),
)

periodic_rosters = Table(
    "periodic_rosters",
    metadata,
    Column("roster_id", String(32), primary_key=True),
    Column("round_id", ForeignKey("periodic_rounds.round_id"), nullable=False),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("class_name", String(64), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("children", Integer, nullable=False),
    Column("listed_by", String(256), nullable=False),
    Column("confirmed_by", String(256)),
    Column("signed_by", String(256)),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("round_id", "school", "class_name"),
)

periodic_children = Table(
    "periodic_children",
    metadata,
    Column("roster_id", ForeignKey("periodic_rosters.roster_id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # 1, 2, 3…
    Column("round_id", String(32), nullable=False),
    Column("subject_id", String(64)),  # the record it is, where the school holds one
    Column("difference", String(16), nullable=False),  # between child and record, or ""
    Column("presence", String(8)),  # null until somebody has looked
    Column("sealed_child", LargeBinary, nullable=False),
    Column("sealed_reason", LargeBinary),
    # One record is one child of one class.
    Index("periodic_children_record", "round_id", "subject_id", unique=True),
)

# 人籍不一致: noted when a roster is signed, and for records on no roster when the round closes.
periodic_differences = Table(
    "periodic_differences",
    metadata,
    Column("round_id", ForeignKey("periodic_rounds.round_id"), primary_key=True),
    Column("difference_id", String(64), primary_key=True),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject_id", String(64)),
    Column("roster_id", String(32)),
    Column("place", Integer),
    Index("periodic_differences_area", "round_id", "area", "difference_id"),
)

# Records under a temporary number (L), and since when that number is known here.
periodic_temporaries = Table(
    "periodic_temporaries",
    metadata,
    Column("round_id", ForeignKey("periodic_rounds.round_id"), primary_key=True),
    Column("subject_id", String(64), primary_key=True),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("since_at", Instant, nullable=False),
)

# Live preschool records, and children in a class without a record: nobody else here keeps these.
round_subjects = Table(
    "round_subjects",
    metadata,
    Column("subject_id", String(32), primary_key=True),
    Column("origin", String(8), nullable=False),
    Column("round_id", String(32), nullable=False),  # that told of the child last
    Column("key_id", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("class_name", String(64), nullable=False),
    Column("document_index", String(32)),
    Column("number_index", String(32)),
    Column("person_index", String(32), nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("sealed_document", LargeBinary),
    Column("sealed_listed_number", LargeBinary),
    Column("sealed_particulars", LargeBinary, nullable=False),
    Column("sealed_guardians", LargeBinary),
    Column("told_at", Instant, nullable=False),
    Column("gone_at", Instant),  # the register told of it no more
    Index("round_subjects_school", "school", "subject_id"),
    Index("round_subjects_area", "area", "subject_id"),
    Index("round_subjects_document", "document_index"),
)
