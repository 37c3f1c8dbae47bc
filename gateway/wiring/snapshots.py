"""How snapshots and claim tickets are wired: the desks behind their doors, and the taking."""

from contracts.events import load_vocabulary
from gateway.access.admission import Access
from gateway.feed.snapshots.asking import TakingAsked
from gateway.feed.snapshots.desk import Desk
from gateway.feed.snapshots.state import States
from gateway.feed.subscribing.claiming import Claiming
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.intake.claimed import handover_at
from gateway.wiring.ground import Ground


def wire_states(ground: Ground) -> States:
    """What reads the current state."""
    return States(ground.sealer, load_vocabulary(), load_field_policies())


def wire_snapshot_desk(ground: Ground, access: Access) -> Desk:
    """The desk behind the snapshot door."""
    return Desk(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        access=access,
        new_id=ground.identifiers,
    )


def wire_claiming(ground: Ground, access: Access) -> Claiming:
    """What redeems claim tickets."""
    return Claiming(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        access=access,
        people=ground.people,
        handover_at=handover_at,
    )


def wire_taking(ground: Ground) -> TakingAsked:
    """What takes snapshots that were asked for, and destroys them past their time."""
    return TakingAsked(ground.database, ground.sealer, ground.clock, wire_states(ground))
