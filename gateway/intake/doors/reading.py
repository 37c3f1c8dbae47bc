"""What callers read of an intake: how many rows stand where, and whether all is settled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.tables import lanes
from gateway.intake.rules.states import Hold, Situation, State
from gateway.intake.tables import handovers, intake_rows, intakes
from gateway.verification.tables import verifications

POPULATION = "population"
_UNDER_WAY = (State.SEARCHING.value, State.ACCEPTED.value)


@dataclass(frozen=True, slots=True)
class IntakeSummary:
    """One intake: how many rows stand where, and whether anything is still under way."""

    intake_id: str
    school: str
    school_year: str
    rows: int
    confirmed_at: datetime | None
    received_at: datetime
    counts: dict[Situation, int]
    settled: bool


async def find_intake(
    connection: AsyncConnection, intake_id: str
) -> Row[tuple[object, ...]] | None:
    """The intake's own row, or None."""
    query = select(intakes).where(intakes.c.intake_id == intake_id)
    return (await connection.execute(query)).one_or_none()


async def summarise(connection: AsyncConnection, intake: Row[tuple[object, ...]]) -> IntakeSummary:
    """How an intake stands."""
    joined = select(handovers.c.state, handovers.c.hold, func.count()).join(
        intake_rows, intake_rows.c.handover_id == handovers.c.handover_id
    )
    grouped = joined.where(intake_rows.c.intake_id == intake.intake_id).group_by(
        handovers.c.state, handovers.c.hold
    )
    counts = {
        Situation(State(state), Hold(hold) if hold else None): count
        for state, hold, count in await connection.execute(grouped)
    }
    return IntakeSummary(
        intake.intake_id,
        intake.school,
        intake.school_year,
        intake.rows,
        intake.confirmed_at,
        intake.received_at,
        counts,
        await _settled(connection, intake.intake_id),
    )


async def _settled(connection: AsyncConnection, intake_id: str) -> bool:
    """Whether nothing is under way and each verification is answered or cannot be asked now."""
    mine = (
        select(intake_rows.c.handover_id)
        .where(intake_rows.c.intake_id == intake_id)
        .scalar_subquery()
    )
    moving = select(func.count()).where(handovers.c.handover_id.in_(mine), _under_way())
    if (await connection.execute(moving)).scalar_one():
        return False
    pending = select(func.count()).where(
        verifications.c.subject_id.in_(mine), verifications.c.outcome.is_(None)
    )
    if not (await connection.execute(pending)).scalar_one():
        return True
    closed = select(lanes.c.system).where(lanes.c.system == POPULATION, lanes.c.reason != "")
    return (await connection.execute(closed)).first() is not None


def _under_way() -> ColumnElement[bool]:
    return or_(handovers.c.state.in_(_UNDER_WAY), handovers.c.hold == Hold.OUTCOME_UNKNOWN.value)
