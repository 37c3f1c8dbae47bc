"""How snapshots are wired."""

from contracts.events import load_vocabulary
from gateway.feed.snapshots.state import States
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.wiring.ground import Ground


def wire_states(ground: Ground) -> States:
    """What reads the current state."""
    return States(ground.sealer, load_vocabulary(), load_field_policies())
