"""The indexes by which a school's children are found among all changes."""

from sqlalchemy import Index

from gateway.feed.tables import status_changes

_changes = status_changes.c
Index("status_changes_school_to", _changes.school_to)
# A change with one side only leaves the child where it was.
Index(
    "status_changes_school_stayed",
    _changes.school_from,
    sqlite_where=_changes.area_to == "",
    postgresql_where=_changes.area_to == "",
)
