"""Receipts and corrections as callers read them."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from gateway.verification.notices.looking import Looked
from gateway.verification.notices.notice import Correction
from gateway.verification.notices.rules import (
    EFFECT_LABELS,
    KIND_LABELS,
    STATE_LABELS,
    EffectKind,
    NoticeKind,
    State,
)


class NoticeReceipt(BaseModel):
    """What a unit is told: so many notices were received; nothing of what they met."""

    receipt_id: str
    received: int


class CorrectionLine(BaseModel):
    """A quarantined correction of one record; `owner` decides it by `due_on`."""

    correction_id: str
    school: str
    area: str
    state: State
    state_zh: str
    owner: str
    due_on: date | None
    escalations: int = 0
    created_at: datetime
    proposed_by: str | None
    decided_by: str | None
    decided_at: datetime | None


class CorrectionList(BaseModel):
    """A page of corrections; `next` goes into `after` for the following page."""

    corrections: list[CorrectionLine]
    next: str | None


class EffectView(BaseModel):
    """One thing that would follow; `reference` names the record or problem record it touches."""

    kind: EffectKind
    zh: str
    reference: str


class CorrectionView(CorrectionLine):
    """A correction in full: what the unit says, what the record says, what would follow.

    Its ETag goes into each act.
    """

    kind: NoticeKind
    kind_zh: str
    unit: str
    case: str
    received_at: datetime
    takes_back: bool = Field(default=False, description="The unit takes back what it had told.")
    effective_on: date | None
    record: str
    recorded_name: str = Field(repr=False)
    recorded_number: str | None = Field(repr=False)
    told_name: str = Field(repr=False)
    new_name: str | None = Field(repr=False)
    new_number: str | None = Field(repr=False)
    effects: list[EffectView]


def view_line(correction: Correction) -> CorrectionLine:
    """A correction of the list."""
    return CorrectionLine(
        correction_id=correction.correction_id,
        school=correction.school,
        area=correction.area,
        state=correction.state,
        state_zh=STATE_LABELS[correction.state],
        owner=correction.owner,
        due_on=date.fromisoformat(correction.due_on) if correction.due_on else None,
        escalations=correction.escalations,
        created_at=correction.created_at,
        proposed_by=correction.proposed_by,
        decided_by=correction.decided_by,
        decided_at=correction.decided_at,
    )


def view_correction(looked: Looked) -> CorrectionView:
    """A correction in full."""
    notice, identity = looked.notice, looked.held.identity
    return CorrectionView(
        **view_line(looked.correction).model_dump(),
        kind=notice.kind,
        kind_zh=KIND_LABELS[notice.kind],
        unit=looked.unit,
        case=looked.case,
        received_at=looked.received_at,
        takes_back=looked.takes_back,
        effective_on=notice.effective_on,
        record=looked.correction.subject_id,
        recorded_name=identity.name,
        recorded_number=identity.document.number if identity.document else None,
        told_name=notice.name,
        new_name=notice.new_name or None,
        new_number=notice.new_number or None,
        effects=[
            EffectView(kind=one.kind, zh=EFFECT_LABELS[one.kind], reference=one.reference)
            for one in looked.effects
        ],
    )
