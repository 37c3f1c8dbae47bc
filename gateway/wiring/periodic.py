"""How periodic verification is wired: its lanes, its chores, its desk."""

from gateway.access.admission import Access
from gateway.intake.holding import Handovers
from gateway.upkeep import Chore
from gateway.verification.periodic.closing import CLOSE, Closing
from gateway.verification.periodic.differing import Noting
from gateway.verification.periodic.doors.desk import Desk
from gateway.verification.periodic.listing import Listing
from gateway.verification.periodic.reporting import Reporting
from gateway.verification.periodic.signing import Signing
from gateway.verification.periodic.starting import SWEEP, Starting
from gateway.verification.periodic.sweeping import Sweeping
from gateway.verification.periodic.upkeep import Chasing, DestroyingRosters
from gateway.wiring.batches import wire_turns
from gateway.wiring.ground import Ground
from gateway.wiring.holdings import wire_records, wire_subjects
from gateway.wiring.systems import Systems
from gateway.wiring.verification import wire_requesting
from gateway.worker import Lane

_HOUR = 3600.0


def wire_periodic_lanes(ground: Ground) -> dict[str, Lane]:
    """The worker's lanes: records into batches, records against rosters."""
    sweeping = Sweeping(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        holdings=Handovers(ground.sealer),
        turns=wire_turns(ground),
        kept_days=ground.settings.batches.kept_days,
    )
    return {
        "periodic_sweep": Lane((SWEEP,), sweeping.step),
        "periodic_close": Lane((CLOSE,), _closing(ground).step),
    }


def wire_periodic_chores(ground: Ground) -> list[Chore]:
    """Schools past their day, rosters past their time."""
    database, clock = ground.database, ground.clock
    chasing = Chasing(database, clock, ground.log, ground.moves.turns.working_days)
    destroying = DestroyingRosters(database, clock, ground.settings.periodic.kept_days)
    chores = {"periodic_deadlines": chasing.run, "periodic_destroying": destroying.run}
    return [Chore(kind, _HOUR, run, database, clock) for kind, run in chores.items()]


def wire_periodic_desk(ground: Ground, systems: Systems, access: Access) -> Desk:
    """The desk behind the doors of periodic verification."""
    holdings, clock, log = wire_records(ground), ground.clock, ground.log
    return Desk(
        database=ground.database,
        clock=clock,
        log=log,
        access=access,
        starting=Starting(
            sealer=ground.sealer,
            clock=clock,
            identifiers=ground.identifiers,
            log=log,
            holdings=holdings,
            working_days=ground.moves.turns.working_days,
            roster_days=ground.settings.periodic.roster_days,
            system_of=wire_requesting(ground, systems).system_of,
        ),
        listing=Listing(ground.sealer, clock, ground.identifiers, log, holdings),
        signing=Signing(ground.sealer, clock, log, _noting(ground)),
        closing=_closing(ground),
        reporting=Reporting(ground.sealer, holdings),
        temporary_days=ground.settings.periodic.temporary_days,
    )


def _closing(ground: Ground) -> Closing:
    holdings = wire_records(ground)
    return Closing(ground.database, ground.clock, ground.log, holdings, _noting(ground))


def _noting(ground: Ground) -> Noting:
    return Noting(ground.sealer, wire_records(ground), wire_subjects(ground))
