"""How notices from public security are wired: the desk behind their doors, their chore."""

from datetime import timedelta

from gateway.access.admission import Access
from gateway.intake.holding import Handovers
from gateway.upkeep import Chore
from gateway.verification.notices.carrying_out import CarryingOut
from gateway.verification.notices.deciding import Deciding
from gateway.verification.notices.doors.desk import Desk
from gateway.verification.notices.entries import Entries
from gateway.verification.notices.looking import Looking
from gateway.verification.notices.taking import Taking
from gateway.verification.notices.upkeep import Chasing
from gateway.verification.notices.withdrawing import Withdrawing
from gateway.wiring.ground import Ground
from gateway.wiring.systems import Systems
from gateway.wiring.verification import wire_keys, wire_positives, wire_requesting

_HOUR = 3600.0


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
    entries = Entries(ground.sealer)
    carrying_out = CarryingOut(
        sealer=ground.sealer,
        log=ground.log,
        entries=entries,
        holdings=holdings,
        requesting=wire_requesting(ground, systems),
        positives=wire_positives(ground),
        quiet_for=timedelta(days=ground.settings.problems.quiet_days),
    )
    looking = Looking(ground.sealer, holdings)
    return Desk(
        database=ground.database,
        log=ground.log,
        access=access,
        keys=keys,
        taking=taking,
        withdrawing=Withdrawing(ground.sealer, ground.clock, ground.log, taking),
        looking=looking,
        deciding=Deciding(ground.clock, ground.log, entries, looking, carrying_out),
    )


def wire_notice_chores(ground: Ground) -> list[Chore]:
    """Corrections past their day."""
    database, clock = ground.database, ground.clock
    chasing = Chasing(database, clock, ground.log, ground.moves.turns.working_days)
    return [Chore("notice_deadlines", _HOUR, chasing.run, database, clock)]
