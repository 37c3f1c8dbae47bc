"""The doors of stops and shields: who may go on asking, and of whom nobody is told."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Query

from contracts.records import Document
from gateway.access.grants import Grant
from gateway.access.persons import person
from gateway.access.vocabulary import Operation
from gateway.evidence import Action, Entry
from gateway.people.indexes import index_document
from gateway.verification.enrolment_queries.desk import Desk
from gateway.verification.enrolment_queries.doors.bodies import ReleaseSent, ShieldSent
from gateway.verification.enrolment_queries.doors.routes import PAGE, may
from gateway.verification.enrolment_queries.doors.views import (
    EnrolmentShield,
    EnrolmentStop,
    EnrolmentStopList,
    view_stop,
)
from gateway.verification.enrolment_queries.shields import Shield, lift_shield, raise_shield
from gateway.verification.enrolment_queries.stops import (
    Stop,
    find_stop,
    list_stops,
    may_release,
    release,
)
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.routing import open_router

PATH = "/v1/enrolment-stops"
_ANOTHER = Fault(
    "same_person",
    "#",
    "须由经办人、审批人以外的人解除。",
    "Somebody other than the officer and the approver has to release it.",
)


def stop_routes(desk: Desk) -> APIRouter:
    """The routes of those who watch over the asking."""
    router = open_router("enrolment-queries")
    _list(router, desk)
    _release(router, desk)
    _shield(router, desk)
    return router


def _list(router: APIRouter, desk: Desk) -> None:
    @router.get(PATH, summary="查询暂停清单 · The list of stops")
    async def listed(
        grant: Annotated[Grant, may(desk, Operation.ENROLMENT_STOPS_READ)],  # noqa: ARG001
        standing: bool = True,
        before: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> EnrolmentStopList:
        """Who is stopped and for what, the newest first; with `standing=false` ended ones too."""
        async with desk.database.reading() as connection:
            found = await list_stops(connection, standing=standing, before=before, limit=limit)
        following = found[-1].stop_id if len(found) == limit else None
        return EnrolmentStopList(stops=[view_stop(one) for one in found], next=following)


def _release(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{PATH}/{{stop_id}}/release", summary="解除暂停 · Let them go on")
    async def let_go(
        stop_id: Annotated[str, Path(max_length=32)],
        body: ReleaseSent,
        grant: Annotated[Grant, may(desk, Operation.ENROLMENT_STOP_RELEASE)],
    ) -> EnrolmentStop:
        """The stop, ended by another person; what was counted until now counts no more."""
        async with desk.database.transaction() as connection:
            stop = await find_stop(connection, stop_id)
            if stop is not None:
                _require_releasable(stop, grant)
                await release(connection, stop_id, grant.user, body.reason, desk.clock.now())
                await desk.weighing.recording.log.append(
                    connection, [_released(grant, stop, body.reason)]
                )
                stop = await find_stop(connection, stop_id)
        if stop is None:
            await desk.access.refuse(grant, "absent")
        return view_stop(stop)


def _shield(router: APIRouter, desk: Desk) -> None:
    @router.post("/v1/enrolment-shields", summary="保护儿童 · Shield a child")
    async def shield(
        body: ShieldSent, grant: Annotated[Grant, may(desk, Operation.ENROLMENT_SHIELD)]
    ) -> EnrolmentShield:
        """The decision, in force for the next query; the answer is the same for any child."""
        if person(grant.user) == person(body.approver):
            said = ("审批人不能是经办人本人。", "Nobody approves a decision of their own.")
            raise Problem(Kind.INVALID_REQUEST, [Fault("same_person", "#/approver", *said)])
        now, recording = desk.clock.now(), desk.weighing.recording
        document = Document(body.document.kind, "", body.document.number.upper())
        decided = Shield(index_document(document, recording.sealer) or "", body.approver)
        async with desk.database.transaction() as connection:
            if body.shielded:
                await raise_shield(connection, grant, decided, now)
            else:
                await lift_shield(connection, grant, decided)
            outcome = "shielded" if body.shielded else "lifted"
            await recording.note_shield(connection, grant, decided, outcome, document.number, now)
        return EnrolmentShield(shielded=body.shielded, decided_at=now)


def _require_releasable(stop: Stop, grant: Grant) -> None:
    if stop.released_at is not None:
        raise Problem(Kind.CONFLICT)
    if not may_release(stop, grant.user):
        raise Problem(Kind.CONFLICT, [_ANOTHER])


def _released(grant: Grant, stop: Stop, reason: str) -> Entry:
    # A person's own words may name a child: they stay with the stop, the entry commits to them.
    digest = hashlib.sha256(reason.encode()).hexdigest()
    told = {"unit": stop.unit, "signal": stop.signal.value, "reason_sha256": digest}
    return grant.entry(Action.ENROLMENT_RELEASED, "released", stop.stop_id, **told)
