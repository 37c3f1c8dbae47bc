"""How every lane stands, for an operator: state, quota, queue, rests, places, next opening."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.lanes import WHOLE
from gateway.calls.standing import Standing
from gateway.calls.tables import open_calls
from gateway.office_hours import OFFICE_TIME
from gateway.wiring.ground import Ground
from gateway.wiring.queues import load_queues


async def tell_lanes(ground: Ground) -> dict[str, dict[str, object]]:
    """Each configured system's lane as plain facts, instants by the clock of Asia/Shanghai."""
    async with ground.database.reading() as connection:
        standings = await ground.calls.standings(connection)
        queues = await load_queues(connection, ground.settings)
        under_way = await _under_way(connection)
        left = {system: await ground.calls.left(connection, system) for system in standings}
    systems = ground.settings.systems.named()
    return {
        system: {
            **_told(standing, ground.clock.now()),
            "quota_left": left[system],
            "queued": queues[system].items,
            "calls_to_send": queues[system].calls,
            "under_way": under_way.get(system, 0),
            "at_once": systems[system].at_once,
        }
        for system, standing in standings.items()
    }


def _told(standing: Standing, now: datetime) -> dict[str, object]:
    (_, state, reason), *closed = standing.told(now)
    whole = standing.lane(WHOLE, now)
    return {
        "state": state,
        "reason": reason,
        "code": whole.code,
        "since": _local(whole.since_at) if whole.reason else None,
        "until": _local(whole.free_at),
        "next_opening": _local(standing.next_opening(now)),
        "resting": {
            operation: {
                "code": standing.lanes[operation].code,
                "until": _local(standing.lanes[operation].free_at),
            }
            for operation, _, _ in closed
        },
    }


async def _under_way(connection: AsyncConnection) -> Mapping[str, int]:
    query = select(open_calls.c.system, func.count()).group_by(open_calls.c.system)
    return {row[0]: row[1] for row in await connection.execute(query)}


def _local(at: datetime | None) -> str | None:
    return at.astimezone(OFFICE_TIME).isoformat(timespec="seconds") if at else None
