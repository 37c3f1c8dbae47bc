"""The doors of stops: who is shown no child any more, and another person who lets them go on."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.access.looks.stops import Stop, find_stop, list_stops, release
from gateway.access.persons import person
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.routing import open_router
from gateway.web.texts import KeptText

PATH = "/v1/access-stops"
PAGE = 200
_ANOTHER = Fault("same_person", "#", "须由本人以外的人解除。", "Nobody lets themselves go on.")


class AccessStop(BaseModel):
    """Who is stopped, since when, and what looked like pulling records in bulk."""

    stop_id: str
    institution: str
    looker: str
    purpose: str
    signal: str
    stopped_at: datetime
    released_at: datetime | None
    released_by: str | None
    reason: str | None


class AccessStopList(BaseModel):
    """Stops, the newest first; `next` goes into `before` for those that follow."""

    stops: list[AccessStop]
    next: str | None


class AccessReleaseSent(BaseModel):
    """Why whoever was stopped may go on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Annotated[KeptText, Field(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True)
class Desk:
    """What letting people go on needs."""

    database: Database
    clock: Clock
    log: Log
    access: Access


def access_stop_routes(desk: Desk) -> APIRouter:
    """The routes of those who watch over the looking."""
    router = open_router("access")
    _list(router, desk)
    _release(router, desk)
    return router


def _list(router: APIRouter, desk: Desk) -> None:
    reading: Any = Depends(Admission(desk.access, Operation.ACCESS_STOPS_READ))

    @router.get(PATH, summary="查看暂停清单 · Who is shown no child any more")
    async def listed(
        grant: Annotated[Grant, reading],
        standing: bool = True,
        before: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> AccessStopList:
        """Who is stopped and for what, within reach; with `standing=false` ended stops too."""
        async with desk.database.reading() as connection:
            found = await list_stops(
                connection, grant.scope, standing=standing, before=before, limit=limit
            )
        following = found[-1].stop_id if len(found) == limit else None
        return AccessStopList(stops=[_view(one) for one in found], next=following)


def _release(router: APIRouter, desk: Desk) -> None:
    releasing: Any = Depends(Admission(desk.access, Operation.ACCESS_STOP_RELEASE))

    @router.post(
        f"{PATH}/{{access_stop_id}}/release", summary="解除查看暂停 · Let somebody look again"
    )
    async def let_go(
        access_stop_id: Annotated[str, Path(max_length=32)],
        body: AccessReleaseSent,
        grant: Annotated[Grant, releasing],
    ) -> AccessStop:
        """The stop, ended by another person; what was counted until now counts no more."""
        async with desk.database.transaction() as connection:
            stop = await find_stop(connection, access_stop_id)
            if stop is not None and _reaches(grant, stop):
                _require_releasable(stop, grant)
                now = desk.clock.now()
                await release(connection, access_stop_id, grant.user, body.reason, now)
                # A person's own words may name a child: the entry only commits to them.
                digest = hashlib.sha256(body.reason.encode()).hexdigest()
                told = {"signal": stop.signal.value, "reason_sha256": digest}
                released = grant.entry(Action.ACCESS_RELEASED, "released", access_stop_id, **told)
                await desk.log.append(connection, [released])
                stop = await find_stop(connection, access_stop_id)
        if stop is None or not _reaches(grant, stop):
            await desk.access.refuse(grant, "absent")
        return _view(stop)


def _reaches(grant: Grant, stop: Stop) -> bool:
    return grant.scope.covers(institution=stop.institution, area=stop.area)


def _require_releasable(stop: Stop, grant: Grant) -> None:
    if stop.released_at is not None:
        raise Problem(Kind.CONFLICT)
    if person(grant.user) == stop.looker:
        raise Problem(Kind.CONFLICT, [_ANOTHER])


def _view(stop: Stop) -> AccessStop:
    return AccessStop(**{name: getattr(stop, name) for name in AccessStop.model_fields})
