"""What the registers' feeds tell of enrolment, read without guessing."""

import pytest

from contracts.records import (
    CanonicalRecord,
    Identity,
    PreschoolRecord,
    PreschoolStatus,
    PrimaryRecord,
    Provenance,
    UnmappedValue,
)
from gateway.verification.enrolment_queries.known import (
    _told_of_preschool,
    _told_of_student,
    month_of,
)
from tests.intake.stage import START

UNKNOWN_STATUS = UnmappedValue("status", "national_form-status", "别的", "student_status")


def canonical(*unmapped: UnmappedValue) -> CanonicalRecord:
    identity = Identity("虚构", "1", None, None, None)
    return CanonicalRecord(identity, {}, {}, Provenance("x", START), unmapped)


@pytest.mark.parametrize(
    ("live", "approved", "unmapped", "standing"),
    [
        (True, True, (), "stands"),
        (True, False, (), "unsettled"),
        (False, True, (), "ended"),
        (False, False, (), "ended"),
        (True, True, (UNKNOWN_STATUS,), "unsettled"),
    ],
)
def test_a_pupil_is_one_where_the_record_is_live_approved_and_understood(
    live, approved, unmapped, standing
):
    record = PrimaryRecord("r", "9999990100", "x", live, approved, canonical(*unmapped))
    assert _told_of_student(record, START).standing == standing


@pytest.mark.parametrize("status", [*PreschoolStatus, None])
def test_a_kindergarten_record_never_ends_in_a_no(status):
    told = _told_of_preschool(PreschoolRecord("r", "9999990001", status, canonical()), START)
    assert told.standing != "ended"
    assert (told.standing == "stands") == (status in {"enrolled", "deferred", "in_transfer"})


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("202609", "2026-09"),
        ("20260901", "2026-09"),
        ("2026-09", "2026-09"),
        ("2026-09-01", "2026-09"),
        ("2026年09月", "2026-09"),
        ("202613", None),
        ("2026", None),
        ("２０２６０９", None),
        ("2026091", None),
        ("", None),
        (None, None),
    ],
)
def test_a_month_is_read_where_one_is_written(text, month):
    assert month_of(text) == month
