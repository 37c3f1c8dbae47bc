"""Handovers a caller names: found where its grant reaches them, refused as if absent otherwise."""

from collections.abc import Sequence

from gateway.access.grants import Grant
from gateway.intake.doors.desk import Desk
from gateway.intake.handover import Handover, load


async def require_handovers(
    desk: Desk, grant: Grant, handover_ids: Sequence[str]
) -> list[Handover]:
    """The handovers, each once, all within the grant's reach; else refuse."""
    wanted = list(dict.fromkeys(handover_ids))
    async with desk.database.reading() as connection:
        loaded = await load(connection, wanted)
    if len(loaded) < len(wanted):
        await desk.access.refuse(grant, "absent")
    for handover in loaded:
        place = {"institution": handover.school, "area": handover.area}
        await desk.access.require_covered(grant, **place)
    return loaded
