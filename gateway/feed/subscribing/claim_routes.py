"""POST /v1/claim-tickets: a school redeems the ticket of a child assigned to it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.feed.subscribing.claiming import Claiming
from gateway.web.routing import open_router


class ClaimAsked(BaseModel):
    """A ticket as it stood in an event."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    ticket: Annotated[str, Field(min_length=1, max_length=256, repr=False)]


class ClaimRedeemed(BaseModel):
    """Who the ticket is about."""

    number: str = Field(repr=False, description="The number in force.")
    handover_id: str | None = Field(description="The school's own handover of this child, if any.")
    school: str


def claim_routes(claiming: Claiming) -> APIRouter:
    """The route that redeems tickets."""
    router = open_router("feeds")
    admitted = Depends(Admission(claiming.access, Operation.CLAIM_REDEEM))

    @router.post("/v1/claim-tickets", summary="兑取凭证 · Redeem a claim ticket")
    async def redeem(asked: ClaimAsked, grant: Annotated[Grant, admitted]) -> ClaimRedeemed:
        """The child's number, for the school it is assigned to; a ticket is good for once."""
        redeemed = await claiming.redeem(grant, asked.ticket)
        return ClaimRedeemed(
            number=redeemed.number, handover_id=redeemed.handover_id, school=redeemed.school
        )

    return router
