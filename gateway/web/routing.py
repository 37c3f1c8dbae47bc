"""Routers whose bodies are read strictly and whose content types are checked."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response, params
from fastapi.routing import APIRoute

from gateway.web.problems import Kind, Problem
from gateway.web.strict_json import read_json

JSON_LIMIT = 1024 * 1024
FORM = "application/x-www-form-urlencoded"

IfMatch = Annotated[str | None, Header(description="The ETag of what was looked at.")]


class StrictRequest(Request):
    """A request whose JSON is read by our rules instead of the framework's."""

    async def json(self) -> Any:
        """The body's value, or raise a problem."""
        content = await self.body()
        # Read before anybody is known, so that it must be cheap; lists come as raw bytes.
        if len(content) > JSON_LIMIT:
            raise Problem(Kind.TOO_LARGE)
        return read_json(content)


class StrictRoute(APIRoute):
    """A route that takes one content type; the framework offers subclassing as its only seam."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's own reader, handed a strict request."""
        answer = super().get_route_handler()

        async def answer_strictly(request: Request) -> Response:
            _require_whole_address(request)
            if self.body_field is not None:
                _require_content_type(request, form=isinstance(self._body_kind(), params.Form))
            return await answer(StrictRequest(request.scope, request.receive))

        return answer_strictly

    def _body_kind(self) -> object:
        return self.body_field.field_info if self.body_field else None


def open_router(*tags: str) -> APIRouter:
    """An empty router of strict routes, listed under `tags` in the documentation."""
    return APIRouter(route_class=StrictRoute, tags=list(tags))


def media_type(request: Request) -> str:
    """The request's media type in lower case, without parameters; empty where none is named."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _require_whole_address(request: Request) -> None:
    # No id holds a NUL, and PostgreSQL refuses to be asked about one.
    if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise Problem(Kind.BAD_REQUEST)


def _require_content_type(request: Request, *, form: bool) -> None:
    named = media_type(request)
    acceptable = named == FORM if form else _is_json(named)
    if not acceptable:
        raise Problem(Kind.UNSUPPORTED_MEDIA_TYPE)


def _is_json(named: str) -> bool:
    kind, _, subtype = named.partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
