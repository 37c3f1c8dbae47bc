"""How publishing is wired: numbering, laying out, and whom it wakes."""

from gateway.feed.publisher import Publisher
from gateway.feed.publishing import Publishing
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.keeping import Keeping
from gateway.feed.tables import NUMBERED_CHANGES
from gateway.sequence.numbering import Numbering
from gateway.wiring.ground import Ground


def wire_publisher(ground: Ground) -> Publisher:
    """One process's part in publishing."""
    keeping = Keeping(ground.sealer, load_field_policies(), ground.clock)
    numbering = Numbering(NUMBERED_CHANGES, ground.identifiers())
    publishing = Publishing(ground.database, ground.clock, numbering, keeping)
    return Publisher(ground.database, publishing, ground.wakeups)
