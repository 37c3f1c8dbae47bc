"""How enrolment queries are wired: the desk, the chores, and what the feeds teach it."""

from datetime import timedelta

from gateway.access.admission import Access
from gateway.intake.enrolled import Known
from gateway.office_hours import OfficeHours
from gateway.settings.verification import Scanning
from gateway.upkeep import Chore
from gateway.verification.enrolment_queries.desk import Desk
from gateway.verification.enrolment_queries.forgetting import Forgetting
from gateway.verification.enrolment_queries.known import Learning
from gateway.verification.enrolment_queries.papers import Chasing
from gateway.verification.enrolment_queries.recording import Recording
from gateway.verification.enrolment_queries.scanning import Thresholds, Watch
from gateway.verification.enrolment_queries.weighing import Weighing
from gateway.wiring.ground import Ground
from gateway.wiring.verification import wire_keys

_HOUR, _TEN_MINUTES = 3600.0, 600.0


def wire_enrolment_desk(ground: Ground, access: Access) -> Desk:
    """The desk behind the doors of enrolment queries."""
    terms = ground.settings.enrolment_queries
    weighing = Weighing(
        enrolments=Known(),
        recording=Recording(ground.sealer, ground.identifiers, ground.log),
        watch=_watch(ground),
        paper_within=timedelta(hours=terms.paper_hours),
    )
    return Desk(
        database=ground.database,
        clock=ground.clock,
        access=access,
        keys=wire_keys(ground),
        weighing=weighing,
        queries_per_minute=terms.queries_per_minute,
        urgent_children=terms.urgent_children,
    )


def wire_enrolment_chores(ground: Ground) -> list[Chore]:
    """Chasing papers, and forgetting what is past its time."""
    chasing = Chasing(ground.database, ground.clock, ground.log)
    window = timedelta(hours=ground.settings.enrolment_queries.window_hours)
    forgetting = Forgetting(ground.database, ground.clock, window)
    chores = {
        "enrolment_papers": (_TEN_MINUTES, chasing.run),
        "enrolment_forgetting": (_HOUR, forgetting.run),
    }
    return [
        Chore(kind, seconds, run, ground.database, ground.clock)
        for kind, (seconds, run) in chores.items()
    ]


def wire_learning(ground: Ground) -> Learning:
    """What keeps what the feeds tell of enrolment."""
    return Learning(ground.sealer)


def _watch(ground: Ground) -> Watch:
    terms = ground.settings.enrolment_queries
    working_days = ground.moves.turns.working_days
    return Watch(
        officer=_thresholds(terms.officer),
        unit=_thresholds(terms.unit),
        window=timedelta(hours=terms.window_hours),
        hours=OfficeHours(working_days, terms.opens, terms.closes),
    )


def _thresholds(scanning: Scanning) -> Thresholds:
    return Thresholds(**scanning.model_dump())
