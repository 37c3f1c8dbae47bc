"""The seam between HTTP and access: routes declare an operation and are handed a grant."""

from dataclasses import dataclass, field

from fastapi import Request
from starlette.types import Scope

from gateway.access.admission import Access
from gateway.access.facts import CASE_HEADER, PURPOSE_HEADER, USER_HEADER, Facts
from gateway.access.grants import Grant
from gateway.access.refusals import HeaderMalformed, Unauthenticated
from gateway.access.vocabulary import Operation
from gateway.logs import trace_id

_SINGLE = ("Authorization", PURPOSE_HEADER, CASE_HEADER, USER_HEADER)


@dataclass(frozen=True, slots=True)
class Admission:
    """Admits requests to one operation; used as a route's dependency it yields the grant."""

    access: Access = field(repr=False)
    operation: Operation

    async def __call__(self, request: Request) -> Grant:
        """The grant for this request, or raise a refusal."""
        grant = await self.access.admit(facts_of(request), self.operation)
        request.state.grant = grant  # should the request fail, its failure is on record
        return grant


def granted(scope: Scope) -> Grant | None:
    """What a request that passed its admission was granted; None for one that did not."""
    grant = scope.get("state", {}).get("grant")
    return grant if isinstance(grant, Grant) else None


def facts_of(request: Request) -> Facts:
    """What the request's headers say; a header sent twice says nothing we would rely on."""
    for name in _SINGLE:
        if len(request.headers.getlist(name)) > 1:
            raise HeaderMalformed(name)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("no bearer token")
    return Facts(
        token=token.strip(),
        trace_id=trace_id(),
        purpose=request.headers.get(PURPOSE_HEADER, "").strip(),
        case=request.headers.get(CASE_HEADER, "").strip(),
        user=request.headers.get(USER_HEADER, "").strip(),
    )
