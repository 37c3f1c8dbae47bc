"""The app: the routers handed in, surrounded by what every request passes through."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response

from gateway.access.admission import Access
from gateway.access.routes import token_routes
from gateway.api.contract import rendered
from gateway.api.documentation import documentation_routes
from gateway.api.errors import install_problems
from gateway.api.guards import require_guards
from gateway.api.health import Check, Lanes, health_routes, no_lanes
from gateway.api.middleware import limited, recorded, shielded, traced
from gateway.api.openapi import describe, known_names
from gateway.api.witnessed import places_of, witnessed
from gateway.evidence.witnessing.policy import load_witnessed
from gateway.evidence.witnessing.waiting import Witnessing
from gateway.metrics import Metrics

BODY_LIMIT = 32 * 1024 * 1024
VERSION = "0.1.0"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Shell:
    """What the app needs besides its routers; `new_trace_id` gives ids unlike any other."""

    access: Access
    metrics: Metrics
    new_trace_id: Callable[[], str]
    checks: Mapping[str, Check] = field(default_factory=dict)
    lanes: Lanes = no_lanes
    body_limit: int = BODY_LIMIT
    body_limits: Mapping[str, int] = field(default_factory=dict)  # of single addresses
    witnessing: Witnessing | None = None


def create_app(
    routers: Sequence[APIRouter], shell: Shell, lifespan: Lifespan | None = None
) -> FastAPI:
    """The whole HTTP door; raise `Unguarded` where a router brings a route nothing guards."""
    app = FastAPI(
        title="籍随 Jisui",
        version=VERSION,
        summary="学籍互通网关 · Student-status interoperability gateway",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=_surroundings(shell),
    )
    install_problems(app, shell.metrics, partial(known_names, app))
    for router in (token_routes(shell.access), *routers, *_own_routes(shell)):
        # Including a router would build each of its routes a second time, to change nothing.
        app.router.routes.extend(router.routes)
    require_guards(app)
    if shell.witnessing is not None:
        places = places_of(app, load_witnessed())
        innermost = Middleware(witnessed, witnessing=shell.witnessing, places=places)
        app.user_middleware.append(innermost)
    _serve_contract(app)
    return app


def _surroundings(shell: Shell) -> list[Middleware]:
    # Outermost first.
    return [
        Middleware(traced, new_trace_id=shell.new_trace_id),
        Middleware(recorded, metrics=shell.metrics),
        Middleware(shielded, metrics=shell.metrics, note=shell.access.note_failure),
        Middleware(limited, max_bytes=shell.body_limit, by_path=shell.body_limits),
    ]


def _own_routes(shell: Shell) -> tuple[APIRouter, ...]:
    return health_routes(shell.metrics, shell.checks, shell.lanes), documentation_routes()


def _serve_contract(app: FastAPI) -> None:
    app.openapi = partial(describe, app)  # type: ignore[method-assign]  # FastAPI's documented way

    async def contract(_: object) -> Response:
        return Response(rendered(app), media_type="application/json")

    app.add_route("/openapi.json", contract, include_in_schema=False)
