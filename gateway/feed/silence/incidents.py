"""Incidents: one a cause, however many it affects; opened once, closed when nobody is left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.silence.tables import incident_members, incidents
from gateway.identifiers import Identifiers

REOPENED_WITHIN = timedelta(minutes=30)  # what comes back so soon is the same incident


class Cause(StrEnum):
    """Why an operator is called."""

    SILENT = "subscriber_silent"  # it stopped asking
    BEHIND = "subscriber_behind"  # its oldest undelivered event is too old


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident with its members: since when each is affected, None where it is no more."""

    incident_id: str
    cause: Cause
    affected: int
    opened_at: datetime
    closed_at: datetime | None
    members: Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a cause: opened or closed, or neither, and how many it affects now."""

    cause: Cause
    opened: bool
    closed: bool
    affected: int


async def update_incident(
    connection: AsyncConnection,
    cause: Cause,
    affected: Collection[str],
    identifiers: Identifiers,
    now: datetime,
) -> Moved | None:
    """Bring the cause's incident to those affected now; None where there is and was none."""
    incident_id = await _open_one(connection, cause)
    opened = incident_id is None
    if incident_id is None:
        if not affected:
            return None
        incident_id = await _reopen(connection, cause, now) or await _begin(
            connection, cause, identifiers(), now
        )
    await _mark(connection, incident_id, affected, now)
    changed: dict[str, object] = {"affected": len(affected)} if affected else {"closed_at": now}
    mine = incidents.c.incident_id == incident_id
    await connection.execute(update(incidents).where(mine).values(changed))
    return Moved(cause, opened, not affected, len(affected))


async def list_incidents(
    connection: AsyncConnection, *, standing: bool, before: str = "", limit: int = 100
) -> Sequence[Incident]:
    """Incidents, the newest first; with `standing` those alone that are open."""
    query = select(incidents).order_by(incidents.c.incident_id.desc()).limit(limit)
    if standing:
        query = query.where(incidents.c.closed_at.is_(None))
    if before:
        query = query.where(incidents.c.incident_id < before)
    rows = (await connection.execute(query)).all()
    members: dict[str, dict[str, datetime | None]] = {row.incident_id: {} for row in rows}
    ours = incident_members.c
    of_these = select(incident_members).where(ours.incident_id.in_(list(members)))
    for row in await connection.execute(of_these.order_by(ours.subscription_id)):
        members[row.incident_id][row.subscription_id] = row.since if row.until is None else None
    return [
        Incident(**row._asdict() | {"cause": Cause(row.cause), "members": members[row.incident_id]})
        for row in rows
    ]


async def _open_one(connection: AsyncConnection, cause: Cause) -> str | None:
    query = select(incidents.c.incident_id).where(
        incidents.c.cause == cause.value, incidents.c.closed_at.is_(None)
    )
    return (await connection.execute(query.with_for_update())).scalar()


async def _reopen(connection: AsyncConnection, cause: Cause, now: datetime) -> str | None:
    ours = incidents.c
    last = (
        select(ours.incident_id)
        .where(ours.cause == cause.value, ours.closed_at > now - REOPENED_WITHIN)
        .order_by(ours.incident_id.desc())
        .limit(1)
    )
    incident_id: str | None = (await connection.execute(last)).scalar()
    if incident_id is not None:
        reopened = update(incidents).where(ours.incident_id == incident_id)
        await connection.execute(reopened.values(closed_at=None))
    return incident_id


async def _begin(connection: AsyncConnection, cause: Cause, incident_id: str, now: datetime) -> str:
    row = {"incident_id": incident_id, "cause": cause.value, "affected": 0, "opened_at": now}
    await connection.execute(insert(incidents), row)
    return incident_id


async def _mark(
    connection: AsyncConnection, incident_id: str, affected: Collection[str], now: datetime
) -> None:
    """Add those newly affected, and note whose trouble is over or back."""
    ours = incident_members.c
    mine = ours.incident_id == incident_id
    known = set(
        (await connection.execute(select(ours.subscription_id).where(mine))).scalars().all()
    )
    new = [{"incident_id": incident_id, "subscription_id": one, "since": now} for one in affected]
    new = [row for row in new if row["subscription_id"] not in known]
    if new:
        await connection.execute(insert(incident_members), new)
    gone = update(incident_members).where(mine, ours.subscription_id.not_in(list(affected)))
    await connection.execute(gone.where(ours.until.is_(None)).values(until=now))
    back = update(incident_members).where(mine, ours.subscription_id.in_(list(affected)))
    await connection.execute(back.where(ours.until.is_not(None)).values(since=now, until=None))
