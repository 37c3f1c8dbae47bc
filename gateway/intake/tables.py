"""What intake keeps: lists, handovers, the records found for them, and who claims which child."""

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
    UniqueConstraint,
)

from gateway.database import Instant, metadata

intakes = Table(
    "intakes",
    metadata,
    Column("intake_id", String(32), primary_key=True),
    Column("school", String(10), nullable=False),
    Column("school_year", String(9), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("confirmed_at", Instant),
    Column("confirmation_reference", Text),
    Column("case_reference", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("school", "school_year", "content_hash"),
)

# One row a school and year, locked while a list of it is taken in.
rolls = Table(
    "rolls",
    metadata,
    Column("school", String(10), primary_key=True),
    Column("school_year", String(9), primary_key=True),
)

handovers = Table(
    "handovers",
    metadata,
    Column("handover_id", String(32), primary_key=True),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),  # of the office in charge of the school
    Column("school_year", String(9), nullable=False),
    Column("key_id", String(32), nullable=False),
    # Blind indexes of the row's document, number, and name + sex + birth date.
    Column("document_index", String(32)),
    Column("number_index", String(32)),
    Column("person_index", String(32), nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("sealed_document", LargeBinary),
    Column("sealed_listed_number", LargeBinary),
    Column("sealed_particulars", LargeBinary, nullable=False),  # sex and birth date
    Column("sealed_guardians", LargeBinary),
    Column("case_reference", Text, nullable=False),  # 办件号 of the list it came with
    Column("trace_id", String(64), nullable=False),  # of the request it came with
    Column("undistinguished", Boolean, nullable=False),
    Column("faults", Text, nullable=False),  # codes of what is wrong with the row, JSON
    Column("confirmed", Boolean, nullable=False),
    Column("reported", Boolean),
    Column("reported_on", String(10)),
    Column("sealed_no_show_reason", LargeBinary),  # free text about a child
    Column("state", String(16), nullable=False),
    Column("hold", String(32)),
    Column("since_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("due_on", String(10)),
    Column("escalations", Integer, nullable=False),
    Column("grade", String(16)),
    Column("looked_at", Instant),
    Column("patience_until", Instant),
    Column("standing", String(24)),
    Column("matched_record", String(64)),
    Column("chosen_record", String(64)),
    Column("sealed_number", LargeBinary),  # the number carried, from one exact match on
    Column("unmapped", Text),  # which code systems lack a row, JSON
    Column("offer_hash", String(64)),
    Column("proposed_by", String(256)),
    Column("automatic", Boolean, nullable=False),
    Column("passage", Integer, nullable=False),  # counts the attempts after reversals
    Column("writing", String(16)),  # the write that left and has no receipt yet
    Column("create_receipt", String(64)),
    Column("closing_receipt", String(64)),
    Column("advanced_on", String(10)),  # the day the 升学 mark carries, however often it is sent
    Column("to_supplement", Text),
    Column("looked_from", String(40)),  # the situation it is being looked at again from
    Column("identity_cleared_by", String(256)),  # who at the county settled a death mark
    Column("sealed_return_reason", LargeBinary),  # why the county returned it (核准退回)
    Index("handovers_worklist", "school", "state", "hold", "handover_id"),
    Index("handovers_document", "document_index"),
    Index("handovers_number", "number_index"),
    Index("handovers_person", "person_index"),
    Index("handovers_hold", "state", "hold"),
    Index("handovers_area", "area", "handover_id"),
    Index("handovers_owner", "owner", "handover_id"),
    Index("handovers_due", "due_on"),
)

intake_rows = Table(
    "intake_rows",
    metadata,
    Column("intake_id", ForeignKey("intakes.intake_id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("row", Text, nullable=False),  # 序号
    Column("handover_id", ForeignKey("handovers.handover_id"), nullable=False),
    Column("faults", Text, nullable=False),  # [[column, reason], …], JSON
    Column("sealed_cells", LargeBinary),  # of a faulty row, to be corrected and handed in again
)

# The preschool records a search found, kept until the handover is taken off the list; of a carried
# one only the record it was matched with, by which its school may ask for the child's number.
candidates = Table(
    "candidates",
    metadata,
    Column("handover_id", ForeignKey("handovers.handover_id"), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("grade", String(16), nullable=False),
    Column("agreement", Text, nullable=False),  # field by field, JSON
    Column("number_index", String(32)),
    Column("document_index", String(32)),
    Column("kindergarten", String(10), nullable=False),
    Column("status", String(16)),
    Column("advanced_to", String(10)),
    Column("sealed_record", LargeBinary, nullable=False),
    Column("rejected_by", String(256)),
)

# One school at a time may carry a child: the primary key decides a race of two.
claims = Table(
    "claims",
    metadata,
    Column("child_index", String(32), primary_key=True),
    Column("handover_id", ForeignKey("handovers.handover_id"), nullable=False),
    Column("school", String(10), nullable=False),
    Index("claims_handover", "handover_id"),
)
