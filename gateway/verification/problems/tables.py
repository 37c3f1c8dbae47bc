"""What problem records keep: findings, the records gathering them, steps, pairs told apart."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from gateway.database import Instant, metadata

# One fact that is wrong with one record. It opens or joins a problem record and outlives it, so
# that what was decided is remembered when the same is found again.
problem_findings = Table(
    "problem_findings",
    metadata,
    Column("subject_id", String(64), primary_key=True),
    Column("problem_class", String(32), primary_key=True),
    Column("counterpart", String(64), primary_key=True),  # the other record of a duplicate, or ""
    Column("key_id", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),  # of the office in charge of the school
    Column("counterpart_area", String(6), nullable=False),
    Column("claim", String(32), nullable=False),  # blind index of what was asked
    Column("found_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("quiet_until", Instant),  # decided: the same finding opens nothing before
    Column("problem_id", String(32)),  # null until a record has gathered it
    Index("problem_findings_problem", "problem_id"),
    Index("problem_findings_class", "problem_class", "cleared_at"),
)

problem_records = Table(
    "problem_records",
    metadata,
    Column("problem_id", String(32), primary_key=True),
    Column("subject_id", String(64), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("confidential", Boolean, nullable=False),  # only offices may know of it
    Column("state", String(16), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("since_at", Instant, nullable=False),
    Column("due_on", String(10)),
    Column("escalations", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("remedy", String(16)),
    Column("sealed_proposal", LargeBinary),  # evidence, reason, the change asked for
    Column("proposed_by", String(256)),
    Column("confirmed_by", String(256)),
    Column("check_id", String(64)),  # the verification that compares a key-data change
    Column("resolution", String(24)),
    Column("closed_at", Instant),
    Index("problem_records_area", "area", "problem_id"),
    Index("problem_records_school", "school", "problem_id"),
    Index("problem_records_due", "due_on"),
    Index("problem_records_check", "check_id"),
    # One open record a child, and one beside it that only offices know of.
    Index(
        "problem_records_open",
        "subject_id",
        "confidential",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

problem_steps = Table(
    "problem_steps",
    metadata,
    Column("problem_id", ForeignKey("problem_records.problem_id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("event", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # after the step
    Column("at", Instant, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("role", String(16), nullable=False),
    Column("reason", String(32), nullable=False),  # a word of ours
    Column("sealed_remark", LargeBinary),  # a person's own words, about a child
)

# Two records that were decided to be two persons: never held against each other again.
known_different = Table(
    "known_different",
    metadata,
    Column("lower_id", String(64), primary_key=True),
    Column("higher_id", String(64), primary_key=True),
    Column("decided_at", Instant, nullable=False),
    Column("decider", String(256), nullable=False),
)
