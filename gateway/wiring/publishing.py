"""How publishing is wired: numbering, laying out, and whom it wakes."""

from datetime import timedelta

from gateway.feed.publisher import Publisher
from gateway.feed.publishing import Publishing
from gateway.feed.retention import Retention
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.keeping import Keeping
from gateway.feed.tables import NUMBERED_CHANGES
from gateway.sequence.numbering import Numbering
from gateway.wiring.ground import Ground


def wire_retention(ground: Ground) -> Retention:
    """What trims streams for their age."""
    days = ground.settings.streams.kept_days
    return Retention(ground.database, ground.clock, timedelta(days=days) if days else None)


def wire_publisher(ground: Ground) -> Publisher:
    """One process's part in publishing."""
    keeping = Keeping(ground.sealer, load_field_policies(), ground.clock)
    numbering = Numbering(NUMBERED_CHANGES, ground.identifiers())
    publishing = Publishing(ground.database, ground.clock, numbering, keeping)
    return Publisher(ground.database, publishing, ground.wakeups)
