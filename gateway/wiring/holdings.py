"""The records that problem records and rounds are about: schools' and kindergartens'."""

from gateway.intake.holding import Handovers
from gateway.verification.periodic.subjects import Subjects
from gateway.verification.problems.joined import Joined
from gateway.wiring.ground import Ground


def wire_records(ground: Ground) -> Joined:
    """Every record: reported children of lists, and what rounds learnt of kindergartens."""
    return Joined((Handovers(ground.sealer), wire_subjects(ground)))


def wire_subjects(ground: Ground) -> Subjects:
    """The children that rounds keep."""
    return Subjects(ground.sealer, ground.identifiers)
