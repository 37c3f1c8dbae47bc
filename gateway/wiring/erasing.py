"""How erasing a child is wired: every room that keeps something of children names its keys."""

from contracts.events import load_vocabulary
from gateway.collecting.traces import parked_keys
from gateway.feed.recording import Recorder
from gateway.feed.subscribing.erasing import Erasing
from gateway.feed.subscribing.erasure import Erasure, change_keys
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.intake.traces import handover_keys
from gateway.people.erasing import person_keys
from gateway.verification.periodic.traces import subject_keys
from gateway.wiring.auditing import wire_keeping
from gateway.wiring.ground import Ground

_TRACES = (person_keys, change_keys, subject_keys, handover_keys, parked_keys)


def wire_erasure(ground: Ground) -> Erasure:
    """What erases children."""
    return Erasure(
        ground.database,
        ground.clock,
        ground.log,
        Recorder(ground.clock, ground.identifiers),
        Erasing(ground.sealer, load_vocabulary(), load_field_policies()),
        (*_TRACES, wire_keeping(ground).erase_details),
    )
