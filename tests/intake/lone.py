"""One handover on paper, for the rules that look at nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.intake.handover import Handover
from tests.intake.village import COUNTY, SCHOOL

NOW = datetime(2026, 9, 3, 2, tzinfo=UTC)


def handover(situation: str = "listed", **changes: Any) -> Handover:
    """A handover in a situation written `state` or `held:reason`."""
    state, _, hold = situation.partition(":")
    plain = Handover(
        handover_id="h1",
        school=SCHOOL,
        area=COUNTY,
        school_year="2026-2027",
        key_id="h1",
        document_index="d1",
        number_index=None,
        person_index="p1",
        sealed_name=b"",
        sealed_document=None,
        sealed_listed_number=None,
        sealed_particulars=b"",
        sealed_guardians=None,
        case_reference="case-1",
        trace_id="trace-1",
        faults="[]",
        confirmed=True,
        reported=True,
        reported_on=None,
        sealed_no_show_reason=None,
        since_at=NOW,
    )
    return replace(plain, state=state, hold=hold or None, **changes)
