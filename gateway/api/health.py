"""Health, told apart: do we live, are we ready, and how are the lanes to the others."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.database import Database
from gateway.metrics import Metrics
from gateway.web.routing import open_router

Check = Callable[[], Awaitable[bool]]


class Alive(BaseModel):
    """The process answers."""

    status: str = "alive"


class Lane(BaseModel):
    """How one system's lane is; a closed lane is that system's trouble, not ours."""

    system: str
    operation: str = ""
    state: str = Field(description="open, waiting, stopped or closed")
    reason: str = ""


class Readiness(BaseModel):
    """Whether we can take requests: our own checks decide, the lanes only tell."""

    ready: bool
    checks: dict[str, bool]
    lanes: list[Lane] = []


Lanes = Callable[[], Awaitable[Sequence[Lane]]]


async def no_lanes() -> Sequence[Lane]:
    """The lanes of a gateway that asks nobody."""
    return ()


def database_answers(database: Database) -> Check:
    """A check that the store answers a question."""

    async def answers() -> bool:
        async with database.reading() as connection:
            return (await connection.execute(select(literal(1)))).scalar_one() == 1

    return answers


def health_routes(metrics: Metrics, checks: Mapping[str, Check], lanes: Lanes) -> APIRouter:
    """`/livez`, `/readyz` and `/metrics`."""
    router = open_router("health")

    @router.get("/livez", summary="进程存活 · The process lives")
    async def livez() -> Alive:
        """That the process answers."""
        return Alive()

    @router.get(
        "/readyz",
        summary="可以受理 · Ready to take requests",
        responses={503: {"model": Readiness, "description": "Not ready."}},
    )
    async def readyz(response: Response) -> Readiness:
        """Our own checks, and the lanes to the systems we ask."""
        results = {name: await _holds(check) for name, check in checks.items()}
        ready = all(results.values())
        response.status_code = 200 if ready else 503
        return Readiness(ready=ready, checks=results, lanes=list(await lanes()) if ready else [])

    @router.get("/metrics", include_in_schema=False)
    async def measured() -> Response:
        """What is counted and timed, in the Prometheus text format."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _holds(check: Check) -> bool:
    try:
        return await check()
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
