"""The doors to one child's handover: read it in full, preview it, say whether the child came."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from contracts.outcomes import Outcome
from gateway.access.grants import Grant
from gateway.access.looks.looking import Look
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Purpose, Role
from gateway.evidence import Action
from gateway.intake.acts.previewing import Preview, Previewing
from gateway.intake.doors.desk import Desk
from gateway.intake.doors.finding import require_handovers
from gateway.intake.doors.handover_view import HandoverView, Opening, view_handover
from gateway.intake.found import load_found
from gateway.intake.handover import Handover, load
from gateway.intake.rules.offer import make_offer
from gateway.intake.rules.states import State
from gateway.sealing import load_keys
from gateway.verification.problems.findings import problems
from gateway.web.preconditions import entity_tag
from gateway.web.problems import Kind, Problem
from gateway.web.routing import open_router
from mappings import Crosswalks

HandoverId = Annotated[str, Path(max_length=32)]
# For watching over schools no value of a child is needed.
_SEES_VALUES = (Purpose.ENROLMENT, Purpose.ARBITRATION)
_SEES_DEATH_MARKS = (Role.COUNTY, Role.PROVINCE)


def handover_routes(desk: Desk, previewing: Previewing, crosswalks: Crosswalks) -> APIRouter:
    """The routes that show one handover."""
    router = open_router("handovers")
    reading: Any = Depends(Admission(desk.access, Operation.HANDOVER_READ))

    @router.get("/v1/handovers/{handover_id}", summary="单个接续 · One handover in full")
    async def read(
        handover_id: HandoverId, response: Response, grant: Annotated[Grant, reading]
    ) -> HandoverView:
        """The child's row, what was found for it, and the offer; its ETag is the offer's hash."""
        await require_handovers(desk, grant, [handover_id])
        opening = await _open(desk, crosswalks, grant, handover_id)
        if opening.handover.state == State.OFFERED and opening.handover.offer_hash:
            response.headers["ETag"] = entity_tag(opening.handover.offer_hash)
        return view_handover(opening, desk.wordings)

    @router.get("/v1/handovers/{handover_id}/preview", summary="预查 · Preview a listed child")
    async def preview(handover_id: HandoverId, grant: Annotated[Grant, reading]) -> Preview:
        """Whether the child would be found and the status of its record, before it reports."""
        (handover,) = await require_handovers(desk, grant, [handover_id])
        if handover.state not in (State.LISTED, State.NO_SHOW):
            raise Problem(Kind.CONFLICT)
        async with desk.database.transaction() as connection:
            viewed = grant.entry(Action.SEARCH, "preview", handover_id)
            await desk.log.append(connection, [viewed])
            await desk.access.looks.note(connection, grant, [Look(handover_id)])
        found = await previewing.preview(handover)
        if found is None:
            await desk.access.refuse(grant, "erased")
        return found

    return router


async def _open(desk: Desk, crosswalks: Crosswalks, grant: Grant, handover_id: str) -> Opening:
    """The handover with what is known of it; that it was seen is put on record with it."""
    async with desk.database.transaction() as connection:
        loaded = await load(connection, [handover_id])
        keys = await load_keys(connection, [h.key_id for h in loaded], desk.sealer)
        opened = [h for h in loaded if h.key_id in keys]
        found = await load_found(connection, opened, keys)
        outcomes = await problems(connection, [handover_id])
        viewed = grant.entry(Action.RECORD_VIEWED, "handover", handover_id)
        await desk.log.append(connection, [viewed] if opened else [])
        await desk.access.looks.note(connection, grant, [Look(handover_id)])
    if not opened:
        await desk.access.refuse(grant, "erased")
    (handover,) = opened
    records = {one.record.record_id: one.record for one in found[handover_id]}
    matched = records.get(handover.matched_record or "")
    return Opening(
        handover,
        keys[handover.key_id],
        found[handover_id],
        make_offer(handover, matched, crosswalks) if matched and _offered(handover) else None,
        _visible(grant, outcomes.get(handover_id, ())),
        grant.purpose in _SEES_VALUES,
    )


def _offered(handover: Handover) -> bool:
    return handover.state == State.OFFERED


def _visible(grant: Grant, outcomes: tuple[Outcome, ...]) -> list[Outcome]:
    sees_all = grant.role in _SEES_DEATH_MARKS
    return [outcome for outcome in outcomes if sees_all or outcome is not Outcome.DECEASED]
