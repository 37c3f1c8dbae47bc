"""The first schema.

Edition 0001, after the empty store.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this edition."""
    op.create_table(
        "access_stops",
        sa.Column("stop_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("looker", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("signal", sa.String(length=16), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("stop_id", name=op.f("pk_access_stops")),
    )
    with op.batch_alter_table("access_stops", schema=None) as batch_op:
        batch_op.create_index("access_stops_looker", ["institution", "looker"], unique=False)

    op.create_table(
        "callers",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=32), nullable=False),
        sa.Column("institution_kind", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_callers")),
    )
    op.create_table(
        "changed_children",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("order_key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_changed_children")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("witnessed_at", sa.BigInteger(), nullable=True),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoints")),
    )
    with op.batch_alter_table("checkpoints", schema=None) as batch_op:
        batch_op.create_index(
            "checkpoints_waiting",
            ["waiting_since"],
            unique=False,
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
        )

    op.create_table(
        "collected_changes",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("collected_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("system", "version", name=op.f("pk_collected_changes")),
    )
    op.create_table(
        "crosswalk_editions",
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_crosswalk_editions")),
    )
    op.create_table(
        "cursors",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_cursors")),
    )
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_data_keys")),
    )
    op.create_table(
        "enrolment_queries",
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=True),
        sa.Column("paper_due_at", sa.BigInteger(), nullable=True),
        sa.Column("paper_number", sa.Text(), nullable=True),
        sa.Column("paper_sha256", sa.String(length=64), nullable=True),
        sa.Column("paper_by", sa.Text(), nullable=True),
        sa.Column("paper_at", sa.BigInteger(), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("chased_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_enrolment_queries")),
    )
    with op.batch_alter_table("enrolment_queries", schema=None) as batch_op:
        batch_op.create_index("enrolment_queries_area", ["area", "query_id"], unique=False)
        batch_op.create_index(
            "enrolment_queries_kept",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("sealed_answers IS NOT NULL"),
            postgresql_where=sa.text("sealed_answers IS NOT NULL"),
        )
        batch_op.create_index(
            "enrolment_queries_owed",
            ["paper_due_at"],
            unique=False,
            sqlite_where=sa.text("paper_at IS NULL"),
            postgresql_where=sa.text("paper_at IS NULL"),
        )
        batch_op.create_index("enrolment_queries_unit", ["unit", "asked_at"], unique=False)

    op.create_table(
        "enrolment_traces",
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("child", sa.String(length=32), nullable=False),
        sa.Column("birth", sa.String(length=32), nullable=True),
        sa.Column("place", sa.String(length=32), nullable=True),
        sa.Column("adjacent", sa.Boolean(), nullable=False),
        sa.Column("off_hours", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("query_id", "row", name=op.f("pk_enrolment_traces")),
    )
    with op.batch_alter_table("enrolment_traces", schema=None) as batch_op:
        batch_op.create_index("enrolment_traces_asked_at", ["asked_at"], unique=False)
        batch_op.create_index("enrolment_traces_place", ["unit", "place"], unique=False)
        batch_op.create_index("enrolment_traces_unit", ["unit", "asked_at"], unique=False)

    op.create_table(
        "enrolment_units",
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_enrolment_units")),
    )
    op.create_table(
        "entries",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entries")),
        sa.UniqueConstraint("position", name=op.f("uq_entries_position")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(
            "entries_unnumbered",
            ["entry_id"],
            unique=False,
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )

    op.create_table(
        "entry_index",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("object_ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_entry_index")),
    )
    with op.batch_alter_table("entry_index", schema=None) as batch_op:
        batch_op.create_index("entry_index_action", ["action", "position"], unique=False)
        batch_op.create_index("entry_index_at", ["at", "position"], unique=False)
        batch_op.create_index("entry_index_caller", ["caller", "position"], unique=False)
        batch_op.create_index("entry_index_case", ["case_reference", "position"], unique=False)
        batch_op.create_index("entry_index_entry", ["entry_id"], unique=False)
        batch_op.create_index("entry_index_object", ["object_ref", "position"], unique=False)

    op.create_table(
        "expired_details",
        sa.Column("keeping", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("keeping", name=op.f("pk_expired_details")),
    )
    op.create_table(
        "handovers",
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("document_index", sa.String(length=32), nullable=True),
        sa.Column("number_index", sa.String(length=32), nullable=True),
        sa.Column("person_index", sa.String(length=32), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_listed_number", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_particulars", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_guardians", sa.LargeBinary(), nullable=True),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("undistinguished", sa.Boolean(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=True),
        sa.Column("reported_on", sa.String(length=10), nullable=True),
        sa.Column("sealed_no_show_reason", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("hold", sa.String(length=32), nullable=True),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("patience_until", sa.BigInteger(), nullable=True),
        sa.Column("standing", sa.String(length=24), nullable=True),
        sa.Column("matched_record", sa.String(length=64), nullable=True),
        sa.Column("chosen_record", sa.String(length=64), nullable=True),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=True),
        sa.Column("unmapped", sa.Text(), nullable=True),
        sa.Column("offer_hash", sa.String(length=64), nullable=True),
        sa.Column("proposed_by", sa.String(length=256), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("passage", sa.Integer(), nullable=False),
        sa.Column("writing", sa.String(length=16), nullable=True),
        sa.Column("create_receipt", sa.String(length=64), nullable=True),
        sa.Column("closing_receipt", sa.String(length=64), nullable=True),
        sa.Column("advanced_on", sa.String(length=10), nullable=True),
        sa.Column("to_supplement", sa.Text(), nullable=True),
        sa.Column("looked_from", sa.String(length=40), nullable=True),
        sa.Column("identity_cleared_by", sa.String(length=256), nullable=True),
        sa.Column("sealed_return_reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index("handovers_area", ["area", "handover_id"], unique=False)
        batch_op.create_index("handovers_document", ["document_index"], unique=False)
        batch_op.create_index("handovers_due", ["due_on"], unique=False)
        batch_op.create_index("handovers_hold", ["state", "hold"], unique=False)
        batch_op.create_index("handovers_number", ["number_index"], unique=False)
        batch_op.create_index("handovers_owner", ["owner", "handover_id"], unique=False)
        batch_op.create_index("handovers_person", ["person_index"], unique=False)
        batch_op.create_index(
            "handovers_worklist", ["school", "state", "hold", "handover_id"], unique=False
        )

    op.create_table(
        "honey_records",
        sa.Column("child", sa.String(length=64), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("child", name=op.f("pk_honey_records")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("running_until", sa.BigInteger(), nullable=True),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key_hash", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index("idempotency_keys_kept_until", ["kept_until"], unique=False)

    op.create_table(
        "identity_notices",
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("receipt_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("officer", sa.String(length=256), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_notice", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("takes_back", sa.String(length=32), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_identity_notices")),
    )
    with op.batch_alter_table("identity_notices", schema=None) as batch_op:
        batch_op.create_index("identity_notices_receipt", ["receipt_id", "place"], unique=False)

    op.create_table(
        "identity_queries",
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_identity_queries")),
    )
    with op.batch_alter_table("identity_queries", schema=None) as batch_op:
        batch_op.create_index("identity_queries_kept_until", ["kept_until"], unique=False)

    op.create_table(
        "in_force",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_in_force")),
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index(
            "incidents_open",
            ["cause"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "institutions",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("authority", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("merged_into", sa.String(length=10), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_institutions")),
    )
    op.create_table(
        "intakes",
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmation_reference", sa.Text(), nullable=True),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("intake_id", name=op.f("pk_intakes")),
        sa.UniqueConstraint(
            "school",
            "school_year",
            "content_hash",
            name=op.f("uq_intakes_school_school_year_content_hash"),
        ),
    )
    op.create_table(
        "known_different",
        sa.Column("lower_id", sa.String(length=64), nullable=False),
        sa.Column("higher_id", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decider", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("lower_id", "higher_id", name=op.f("pk_known_different")),
    )
    op.create_table(
        "known_enrolments",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("document_index", sa.String(length=32), nullable=True),
        sa.Column("number_index", sa.String(length=32), nullable=True),
        sa.Column("person_index", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since", sa.String(length=7), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "record_id", name=op.f("pk_known_enrolments")),
    )
    with op.batch_alter_table("known_enrolments", schema=None) as batch_op:
        batch_op.create_index("known_enrolments_document", ["document_index"], unique=False)
        batch_op.create_index("known_enrolments_number", ["number_index"], unique=False)

    op.create_table(
        "lanes",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("probe_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("system", "operation", name=op.f("pk_lanes")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_approved_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_approved_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_legal_holds")),
    )
    op.create_table(
        "looks",
        sa.Column("institution", sa.String(length=32), nullable=False),
        sa.Column("looker", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("child", sa.String(length=64), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=True),
        sa.Column("near", sa.Boolean(), nullable=False),
        sa.Column("off_hours", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "looker", "purpose", "child", name=op.f("pk_looks")),
    )
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.create_index("looks_seen", ["seen_at"], unique=False)

    op.create_table(
        "open_calls",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_open_calls")),
    )
    op.create_table(
        "paced_calls",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("grant_id", sa.String(length=32), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("system", "grant_id", name=op.f("pk_paced_calls")),
    )
    op.create_table(
        "periodic_rounds",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("term", sa.String(length=16), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("reach", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("started_by", sa.String(length=256), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("closing_after", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_periodic_rounds")),
        sa.UniqueConstraint("reach", "term", name=op.f("uq_periodic_rounds_reach_term")),
    )
    op.create_table(
        "persons",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_persons")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_persons_merged_into"), ["merged_into"], unique=False)

    op.create_table(
        "positives",
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("citizen_number", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("claim", name=op.f("pk_positives")),
    )
    with op.batch_alter_table("positives", schema=None) as batch_op:
        batch_op.create_index("positives_answered_at", ["answered_at"], unique=False)
        batch_op.create_index("positives_citizen_number", ["citizen_number"], unique=False)

    op.create_table(
        "problem_findings",
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("problem_class", sa.String(length=32), nullable=False),
        sa.Column("counterpart", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("counterpart_area", sa.String(length=6), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
        sa.Column("quiet_until", sa.BigInteger(), nullable=True),
        sa.Column("problem_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint(
            "subject_id", "problem_class", "counterpart", name=op.f("pk_problem_findings")
        ),
    )
    with op.batch_alter_table("problem_findings", schema=None) as batch_op:
        batch_op.create_index(
            "problem_findings_class", ["problem_class", "cleared_at"], unique=False
        )
        batch_op.create_index("problem_findings_problem", ["problem_id"], unique=False)

    op.create_table(
        "problem_records",
        sa.Column("problem_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("remedy", sa.String(length=16), nullable=True),
        sa.Column("sealed_proposal", sa.LargeBinary(), nullable=True),
        sa.Column("proposed_by", sa.String(length=256), nullable=True),
        sa.Column("confirmed_by", sa.String(length=256), nullable=True),
        sa.Column("check_id", sa.String(length=64), nullable=True),
        sa.Column("resolution", sa.String(length=24), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_problem_records")),
    )
    with op.batch_alter_table("problem_records", schema=None) as batch_op:
        batch_op.create_index("problem_records_area", ["area", "problem_id"], unique=False)
        batch_op.create_index("problem_records_check", ["check_id"], unique=False)
        batch_op.create_index("problem_records_due", ["due_on"], unique=False)
        batch_op.create_index(
            "problem_records_open",
            ["subject_id", "confidential"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index("problem_records_school", ["school", "problem_id"], unique=False)

    op.create_table(
        "reserved_calls",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("system", "period", "starts_at", name=op.f("pk_reserved_calls")),
    )
    op.create_table(
        "rolls",
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.PrimaryKeyConstraint("school", "school_year", name=op.f("pk_rolls")),
    )
    op.create_table(
        "round_subjects",
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("class_name", sa.String(length=64), nullable=False),
        sa.Column("document_index", sa.String(length=32), nullable=True),
        sa.Column("number_index", sa.String(length=32), nullable=True),
        sa.Column("person_index", sa.String(length=32), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_listed_number", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_particulars", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_guardians", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_round_subjects")),
    )
    with op.batch_alter_table("round_subjects", schema=None) as batch_op:
        batch_op.create_index("round_subjects_area", ["area", "subject_id"], unique=False)
        batch_op.create_index("round_subjects_document", ["document_index"], unique=False)
        batch_op.create_index("round_subjects_school", ["school", "subject_id"], unique=False)

    op.create_table(
        "seen_records",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("particulars", sa.String(length=32), nullable=False),
        sa.Column("approval", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("system", "record", name=op.f("pk_seen_records")),
    )
    op.create_table(
        "sequence_leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sequence_leases")),
    )
    op.create_table(
        "shielded_children",
        sa.Column("document_index", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("document_index", name=op.f("pk_shielded_children")),
    )
    op.create_table(
        "superseded_claims",
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("quiet_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "claim", name=op.f("pk_superseded_claims")),
    )
    op.create_table(
        "told_changes",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "digest", name=op.f("pk_told_changes")),
    )
    op.create_table(
        "used_assertions",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_used_assertions")),
    )
    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.create_index("used_assertions_kept_until", ["kept_until"], unique=False)

    op.create_table(
        "verification_batches",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("case", sa.String(length=256), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("opens_problems", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_verification_batches")),
    )
    with op.batch_alter_table("verification_batches", schema=None) as batch_op:
        batch_op.create_index(
            "verification_batches_institution", ["institution", "batch_id"], unique=False
        )
        batch_op.create_index("verification_batches_kept_until", ["kept_until"], unique=False)

    op.create_table(
        "verifications",
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=256), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("sealed_claim", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("wake", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_verifications")),
    )
    with op.batch_alter_table("verifications", schema=None) as batch_op:
        batch_op.create_index("verifications_outcome", ["outcome"], unique=False)

    op.create_table(
        "work",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_work")),
    )
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.create_index("work_due", ["kind", "due_at"], unique=False)

    op.create_table(
        "candidates",
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("number_index", sa.String(length=32), nullable=True),
        sa.Column("document_index", sa.String(length=32), nullable=True),
        sa.Column("kindergarten", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("advanced_to", sa.String(length=10), nullable=True),
        sa.Column("sealed_record", sa.LargeBinary(), nullable=False),
        sa.Column("rejected_by", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.handover_id"], name=op.f("fk_candidates_handover_id")
        ),
        sa.PrimaryKeyConstraint("handover_id", "record_id", name=op.f("pk_candidates")),
    )
    op.create_table(
        "claims",
        sa.Column("child_index", sa.String(length=32), nullable=False),
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.handover_id"], name=op.f("fk_claims_handover_id")
        ),
        sa.PrimaryKeyConstraint("child_index", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index("claims_handover", ["handover_id"], unique=False)

    op.create_table(
        "enrolment_stops",
        sa.Column("stop_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("signal", sa.String(length=16), nullable=False),
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["query_id"], ["enrolment_queries.query_id"], name=op.f("fk_enrolment_stops_query_id")
        ),
        sa.PrimaryKeyConstraint("stop_id", name=op.f("pk_enrolment_stops")),
    )
    with op.batch_alter_table("enrolment_stops", schema=None) as batch_op:
        batch_op.create_index(
            "enrolment_stops_unit", ["unit", "officer", "released_at"], unique=False
        )

    op.create_table(
        "entry_subjects",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.entry_id"], name=op.f("fk_entry_subjects_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["data_keys.key_id"], name=op.f("fk_entry_subjects_key_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", "row", name=op.f("pk_entry_subjects")),
    )
    with op.batch_alter_table("entry_subjects", schema=None) as batch_op:
        batch_op.create_index("entry_subjects_ref", ["ref", "entry_id"], unique=False)

    op.create_table(
        "held",
        sa.Column("hold_id", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["legal_holds.hold_id"], name=op.f("fk_held_hold_id")),
        sa.PrimaryKeyConstraint("hold_id", "value", name=op.f("pk_held")),
    )
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.create_index("held_value", ["value"], unique=False)

    op.create_table(
        "identity_corrections",
        sa.Column("correction_id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("effects_hash", sa.String(length=64), nullable=True),
        sa.Column("proposed_by", sa.String(length=256), nullable=True),
        sa.Column("decided_by", sa.String(length=256), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["identity_notices.notice_id"],
            name=op.f("fk_identity_corrections_notice_id"),
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_identity_corrections")),
    )
    with op.batch_alter_table("identity_corrections", schema=None) as batch_op:
        batch_op.create_index("identity_corrections_area", ["area", "correction_id"], unique=False)
        batch_op.create_index("identity_corrections_due", ["due_on"], unique=False)
        batch_op.create_index("identity_corrections_notice", ["notice_id"], unique=False)
        batch_op.create_index("identity_corrections_subject", ["subject_id"], unique=False)

    op.create_table(
        "intake_rows",
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("sealed_cells", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.handover_id"], name=op.f("fk_intake_rows_handover_id")
        ),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["intakes.intake_id"], name=op.f("fk_intake_rows_intake_id")
        ),
        sa.PrimaryKeyConstraint("intake_id", "line", name=op.f("pk_intake_rows")),
    )
    op.create_table(
        "parked_changes",
        sa.Column("parked_id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("code_system", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("school_before", sa.String(length=10), nullable=False),
        sa.Column("school_after", sa.String(length=10), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("parked_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id"], ["data_keys.key_id"], name=op.f("fk_parked_changes_key_id")
        ),
        sa.PrimaryKeyConstraint("parked_id", name=op.f("pk_parked_changes")),
    )
    with op.batch_alter_table("parked_changes", schema=None) as batch_op:
        batch_op.create_index(
            "parked_changes_waiting",
            ["system", "code_system", "code"],
            unique=False,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )

    op.create_table(
        "periodic_differences",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("difference_id", sa.String(length=64), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=True),
        sa.Column("roster_id", sa.String(length=32), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["periodic_rounds.round_id"],
            name=op.f("fk_periodic_differences_round_id"),
        ),
        sa.PrimaryKeyConstraint("round_id", "difference_id", name=op.f("pk_periodic_differences")),
    )
    with op.batch_alter_table("periodic_differences", schema=None) as batch_op:
        batch_op.create_index(
            "periodic_differences_area", ["round_id", "area", "difference_id"], unique=False
        )

    op.create_table(
        "periodic_rolls",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["periodic_rounds.round_id"], name=op.f("fk_periodic_rolls_round_id")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_periodic_rolls")),
    )
    op.create_table(
        "periodic_rosters",
        sa.Column("roster_id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("class_name", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("listed_by", sa.String(length=256), nullable=False),
        sa.Column("confirmed_by", sa.String(length=256), nullable=True),
        sa.Column("signed_by", sa.String(length=256), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["periodic_rounds.round_id"], name=op.f("fk_periodic_rosters_round_id")
        ),
        sa.PrimaryKeyConstraint("roster_id", name=op.f("pk_periodic_rosters")),
        sa.UniqueConstraint(
            "round_id",
            "school",
            "class_name",
            name=op.f("uq_periodic_rosters_round_id_school_class_name"),
        ),
    )
    op.create_table(
        "periodic_schools",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["periodic_rounds.round_id"], name=op.f("fk_periodic_schools_round_id")
        ),
        sa.PrimaryKeyConstraint("round_id", "school", name=op.f("pk_periodic_schools")),
    )
    with op.batch_alter_table("periodic_schools", schema=None) as batch_op:
        batch_op.create_index("periodic_schools_due", ["due_on"], unique=False)

    op.create_table(
        "periodic_sweeps",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=9), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["periodic_rounds.round_id"], name=op.f("fk_periodic_sweeps_round_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_periodic_sweeps")),
    )
    with op.batch_alter_table("periodic_sweeps", schema=None) as batch_op:
        batch_op.create_index("periodic_sweeps_round", ["round_id", "system"], unique=False)

    op.create_table(
        "periodic_temporaries",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["periodic_rounds.round_id"],
            name=op.f("fk_periodic_temporaries_round_id"),
        ),
        sa.PrimaryKeyConstraint("round_id", "subject_id", name=op.f("pk_periodic_temporaries")),
    )
    op.create_table(
        "person_numbers",
        sa.Column("number_index", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("decider", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.person_id"], name=op.f("fk_person_numbers_person_id")
        ),
        sa.PrimaryKeyConstraint("number_index", name=op.f("pk_person_numbers")),
    )
    with op.batch_alter_table("person_numbers", schema=None) as batch_op:
        batch_op.create_index("person_numbers_person", ["person_id", "place"], unique=False)

    op.create_table(
        "problem_steps",
        sa.Column("problem_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("sealed_remark", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problem_records.problem_id"], name=op.f("fk_problem_steps_problem_id")
        ),
        sa.PrimaryKeyConstraint("problem_id", "place", name=op.f("pk_problem_steps")),
    )
    op.create_table(
        "status_changes",
        sa.Column("change_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("order_key", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("area_from", sa.String(length=6), nullable=False),
        sa.Column("area_to", sa.String(length=6), nullable=False),
        sa.Column("school_from", sa.String(length=10), nullable=False),
        sa.Column("school_to", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("source_code", sa.String(length=32), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["data_keys.key_id"], name=op.f("fk_status_changes_key_id")
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_status_changes")),
        sa.UniqueConstraint(
            "person_id", "version", name=op.f("uq_status_changes_person_id_version")
        ),
        sa.UniqueConstraint("position", name=op.f("uq_status_changes_position")),
    )
    with op.batch_alter_table("status_changes", schema=None) as batch_op:
        batch_op.create_index(
            "status_changes_school_stayed",
            ["school_from"],
            unique=False,
            sqlite_where=sa.text("area_to = ''"),
            postgresql_where=sa.text("area_to = ''"),
        )
        batch_op.create_index("status_changes_school_to", ["school_to"], unique=False)
        batch_op.create_index(
            "status_changes_unnumbered",
            ["order_key", "change_id"],
            unique=False,
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )

    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("institution", sa.String(length=12), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("stages", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("field_policy", sa.String(length=32), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("networks", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=False),
        sa.Column("overlap_until", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["data_keys.key_id"], name=op.f("fk_subscriptions_key_id")
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "verification_chunks",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("to_ask", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("sealed_rows", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["verification_batches.batch_id"],
            name=op.f("fk_verification_chunks_batch_id"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "place", name=op.f("pk_verification_chunks")),
        sa.UniqueConstraint("work_id", name=op.f("uq_verification_chunks_work_id")),
    )
    with op.batch_alter_table("verification_chunks", schema=None) as batch_op:
        batch_op.create_index(
            "verification_chunks_finished", ["batch_id", "finished_at"], unique=False
        )

    op.create_table(
        "claim_tickets",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_claim_tickets_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_claim_tickets")),
    )
    op.create_table(
        "handed_out",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_handed_out_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_handed_out")),
    )
    op.create_table(
        "incident_members",
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.incident_id"], name=op.f("fk_incident_members_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_incident_members_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("incident_id", "subscription_id", name=op.f("pk_incident_members")),
    )
    op.create_table(
        "periodic_children",
        sa.Column("roster_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=True),
        sa.Column("difference", sa.String(length=16), nullable=False),
        sa.Column("presence", sa.String(length=8), nullable=True),
        sa.Column("sealed_child", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["roster_id"],
            ["periodic_rosters.roster_id"],
            name=op.f("fk_periodic_children_roster_id"),
        ),
        sa.PrimaryKeyConstraint("roster_id", "place", name=op.f("pk_periodic_children")),
    )
    with op.batch_alter_table("periodic_children", schema=None) as batch_op:
        batch_op.create_index("periodic_children_record", ["round_id", "subject_id"], unique=True)

    op.create_table(
        "push_asides",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("front", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_push_asides_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_push_asides")),
    )
    op.create_table(
        "push_standings",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("suspect", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("beat_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_push_standings_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_push_standings")),
    )
    op.create_table(
        "received_fields",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("child", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_received_fields_subscription_id"),
        ),
        sa.PrimaryKeyConstraint(
            "subscription_id", "child", "field", "number", name=op.f("pk_received_fields")
        ),
    )
    with op.batch_alter_table("received_fields", schema=None) as batch_op:
        batch_op.create_index("received_fields_number", ["subscription_id", "number"], unique=False)

    op.create_table(
        "replays",
        sa.Column("replay_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_replays_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("replay_id", name=op.f("pk_replays")),
    )
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.create_index(
            "replays_subscription", ["subscription_id", "replay_id"], unique=False
        )

    op.create_table(
        "snapshots",
        sa.Column("snapshot_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=True),
        sa.Column("manifest", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.String(length=128), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_snapshots_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_snapshots")),
    )
    with op.batch_alter_table("snapshots", schema=None) as batch_op:
        batch_op.create_index("snapshots_kept_until", ["kept_until"], unique=False)
        batch_op.create_index(
            "snapshots_subscription", ["subscription_id", "snapshot_id"], unique=False
        )

    op.create_table(
        "stream_marks",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("marked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_stream_marks_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_stream_marks")),
    )
    op.create_table(
        "stream_trims",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_stream_trims_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_stream_trims")),
    )
    op.create_table(
        "streams",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.String(length=32), nullable=False),
        sa.Column("half", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["status_changes.change_id"], name=op.f("fk_streams_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_streams_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_streams")),
    )
    with op.batch_alter_table("streams", schema=None) as batch_op:
        batch_op.create_index("streams_change", ["change_id", "subscription_id"], unique=False)

    op.create_table(
        "subscription_orders",
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("first_number", sa.BigInteger(), nullable=True),
        sa.Column("last_number", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_subscription_orders_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_subscription_orders")),
    )
    with op.batch_alter_table("subscription_orders", schema=None) as batch_op:
        batch_op.create_index(
            "subscription_orders_open",
            ["order_id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "subscription_terms",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("from_number", sa.BigInteger(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("stages", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("field_policy", sa.String(length=32), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_subscription_terms_subscription_id"),
        ),
        sa.PrimaryKeyConstraint(
            "subscription_id", "from_number", name=op.f("pk_subscription_terms")
        ),
    )
    op.create_table(
        "tombstones",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_tombstones_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "snapshot_files",
        sa.Column("snapshot_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.snapshot_id"], name=op.f("fk_snapshot_files_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "place", name=op.f("pk_snapshot_files")),
    )


def downgrade() -> None:
    """Go back to the edition before."""
    op.drop_table("snapshot_files")
    op.drop_table("tombstones")
    op.drop_table("subscription_terms")
    with op.batch_alter_table("subscription_orders", schema=None) as batch_op:
        batch_op.drop_index(
            "subscription_orders_open",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.drop_table("subscription_orders")
    with op.batch_alter_table("streams", schema=None) as batch_op:
        batch_op.drop_index("streams_change")

    op.drop_table("streams")
    op.drop_table("stream_trims")
    op.drop_table("stream_marks")
    with op.batch_alter_table("snapshots", schema=None) as batch_op:
        batch_op.drop_index("snapshots_subscription")
        batch_op.drop_index("snapshots_kept_until")

    op.drop_table("snapshots")
    with op.batch_alter_table("replays", schema=None) as batch_op:
        batch_op.drop_index("replays_subscription")

    op.drop_table("replays")
    with op.batch_alter_table("received_fields", schema=None) as batch_op:
        batch_op.drop_index("received_fields_number")

    op.drop_table("received_fields")
    op.drop_table("push_standings")
    op.drop_table("push_asides")
    with op.batch_alter_table("periodic_children", schema=None) as batch_op:
        batch_op.drop_index("periodic_children_record")

    op.drop_table("periodic_children")
    op.drop_table("incident_members")
    op.drop_table("handed_out")
    op.drop_table("claim_tickets")
    with op.batch_alter_table("verification_chunks", schema=None) as batch_op:
        batch_op.drop_index("verification_chunks_finished")

    op.drop_table("verification_chunks")
    op.drop_table("subscriptions")
    with op.batch_alter_table("status_changes", schema=None) as batch_op:
        batch_op.drop_index(
            "status_changes_unnumbered",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )
        batch_op.drop_index("status_changes_school_to")
        batch_op.drop_index(
            "status_changes_school_stayed",
            sqlite_where=sa.text("area_to = ''"),
            postgresql_where=sa.text("area_to = ''"),
        )

    op.drop_table("status_changes")
    op.drop_table("problem_steps")
    with op.batch_alter_table("person_numbers", schema=None) as batch_op:
        batch_op.drop_index("person_numbers_person")

    op.drop_table("person_numbers")
    op.drop_table("periodic_temporaries")
    with op.batch_alter_table("periodic_sweeps", schema=None) as batch_op:
        batch_op.drop_index("periodic_sweeps_round")

    op.drop_table("periodic_sweeps")
    with op.batch_alter_table("periodic_schools", schema=None) as batch_op:
        batch_op.drop_index("periodic_schools_due")

    op.drop_table("periodic_schools")
    op.drop_table("periodic_rosters")
    op.drop_table("periodic_rolls")
    with op.batch_alter_table("periodic_differences", schema=None) as batch_op:
        batch_op.drop_index("periodic_differences_area")

    op.drop_table("periodic_differences")
    with op.batch_alter_table("parked_changes", schema=None) as batch_op:
        batch_op.drop_index(
            "parked_changes_waiting",
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )

    op.drop_table("parked_changes")
    op.drop_table("intake_rows")
    with op.batch_alter_table("identity_corrections", schema=None) as batch_op:
        batch_op.drop_index("identity_corrections_subject")
        batch_op.drop_index("identity_corrections_notice")
        batch_op.drop_index("identity_corrections_due")
        batch_op.drop_index("identity_corrections_area")

    op.drop_table("identity_corrections")
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.drop_index("held_value")

    op.drop_table("held")
    with op.batch_alter_table("entry_subjects", schema=None) as batch_op:
        batch_op.drop_index("entry_subjects_ref")

    op.drop_table("entry_subjects")
    with op.batch_alter_table("enrolment_stops", schema=None) as batch_op:
        batch_op.drop_index("enrolment_stops_unit")

    op.drop_table("enrolment_stops")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index("claims_handover")

    op.drop_table("claims")
    op.drop_table("candidates")
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.drop_index("work_due")

    op.drop_table("work")
    with op.batch_alter_table("verifications", schema=None) as batch_op:
        batch_op.drop_index("verifications_outcome")

    op.drop_table("verifications")
    with op.batch_alter_table("verification_batches", schema=None) as batch_op:
        batch_op.drop_index("verification_batches_kept_until")
        batch_op.drop_index("verification_batches_institution")

    op.drop_table("verification_batches")
    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.drop_index("used_assertions_kept_until")

    op.drop_table("used_assertions")
    op.drop_table("told_changes")
    op.drop_table("superseded_claims")
    op.drop_table("shielded_children")
    op.drop_table("sequence_leases")
    op.drop_table("seen_records")
    with op.batch_alter_table("round_subjects", schema=None) as batch_op:
        batch_op.drop_index("round_subjects_school")
        batch_op.drop_index("round_subjects_document")
        batch_op.drop_index("round_subjects_area")

    op.drop_table("round_subjects")
    op.drop_table("rolls")
    op.drop_table("reserved_calls")
    with op.batch_alter_table("problem_records", schema=None) as batch_op:
        batch_op.drop_index("problem_records_school")
        batch_op.drop_index(
            "problem_records_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("problem_records_due")
        batch_op.drop_index("problem_records_check")
        batch_op.drop_index("problem_records_area")

    op.drop_table("problem_records")
    with op.batch_alter_table("problem_findings", schema=None) as batch_op:
        batch_op.drop_index("problem_findings_problem")
        batch_op.drop_index("problem_findings_class")

    op.drop_table("problem_findings")
    with op.batch_alter_table("positives", schema=None) as batch_op:
        batch_op.drop_index("positives_citizen_number")
        batch_op.drop_index("positives_answered_at")

    op.drop_table("positives")
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_persons_merged_into"))

    op.drop_table("persons")
    op.drop_table("periodic_rounds")
    op.drop_table("paced_calls")
    op.drop_table("open_calls")
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.drop_index("looks_seen")

    op.drop_table("looks")
    op.drop_table("legal_holds")
    op.drop_table("lanes")
    with op.batch_alter_table("known_enrolments", schema=None) as batch_op:
        batch_op.drop_index("known_enrolments_number")
        batch_op.drop_index("known_enrolments_document")

    op.drop_table("known_enrolments")
    op.drop_table("known_different")
    op.drop_table("intakes")
    op.drop_table("institutions")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index(
            "incidents_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("incidents")
    op.drop_table("in_force")
    with op.batch_alter_table("identity_queries", schema=None) as batch_op:
        batch_op.drop_index("identity_queries_kept_until")

    op.drop_table("identity_queries")
    with op.batch_alter_table("identity_notices", schema=None) as batch_op:
        batch_op.drop_index("identity_notices_receipt")

    op.drop_table("identity_notices")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index("idempotency_keys_kept_until")

    op.drop_table("idempotency_keys")
    op.drop_table("honey_records")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index("handovers_worklist")
        batch_op.drop_index("handovers_person")
        batch_op.drop_index("handovers_owner")
        batch_op.drop_index("handovers_number")
        batch_op.drop_index("handovers_hold")
        batch_op.drop_index("handovers_due")
        batch_op.drop_index("handovers_document")
        batch_op.drop_index("handovers_area")

    op.drop_table("handovers")
    op.drop_table("expired_details")
    with op.batch_alter_table("entry_index", schema=None) as batch_op:
        batch_op.drop_index("entry_index_object")
        batch_op.drop_index("entry_index_entry")
        batch_op.drop_index("entry_index_case")
        batch_op.drop_index("entry_index_caller")
        batch_op.drop_index("entry_index_at")
        batch_op.drop_index("entry_index_action")

    op.drop_table("entry_index")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index(
            "entries_unnumbered",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )

    op.drop_table("entries")
    op.drop_table("enrolment_units")
    with op.batch_alter_table("enrolment_traces", schema=None) as batch_op:
        batch_op.drop_index("enrolment_traces_unit")
        batch_op.drop_index("enrolment_traces_place")
        batch_op.drop_index("enrolment_traces_asked_at")

    op.drop_table("enrolment_traces")
    with op.batch_alter_table("enrolment_queries", schema=None) as batch_op:
        batch_op.drop_index("enrolment_queries_unit")
        batch_op.drop_index(
            "enrolment_queries_owed",
            sqlite_where=sa.text("paper_at IS NULL"),
            postgresql_where=sa.text("paper_at IS NULL"),
        )
        batch_op.drop_index(
            "enrolment_queries_kept",
            sqlite_where=sa.text("sealed_answers IS NOT NULL"),
            postgresql_where=sa.text("sealed_answers IS NOT NULL"),
        )
        batch_op.drop_index("enrolment_queries_area")

    op.drop_table("enrolment_queries")
    op.drop_table("data_keys")
    op.drop_table("cursors")
    op.drop_table("crosswalk_editions")
    op.drop_table("collected_changes")
    with op.batch_alter_table("checkpoints", schema=None) as batch_op:
        batch_op.drop_index(
            "checkpoints_waiting",
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
        )

    op.drop_table("checkpoints")
    op.drop_table("changed_children")
    op.drop_table("callers")
    with op.batch_alter_table("access_stops", schema=None) as batch_op:
        batch_op.drop_index("access_stops_looker")

    op.drop_table("access_stops")
