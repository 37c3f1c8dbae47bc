"""The doors of rosters: list a class, go through it child by child, confirm it, sign it."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.access.grants import Grant
from gateway.access.looks.looking import Look
from gateway.access.vocabulary import Operation
from gateway.evidence import Action
from gateway.verification.periodic.doors.bodies import (
    MOST_CHILDREN,
    ChildrenMarked,
    ClassListed,
    RosterRejected,
)
from gateway.verification.periodic.doors.desk import Desk, tag_of
from gateway.verification.periodic.doors.routes import ONE, PAGE, After, Limit, RoundId, may
from gateway.verification.periodic.doors.showing import (
    view_roster,
    view_roster_line,
    view_unlisted,
)
from gateway.verification.periodic.doors.views import (
    RosterLine,
    RosterList,
    RosterView,
    UnlistedRecords,
)
from gateway.verification.periodic.roster import list_rosters
from gateway.web.routing import IfMatch, open_router
from gateway.web.targets import Target

ROSTER = "/v1/periodic-rosters/{roster_id}"
RosterId = Annotated[str, Path(max_length=32)]


def which(roster_id: RosterId, if_match: IfMatch = None) -> Target:
    """The roster an act is about."""
    return Target(roster_id, if_match)


Which = Annotated[Target, Depends(which)]


def roster_routes(desk: Desk) -> APIRouter:
    """The routes of rosters."""
    router = open_router("periodic verification")
    _unlisted(router, desk)
    _hand_in(router, desk)
    _list(router, desk)
    _read(router, desk)
    _mark(router, desk)
    _confirm(router, desk)
    _reject(router, desk)
    _sign(router, desk)
    return router


def _unlisted(router: APIRouter, desk: Desk) -> None:
    @router.get(f"{ONE}/records", summary="尚未列入花名册的学籍 · Records on no roster yet")
    async def unlisted(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_WRITE)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> UnlistedRecords:
        """The school's own records, to be put into classes by their ids."""
        begun = await desk.find(grant, round_id)
        school = grant.institution
        async with desk.database.reading() as connection:
            found = await desk.listing.unlisted(connection, begun, school, after, limit)
        await desk.note(grant, Action.RECORD_VIEWED, "unlisted", round_id)
        following = found[-1][0] if len(found) == limit else None
        return UnlistedRecords(records=[view_unlisted(*one) for one in found], next=following)


def _hand_in(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/rosters", summary="报送班级花名册 · List a class")
    async def hand_in(
        round_id: RoundId,
        body: ClassListed,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_WRITE)],
    ) -> RosterLine:
        """Each child is found among the school's records, or has none; all marks begin anew."""
        begun = await desk.find(grant, round_id)
        listed = [one.listed() for one in body.children]
        async with desk.acting() as connection:
            roster = await desk.listing.list_class(
                connection, grant, begun, body.class_name, listed
            )
        return view_roster_line(roster)


def _list(router: APIRouter, desk: Desk) -> None:
    @router.get(f"{ONE}/rosters", summary="花名册清单 · The rosters of a round")
    async def listed(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_READ)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> RosterList:
        """The rosters within the caller's reach, in a stable order."""
        await desk.find(grant, round_id)
        async with desk.database.reading() as connection:
            found = await list_rosters(connection, round_id, grant.scope, after, limit)
        following = found[-1].roster_id if len(found) == limit else None
        return RosterList(rosters=[view_roster_line(one) for one in found], next=following)


def _read(router: APIRouter, desk: Desk) -> None:
    @router.get(ROSTER, summary="班级花名册 · One class's roster")
    async def read(
        roster_id: RosterId,
        response: Response,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_READ)],
        after: Annotated[int, Query(ge=0, le=MOST_CHILDREN)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_CHILDREN)] = MOST_CHILDREN,
    ) -> RosterView:
        """Every child, its record, how both differ, and what was found of it."""
        roster = await desk.find_roster(grant, roster_id)
        async with desk.database.transaction() as connection:
            children = await desk.signing.children(connection, roster, after, limit)
            viewed = grant.entry(Action.RECORD_VIEWED, "roster", roster_id)
            await desk.log.append(connection, [viewed])
            seen = [Look(one.subject_id or f"{roster_id} {one.place}") for one in children]
            await desk.access.looks.note(connection, grant, seen)
        response.headers["ETag"] = tag_of(roster)
        return view_roster(roster, children, limit)


def _mark(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ROSTER}/marks", summary="逐一核对 · Mark children")
    async def mark(
        roster_id: RosterId,
        body: ChildrenMarked,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_WRITE)],
    ) -> RosterLine:
        """Present, left or unknown, child by child; the last word about a child counts."""
        await desk.find_roster(grant, roster_id)
        marks = [one.mark() for one in body.marks]
        async with desk.acting() as connection:
            return view_roster_line(await desk.signing.mark(connection, grant, roster_id, marks))


def _confirm(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ROSTER}/confirmation", summary="核对完毕 · Every child was looked at")
    async def confirm(
        roster: Which,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_CONFIRM)],
    ) -> RosterLine:
        """Then it is the leader's turn."""
        return view_roster_line(await desk.act(grant, roster, desk.signing.confirm))


def _reject(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ROSTER}/rejection", summary="退回 · Send back to the clerk")
    async def reject(
        roster: Which,
        body: RosterRejected,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_SIGN)],
    ) -> RosterLine:
        """The clerk goes through it again; the reason is on record."""
        judge = partial(desk.signing.reject, remark=body.remark)
        return view_roster_line(await desk.act(grant, roster, judge))


def _sign(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ROSTER}/signature", summary="主管领导签字 · Sign the roster")
    async def sign(
        roster: Which,
        grant: Annotated[Grant, may(desk, Operation.ROSTER_SIGN)],
    ) -> RosterLine:
        """Another person than the clerk; what differs becomes problem records (人籍不一致)."""
        return view_roster_line(await desk.act(grant, roster, desk.signing.sign))
