"""How problem records are wired: their lanes, their chores, their desk."""

from datetime import timedelta

from contracts import code_systems
from gateway.access.admission import Access
from gateway.feed.recording import Recorder
from gateway.intake.holding import Handovers
from gateway.intake.persons import Persons
from gateway.people.merging import Merging
from gateway.upkeep import Chore
from gateway.verification.problems.acts.acting import Acting
from gateway.verification.problems.comparing import Comparing
from gateway.verification.problems.doors.desk import Desk
from gateway.verification.problems.duplicates import Duplicates
from gateway.verification.problems.findings import COMPARE, GATHER, SEEK
from gateway.verification.problems.gathering import Gathering
from gateway.verification.problems.steps import Steps
from gateway.verification.problems.telling import Telling
from gateway.verification.problems.uniting import Uniting
from gateway.verification.problems.upkeep import Overdue, Rechecking
from gateway.wiring.ground import Ground
from gateway.wiring.holdings import wire_records, wire_subjects
from gateway.wiring.systems import Systems
from gateway.wiring.verification import wire_positives, wire_requesting
from gateway.worker import Lane

_HOUR, _DAY = 3600.0, 86_400.0


def wire_problem_lanes(ground: Ground) -> dict[str, Lane]:
    """The worker's lanes of problem records."""
    steps, database, clock = _steps(ground), ground.database, ground.clock
    gathering = Gathering(database, ground.sealer, clock, ground.identifiers, steps)
    comparing = Comparing(database, ground.sealer, clock, steps)
    return {
        "problems": Lane((GATHER,), gathering.step),
        "duplicates": Lane((SEEK,), _duplicates(ground).step),
        "compare": Lane((COMPARE,), comparing.step),
    }


def wire_problem_chores(ground: Ground, systems: Systems) -> list[Chore]:
    """What comes round again: deadlines, numbers not on file, all records against each other."""
    every = timedelta(days=ground.settings.problems.recheck_days)
    rechecking = Rechecking(
        database=ground.database,
        clock=ground.clock,
        holdings=wire_records(ground),
        requesting=wire_requesting(ground, systems),
        every=every,
    )
    chores = {
        "problem_deadlines": (_HOUR, Overdue(ground.database, _steps(ground)).check),
        "problem_recheck": (_HOUR, rechecking.check),
        "all_duplicates": (_DAY, _duplicates(ground).check),
    }
    return [
        Chore(kind, seconds, run, ground.database, ground.clock)
        for kind, (seconds, run) in chores.items()
    ]


def wire_problem_desk(ground: Ground, systems: Systems, access: Access) -> Desk:
    """The desk behind the doors of problem records."""
    holdings = wire_records(ground)
    acting = Acting(
        sealer=ground.sealer,
        clock=ground.clock,
        steps=_steps(ground),
        holdings=holdings,
        requesting=wire_requesting(ground, systems),
        positives=wire_positives(ground),
        uniting=_uniting(ground),
        document_kinds=code_systems.load("jyt1001-sfzjlx"),
        quiet_for=timedelta(days=ground.settings.problems.quiet_days),
    )
    return Desk(ground.database, ground.clock, ground.log, access, holdings, acting)


def _steps(ground: Ground) -> Steps:
    working_days = ground.moves.turns.working_days
    return Steps(ground.sealer, ground.clock, ground.log, working_days, _telling(ground))


def _telling(ground: Ground) -> Telling:
    recorder = Recorder(ground.clock, ground.identifiers)
    return Telling(recorder, Persons(ground.sealer), wire_subjects(ground))


def _uniting(ground: Ground) -> Uniting:
    merging = Merging(ground.people, ground.sealer)
    return Uniting(ground.sealer, ground.clock, ground.log, _telling(ground), merging)


def _duplicates(ground: Ground) -> Duplicates:
    return Duplicates(ground.database, ground.clock, Handovers(ground.sealer))
