"""An app with a few routes of the kinds that capability packages bring."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from pydantic import BaseModel, ConfigDict

from contracts.errors import Closed, Unreadable
from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.api.app import Shell, create_app
from gateway.api.health import Check, Lane, database_answers
from gateway.metrics import open_metrics
from gateway.web.preconditions import idempotency_key, require_match
from gateway.web.routing import open_router
from tests.access.desk import Desk


class Report(BaseModel):
    """A body with a known field and no room for others."""

    model_config = ConfigDict(extra="forbid")

    reported: bool
    on: str = ""


class Seen(BaseModel):
    """What the route was told."""

    user: str = ""
    case: str = ""
    scope: str = ""
    bytes: int = 0


def app_of(
    desk: Desk,
    *routers: APIRouter,
    body_limit: int = 1 << 20,
    checks: dict[str, Check] | None = None,
) -> FastAPI:
    shell = Shell(
        access=desk.access,
        metrics=open_metrics(),
        new_trace_id=desk.new_id,
        checks={"database": database_answers(desk.database)} if checks is None else checks,
        lanes=_lanes,
        body_limit=body_limit,
    )
    return create_app([_routes(desk), *routers], shell)


async def _lanes() -> list[Lane]:
    return [Lane(system="population", operation="check", state="waiting", reason="quota")]


def guarded_by_every_operation(desk: Desk) -> APIRouter:
    """A route for every operation there is."""
    router = open_router("operations")
    for operation in Operation:
        guard = Depends(Admission(desk.access, operation))
        router.add_api_route(f"/v1/do/{operation}", _seen, methods=["POST"], dependencies=[guard])
    return router


async def _seen() -> Seen:
    return Seen()


def _routes(desk: Desk) -> APIRouter:
    router = open_router("handovers")
    submitting = Annotated[Grant, Depends(Admission(desk.access, Operation.INTAKE_SUBMIT))]
    reporting = Annotated[Grant, Depends(Admission(desk.access, Operation.HANDOVER_REPORT))]
    reading = Annotated[Grant, Depends(Admission(desk.access, Operation.HANDOVER_READ))]
    confirming = Annotated[Grant, Depends(Admission(desk.access, Operation.HANDOVER_CONFIRM))]

    @router.post("/v1/handovers/{handover_id}/report")
    async def report(handover_id: str, body: Report, grant: reporting) -> Seen:
        return Seen(user=grant.user, case=grant.case, scope=grant.scope.value)

    @router.get("/v1/handovers/{institution}")
    async def read(institution: str, grant: reading) -> Seen:
        if institution == "absent":
            await desk.access.refuse(grant, "absent")
        await desk.access.require_covered(grant, institution=institution, area="990107")
        return Seen(scope=grant.scope.value)

    @router.post("/v1/lists")
    async def take(request: Request, grant: submitting) -> Seen:
        taken = 0
        async for chunk in request.stream():
            taken += len(chunk)
        return Seen(bytes=taken)

    @router.post("/v1/offers/confirm")
    async def confirm(
        grant: confirming,
        if_match: Annotated[str | None, Header()] = None,
        key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> Seen:
        idempotency_key(key)
        require_match(if_match, "v1")
        return Seen(user=grant.user)

    @router.get("/v1/broken")
    async def broken(grant: reading) -> Seen:
        raise RuntimeError(f"the child 999999201801010014 of {grant.caller}")

    @router.get("/v1/closed")
    async def closed(grant: reading) -> Seen:
        raise Closed("population", "check", "-30", retry_after=90)

    @router.get("/v1/unreadable")
    async def unreadable(grant: reading) -> Seen:
        raise Unreadable("preschool", "find", "html")

    return router
