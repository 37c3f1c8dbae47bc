"""How pulling is wired: the desk behind its door."""

from contracts.events import load_vocabulary
from gateway.access.admission import Access
from gateway.feed.pulling.desk import Desk
from gateway.feed.pulling.waiting import Heads
from gateway.feed.reading import Streams
from gateway.wiring.ground import Ground


def wire_pull_desk(ground: Ground, access: Access) -> Desk:
    """The desk behind the pull door."""
    return Desk(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        access=access,
        streams=Streams(ground.sealer, load_vocabulary()),
        heads=Heads(ground.database, ground.wakeups),
    )
