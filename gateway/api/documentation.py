"""The API documentation, wholly from our own files: it works on a network without an exit."""

from importlib.resources import files

from fastapi import APIRouter, Response

from gateway.web.problems import Kind, Problem, ProblemType, catalogue
from gateway.web.routing import open_router

# No inline script, no inline style, nothing from elsewhere; images are drawn as data addresses.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript",
}


def documentation_routes() -> APIRouter:
    """`/docs` with its assets, and `/problems`, where every problem's `type` leads."""
    router = open_router("documentation")

    @router.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        """The documentation page."""
        return _file("page.html", "text/html")

    @router.get("/docs/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        """One of the page's own files."""
        if name not in _ASSETS:
            raise Problem(Kind.NOT_FOUND)
        return _file(name, _ASSETS[name])

    @router.get("/problems", summary="错误目录 · The catalogue of problems")
    async def problems() -> list[ProblemType]:
        """Every kind of problem: cause, remedy, whose side, whether to try again."""
        return list(catalogue().values())

    @router.get("/problems/{kind}", summary="一种错误 · One kind of problem")
    async def problem(kind: str) -> ProblemType:
        """One kind of problem."""
        if kind not in set(Kind):
            raise Problem(Kind.NOT_FOUND)
        return catalogue()[Kind(kind)]

    return router


def _file(name: str, media_type: str) -> Response:
    content = files("gateway.api").joinpath("swagger_ui", name).read_bytes()
    headers = {"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "max-age=3600"}
    return Response(content, media_type=media_type, headers=headers)
