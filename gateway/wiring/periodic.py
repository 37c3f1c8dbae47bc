"""How periodic verification is wired: its lanes, its chores, its desk."""

from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Stage
from gateway.access.admission import Access
from gateway.intake.areas import area_of
from gateway.intake.holding import Handovers
from gateway.intake.places import load_places
from gateway.upkeep import Chore
from gateway.verification.periodic.closing import CLOSE, Closing
from gateway.verification.periodic.differing import Noting
from gateway.verification.periodic.doors.desk import Desk
from gateway.verification.periodic.kindergartens import Kindergartens
from gateway.verification.periodic.letting_go import DestroyingSubjects, Settling
from gateway.verification.periodic.listing import Listing
from gateway.verification.periodic.reporting import Reporting
from gateway.verification.periodic.signing import Signing
from gateway.verification.periodic.starting import ROLL, Starting
from gateway.verification.periodic.sweeping import Sweeping
from gateway.verification.periodic.sweeps import SWEEP, Sweeps
from gateway.verification.periodic.upkeep import Chasing, DestroyingRosters
from gateway.wiring.batches import wire_turns
from gateway.wiring.ground import Ground
from gateway.wiring.holdings import wire_records, wire_subjects
from gateway.wiring.systems import Systems, wire_registers
from gateway.wiring.verification import wire_requesting
from gateway.worker import Lane

_HOUR = 3600.0


def wire_periodic_lanes(ground: Ground, systems: Systems) -> dict[str, Lane]:
    """The worker's lanes: kindergartens' records, records into batches and against rosters."""
    sweeping = Sweeping(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        holdings={Stage.PRIMARY: Handovers(ground.sealer), Stage.PRESCHOOL: wire_subjects(ground)},
        turns=wire_turns(ground),
        kept_days=ground.settings.batches.kept_days,
    )
    return {
        "periodic_roll": Lane((ROLL,), _kindergartens(ground, systems).step),
        "periodic_sweep": Lane((SWEEP,), sweeping.step),
        "periodic_close": Lane((CLOSE,), _closing(ground).step),
    }


def wire_periodic_chores(ground: Ground) -> list[Chore]:
    """Schools past their day, children who have a record by now, what is past its time."""
    database, clock = ground.database, ground.clock
    chasing = Chasing(database, clock, ground.log, ground.moves.turns.working_days)
    destroying = DestroyingRosters(database, clock, ground.settings.periodic.kept_days)
    kept_days = ground.settings.periodic.kept_days
    chores = {
        "periodic_deadlines": chasing.run,
        "periodic_settling": Settling(database, clock, wire_records(ground)).run,
        "periodic_destroying": destroying.run,
        "periodic_subjects": DestroyingSubjects(database, clock, kept_days).run,
    }
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
            clock=clock,
            identifiers=ground.identifiers,
            log=log,
            holdings=Handovers(ground.sealer),
            working_days=ground.moves.turns.working_days,
            roster_days=ground.settings.periodic.roster_days,
            sweeps=_sweeps(ground, systems),
        ),
        listing=Listing(ground.sealer, clock, ground.identifiers, log, holdings),
        signing=Signing(ground.sealer, clock, log, _noting(ground)),
        closing=_closing(ground),
        reporting=Reporting(ground.sealer, holdings),
        temporary_days=ground.settings.periodic.temporary_days,
    )


def _sweeps(ground: Ground, systems: Systems) -> Sweeps:
    system_of = wire_requesting(ground, systems).system_of
    return Sweeps(ground.sealer, ground.identifiers, system_of)


def _kindergartens(ground: Ground, systems: Systems) -> Kindergartens:
    registers = wire_registers(ground, systems)

    async def learn(codes: AbstractSet[str]) -> None:
        await registers.learn_places(set(), codes)

    async def areas(connection: AsyncConnection, codes: AbstractSet[str]) -> dict[str, str]:
        places = await load_places(connection, codes)
        return {code: area_of(code, places.get(code)) for code in codes}

    return Kindergartens(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        calls=ground.calls,
        register=systems.preschool,
        learn=learn,
        areas=areas,
        subjects=wire_subjects(ground),
        sweeps=_sweeps(ground, systems),
    )


def _closing(ground: Ground) -> Closing:
    holdings = wire_records(ground)
    return Closing(ground.database, ground.clock, ground.log, holdings, _noting(ground))


def _noting(ground: Ground) -> Noting:
    return Noting(ground.sealer, wire_records(ground), wire_subjects(ground))
