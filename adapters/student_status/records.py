"""The student register's students in our words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.wire import OutsideContract
from contracts.records import PrimaryRecord, Provenance, UnmappedValue
from mappings import Crosswalks

SOURCE = "student_status"
_APPROVAL = {"已核准": True, "待核准": False}
# Fields about the record; all the others are about the child.
_RECORD_FIELDS = frozenset({"xsJbxxId", "xxbsm", "xjzt", "shzt", "qqh"})


def read_student(
    fields: Mapping[str, Any], read_at: datetime, *, crosswalks: Crosswalks
) -> PrimaryRecord:
    """One student; raise `OutsideContract` where the record's own fields are not as promised.

    A status without a crosswalk row counts as live, so that nobody is entered a second time on
    the strength of a word we do not know; it is reported as unmapped.
    """
    own = {name: fields.get(name) for name in _RECORD_FIELDS}
    if not all(isinstance(value, str) for value in own.values()) or own["shzt"] not in _APPROVAL:
        raise OutsideContract
    child = crosswalks.student_status.read(
        {name: value for name, value in fields.items() if name not in _RECORD_FIELDS},
        provenance=Provenance(SOURCE, read_at),
    )
    label = str(own["xjzt"]).strip()
    live = crosswalks.student_status.live(label)
    if live is None:
        unknown = UnmappedValue("status", "national_form-status", label, SOURCE)
        child = replace(child, unmapped=(*child.unmapped, unknown))
    return PrimaryRecord(
        record_id=str(own["xsJbxxId"]),
        school=str(own["xxbsm"]),
        status_label=label,
        live=live is not False,
        approved=_APPROVAL[str(own["shzt"])],
        child=child,
        request_id=str(own["qqh"]) or None,
    )
