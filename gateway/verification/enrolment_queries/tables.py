"""What enrolment queries keep: who asked when, stops, papers owed, and what is known to answer."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from gateway.database import Instant, metadata

# One row a unit, locked while a query of it is decided, so that its thresholds hold exactly.
enrolment_units = Table("enrolment_units", metadata, Column("unit", String(32), primary_key=True))

# Who asked, on which paper and whose approval; nothing here is about a child.
enrolment_queries = Table(
    "enrolment_queries",
    metadata,
    Column("query_id", String(32), primary_key=True),
    Column("unit", String(32), nullable=False),
    Column("area", String(6), nullable=False),  # of the unit
    Column("officer", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("document_number", Text, nullable=False),  # 文书号
    Column("purpose", String(16), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("outcome", String(16), nullable=False),  # answered or stopped
    Column("children", Integer, nullable=False),
    Column("yes", Integer, nullable=False),
    Column("no", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("sealed_answers", LargeBinary),  # for whoever repeats the request, then gone
    Column("paper_due_at", Instant),  # null where no paper is owed
    Column("paper_number", Text),
    Column("paper_sha256", String(64)),
    Column("paper_by", Text),
    Column("paper_at", Instant),
    Column("chased", Integer, nullable=False),
    Column("chased_at", Instant),
    Index("enrolment_queries_unit", "unit", "asked_at"),
    Index("enrolment_queries_area", "area", "query_id"),
    Index(
        "enrolment_queries_kept",
        "asked_at",
        sqlite_where=text("sealed_answers IS NOT NULL"),
        postgresql_where=text("sealed_answers IS NOT NULL"),
    ),
    Index(
        "enrolment_queries_owed",
        "paper_due_at",
        sqlite_where=text("paper_at IS NULL"),
        postgresql_where=text("paper_at IS NULL"),
    ),
)

# Blind traces of the children asked about, as long as scanning is looked for in them.
enrolment_traces = Table(
    "enrolment_traces",
    metadata,
    Column("query_id", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("unit", String(32), nullable=False),
    Column("officer", Text, nullable=False),  # folded: see stops.person
    Column("child", String(32), nullable=False),
    Column("birth", String(32)),  # region and birth date of a citizen number together
    Column("place", String(32)),  # that and the order code
    Column("adjacent", Boolean, nullable=False),  # a neighbour was asked about, too
    Column("off_hours", Boolean, nullable=False),
    Column("missed", Boolean, nullable=False),  # nothing could be said
    Column("asked_at", Instant, nullable=False),
    Index("enrolment_traces_unit", "unit", "asked_at"),
    Index("enrolment_traces_place", "unit", "place"),
    Index("enrolment_traces_asked_at", "asked_at"),
)

enrolment_stops = Table(
    "enrolment_stops",
    metadata,
    Column("stop_id", String(32), primary_key=True),
    Column("unit", String(32), nullable=False),
    Column("officer", Text, nullable=False),  # folded; empty where the whole unit is stopped
    Column("approver", Text, nullable=False),  # folded; of the query that was one too many
    Column("signal", String(16), nullable=False),
    Column("query_id", ForeignKey("enrolment_queries.query_id"), nullable=False),
    Column("stopped_at", Instant, nullable=False),
    Column("released_at", Instant),
    Column("released_by", Text),
    Column("reason", Text),
    Index("enrolment_stops_unit", "unit", "officer", "released_at"),
)

# The latest that each register told of each of its records.
known_enrolments = Table(
    "known_enrolments",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("document_index", String(32)),
    Column("number_index", String(32)),
    Column("person_index", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("since", String(7)),  # year and month, where the register says it
    Column("changed_at", Instant, nullable=False),
    Index("known_enrolments_document", "document_index"),
    Index("known_enrolments_number", "number_index"),
)

# Children of whom nothing is told to anybody who asks here, by their document.
shielded_children = Table(
    "shielded_children",
    metadata,
    Column("document_index", String(32), primary_key=True),
    Column("area", String(6), nullable=False),  # of the office that decided it
    Column("decided_by", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("since_at", Instant, nullable=False),
)
