"""What a stage's store has recorded and published."""

from dataclasses import dataclass

from sqlalchemy import select

from gateway.feed.tables import status_changes, streams
from tests.feed.province import subscribe
from tests.intake.stage import Stage

PROVINCE = "a province"


@dataclass(frozen=True)
class Told:
    """One event of a stream."""

    event: str
    source: str
    source_code: str
    school_from: str
    school_to: str
    person_id: str


async def listen(stage: Stage, areas: str = "99") -> None:
    """A subscription from now on."""
    await subscribe(stage.ground.database, PROVINCE, areas=areas)


async def told(stage: Stage) -> list[Told]:
    """What the subscription's stream holds, in order."""
    changes = status_changes.c
    query = (
        select(
            changes.event,
            changes.source,
            changes.source_code,
            changes.school_from,
            changes.school_to,
            changes.person_id,
        )
        .join(streams, streams.c.change_id == changes.change_id)
        .where(streams.c.subscription_id == PROVINCE)
        .order_by(streams.c.number)
    )
    async with stage.ground.database.reading() as connection:
        return [Told(*row) for row in await connection.execute(query)]


async def events(stage: Stage) -> list[str]:
    """The events alone."""
    return [one.event for one in await told(stage)]
