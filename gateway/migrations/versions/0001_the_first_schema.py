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
        "data_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_data_keys")),
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
        "handovers",
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
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
        sa.Column("undistinguished", sa.Boolean(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=True),
        sa.Column("reported_on", sa.String(length=10), nullable=True),
        sa.Column("no_show_reason", sa.Text(), nullable=True),
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
        sa.Column("proposed_by", sa.String(length=128), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("passage", sa.Integer(), nullable=False),
        sa.Column("writing", sa.String(length=16), nullable=True),
        sa.Column("create_receipt", sa.String(length=64), nullable=True),
        sa.Column("closing_receipt", sa.String(length=64), nullable=True),
        sa.Column("to_supplement", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index("handovers_document", ["document_index"], unique=False)
        batch_op.create_index("handovers_hold", ["state", "hold"], unique=False)
        batch_op.create_index("handovers_number", ["number_index"], unique=False)
        batch_op.create_index(
            "handovers_worklist", ["school", "state", "hold", "handover_id"], unique=False
        )

    op.create_table(
        "intakes",
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("school", sa.String(length=10), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmation_reference", sa.String(length=64), nullable=True),
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
        "sequence_leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sequence_leases")),
    )
    op.create_table(
        "work",
        sa.Column("kind", sa.String(length=32), nullable=False),
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
        sa.Column("rejected_by", sa.String(length=128), nullable=True),
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
        "entry_subjects",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
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
        "intake_rows",
        sa.Column("intake_id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("row", sa.String(length=64), nullable=False),
        sa.Column("handover_id", sa.String(length=32), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.handover_id"], name=op.f("fk_intake_rows_handover_id")
        ),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["intakes.intake_id"], name=op.f("fk_intake_rows_intake_id")
        ),
        sa.PrimaryKeyConstraint("intake_id", "line", name=op.f("pk_intake_rows")),
    )


def downgrade() -> None:
    """Go back to the edition before."""
    op.drop_table("intake_rows")
    with op.batch_alter_table("entry_subjects", schema=None) as batch_op:
        batch_op.drop_index("entry_subjects_ref")

    op.drop_table("entry_subjects")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index("claims_handover")

    op.drop_table("claims")
    op.drop_table("candidates")
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.drop_index("work_due")

    op.drop_table("work")
    op.drop_table("sequence_leases")
    op.drop_table("intakes")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index("handovers_worklist")
        batch_op.drop_index("handovers_number")
        batch_op.drop_index("handovers_hold")
        batch_op.drop_index("handovers_document")

    op.drop_table("handovers")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index(
            "entries_unnumbered",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )

    op.drop_table("entries")
    op.drop_table("data_keys")
