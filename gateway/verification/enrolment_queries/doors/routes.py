"""POST /v1/enrolment-queries, the list of queries, and the papers that follow urgent ones.

The unit is the caller itself, known by its key; the officer is named in X-Road-UserId, the number
of the paper (文书号, or of the case while the paper is still to come) in X-Road-Issue.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.evidence import Action, Entry
from gateway.verification.enrolment_queries.desk import Desk
from gateway.verification.enrolment_queries.doors.bodies import (
    EnrolmentAsked,
    PaperSent,
    read_children,
)
from gateway.verification.enrolment_queries.doors.refusing import problem_of, require_sound
from gateway.verification.enrolment_queries.doors.views import (
    EnrolmentAnswers,
    EnrolmentQuery,
    EnrolmentQueryList,
    view_answers,
    view_query,
)
from gateway.verification.enrolment_queries.papers import Paper, record_paper
from gateway.verification.enrolment_queries.query import Asked, Refusal
from gateway.verification.enrolment_queries.reading import (
    Papers,
    Wanted,
    find_owing,
    list_queries,
)
from gateway.web.idempotency import Wish
from gateway.web.preconditions import idempotency_key
from gateway.web.problems import Kind, Problem
from gateway.web.routing import open_router

PATH = "/v1/enrolment-queries"
PAGE = 200


def enrolment_routes(desk: Desk) -> APIRouter:
    """The routes of those who ask."""
    router = open_router("enrolment-queries")
    _ask(router, desk)
    _list(router, desk)
    _paper(router, desk)
    return router


def may(desk: Desk, operation: Operation) -> Any:
    """The dependency that admits requests to one operation."""
    return Depends(Admission(desk.access, operation))


def _ask(router: APIRouter, desk: Desk) -> None:
    @router.post(PATH, summary="在籍查询 · Is this child enrolled")
    async def ask(
        request: Request,
        response: Response,
        body: EnrolmentAsked,
        grant: Annotated[Grant, may(desk, Operation.ENROLMENT_ASK)],
        repeatable: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> EnrolmentAnswers:
        """Yes, no or cannot say of each child; all that is said rests on the purpose's basis."""
        require_sound(grant, body, desk.urgent_children)
        asked = Asked(body.approver, body.urgent, read_children(body))
        wish = _wish(desk, grant, repeatable, await request.body())
        reply = await desk.ask(grant, asked, wish)
        if isinstance(reply.outcome, Refusal):
            raise problem_of(reply.outcome, reply.pace)
        response.headers.update(reply.pace.headers)
        return view_answers(reply.outcome)


def _list(router: APIRouter, desk: Desk) -> None:
    @router.get(PATH, summary="在籍查询清单 · The list of enrolment queries")
    async def listed(
        grant: Annotated[Grant, may(desk, Operation.ENROLMENT_READ)],
        unit: Annotated[str | None, Query(max_length=32)] = None,
        paper: Papers | None = None,
        before: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> EnrolmentQueryList:
        """A unit's own queries, or for an auditor all of its area's; nothing of any child."""
        now, wanted = desk.clock.now(), Wanted(grant.scope, unit, paper)
        async with desk.database.transaction() as connection:
            found = await list_queries(connection, wanted, before, limit, now)
            searched = grant.entry(Action.SEARCH, "enrolment_queries")
            await desk.weighing.recording.log.append(connection, [searched])
        following = found[-1].query_id if len(found) == limit else None
        return EnrolmentQueryList(queries=[view_query(one, now) for one in found], next=following)


def _paper(router: APIRouter, desk: Desk) -> None:
    @router.put(f"{PATH}/{{query_id}}/paper", summary="补交文书 · The paper that follows")
    async def send(
        query_id: Annotated[str, Path(max_length=32)],
        body: PaperSent,
        grant: Annotated[Grant, may(desk, Operation.ENROLMENT_PAPER)],
    ) -> EnrolmentQuery:
        """The urgent query with its paper; the same paper once more changes nothing."""
        now = desk.clock.now()
        paper = Paper(body.document_number, body.sha256)
        async with desk.database.transaction() as connection:
            query = await find_owing(connection, grant.scope, query_id)
            if query is not None:
                if not await record_paper(connection, query_id, paper, grant.user, now):
                    raise Problem(Kind.CONFLICT)
                if query.paper_at is None:
                    await desk.weighing.recording.log.append(
                        connection, [_received(grant, query_id, paper)]
                    )
                query = await find_owing(connection, grant.scope, query_id)
        if query is None:
            await desk.access.refuse(grant, "absent")
        return view_query(query, now)


def _wish(desk: Desk, grant: Grant, header: str | None, body: bytes) -> Wish | None:
    key = idempotency_key(header)
    if key is None:
        return None
    content = f"{PATH} {grant.purpose} {grant.case} {grant.user}"
    return desk.keys.wish(grant.caller, key, content, body)


def _received(grant: Grant, query_id: str, paper: Paper) -> Entry:
    told = {"document_number": paper.document_number, "sha256": paper.sha256}
    return grant.entry(Action.ENROLMENT_PAPER_RECEIVED, "received", query_id, **told)
