"""POST /v1/token: OAuth 2.0 client credentials, proven by a private-key JWT (RFC 7523)."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field

from gateway.access.admission import Access
from gateway.access.assertions import claimed_client
from gateway.access.refusals import InvalidClient
from gateway.logs import trace_id
from gateway.web.problems import Kind, Problem
from gateway.web.routing import open_router

TOKEN_PATH = "/v1/token"  # noqa: S105
GRANT_TYPE = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenGranted(BaseModel):
    """A bearer token and for how many seconds it is good."""

    access_token: str = Field(repr=False)
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int


def token_routes(access: Access) -> APIRouter:
    """The token endpoint."""
    router = open_router("access")

    @router.post(TOKEN_PATH, summary="取得访问令牌 · Obtain a token")
    async def grant(
        request: Request,
        response: Response,
        grant_type: Annotated[str, Form(max_length=64)] = "",
        client_assertion_type: Annotated[str, Form(max_length=128)] = "",
        client_assertion: Annotated[str, Form(max_length=8192)] = "",
        client_id: Annotated[str, Form(max_length=64)] = "",
    ) -> TokenGranted:
        """A bearer token for a client assertion; each assertion counts once."""
        await _require_each_once(request)
        if grant_type != GRANT_TYPE or client_assertion_type != ASSERTION_TYPE:
            raise _refused(Kind.INVALID_TOKEN_REQUEST, "unsupported_grant_type")
        if client_id and client_id != claimed_client(client_assertion):
            raise InvalidClient("client_id")
        bearer = await access.issue(client_assertion, trace_id())
        response.headers["Cache-Control"] = "no-store"
        return TokenGranted(access_token=bearer.token, expires_in=bearer.seconds)

    return router


async def _require_each_once(request: Request) -> None:
    form = await request.form()
    if len(form.multi_items()) != len(form):
        raise _refused(Kind.INVALID_TOKEN_REQUEST, "invalid_request")


def _refused(kind: Kind, error: str) -> Problem:
    return Problem(kind, members={"error": error})
