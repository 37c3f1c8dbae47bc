"""The index of the entries; whatever it holds can be made anew from them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from gateway.database import Instant, metadata

entry_index = Table(
    "entry_index",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("institution", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("approved", Boolean, nullable=False),  # somebody else is named who approved it
    Column("case_reference", Text, nullable=False),
    Column("object_ref", Text, nullable=False),
    Index("entry_index_entry", "entry_id"),
    Index("entry_index_at", "at", "position"),
    Index("entry_index_action", "action", "position"),
    Index("entry_index_caller", "caller", "position"),
    Index("entry_index_case", "case_reference", "position"),
    Index("entry_index_object", "object_ref", "position"),
)
