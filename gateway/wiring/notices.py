"""How notices from public security are wired: the desk behind their doors."""

from datetime import timedelta

from gateway.access.admission import Access
from gateway.intake.holding import Handovers
from gateway.verification.notices.deciding import Deciding
from gateway.verification.notices.doors.desk import Desk
from gateway.verification.notices.taking import Taking
from gateway.wiring.ground import Ground
from gateway.wiring.systems import Systems
from gateway.wiring.verification import wire_keys, wire_positives, wire_requesting


def wire_notice_desk(ground: Ground, systems: Systems, access: Access) -> Desk:
    """The desk behind the doors of notices and corrections."""
    holdings, keys = Handovers(ground.sealer), wire_keys(ground)
    taking = Taking(
        sealer=ground.sealer,
        clock=ground.clock,
        identifiers=ground.identifiers,
        log=ground.log,
        keys=keys,
        holdings=holdings,
        working_days=ground.moves.turns.working_days,
    )
    deciding = Deciding(
        sealer=ground.sealer,
        clock=ground.clock,
        log=ground.log,
        holdings=holdings,
        requesting=wire_requesting(ground, systems),
        positives=wire_positives(ground),
        quiet_for=timedelta(days=ground.settings.problems.quiet_days),
    )
    return Desk(ground.database, ground.log, access, keys, taking, deciding)
