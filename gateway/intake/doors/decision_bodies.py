"""What people send with their acts."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.intake.acts.proposing import Seen
from gateway.intake.acts.reporting import Report
from gateway.intake.doors.handover_view import HandoverState

ROWS_AT_ONCE = 500

HandoverName = Annotated[str, Field(min_length=1, max_length=32)]
Hash = Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]
Reason = Annotated[str, Field(min_length=1, max_length=500, repr=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ReportBody(_Body):
    """Whether a child came, and when; or why it did not."""

    reported: bool
    reported_on: date | None = None
    no_show_reason: Annotated[str, Field(max_length=200)] | None = None

    def report(self, handover_id: str) -> Report:
        """The report on this child."""
        return Report(handover_id, self.reported, self.reported_on, self.no_show_reason)


class ReportRow(ReportBody):
    """The report on one child of several."""

    handover_id: HandoverName


class Reports(_Body):
    """The reports on several children."""

    rows: Annotated[list[ReportRow], Field(min_length=1, max_length=ROWS_AT_ONCE)]


class SeenOffer(_Body):
    """One child and the offer that was looked at."""

    handover_id: HandoverName
    offer_hash: Hash


class OfferBatch(_Body):
    """Several children with the offers that were looked at."""

    rows: Annotated[list[SeenOffer], Field(min_length=1, max_length=ROWS_AT_ONCE)]

    @property
    def seen(self) -> Sequence[Seen]:
        """The offers."""
        return [Seen(row.handover_id, row.offer_hash) for row in self.rows]


class Children(_Body):
    """Several children."""

    rows: Annotated[list[HandoverName], Field(min_length=1, max_length=ROWS_AT_ONCE)]


class CandidateBody(_Body):
    """One of the records that were found."""

    record_id: Annotated[str, Field(min_length=1, max_length=64)]


class ReasonBody(_Body):
    """Why it is done."""

    reason: Reason


class Decision(StrEnum):
    """What an office may decide about a held child."""

    AWARD = "award"
    CLEAR_IDENTITY = "clear_identity"
    LOOK_AGAIN = "look_again"


class DecisionBody(_Body):
    """The office's decision."""

    decision: Decision


class ActedOn(BaseModel):
    """Where the children of a batch stand; `batch_hash` is what its confirmation must name."""

    batch_hash: str | None = None
    rows: list[HandoverState]
