"""How a system's lanes stand, as every process reads it from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.call import NotSent
from gateway.calls.hours import ALWAYS, Hours
from gateway.calls.lanes import FOR_AN_OPERATOR, WHOLE, Lane
from gateway.calls.tables import lanes
from gateway.database import insert_into

HOURS = "hours"
_OF_SYSTEMS = select(lanes).where(lanes.c.system.in_(bindparam("systems", expanding=True)))


@dataclass(frozen=True, slots=True)
class Standing:
    """The lanes to one system and its opening hours; an operation without a lane is open."""

    system: str
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    hours: Hours = ALWAYS

    def lane(self, operation: str, now: datetime) -> Lane:
        """The lane of an operation, or of the whole system."""
        return self.lanes.get(operation) or Lane(self.system, operation, now)

    @property
    def closed(self) -> bool:
        """Whether any of its lanes is closed: at most a probe may leave then."""
        return any(lane.reason for lane in self.lanes.values())

    def lets_through(self, now: datetime) -> bool:
        """Whether work for the system is worth taking up: every lane admits a call."""
        admitted = all(lane.admits(now) for lane in self.lanes.values())
        return admitted and self.hours.open_at(now)

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens by its hours; None while it is open, or where it never does."""
        opening = self.hours.next_opening(now)
        return None if opening == now else opening

    def told(self, now: datetime) -> list[tuple[str, str, str]]:
        """Operation, state and reason of the system's lane, then of each that is not open.

        A state is `open`, `waiting` for a while or for its hours, or `stopped` until an operator
        acts.
        """
        whole = self.lane(WHOLE, now)
        asleep = not whole.reason and not self.hours.open_at(now)
        first = (WHOLE, "waiting", HOURS) if asleep else (WHOLE, whole.state, whole.reason)
        closed = [lane for lane in self.lanes.values() if lane.reason and lane.operation != WHOLE]
        return [first, *((lane.operation, lane.state, lane.reason) for lane in closed)]

    def resting(self, operation: str) -> tuple[Lane, ...]:
        """The lanes a call of the operation would be the probe of."""
        mine = (self.lanes.get(WHOLE), self.lanes.get(operation))
        return tuple(lane for lane in mine if lane is not None and lane.resting)

    def keeps_back(
        self, operation: str, now: datetime, probes: Sequence[str] = ()
    ) -> NotSent | None:
        """Why a call of the operation may not leave now; None where it may.

        A lane at rest lets nothing through but its probe.
        """
        for lane in (self.lanes.get(WHOLE), self.lanes.get(operation)):
            if lane is not None and lane.reason and lane.operation not in probes:
                return kept_back(self.system, operation, lane.reason, lane.free_at, now)
        if self.hours.open_at(now):
            return None
        return kept_back(self.system, operation, HOURS, self.next_opening(now), now)


def kept_back(
    system: str, operation: str, code: str, until: datetime | None, now: datetime
) -> NotSent:
    """A call we keep back, until then where that is known."""
    seconds = None if until is None else max(0.05, (until - now).total_seconds())
    return NotSent(system, operation, code, retry_after=seconds)


async def load_standings(
    connection: AsyncConnection, hours: Mapping[str, Hours], systems: Sequence[str]
) -> dict[str, Standing]:
    """The standings of these systems, by name."""
    rows: dict[str, dict[str, Lane]] = {system: {} for system in systems}
    for row in await connection.execute(_OF_SYSTEMS, {"systems": list(systems)}):
        rows[row.system][row.operation] = Lane(**row._mapping)
    return {
        system: Standing(system, mine, hours.get(system, ALWAYS)) for system, mine in rows.items()
    }


async def load_lane(
    connection: AsyncConnection, system: str, operation: str, now: datetime
) -> Lane:
    """One lane, locked until the transaction ends, so that it can be changed."""
    mine = (lanes.c.system == system) & (lanes.c.operation == operation)
    row = (await connection.execute(select(lanes).where(mine).with_for_update())).one_or_none()
    return Lane(system, operation, now) if row is None else Lane(**row._mapping)


async def store_lane(connection: AsyncConnection, lane: Lane, *, by_operator: bool = False) -> None:
    """Write a lane back; what an operator has to open stays as it is, unless one asks."""
    keys = {"system": lane.system, "operation": lane.operation}
    values = {
        "reason": lane.reason,
        "code": lane.code,
        "openings": lane.openings,
        "since_at": lane.since_at,
        "until_at": lane.until_at,
        "probe_until": lane.probe_until,
    }
    # A doubt and an operator's word may appear between our reading and our writing of a new row.
    free = None if by_operator or lane.stopped else lanes.c.reason.not_in(FOR_AN_OPERATOR)
    statement = insert_into(connection, lanes).values(**keys, **values)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["system", "operation"], set_=values, where=free
        )
    )


async def take_probe(
    connection: AsyncConnection, lane: Lane, now: datetime, until: datetime
) -> bool:
    """Whether this call is the one probe of the lane, for all processes, until then at most."""
    taken = await connection.execute(
        lanes.update()
        .where(lanes.c.system == lane.system, lanes.c.operation == lane.operation)
        .where(lanes.c.reason == lane.reason, lanes.c.until_at <= now)
        .where(or_(lanes.c.probe_until.is_(None), lanes.c.probe_until <= now))
        .values(probe_until=until)
    )
    return taken.rowcount == 1
