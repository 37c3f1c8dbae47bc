"""One child as people review it: row against record, field by field, and where values come from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.intake.acts.approving import RETURN_REASON
from gateway.intake.doors.views import SituationView, Wordings, say
from gateway.intake.found import Found
from gateway.intake.handover import Handover
from gateway.intake.rules.offer import Offer
from gateway.intake.rules.states import State
from gateway.intake.rules.undoing import under_way
from gateway.sealing import DataKey


class HandoverState(SituationView):
    """Where a handover stands after an act; `reversing` while both registers are being undone."""

    handover_id: str
    owner: str
    due_on: str | None
    offer_hash: str | None
    proposed: bool
    reversing: bool


class ComparedField(BaseModel):
    """One field of the row held against a record; values only where they may be seen."""

    field: str
    agreement: str
    listed: str | None = Field(None, repr=False)
    found: str | None = Field(None, repr=False)


class CandidateView(BaseModel):
    """One record found: how well it fits, and the reason field by field."""

    record_id: str
    kindergarten: str
    status: str | None
    grade: str
    name_agreement: str
    chosen: bool
    rejected: bool
    fields: list[ComparedField]


class OfferedField(BaseModel):
    """One value that would be carried, the system it comes from, and when it was read there."""

    field: str
    value: str = Field(repr=False)
    source: str
    read_at: datetime


class OfferView(BaseModel):
    """What would be carried; its hash is the entity tag that proposing and confirming name."""

    hash: str
    record_id: str
    fields: list[OfferedField]
    to_supplement: list[str]
    to_check: list[str]


class HandoverView(HandoverState):
    """One child's handover in full."""

    school: str
    school_year: str
    reported: bool | None
    reported_on: str | None
    faults: list[str]
    number: str | None = Field(repr=False)
    grade: str | None
    problems: list[str]
    proposed_by: str | None
    automatic: bool
    since_at: datetime
    return_reason: str | None = Field(repr=False)
    offer: OfferView | None
    candidates: list[CandidateView]


@dataclass(frozen=True, slots=True)
class Opening:
    """A handover with everything known of it; `values` says whether values may be shown."""

    handover: Handover
    key: DataKey
    found: Sequence[Found]
    offer: Offer | None
    problems: Sequence[Outcome]
    values: bool


def view_state(handover: Handover, wordings: Wordings) -> HandoverState:
    """Where the handover stands, in words."""
    return HandoverState(**_state(handover, wordings))


def view_handover(opening: Opening, wordings: Wordings) -> HandoverView:
    """The handover in full."""
    handover, key = opening.handover, opening.key
    reason = handover.sealed_return_reason
    # Before a child has reported, nothing a register holds of it is shown.
    waiting = handover.state in (State.LISTED, State.NO_SHOW)
    return HandoverView(
        **_state(handover, wordings),
        school=handover.school,
        school_year=handover.school_year,
        reported=handover.reported,
        reported_on=handover.reported_on,
        faults=json.loads(handover.faults),
        number=None if waiting or not opening.values else handover.number(key),
        grade=handover.grade,
        problems=[outcome.value for outcome in opening.problems],
        proposed_by=handover.proposed_by,
        automatic=handover.automatic,
        since_at=handover.since_at,
        return_reason=key.open(reason, RETURN_REASON).decode() if reason else None,
        offer=_offer(opening),
        candidates=[] if waiting else [_candidate(opening, one) for one in opening.found],
    )


def _state(handover: Handover, wordings: Wordings) -> dict[str, Any]:
    offered = handover.state == State.OFFERED
    return {
        **say(wordings[handover.situation]),
        "handover_id": handover.handover_id,
        "owner": handover.owner,
        "due_on": handover.due_on,
        "offer_hash": handover.offer_hash if offered else None,
        "proposed": offered and handover.proposed_by is not None,
        "reversing": under_way(handover),
    }


def _offer(opening: Opening) -> OfferView | None:
    offer = opening.offer
    if offer is None or not opening.values:
        return None
    records = (one.record for one in opening.found)
    child = next(r.child for r in records if r.record_id == offer.record_id)
    sources = {name: child.provenance_of(name) for name in child.fields}
    fields = [
        OfferedField(
            field=name,
            value=value,
            source=sources[name].source,
            read_at=sources[name].read_at,
        )
        for name, value in child.fields.items()
    ]
    return OfferView(
        hash=offer.hash,
        record_id=offer.record_id,
        fields=fields,
        to_supplement=list(offer.to_supplement),
        to_check=list(offer.to_check),
    )


def _candidate(opening: Opening, one: Found) -> CandidateView:
    match, record = one.candidate.match, one.record
    listed = _told(opening.handover.identity(opening.key)) if opening.values else {}
    found = _told(record.child.identity) if opening.values else {}
    return CandidateView(
        record_id=record.record_id,
        kindergarten=record.institution,
        status=record.status.value if record.status else None,
        grade=match.grade.value,
        name_agreement=match.name_tier.value,
        chosen=record.record_id == opening.handover.chosen_record,
        rejected=one.rejected,
        fields=[
            ComparedField(
                field=name,
                agreement=agreement.value,
                listed=listed.get(name),
                found=found.get(name),
            )
            for name, agreement in match.fields.items()
        ],
    )


def _told(identity: Identity) -> Mapping[str, str | None]:
    document = identity.document
    return {
        "document": f"{document.label} {document.number}" if document else None,
        "number": identity.number,
        "name": identity.name,
        "born_on": _iso(identity.born_on),
        "sex": identity.sex,
        "guardian": "、".join(identity.guardian_documents) or None,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
