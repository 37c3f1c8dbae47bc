"""The doors of rounds: start one, read how far it has come, school by school, close it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.evidence import Action
from gateway.verification.periodic.doors.bodies import RoundStarted
from gateway.verification.periodic.doors.desk import Desk
from gateway.verification.periodic.doors.showing import view_round, view_round_line, view_school
from gateway.verification.periodic.doors.views import RoundList, RoundView, SchoolList, SchoolView
from gateway.verification.periodic.progress import course_of, schools_of
from gateway.verification.periodic.round import Round, list_rounds
from gateway.web.routing import open_router

PATH = "/v1/periodic-rounds"
ONE = f"{PATH}/{{round_id}}"
PAGE = 200

RoundId = Annotated[str, Path(max_length=32)]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]


def may(desk: Desk, operation: Operation) -> Any:
    """The dependency that admits requests to one operation."""
    return Depends(Admission(desk.access, operation))


def round_routes(desk: Desk) -> APIRouter:
    """The routes of rounds."""
    router = open_router("periodic verification")
    _start(router, desk)
    _list(router, desk)
    _read(router, desk)
    _schools(router, desk)
    _close(router, desk)
    return router


def _start(router: APIRouter, desk: Desk) -> None:
    @router.post(PATH, status_code=202, summary="开始定期核验 · Start a round")
    async def start(
        body: RoundStarted,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_START)],
    ) -> RoundView:
        """Every record of the office's area is compared, every school asked for its rosters.

        A semester has one round: started again, it is the round there is.
        """
        async with desk.acting() as connection:
            begun = await desk.starting.start(connection, grant, body.term)
        return await _course(desk, grant, begun)


def _list(router: APIRouter, desk: Desk) -> None:
    @router.get(PATH, summary="定期核验清单 · The rounds")
    async def listed(
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_LIST)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> RoundList:
        """The rounds the caller has to do with, in a stable order."""
        async with desk.database.reading() as connection:
            found = await list_rounds(connection, grant.scope, after, limit)
        await desk.note(grant, Action.SEARCH, "periodic_rounds")
        following = found[-1].round_id if len(found) == limit else None
        return RoundList(rounds=[view_round_line(one) for one in found], next=following)


def _read(router: APIRouter, desk: Desk) -> None:
    @router.get(ONE, summary="定期核验进度 · How far a round has come")
    async def read(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_READ)],
    ) -> RoundView:
        """Within the caller's reach: schools, rosters, differences; whom the registers await."""
        return await _course(desk, grant, await desk.find(grant, round_id))


def _schools(router: APIRouter, desk: Desk) -> None:
    @router.get(f"{ONE}/schools", summary="各校进度 · School by school")
    async def schools(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_READ)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> SchoolList:
        """How far each school has come, whose turn it is and by when."""
        begun = await desk.find(grant, round_id)
        found = await school_page(desk, grant, begun, after, limit)
        return SchoolList(schools=found, next=found[-1].school if len(found) == limit else None)


def _close(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/closure", summary="结束定期核验 · Close a round")
    async def close(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_CLOSE)],
    ) -> RoundView:
        """Records on no roster of a school that signed all of its own become problem records."""
        begun = await desk.find(grant, round_id)
        if not grant.scope.value or not begun.reach.startswith(grant.scope.value):
            await desk.access.refuse(grant, "scope")  # part of a round is not for its part to end
        async with desk.acting() as connection:
            closing = await desk.closing.close(connection, grant, round_id)
        return await _course(desk, grant, closing)


async def school_page(
    desk: Desk, grant: Grant, begun: Round, after: str, limit: int
) -> list[SchoolView]:
    """A page of the schools of a round within the caller's reach."""
    async with desk.database.reading() as connection:
        found = await schools_of(connection, begun.round_id, grant.scope, after, limit)
    return [view_school(one, begun, desk.today) for one in found]


async def _course(desk: Desk, grant: Grant, begun: Round) -> RoundView:
    async with desk.database.reading() as connection:
        now = desk.clock.now()
        course = await course_of(connection, begun, grant.scope, desk.today, now)
    return view_round(begun, course)
