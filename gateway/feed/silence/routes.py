"""The door of incidents, for those who keep the machine: what is open, and since when."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.database import Database
from gateway.feed.silence.incidents import Cause, Incident, list_incidents
from gateway.web.routing import open_router

PATH, PAGE = "/v1/incidents", 100


class IncidentView(BaseModel):
    """One cause, and whom it affects; subscriptions alone, never a child."""

    incident_id: str
    cause: Cause
    affected: int
    opened_at: datetime
    closed_at: datetime | None
    subscriptions: dict[str, datetime | None] = Field(
        description="Affected since; null where it is over."
    )


class IncidentList(BaseModel):
    """Incidents, the newest first."""

    incidents: list[IncidentView]
    next: str | None = Field(description="Ask for those before this one.")


def incident_routes(database: Database, access: Access) -> APIRouter:
    """The route of incidents."""
    router = open_router("incidents")
    admitted = Depends(Admission(access, Operation.INCIDENTS_READ))

    @router.get(PATH, summary="事件清单 · Incidents")
    async def listed(
        grant: Annotated[Grant, admitted],  # noqa: ARG001
        standing: bool = True,
        before: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> IncidentList:
        """What is open; with `standing=false` what is closed too."""
        async with database.reading() as connection:
            found = await list_incidents(connection, standing=standing, before=before, limit=limit)
        following = found[-1].incident_id if len(found) == limit else None
        return IncidentList(incidents=[view_incident(one) for one in found], next=following)

    return router


def view_incident(incident: Incident) -> IncidentView:
    """An incident as operators read it."""
    return IncidentView(
        incident_id=incident.incident_id,
        cause=incident.cause,
        affected=incident.affected,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        subscriptions=dict(incident.members),
    )
