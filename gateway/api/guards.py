"""Which operation guards each route; a route that nothing guards does not start."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from contracts.errors import JisuiError
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.web.routing import StrictRoute

# Answer without a grant: health, documentation, and the place where a token is obtained.
OPEN_PATHS = frozenset(
    {"/livez", "/readyz", "/metrics", "/docs", "/docs/{name}", "/openapi.json", "/v1/token"}
    | {"/problems", "/problems/{kind}"}
)


class Unguarded(JisuiError):
    """A route would answer without asking who is there, or read bodies loosely."""


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    """Every API route of the app, those of its routers included."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            yield route


def operation_of(route: RouteContext) -> Operation | None:
    """The operation a route is guarded by; None where it is open."""
    guards = [call for call in _calls(route.dependant) if isinstance(call, Admission)]
    return guards[0].operation if guards else None


def require_guards(app: FastAPI) -> None:
    """Raise `Unguarded` where a route is neither guarded nor meant to be open."""
    for route in routes_of(app):
        if not isinstance(route.original_route, StrictRoute):
            raise Unguarded(f"{route.path} is no strict route; see open_router")
        if (operation_of(route) is None) != (route.path in OPEN_PATHS):
            raise Unguarded(f"{route.path} is open and should not be, or the other way round")


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)
